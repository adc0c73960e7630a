"""N-Quads (https://www.w3.org/TR/n-quads/): a line each."""

from __future__ import annotations

from collections.abc import Iterable

from kg.writers.format import Format, Kind
from kg.writers.statements import Chunks, Statement, as_quad, lines

FORMAT = Format(
    "nq",
    "application/n-quads",
    Kind.DATASET,
    "N-Quads",
    ("text/x-nquads",),
    ("nquads", "n-quads"),
    "N-Quads",
)


def chunks(statements: Iterable[Statement], *, header: str, **_: object) -> Chunks:
    """Yield a line and its one statement at a time."""
    return lines(map(as_quad, statements), header)
