"""Choosing what a client gets: a format, a page, or nothing new."""

from __future__ import annotations

from kg.mediatypes import GRAPH_FORMATS, RESULT_FORMATS, prefers_page
from kg.sparql.checking.analysis import Analysis
from kg_web.protocol.ask import FORMAT, Ask
from kg_web.protocol.message import Request
from kg_web.protocol.problem import Problem

_ALL = (*RESULT_FORMATS, *GRAPH_FORMATS)


def from_a_browser(request: Request, form: str = "") -> bool:
    """Whether a browser opened the address of a query, so that the query page should show the answer.

    That is when Accept weighs a page higher than all formats of the answer; ``form`` is the query's, if
    known.
    """
    formats = RESULT_FORMATS if form in ("SELECT", "ASK") else GRAPH_FORMATS
    if not prefers_page(request.header("accept"), formats if form else _ALL):
        return False
    return request.method != "POST" and not any(f"{name}=" in request.query for name in FORMAT)


def fitting(found: Analysis, ask: Ask) -> tuple[str, str]:
    """Return the formats that the answer may have: those for the query's form, of both kinds if unknown."""
    rows = ask.results_format.name if ask.results_format else ""
    graph = ask.graph_format.name if ask.graph_format else ""
    if found.form in ("SELECT", "ASK"):
        return rows, ""
    return ("", graph) if found.form in ("CONSTRUCT", "DESCRIBE") else (rows, graph)


def check_acceptable(found: Analysis, ask: Ask) -> None:
    """Raise a Problem (406), before the query runs, if no accepted format fits its form."""
    if found.form in ("CONSTRUCT", "DESCRIBE") and ask.graph_format is None:
        raise not_acceptable("graph")
    if found.form in ("SELECT", "ASK") and ask.results_format is None:
        raise not_acceptable("select")


def not_acceptable(kind: str) -> Problem:
    """Return the problem (406) for a client that accepts no format for this kind of answer."""
    formats = GRAPH_FORMATS if kind == "graph" else RESULT_FORMATS
    return Problem(
        406,
        "not-acceptable",
        "The answer has no format that the client takes",
        detail=f"this kind of query is answered as {', '.join(f.media_type for f in formats)}",
        hint=f"send one of them in Accept, or format={formats[0].name}",
        headers={"Accept": ", ".join(f.media_type for f in formats)},
    )


def matches(header: str | None, etag: str) -> bool:
    """Whether If-None-Match holds the tag (RFC 9110 §13.1.2; weak comparison)."""
    if header is None:
        return False
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in header.split(","))
