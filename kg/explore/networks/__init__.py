"""Things and what one relation links them with, and where they stand in the drawing."""
