"""Which named graphs hold statements, looked up once: a release never changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.engine.door import Order
from kg.sparql.bind import load
from kg.terms import DCTERMS
from kg.tracing.following.cells import UNBOUND, Cell, CellRow, Rows, cell_of, is_writable, term_of, values

Key: TypeAlias = tuple[Cell, Cell, Cell, Cell]
"""A statement, and the graph that it was found in: unbound for the default graph."""
Graphs: TypeAlias = tuple[str, ...]
"""IRIs of graphs."""

_MANY = 16
"""Statements of one property and value from which they are read together."""
_MORE = 4
"""Quads that are read for each one that is wanted, before it is given up."""
_AT_ONCE = 500
"""Statements that the engine looks up in one query."""
_KEPT = 50_000
_SPO = ("subject", "predicate", "object")
_SLOT = values(_SPO, [(UNBOUND,) * len(_SPO)])
_QUERY = load("kg/tracing/following/statement-graphs")


class Kept(dict[Graphs, Graphs]):
    """Maps graphs that hold a statement to those that count, sorted: ``wanted`` ones, not ``left`` ones."""

    def __init__(self, wanted: Iterable[str] | None = None, left: Collection[str] = ()) -> None:
        super().__init__()
        self.wanted = None if wanted is None else frozenset(wanted)
        self.left = frozenset(left)

    def __missing__(self, graphs: Graphs) -> Graphs:
        named = {*graphs} - self.left
        self[graphs] = kept = tuple(sorted(named if self.wanted is None else named & self.wanted))
        return kept


class Holders:
    """Finds the graphs of statements in a store, and keeps what it found."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self._kept: dict[Key, Graphs] = {}

    def of(self, wanted: Sequence[Key]) -> list[Graphs]:
        """Return the named graphs that hold each statement, whichever graph it was found in."""
        found = list(map(self._kept.get, wanted))
        if None not in found:
            return found  # type: ignore[return-value] # none is missing
        missing = [key for key, graphs in zip(wanted, found, strict=True) if graphs is None]
        looked_up = self._looked_up(missing)
        if len(self._kept) + len(looked_up) > _KEPT:
            self._kept.clear()
        if len(looked_up) <= _KEPT:
            self._kept |= looked_up
        return [looked_up[key] if one is None else one for key, one in zip(wanted, found, strict=True)]

    @cached_property
    def superseded(self) -> frozenset[str]:
        """The graphs that a later one replaces, so that the merge doesn't take their statements."""
        replaced = ox.NamedNode(f"{DCTERMS}isReplacedBy")
        quads = self.store.quads_for_pattern(None, replaced, None, ox.DefaultGraph())
        return frozenset(q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode))

    @property
    def merged(self) -> Mapping[Graphs, Graphs]:
        """Which of some graphs the merge is made of."""
        if len(self._merged) > _KEPT:
            self._merged = Kept(left=self.superseded)
        return self._merged

    @cached_property
    def _merged(self) -> Kept:
        return Kept(left=self.superseded)

    def _looked_up(self, wanted: Sequence[Key]) -> dict[Key, Graphs]:
        groups: dict[tuple[Cell, Cell], list[Key]] = {}
        for key in wanted:
            groups.setdefault(key[1:3], []).append(key)
        found: dict[Key, Graphs] = {}
        left: list[Key] = []
        for group in groups.values():
            read = self._together(group) if len(group) >= _MANY else None
            if read is None:
                left += group
            else:
                found |= read
        for start in range(0, len(left), _AT_ONCE):
            found |= self._one_by_one(left[start : start + _AT_ONCE])
        return found

    def _one_by_one(self, wanted: Sequence[Key]) -> dict[Key, Graphs]:
        """Let the engine look up each of some statements."""
        rows = [key[:3] for key in wanted]
        if not all(map(is_writable, rows)):
            return {key: self._one(key) for key in wanted}
        query = _QUERY.replace(_SLOT, values(_SPO, rows))
        read = Rows.read(self.store.query(query), Order(query))  # type: ignore[arg-type] # it is a SELECT
        graphs: dict[CellRow, list[str]] = {row: [] for row in rows}
        for *row, graph in read.keys(read.names):
            if not graph.startswith("_:"):
                graphs[tuple(row)].append(graph[1:-1])
        return {key: tuple(graphs[key[:3]]) for key in wanted}

    def _one(self, key: Key) -> Graphs:
        subject, predicate, value = map(term_of, key[:3])
        quads = self.store.quads_for_pattern(subject, predicate, value, None)  # type: ignore[arg-type]
        names = (quad.graph_name for quad in quads)
        return tuple(name.value for name in names if isinstance(name, ox.NamedNode))

    def _together(self, group: list[Key]) -> dict[Key, Graphs] | None:
        """Read all statements of one property and value; None where most of them aren't wanted."""
        predicate, value = map(term_of, group[0][1:3])
        most = _MORE * len(group)
        quads = list(islice(self.store.quads_for_pattern(None, predicate, value, None), most + 1))  # type: ignore[arg-type]
        if len(quads) > most:
            return None
        graphs: dict[Term | None, list[str]] = {term_of(key[0]): [] for key in group}
        for quad in quads:
            held = graphs.get(quad.subject)
            if held is not None and isinstance(quad.graph_name, ox.NamedNode):
                held.append(quad.graph_name.value)
        told = {cell_of(subject): tuple(held) for subject, held in graphs.items()}
        return {key: told[key[0]] for key in group}
