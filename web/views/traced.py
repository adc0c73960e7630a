"""Answers with their sources, for pages: asked of whatever answers queries here."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox

from kg.engine import Result
from kg.engine.jobs import Sourcing
from kg.engine.local import LocalEngine, as_result
from kg.engine.pooled import PooledEngine
from kg.tracing.answer import answer
from kg.tracing.model import untraceable
from kg.tracing.origins import Origins, rules_of, upward
from kg.tracing.write import as_json
from web.context import publication


def answered(query: str) -> tuple[Result, dict[str, Any]]:
    """Return the rows of a query's answer, and their sources, as its JSON has them. Raises QueryError."""
    found = publication()
    release = found.release
    base = release.base if release is not None else None
    if isinstance(found.queries, PooledEngine):
        sourcing = Sourcing(upward(release), rules_of(release))
        body = found.queries.sourced(query, sourcing, base_iri=base)
        if not body.startswith(b"{"):
            raise untraceable("a graph's triples", "ask for them at /sparql, as Turtle")
        told: dict[str, Any] = json.loads(body)["sources"]
        return as_result(ox.parse_query_results(body, ox.QueryResultsFormat.JSON)), told
    if isinstance(found.queries, LocalEngine):
        store = found.queries.store
        sourced = answer(store, query, Origins(store, upward(release)), base_iri=base)
        if sourced.result.kind == "graph":
            raise untraceable("a graph's triples", "ask for them at /sparql, as Turtle")
        return sourced.result, as_json(sourced)
    raise untraceable("a remote engine's answers", "ask the data where it lies")


def sources_of(query: str) -> dict[str, Any]:
    """Return the sources of a query's answer, as its JSON has them. Raises QueryError."""
    return answered(query)[1]
