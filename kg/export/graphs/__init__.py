"""Statements as files of RDF: a whole release, a part of it, what changed."""
