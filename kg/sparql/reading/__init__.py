"""What a query says: its tokens, its tree, and what its paths, calls and variables are."""
