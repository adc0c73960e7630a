"""A pool of query processes with hard limits: who runs next, for how long, and what became of it."""
