"""An agent's query: within limits, with the sources of its rows, cut where it would be too long to read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from kg.agents import words
from kg.agents.session import Session
from kg.engine import Result
from kg.engine.door import admit
from kg.engine.local import as_result
from kg.errors import QueryError, QueryRefused
from kg.hints import Known, find_now
from kg.notebook import declared, with_prefixes
from kg.terms import Prefixes

MOST_ROWS = 1_000
LETTERS = 60_000
"""Characters of rows that one answer tells, however many rows were asked for."""

Told = dict[str, Any]


def answer(session: Session, sparql: str, *, rows: int, sources: bool, language: str) -> Told:
    """Answer a query; see `kg.agents.tools.Tools.query`. Raises QueryError."""
    prefixes = session.release.prefixes
    text = declared(sparql, prefixes)
    traced: Mapping[str, Any] = {}
    if sources and with_prefixes(_form(session), sparql, prefixes) in {"SELECT", "ASK"}:
        result, traced = with_prefixes(_traced(session), sparql, prefixes)
    else:
        result = with_prefixes(_plain(session), sparql, prefixes)
    told = _laid_out(result, max(1, min(rows, MOST_ROWS)), session.explorer.prefixes)
    if traced:
        told |= _sources(session, traced, len(told["rows"]), language)
    hints = find_now(text, result, Known(prefixes, session.release.base), session.brief)
    return told | ({"hints": [str(one) for one in hints]} if hints else {})


def _form(session: Session) -> Callable[[str], str]:
    return lambda text: admit(text, session.queries.policy).found.form


def _plain(session: Session) -> Callable[[str], Result]:
    return lambda text: session.queries.query(text, base_iri=session.release.base)


def _traced(session: Session) -> Callable[[str], tuple[Result, Mapping[str, Any]]]:
    """Return what answers a text with its sources; without them, and why, where they can't be traced."""

    def run(text: str) -> tuple[Result, Mapping[str, Any]]:
        base = session.release.base
        try:
            found = json.loads(session.queries.sourced(text, session.sourcing, base_iri=base))
        except QueryRefused as error:
            if error.limit != "sources":
                raise
            return session.queries.query(text, base_iri=base), {"traced": False, "reason": str(error)}
        traced = found.pop("sources", {})
        plain = ox.parse_query_results(json.dumps(found).encode(), ox.QueryResultsFormat.JSON)
        return as_result(plain), traced

    return run


def _laid_out(result: Result, most: int, prefixes: Prefixes) -> Told:
    if result.kind == "ask":
        return {"answer": result.boolean, "rows": [[result.boolean]]}
    names = ("subject", "predicate", "object") if result.kind == "graph" else result.variables
    rows = list(_fitting(result.triples if result.kind == "graph" else result.rows, most, prefixes))
    told: Told = {
        "columns": list(names),
        "rows": rows,
        "count": len(result),
        "whole": len(rows) == len(result),
    }
    if not told["whole"]:
        told["note"] = (
            f"These are {len(rows):,} of {len(result):,} rows. Ask for fewer columns or things, let the "
            f"query count or sum, or page with ORDER BY, LIMIT and OFFSET (rows= gives up to {MOST_ROWS:,})."
        )
    return told


def _fitting(found: Sequence[Any], most: int, prefixes: Prefixes) -> Iterator[list[Any]]:
    """Yield rows until they are too many, or too long together; the first comes always."""
    letters = 0
    for at, row in enumerate(found[:most]):
        told = [words.term(one, prefixes) for one in row]
        letters += sum(len(str(one)) + 4 for one in told)
        if at and letters > LETTERS:
            return
        yield told


def _sources(session: Session, traced: Mapping[str, Any], shown: int, language: str) -> Told:
    """Return of each row that is shown the numbers of its passages, and what those are."""
    if not traced.get("traced"):
        return {"sources_note": f"The sources of these rows aren't told: {traced.get('reason', '')}"}
    passages: dict[str, int] = {}
    documents = [one["document"] for one in traced["documents"]]
    of: dict[str, str] = {}
    by_row: list[list[int]] = []
    for row in traced["rows"][:shown]:
        found: dict[int, None] = {}
        for graph in _graphs(row, traced):
            for origin in graph["from"] or [{"passage": graph["graph"]}]:
                of.setdefault(
                    origin["passage"], documents[origin["document"]] if "document" in origin else ""
                )
                found[passages.setdefault(origin["passage"], len(passages) + 1)] = None
        by_row.append(list(found))
    told = {str(number): _passage(session, iri, of[iri], language) for iri, number in passages.items()}
    more: Told = {"row_sources": by_row, "sources": told}
    return more if traced["complete"] else more | {"sources_note": "For some rows not all sources are told."}


def _graphs(row: Mapping[str, Any], traced: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the graphs that hold the statements of a row, each once."""
    numbers = {number for way in row["ways"] for number in way} | set(row.get("others", ()))
    graphs = {graph for number in numbers for graph in traced["statements"][number]["graphs"]}
    return (traced["graphs"][graph] for graph in sorted(graphs))


def _passage(session: Session, iri: str, document: str, language: str) -> Told:
    explorer = session.explorer
    try:
        refs = explorer.refs([iri, *([document] if document and document != iri else [])], language)
    except QueryError:
        return {"iri": iri}
    told: Told = words.thing(refs[0], explorer.prefixes)
    return told | ({"document": words.thing(refs[1], explorer.prefixes)} if len(refs) > 1 else {})
