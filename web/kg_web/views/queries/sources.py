"""The sources of an answer's rows, for pages: passages and weight of each row, and numbered documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from flask_babel import gettext as _

from kg.engine import Result, Row
from kg.engine.local import LocalEngine, as_result
from kg.engine.pool.jobs import Sourcing
from kg.engine.pool.pooled import PooledEngine
from kg.errors import QueryError
from kg.explore.model import Ref
from kg.tracing.answer import answer
from kg.tracing.excerpt import shortened
from kg.tracing.origins import Origins, rules_of, upward
from kg.tracing.planning.traced import untraceable
from kg.tracing.write import as_json
from kg_web.context import publication
from kg_web.rendering.i18n import language


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


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, and the number of its document in the answer's list, from 1."""

    number: int
    ref: Ref


@dataclass(frozen=True, slots=True)
class RestingRow:
    """What one row rests on.

    ``left`` counts passages that aren't shown; ``independent`` is the number of independent texts, and
    ``confidence`` the lowest confidence of a reading, None if none was needed (`kg.tracing.weight`);
    ``disputed`` are things that it is about, each with another that disagrees; ``lacking``: not all of it
    could be traced.
    """

    passages: tuple[Passage, ...]
    left: int
    independent: int
    confidence: Ref | None
    disputed: tuple[tuple[Ref, Ref], ...]
    lacking: bool


@dataclass(frozen=True, slots=True)
class Resting:
    """What an answer rests on; ``reason`` says why it has no sources.

    ``rows`` are those that a page shows; ``documents`` are the first of ``all`` documents, in the order of
    their numbers; ``most`` is the document behind most rows: ``behind`` of ``count``.
    """

    reason: str = ""
    rows: tuple[RestingRow, ...] = ()
    documents: tuple[Ref, ...] = ()
    all: int = 0
    most: Ref | None = None
    behind: int = 0
    count: int = 0


def resting(sparql: str, rows: Sequence[Row]) -> Resting:
    """Return what some rows of a query's answer rest on. Raises QueryError for the look-up of names."""
    try:
        result, told = answered(sparql)
    except QueryError as error:
        return Resting(error.message)
    if not told["traced"]:
        return Resting(told["reason"])
    places: dict[Row, list[int]] = {}
    for at, row in enumerate(result.rows):
        places.setdefault(row, []).append(at)
    try:
        order = [places[row].pop(0) for row in rows]
    except (KeyError, IndexError):
        return Resting(_("The answer came out otherwise when it was traced."))
    return laid_out(shortened(told, order))


def laid_out(short: Mapping[str, Any]) -> Resting:
    """Return for a page what `shortened` gave, with the names of its things. Raises QueryError."""
    if "reason" in short:
        return Resting(short["reason"])
    rows, documents, most = short["rows"], short["documents"], short["most"]
    wanted = dict.fromkeys(documents)
    for row in rows:
        wanted |= dict.fromkeys(passage for passage, _document in row["passages"])
        wanted |= dict.fromkeys(iri for pair in row.get("contradicted", ()) for iri in pair)
        wanted |= dict.fromkeys([row["confidence"]] if "confidence" in row else [])
    named = {ref.iri: ref for ref in publication().explorer.refs(wanted, language())}
    behind = most is not None and most["document"] < len(documents)
    return Resting(
        rows=tuple(_row(row, named) for row in rows),
        documents=tuple(named[one] for one in documents),
        all=short["all"],
        most=named[documents[most["document"]]] if behind else None,
        behind=most["rows"] if behind else 0,
        count=short["count"],
    )


def _row(row: Mapping[str, Any], named: Mapping[str, Ref]) -> RestingRow:
    return RestingRow(
        passages=tuple(Passage(document + 1, named[passage]) for passage, document in row["passages"]),
        left=row["left"],
        independent=row["independent"],
        confidence=named.get(row.get("confidence", "")),
        disputed=tuple((named[one], named[other]) for one, other in row.get("contradicted", ())),
        lacking=row["lacking"],
    )
