"""Reading and rewriting the text of queries, and binding terms into our own."""
