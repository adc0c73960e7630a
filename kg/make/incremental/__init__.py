"""Incremental checks: what steps gave last time, what was stated since or no more, what that reaches."""
