"""A query process: how it is started, what runs in it, and how it speaks with its pool."""
