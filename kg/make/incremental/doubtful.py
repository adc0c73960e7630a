"""The nodes that may not conform to the shapes: at first all, then the wrong ones and what changes reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import pyoxigraph as ox

from kg.make import shacl
from kg.make.incremental.last_time import LastTime
from kg.terms import RDF

_NAME = "shapes"
_ANY = ox.NamedNode(RDF + "value")


class Doubtful:
    """The nodes that have to be looked at; of the others it is known that they conform."""

    def __init__(self, last: LastTime, data: shacl.Data, shapes: Sequence[shacl.Shape], key: str) -> None:
        self._last, self._data, self._shapes, self._key = last, data, shapes, key
        self._known = self._some()

    @cached_property
    def nodes(self) -> Sequence[shacl.Aimed]:
        """The nodes, each with its shapes; all that shapes target are found when they are asked for."""
        return shacl.targets(self._data, self._shapes) if self._known is None else self._known

    def _some(self) -> Sequence[shacl.Aimed] | None:
        before, changes = self._last.recall(_NAME, self._key), self._last.changes
        if before is None or changes is None:
            return None
        found = shacl.reached(self._data, self._shapes, changes.triples)
        return None if found is None else shacl.aimed(self._data, self._shapes, found | _read(before))

    def found(self, places: Iterable[int]) -> Sequence[shacl.Aimed]:
        """Return the nodes that don't conform, by their places, and keep them for the next time.

        They come in the order in which they would if all were looked at: of very many not all are told.
        """
        wrong = [self.nodes[place] for place in places]
        self._last.keep(_NAME, self._key, (), _written(node for node, _ in wrong))
        if len(wrong) < 2:
            return wrong
        order = {node: place for place, (node, _) in enumerate(shacl.targets(self._data, self._shapes))}
        return sorted(wrong, key=lambda one: order[one[0]])


def _written(nodes: Iterable[shacl.Term]) -> bytes:
    """Return nodes as lines of N-Triples, each the object of one."""
    return "".join(f"{_ANY} {_ANY} {node} .\n" for node in nodes).encode()


def _read(lines: bytes) -> frozenset[shacl.Term]:
    found = ox.parse(input=lines, format=ox.RdfFormat.N_TRIPLES)
    return frozenset(quad.object for quad in found)
