"""Turtle (https://www.w3.org/TR/turtle/), subject by subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.writers.format import Format, Kind
from kg.writers.statements import Chunks, Statement, as_triple
from kg.writers.turtle import turtle_chunks

FORMAT = Format(
    "ttl",
    "text/turtle",
    Kind.GRAPH,
    "Turtle",
    ("application/x-turtle", "application/turtle", "text/n3", "text/rdf+n3"),
    ("turtle", "n3"),
    "Turtle",
)


def chunks(
    statements: Iterable[Statement], *, prefixes: Mapping[str, str], base: str, header: str, **_: object
) -> Chunks:
    """Yield the document piece by piece, each with its number of statements."""
    return turtle_chunks(map(as_triple, statements), prefixes=prefixes, base=base, header=header)
