"""What is stated now and wasn't the last time, or was and isn't: a step is asked again if it reads that."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.make.incremental.dependencies import Read
from kg.terms import DCTERMS

_REPLACED = ox.NamedNode(DCTERMS + "isReplacedBy")


class Changes:
    """Statements that came or went, in any graph. A statement too many does no harm, one too few would.

    A statement counts that moved from one graph to another, though the merge says it as before.
    """

    def __init__(self) -> None:
        self.triples: set[ox.Triple] = set()
        self.graphs: set[object] = set()
        """The graphs of statements of files."""
        self._props: set[ox.NamedNode] = set()
        self._pairs: set[tuple[ox.NamedNode, object]] = set()

    @property
    def unbounded(self) -> bool:
        """Whether the merge may have other statements though none changed: a graph is replaced."""
        return _REPLACED in self._props

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Add statements that changed."""
        for quad in quads:
            self.triples.add(quad.triple)
            self.graphs.add(quad.graph_name)
            self._props.add(quad.predicate)
            self._pairs.add((quad.predicate, quad.object))

    def between(self, before: bytes, now: bytes) -> None:
        """Add the statements that stand in one of two files of N-Triples, and not in the other."""
        if before != now:
            lines = set(before.splitlines(keepends=True)) ^ set(now.splitlines(keepends=True))
            self.add(ox.parse(input=b"".join(lines), format=ox.RdfFormat.N_TRIPLES))

    def touch(self, read: Iterable[Read]) -> bool:
        """Say whether any of what is read changed."""
        return any(
            one.prop in self._props if one.value is None else (one.prop, one.value) in self._pairs
            for one in read
        )

    def mention(self, prop: ox.NamedNode) -> bool:
        """Say whether a statement with a property changed."""
        return prop in self._props
