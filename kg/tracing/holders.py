"""Which named graphs hold statements, looked up once: a release never changes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import pyoxigraph as ox

from kg.engine import Term

Spo = tuple[Term, Term, Term]
_MANY = 16
"""Statements of one property and value from which they are read together."""
_MORE = 4
"""Quads that are read for each one that is wanted, before it is given up."""
_KEPT = 50_000


class Holders:
    """Finds the graphs of statements in a store, and keeps what it found."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self._kept: dict[Spo, tuple[str, ...]] = {}

    def of(self, wanted: Iterable[Spo]) -> dict[Spo, tuple[str, ...]]:
        """Return the named graphs that hold each statement."""
        found: dict[Spo, tuple[str, ...]] = {}
        groups: dict[tuple[Term, Term], list[Spo]] = {}
        for spo in wanted:
            kept = self._kept.get(spo)
            if kept is None:
                groups.setdefault(spo[1:], []).append(spo)
            else:
                found[spo] = kept
        for group in groups.values():
            read = self._together(group) if len(group) >= _MANY else None
            found |= read if read is not None else {spo: self._one(spo) for spo in group}
        if len(self._kept) + len(found) > _KEPT:
            self._kept.clear()
        if len(found) <= _KEPT:
            self._kept |= found
        return found

    def _one(self, spo: Spo) -> tuple[str, ...]:
        quads = self.store.quads_for_pattern(*spo, None)  # type: ignore[arg-type]
        names = (quad.graph_name for quad in quads)
        return tuple(name.value for name in names if isinstance(name, ox.NamedNode))

    def _together(self, group: list[Spo]) -> dict[Spo, tuple[str, ...]] | None:
        """Read all statements of one property and value; None where most of them aren't wanted."""
        _, predicate, value = group[0]
        most = _MORE * len(group)
        quads = list(islice(self.store.quads_for_pattern(None, predicate, value, None), most + 1))  # type: ignore[arg-type]
        if len(quads) > most:
            return None
        graphs: dict[Term, list[str]] = {spo[0]: [] for spo in group}
        for quad in quads:
            held = graphs.get(quad.subject)
            if held is not None and isinstance(quad.graph_name, ox.NamedNode):
                held.append(quad.graph_name.value)
        return {(subject, predicate, value): tuple(held) for subject, held in graphs.items()}
