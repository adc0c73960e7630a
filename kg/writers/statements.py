"""Turning pyoxigraph's triples into quads, quads into triples, and both into lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import pyoxigraph as ox

Statement: TypeAlias = ox.Triple | ox.Quad
Chunks: TypeAlias = Iterator[tuple[str, int]]
"""Pieces of a document, each with the number of its statements."""


def as_quad(statement: Statement) -> ox.Quad:
    """Return a statement as a quad, a triple in the default graph."""
    return statement if isinstance(statement, ox.Quad) else ox.Quad(*statement)


def as_triple(statement: Statement) -> ox.Triple:
    """Return a statement without its graph."""
    return statement.triple if isinstance(statement, ox.Quad) else statement


def lines(statements: Iterable[Statement], header: str) -> Chunks:
    """Yield a line for each statement, after ``header`` as comments; of equal neighbours only the first."""
    yield "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines()), 0
    last = None
    for statement in statements:
        if statement != last:
            last = statement
            yield f"{statement} .\n", 1
