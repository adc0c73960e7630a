"""SPARQL as text: reading a query, judging it, telling its author of it, writing it anew.

`bind` fills the parameters of the program's own queries; the rest is for those that strangers write.
"""
