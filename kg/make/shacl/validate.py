"""Hold data against shapes, node by node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.make.shacl.compiled import Compiler
from kg.make.shacl.data import Data
from kg.make.shacl.evaluate import Violation, check
from kg.make.shacl.shapes import Shape, Term


def validate(data: Data, shapes: Iterable[Shape]) -> Iterator[Violation]:
    """Yield every violation in some data."""
    return hold(data, targets(data, shapes))


def targets(data: Data, shapes: Iterable[Shape]) -> list[tuple[Term, Sequence[Shape]]]:
    """Return the nodes that shapes target, each with its shapes, always in the same order."""
    wanted: dict[Term, list[Shape]] = {}
    for shape in shapes:
        for focus in dict.fromkeys(f for target in shape.targets for f in _targeted(data, *target)):
            wanted.setdefault(focus, []).append(shape)
    return list(wanted.items())


def hold(data: Data, nodes: Iterable[tuple[Term, Sequence[Shape]]]) -> Iterator[Violation]:
    """Yield the violations of nodes by their shapes."""
    compiler = Compiler(data)
    # By node, not by shape: what is said of a node is then read once for all its shapes.
    for focus, its_shapes in nodes:
        for shape in its_shapes:
            if not compiler.shape(shape)(focus):
                yield from check(data, shape, focus)


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
