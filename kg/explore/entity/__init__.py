"""One thing's page: what is said of it and told of it, what points at it; and things side by side."""
