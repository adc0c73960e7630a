"""Hold data against shapes, node by node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.make.shacl.compiled import Compiler
from kg.make.shacl.data import Data
from kg.make.shacl.evaluate import Violation, check
from kg.make.shacl.shapes import Shape
from kg.make.shacl.terms import Term
from kg.terms import RDF

_TYPE = RDF + "type"
Aimed = tuple[Term, Sequence[Shape]]
"""A node, and the shapes that are aimed at it."""


def validate(data: Data, shapes: Iterable[Shape]) -> Iterator[Violation]:
    """Yield every violation in some data."""
    return hold(data, targets(data, shapes))


def targets(data: Data, shapes: Iterable[Shape]) -> list[Aimed]:
    """Return the nodes that shapes target, each with its shapes, always in the same order."""
    wanted: dict[Term, list[Shape]] = {}
    for shape in shapes:
        for focus in dict.fromkeys(f for target in shape.targets for f in _targeted(data, *target)):
            wanted.setdefault(focus, []).append(shape)
    return list(wanted.items())


def aimed(data: Data, shapes: Iterable[Shape], nodes: Iterable[Term]) -> list[Aimed]:
    """Return those of some nodes that shapes target, each with its shapes as `targets` gives them."""
    held = list(shapes)
    found = ((node, [s for s in held if any(_is_aimed(data, node, *t) for t in s.targets)]) for node in nodes)
    return [(node, its_shapes) for node, its_shapes in found if its_shapes]


def hold(data: Data, nodes: Iterable[Aimed]) -> Iterator[Violation]:
    """Yield the violations of nodes by their shapes."""
    compiler = Compiler(data)
    # By node, not by shape: what is said of a node is then read once for all its shapes.
    for focus, its_shapes in nodes:
        for shape in its_shapes:
            if not compiler.shape(shape)(focus):
                yield from check(data, shape, focus)


def unfit(compiler: Compiler, nodes: Iterable[Aimed]) -> list[int]:
    """Return which of the nodes don't conform to one of their shapes: their places, counted from 0."""
    return [
        place
        for place, (focus, its_shapes) in enumerate(nodes)
        if not all(compiler.shape(shape)(focus) for shape in its_shapes)
    ]


def _is_aimed(data: Data, node: Term, kind: str, term: Term) -> bool:
    match kind:
        case "targetClass":
            return not data.below(term).isdisjoint(data.row(node).get(_TYPE, ()))
        case "targetNode":
            return node == term
        case "targetSubjectsOf":
            return term.value in data.row(node)
        case _:
            return any(True for _ in data.step(node, term.value, back=True))


def _targeted(data: Data, kind: str, term: Term) -> Iterable[Term]:
    match kind:
        case "targetClass":
            return data.instances(term)
        case "targetNode":
            return [term]
        case "targetSubjectsOf":
            return (s for s, _ in data.having(term))
        case _:
            return (o for _, o in data.having(term))
