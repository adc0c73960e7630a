"""TriG (https://www.w3.org/TR/trig/), graph by graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.writers.format import Format, Kind
from kg.writers.statements import Chunks, Statement, as_quad
from kg.writers.turtle import trig_chunks

FORMAT = Format("trig", "application/trig", Kind.DATASET, "TriG", ("application/x-trig",), w3c="TriG")


def chunks(
    statements: Iterable[Statement], *, prefixes: Mapping[str, str], base: str, header: str, **_: object
) -> Chunks:
    """Yield the document piece by piece, each with its number of statements."""
    return trig_chunks(map(as_quad, statements), prefixes=prefixes, base=base, header=header)
