"""Bind terms into the explorer's own queries.

A query file is whole, valid SPARQL that runs as it stands. Each parameter stands in it as
``VALUES ?name { UNDEF }``; binding replaces the UNDEF by terms. A term is written by pyoxigraph, which
refuses an IRI that could break out of its brackets and escapes literals, so no text of a stranger becomes
syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

import pyoxigraph as ox

from kg.errors import UsageError

Bindable = ox.NamedNode | ox.Literal


@cache
def load(name: str) -> str:
    """Return the text of ``kg/queries/<name>.rq``. Raises UsageError when there is none."""
    try:
        return resources.files("kg.queries").joinpath(f"{name}.rq").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"no query is named {name!r}") from None


def bind(
    sparql: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    **values: Bindable | Sequence[Bindable],
) -> str:
    """Return the query with each ``VALUES ?name { UNDEF }`` filled, and a page of it if ``limit`` is given.

    A parameter that isn't given stays UNDEF, that is, free. Raises UsageError for one that the query lacks.
    """
    for name, value in values.items():
        slot = re.compile(r"VALUES \?" + re.escape(name) + r" \{ UNDEF \}")
        terms = [value] if isinstance(value, Bindable) else list(value)
        filled = f"VALUES ?{name} {{ {' '.join(str(term) for term in terms)} }}"
        sparql, count = slot.subn(lambda _match, text=filled: text, sparql)  # type: ignore[misc]
        if not count:
            raise UsageError(f"the query has no parameter ?{name}")
    if limit is not None:
        sparql = f"{sparql.rstrip()}\nLIMIT {int(limit)}\nOFFSET {int(offset)}\n"
    return sparql
