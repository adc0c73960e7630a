"""Asking our own queries by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.sparql.bind import Bindable, bind, load

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
    """Yield the solutions of ``kg/queries/<name>.rq`` with its parameters bound. Raises QueryError."""
    return engine.query(bind(load(name), limit=limit, offset=offset, **values)).dicts()


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


def batches(items: Sequence[ox.NamedNode], size: int = BATCH) -> Iterator[Sequence[ox.NamedNode]]:
    """Yield a sequence in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def number(term: Term | None) -> int:
    """Return a count as an int; 0 when it is no number."""
    try:
        return int(term.value) if isinstance(term, ox.Literal) else 0
    except ValueError:
        return 0
