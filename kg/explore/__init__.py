"""What pages need, made of queries; `Explorer` gives dataclasses.

Each subject has a room, with its SPARQL beside its code; pyproject.toml says which room may ask which.
"""

from kg.explore.explorer import Explorer
from kg.explore.model import Entity, Evidence, Fact, Incoming, Ref, Section, Statement, Table, Text

__all__ = [
    "Entity",
    "Evidence",
    "Explorer",
    "Fact",
    "Incoming",
    "Ref",
    "Section",
    "Statement",
    "Table",
    "Text",
]
