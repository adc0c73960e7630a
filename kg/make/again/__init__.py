"""A check again: what its steps gave the last time, what was stated since or no more, and what that can change."""
