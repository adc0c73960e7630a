"""Hints that a query's text alone gives."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from kg.hints.query import Asked
from kg.sparql.explaining.hints import Hint, hint
from kg.sparql.explaining.surprises import given, looked_at
from kg.sparql.reading.scope import possible
from kg.sparql.reading.syntax import Select


def without_value(asked: Asked, among: Collection[str] | None = None) -> Iterator[Hint]:
    """Yield a hint on each variable (of those ``among``, if given) that is used but that nothing binds."""
    bound = given(asked.query)
    for name in looked_at(asked.query):
        if name in bound or (among is not None and name not in among):
            continue
        near = difflib.get_close_matches(name, sorted(bound), n=1, cutoff=0.7)
        if near:
            yield hint("misspelt-variable", variable=f"?{name}", near=f"?{near[0]}")
        else:
            yield hint("no-value", variable=f"?{name}")


def having(asked: Asked) -> Iterator[Hint]:
    """Yield a hint on each name that the outer SELECT defines and its HAVING uses."""
    query = asked.query
    if not isinstance(query, Select) or query.conditions is None:
        return
    bound = possible(query.where) if query.where is not None else set()
    looked = {token.text[1:] for token in query.conditions.tokens if token.kind == "var"}
    for name, expression in query.items:
        if expression is not None and name in looked - bound:
            yield hint("having-alias", variable=f"?{name}", expression=asked.source(expression))
