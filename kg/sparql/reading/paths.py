"""What a property path is made of, and how it is written (SPARQL 1.1 §9, §18.4). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from kg.sparql.reading.syntax import Alternative, Inverse, Link, Negated, Path, Repeated, Sequence


def leafward(path: Path, *, inverse: bool = False) -> Path:
    """Return the same path with each ^ at a single property."""
    match path:
        case Inverse():
            return leafward(path.path, inverse=not inverse)
        case Link():
            return Inverse(path) if inverse else path
        case Negated():
            return Negated(path.backwards, path.forwards) if inverse else path
        case Sequence():
            steps = tuple(leafward(step, inverse=inverse) for step in path.paths)
            return Sequence(steps[::-1] if inverse else steps)
        case Alternative():
            return Alternative(tuple(leafward(choice, inverse=inverse) for choice in path.paths))
        case Repeated():
            return Repeated(leafward(path.path, inverse=inverse), path.sign)


def nullable(path: Path) -> bool:
    """Whether it may have length zero."""
    match path:
        case Repeated():
            return path.sign in "*?" or nullable(path.path)
        case Inverse():
            return nullable(path.path)
        case Sequence():
            return all(nullable(step) for step in path.paths)
        case Alternative():
            return any(nullable(choice) for choice in path.paths)
        case _:
            return False


def counted(path: Path) -> Iterator[Path]:
    """Yield the parts of a path whose ways count, each way once: those below *, + and ? don't (§18.4)."""
    yield path
    match path:
        case Sequence() | Alternative():
            for part in path.paths:
                yield from counted(part)
        case Inverse():
            yield from counted(path.path)


def written(path: Path) -> str:
    """Return a path as SPARQL."""
    match path:
        case Link():
            return path.text
        case Inverse():
            return f"^{_inner(path.path)}"
        case Negated():
            return f"!({'|'.join([*path.forwards, *(f'^{name}' for name in path.backwards)])})"
        case Sequence():
            return "/".join(_inner(step) for step in path.paths)
        case Alternative():
            return "|".join(_inner(choice) for choice in path.paths)
        case Repeated():
            return f"{_inner(path.path)}{path.sign}"


def _inner(path: Path) -> str:
    return path.text if isinstance(path, Link) else f"({written(path)})"
