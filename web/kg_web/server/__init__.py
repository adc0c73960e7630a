"""Serving: a supervisor, and processes that share an address; each has the endpoint and the pages."""
