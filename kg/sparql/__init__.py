"""What we must know of a query's text, and binding terms into our own queries."""
