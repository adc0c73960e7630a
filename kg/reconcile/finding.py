"""Finding the candidates, before any of them is scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.explore import Explorer
from kg.explore.ask import ask, node_or_none
from kg.reconcile import parts
from kg.reconcile.query import Hint, Wanted
from kg.reconcile.values import written
from kg.search import Hit, Hits
from kg.search.index import Index
from kg.search.names import folding

LOOKED_AT = 25
"""Hits of one search that are compared."""
NAMESAKES = 200
"""Things of exactly the name that are compared where hints can tell one from another."""
PARTS = 6
"""Known names within a longer one whose things are compared, the last of it."""
ENDS = 12
"""Characters at the end of a name by which what shares some of them is found."""
STATED = 500
"""Things that are looked at for one hint where there is no name."""
MEANT = 20
"""Things that the name in such a hint may stand for."""


class Finder:
    """Finds things for the names of one batch; answers are kept for the batch. Raises QueryError."""

    def __init__(self, index: Index, explorer: Explorer) -> None:
        self.index = index
        self.explorer = explorer
        self._found: dict[tuple[str, tuple[str, ...], bool, int], list[Hit]] = {}

    def named(self, wanted: Wanted) -> list[Hit]:
        """Return the things with a name, or with one like it."""
        most = NAMESAKES if wanted.hints else LOOKED_AT
        every = wanted.strict == "all"
        found = self._named(wanted.name, wanted.classes, every, most)
        if wanted.strict == "should" and wanted.classes:
            found = [*found, *self._named(wanted.name, (), False, most)]
        return list({hit.thing.iri: hit for hit in reversed(found)}.values())[::-1]

    def _named(self, name: str, classes: tuple[str, ...], every: bool, most: int) -> list[Hit]:
        key = (name, classes, every, most)
        if key not in self._found:
            self._found[key] = self._search(name, classes, every, most)
        return self._found[key]

    def _search(self, name: str, classes: tuple[str, ...], every: bool, most: int) -> list[Hit]:
        find = self._like(name, classes, every)
        exact = self.index.named(folding.word(name), classes=classes, every=every, limit=most)
        found = [*exact, *find.hits, *find.close]
        if not exact:
            found += self._within(name, classes, every)
        return found

    def _like(self, name: str, classes: tuple[str, ...], every: bool) -> Hits:
        return self.index.find(
            name, classes=classes, every=every, slips=False, counted=False, limit=LOOKED_AT
        )

    def _within(self, name: str, classes: tuple[str, ...], every: bool) -> Iterator[Hit]:
        """Yield things named like a part of this name, which may say more, such as where the thing lies."""
        index, whole = self.index, parts.cut(name)
        spans = parts.known(whole, index.knows)
        for start, end in spans[-PARTS:]:
            word = whole.text[whole.places[start] : whole.places[end]]
            yield from index.named(word, classes=classes, every=every, limit=LOOKED_AT)
        rest = whole.part(start) if (start := parts.behind(whole, spans)) else ""
        if len(rest) >= parts.SHORTEST:
            find = self._like(rest, classes, every)
            yield from (*find.hits, *find.close)
        if whole.dense:
            tail = whole.part(-ENDS)
            yield from index.alike(tail, classes=classes, every=every, limit=LOOKED_AT)

    def saying(self, wanted: Wanted) -> tuple[list[Hit], bool]:
        """Return the things that the hints are true of, and whether these are all.

        A hint that is true of very many things is not used here; it counts when candidates are scored.
        """
        found: dict[str, None] = {}
        common: dict[str, None] = {}
        for hint in wanted.hints:
            some = self._saying(hint)
            (found if len(some) < STATED else common).update(dict.fromkeys(some))
        whole = bool(found) or not common
        hits = (self.index.hit(iri) for iri in found or common)
        return [hit for hit in hits if hit and self.is_of(hit, wanted)], whole

    def _saying(self, hint: Hint) -> list[str]:
        values = [value for text in hint.values for value in self._values(text)]
        node = node_or_none(hint.property)
        if not values or node is None:
            return []
        rows = ask(self.explorer.engine, "kg/reconcile/saying", limit=STATED, property=node, value=values)
        return [row["thing"].value for row in rows if isinstance(row["thing"], ox.NamedNode)]

    def _values(self, text: str) -> Iterator[ox.NamedNode | ox.Literal]:
        """Yield the terms that a text in a table may stand for."""
        if ":" in text and (node := node_or_none(text)):
            yield node
        for hit in self.index.named(folding.word(text), limit=MEANT):
            yield ox.NamedNode(hit.thing.iri)
        release = self.explorer.release
        yield from written(text, release.languages if release else ())

    def is_of(self, hit: Hit, wanted: Wanted) -> bool:
        """Say whether a thing is of the classes that were asked for."""
        return self.is_any(hit, wanted.only, every=wanted.strict == "all")

    def is_any(self, hit: Hit, classes: Iterable[str], *, every: bool = False) -> bool:
        """Say whether a thing is of any of some classes, or of every one; true where there are none."""
        wanted = set(classes)
        above = {up for one in hit.thing.classes for up in self.explorer.schema.above(one)}
        return not wanted or (wanted <= above if every else bool(wanted & above))
