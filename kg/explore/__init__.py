"""What pages need, made of queries: `Explorer` gives dataclasses; its SPARQL lies in ``kg/queries``."""

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
