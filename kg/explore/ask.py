"""Asking our own queries by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import pyoxigraph as ox

from kg.engine import Engine, Result, Row, Term
from kg.sparql.bind import Bindable, bind, load

T = TypeVar("T")

BATCH = 400
"""How many terms one VALUES block takes; a remote endpoint may refuse a longer query."""


def ask(
    engine: Engine,
    name: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    **values: Bindable | Sequence[Bindable],
) -> Iterator[Mapping[str, Term]]:
    """Yield the solutions of the query at ``<name>.rq`` with its parameters bound. Raises QueryError."""
    return in_order(engine, bind(load(name), limit=limit, offset=offset, **values)).dicts()


def in_order(engine: Engine, sparql: str) -> Result:
    """Return the answer of a query, its rows by their terms where the query asks for no order.

    So a page shows the same with any engine: the first of several equal values is the same one.
    """
    result = engine.query(sparql)
    if _ORDERED in sparql or len(result.rows) < 2:
        return result
    return replace(result, rows=sorted(result.rows, key=_by_terms))


_ORDERED = "ORDER BY"


def _by_terms(row: Row) -> list[str]:
    return [str(term) for term in row]


def nodes(iris: Iterable[str]) -> list[ox.NamedNode]:
    """Return IRIs as terms, without doubles, passing over what is no IRI."""
    found = []
    for iri in dict.fromkeys(iris):
        node = node_or_none(iri)
        if node is not None:
            found.append(node)
    return found


def node_or_none(iri: str) -> ox.NamedNode | None:
    """Return an IRI as a term, or None when it isn't one."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Yield a sequence in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def number(term: Term | None) -> int:
    """Return a count as an int; 0 when it is no number."""
    try:
        return int(term.value) if isinstance(term, ox.Literal) else 0
    except ValueError:
        return 0
