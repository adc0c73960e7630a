"""The index of names: made from a release, read by all server processes at once.

`ensure_index` makes it when it is missing or stale; `Index.find` answers what a reader typed, in any of the
scripts in which a name can be written.
"""

from kg.search.index import DEEPEST, Index
from kg.search.make import ensure_index
from kg.search.model import Hit, Hits, Match, Name, Thing

__all__ = ["DEEPEST", "Hit", "Hits", "Index", "Match", "Name", "Thing", "ensure_index"]
