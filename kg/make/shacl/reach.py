"""Which nodes may be judged otherwise than before: those whose shapes read a statement that came or went.

A shape reads what is said of its focus node, of that node's values, and so on, as deep as its paths and
the shapes nested in it go. So from each statement that changed one goes back over those paths, step by step,
to the nodes that are judged. The shapes alone tell what is read how deep; a node too many does no harm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.make.shacl.data import Data
from kg.make.shacl.paths import Path
from kg.make.shacl.shapes import Shape
from kg.make.shacl.terms import Term
from kg.terms import RDF, RDFS

_TYPE = RDF + "type"
_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
_OTHERS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
"""Constraints whose parameter is another property of the focus node."""


class _Endless(Exception):
    """A path has no end: what changed anywhere may matter."""


class Depths:
    """What shapes read at each depth, 0 being the focus node: properties ahead, back, or all of them."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self.ahead: defaultdict[int, set[str]] = defaultdict(set)
        self.back: defaultdict[int, set[str]] = defaultdict(set)
        self.beside: defaultdict[int, set[str]] = defaultdict(set)
        """Properties that are read, but not followed."""
        self.whole: set[int] = set()
        self._seen: set[tuple[int, frozenset[int]]] = set()
        for shape in shapes:
            for kind, term in shape.targets:
                self._target(kind, term.value)
            self._shape(shape, frozenset([0]))

    def _target(self, kind: str, iri: str) -> None:
        if kind == "targetObjectsOf":
            self.back[0].add(iri)
        elif kind != "targetNode":
            self.beside[0].add(_TYPE if kind == "targetClass" else iri)

    def _shape(self, shape: Shape, depths: frozenset[int]) -> None:
        if (id(shape), depths) in self._seen:
            return
        self._seen.add((id(shape), depths))
        ends = self._path(shape.path, depths, back=False) if shape.path else depths
        for one in shape.constraints:
            for depth in depths if one.name in _OTHERS else ():
                self.beside[depth].add(one.terms[0].value)
            for depth in ends if one.name == "class" else ():
                self.beside[depth].add(_TYPE)
            if one.name == "closed":
                self.whole |= ends
            for nested in one.shapes:
                self._shape(nested, ends)

    def _path(self, path: Path, depths: frozenset[int], *, back: bool) -> frozenset[int]:
        """Note what a path reads, and return how deep its ends are."""
        match path.kind:
            case "predicate":
                for depth in depths:
                    (self.back if back else self.ahead)[depth].add(path.predicate)
                return frozenset(depth + 1 for depth in depths)
            case "inversePath":
                return self._path(path.parts[0], depths, back=not back)
            case "sequence":
                for part in reversed(path.parts) if back else path.parts:
                    depths = self._path(part, depths, back=back)
                return depths
            case "alternativePath":
                return frozenset().union(*(self._path(part, depths, back=back) for part in path.parts))
            case "zeroOrOnePath":
                return depths | self._path(path.parts[0], depths, back=back)
            case _:
                raise _Endless

    def deepest(self) -> int:
        """Return the greatest depth at which anything is read."""
        return max([0, *self.ahead, *self.back, *self.beside, *self.whole])

    def read_at(self, depth: int, changed: Iterable[ox.Triple]) -> Iterator[Term]:
        """Yield the nodes of statements that changed and that are read of a node at some depth."""
        ahead, back = self.ahead[depth] | self.beside[depth], self.back[depth]
        for triple in changed:
            if depth in self.whole or triple.predicate.value in ahead:
                yield triple.subject  # type: ignore[misc] # no statement is about a triple
            if triple.predicate.value in back:
                yield triple.object  # type: ignore[misc]

    def above(self, data: Data, depth: int, nodes: Iterable[Term]) -> Iterator[Term]:
        """Yield the nodes from which a step from one depth to the next leads to some nodes."""
        merge, ahead, back = ox.DefaultGraph(), self.ahead[depth], self.back[depth]
        for node in nodes:
            for quad in data.store.quads_for_pattern(None, None, node, merge) if ahead else ():
                if quad.predicate.value in ahead:
                    yield quad.subject  # type: ignore[misc]
            if back and not isinstance(node, ox.Literal):
                for quad in data.store.quads_for_pattern(node, None, None, merge):
                    if quad.predicate.value in back:
                        yield quad.object  # type: ignore[misc]


def reached(data: Data, shapes: Iterable[Shape], changed: Iterable[ox.Triple]) -> frozenset[Term] | None:
    """Return all nodes that shapes may judge otherwise by what changed; None where that may be any node."""
    triples = list(changed)
    if any(one.predicate == _SUBCLASS for one in triples):
        return None
    try:
        depths = Depths(shapes)
    except _Endless:
        return None
    found: frozenset[Term] = frozenset()
    for depth in range(depths.deepest(), -1, -1):
        found = frozenset([*depths.read_at(depth, triples), *depths.above(data, depth, found)])
    return found
