"""The index of names: made from a release, read by all server processes at once.

`ensure_index` makes it when it is missing or stale; `kg.search.index.Index.find` finds things by the text
that a reader typed, in any script in which a name can be written.
"""

from kg.search.hits import Hit, Hits, Match, Name, Thing
from kg.search.make import ensure_index

__all__ = ["Hit", "Hits", "Match", "Name", "Thing", "ensure_index"]
