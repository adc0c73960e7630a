"""The one writer of each format of RDF, for all output: a thing, an answer, a release.

`rdf` writes statements in any of them, `turtle` pretty Turtle and TriG in constant memory.
"""
