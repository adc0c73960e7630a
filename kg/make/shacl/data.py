"""The data as the validator sees it: the values of a property, the classes of a node."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.make.shacl.paths import Path, follow
from kg.make.shacl.terms import Term
from kg.terms import RDF, RDFS

_KEPT = 20
"""Nodes whose statements are kept: a thing's and its neighbours'. With 2,000, it took half as long again."""
_MERGE = ox.DefaultGraph()
_TYPE, _SUBCLASS = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "subClassOf")
_SUBCLASS_PATH = Path("zeroOrMorePath", parts=(Path("predicate", _SUBCLASS.value),))


class Data:
    """Reads the default graph of a store. It keeps what it has read: the store must not change."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self._rows: dict[Term, dict[str, list[Term]]] = {}
        self._instances: dict[Term, frozenset[Term]] = {}
        self._below: dict[Term, frozenset[Term]] = {}

    def row(self, node: Term) -> dict[str, list[Term]]:
        """Return everything said of a node, by property. Some are kept: a node has many shapes, and uses."""
        found = self._rows.get(node)
        if found is None:
            if len(self._rows) >= _KEPT:
                self._rows.clear()
            found = self._rows[node] = self._read(node)
        return found

    def _read(self, node: Term) -> dict[str, list[Term]]:
        row: dict[str, list[Term]] = {}
        if not isinstance(node, ox.Literal):
            for quad in self.store.quads_for_pattern(node, None, None, _MERGE):
                value, predicate = quad.object, quad.predicate.value
                if isinstance(value, ox.Triple):
                    continue
                values = row.get(predicate)
                if values is None:
                    row[predicate] = [value]
                else:
                    values.append(value)
        return row

    def values(self, node: Term, path: Path) -> list[Term]:
        """Return the nodes that a path leads to."""
        if path.kind == "predicate":
            return self.row(node).get(path.predicate, [])
        return follow(path, [node], self.step)

    def step(self, node: Term, predicate: str, back: bool) -> Iterable[Term]:
        """Follow one property from a node, or back to the nodes that lead to it."""
        prop = ox.NamedNode(predicate)
        if back:
            return [q.subject for q in self.store.quads_for_pattern(None, prop, node, _MERGE)]  # type: ignore[misc]
        if isinstance(node, ox.Literal):
            return []
        return [q.object for q in self.store.quads_for_pattern(node, prop, None, _MERGE)]  # type: ignore[misc]

    def instances(self, cls: Term) -> frozenset[Term]:
        """Return the things that are of a class or one below it."""
        if cls not in self._instances:
            self._instances[cls] = frozenset(
                quad.subject  # type: ignore[misc]
                for kind in self.below(cls)
                for quad in self.store.quads_for_pattern(None, _TYPE, kind, _MERGE)
            )
        return self._instances[cls]

    def below(self, cls: Term) -> frozenset[Term]:
        """Return a class and those below it."""
        if cls not in self._below:
            self._below[cls] = frozenset(follow(_SUBCLASS_PATH, [cls], self.step, back=True))
        return self._below[cls]

    def having(self, predicate: Term) -> Iterable[tuple[Term, Term]]:
        """Yield subject and object of every statement with a property."""
        for quad in self.store.quads_for_pattern(None, predicate, None, _MERGE):  # type: ignore[arg-type]
            yield quad.subject, quad.object  # type: ignore[misc]
