"""N-Triples (https://www.w3.org/TR/n-triples/): a line each."""

from __future__ import annotations

from collections.abc import Iterable

from kg.writers.format import Format, Kind
from kg.writers.statements import Chunks, Statement, as_triple, lines

FORMAT = Format(
    "nt",
    "application/n-triples",
    Kind.GRAPH,
    "N-Triples",
    ("text/plain",),
    ("ntriples", "n-triples"),
    "N-Triples",
)


def chunks(statements: Iterable[Statement], *, header: str, **_: object) -> Chunks:
    """Yield a line and its one statement at a time."""
    return lines(map(as_triple, statements), header)
