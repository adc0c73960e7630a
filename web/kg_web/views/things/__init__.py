"""Pages of things: one, several side by side, and those of a class as a list, a map, a network, a search."""
