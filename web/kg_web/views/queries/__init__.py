"""Pages of queries: writing one, its answer as a table, the sources of its rows, and citing it."""
