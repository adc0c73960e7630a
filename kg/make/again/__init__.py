"""A check again: what its steps gave last time, what was stated since or no more, and what that changes."""
