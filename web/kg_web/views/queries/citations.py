"""Citing a query's result: making a citation, its landing page, and running its query again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _

from kg.citations.check import cite, columns, compare, first_rows, verify
from kg.citations.citation import Citation
from kg.citations.formats import LISTED, STYLES
from kg.citations.identity import UNSETTLED, identify
from kg.engine import Result
from kg.errors import QueryError
from kg.export.answers import TABLE_FORMATS
from kg.export.extras import is_available
from kg.mediatypes import (
    GRAPH_FORMATS,
    HTML,
    JSON,
    RESULT_FORMATS,
    XML,
    quality,
)
from kg.release import Release
from kg.release.shelf import tombstone
from kg_web.clock import now
from kg_web.context import publication
from kg_web.delivery.rate import Rate
from kg_web.errors import answer
from kg_web.links import href
from kg_web.protocol.problem import Problem, beyond
from kg_web.views.queries.cited import address, citation_of, cited_from, engine_of, folder_of, store, work_of
from kg_web.views.queries.sources import answered, laid_out

blueprint = Blueprint("citations", __name__)

LONGEST = 60_000
SHOWN = 50
"""How many rows of a result a landing page shows."""
TABLES = {format.name: format.media_type for format in TABLE_FORMATS}
"""What rows can be had as beside the standard's formats, by file extension."""


@blueprint.get("/cite")
def preview() -> Response | str:
    """Show what a citation of ``?query=`` would be, with warnings, and the form that makes it."""
    query = request.args.get("query", "")[:LONGEST]
    try:
        identity = identify(query, cited_from().base) if query else None
        problem = None
    except QueryError as error:
        identity, problem = None, error
    return render_template(
        "cite.html",
        query=query,
        title=request.args.get("title", ""),
        sourced=request.args.get("sources") == "1",
        identity=identity,
        problem=problem,
        warnings=_warnings(identity.warnings if identity else ()),
        allowed=publication().settings.cite_public,
    )


@blueprint.post("/cite")
def make() -> Response:
    """Run the form's ``query`` on this release, keep its citation, and lead to the landing page."""
    settings, release = publication().settings, cited_from()
    if not settings.cite_public:
        return _failed(
            403, "cite-closed", _("Storing citations is closed here."), "", "KG_CITE_PUBLIC rules it"
        )
    query, title = request.form.get("query", ""), request.form.get("title", "")
    if not query.strip() or len(query) > LONGEST:
        return _failed(
            400, "bad-request", _("There is no query to cite."), "", f"query=, up to {LONGEST} characters"
        )
    if wait := _too_often(request.remote_addr or "", settings.cite_rate):
        found = beyond("cite_rate", allowed=settings.cite_rate)
        found.title = _(found.title)
        response = answer(found)
        response.headers["Retry-After"] = str(wait)
        return response
    identify(query, release.base)
    result, sources = _asked(query, release, sourced=request.form.get("sources") == "1")
    name = publication().queries.name
    made = cite(result, release, query, title=title, engine=name, made=now().isoformat(), sources=sources)
    kept = store().add(made, limit=settings.cite_total)
    return redirect(f"{request.script_root}/cite/{kept.id}", 303)  # type: ignore[return-value]


def _asked(query: str, release: Release, *, sourced: bool) -> tuple[Result, dict[str, Any] | None]:
    """Return a query's answer, and its sources if they are wanted, or why these aren't told.

    Raises QueryError for the query itself.
    """
    untold = None
    if sourced:
        try:
            return answered(query)
        except QueryError as error:
            untold = {"traced": False, "reason": error.message}
    return publication().queries.query(query, base_iri=release.base), untold


@blueprint.get("/cite/<id>")
def landing(id: str) -> Response:
    """Show a citation: query, release, result, and how to cite it; as JSON to programs."""
    citation = citation_of(id)
    accept = request.headers.get("Accept")
    if quality(accept, "application/json") > quality(accept, HTML):
        return _json(citation)
    page = render_template("citation.html", **_page(citation))
    response = make_response(page)
    response.vary.add("Accept")
    for link in _links(citation):
        response.headers.add("Link", link)
    return response


def _links(citation: Citation) -> Iterator[str]:
    """Yield the typed links of a landing page (signposting.org, level 1)."""
    here = f"{request.script_root}/cite/{citation.id}"
    yield f'<{address(citation)}>; rel="cite-as"'
    yield '<https://schema.org/AboutPage>; rel="type"'
    yield '<https://schema.org/Dataset>; rel="type"'
    yield f'<{citation.dataset}>; rel="collection"'
    if license := work_of(citation).license:
        yield f'<{license}>; rel="license"'
    for style in STYLES.values():
        yield f'<{here}.{style.name}>; rel="describedby"; type="{style.media_type}"'
    for name, media_type in offered(citation.kind).items():
        yield f'<{here}/result.{name}>; rel="item"; type="{media_type}"'


@blueprint.get("/cite/<id>.<style>")
def reference(id: str, style: str) -> Response:
    """Give the reference in a style, or the record as JSON."""
    citation = citation_of(id)
    if style == "json":
        return _json(citation)
    if style not in STYLES:
        abort(404)
    chosen = STYLES[style]
    response = Response(chosen.write(work_of(citation)), content_type=f"{chosen.media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{id}.{chosen.extension}"'
    return response


@blueprint.post("/cite/<id>/check")
def check(id: str) -> Response:
    """Run a cited query again on its release, and compare with the active one if that is another."""
    citation = citation_of(id)
    verdict, old = verify(citation, engine_of(citation), citation.version, cited_from().base)
    comparison, active = None, cited_from()
    if active.version != citation.version:
        new = verify(citation, publication().queries, active.version, active.base)[1]
        comparison = compare(citation.version, old, active.version, new)
    if _wants_json():
        found = {"verdict": asdict(verdict), "comparison": asdict(comparison) if comparison else None}
        return Response(json.dumps(found, ensure_ascii=False), content_type="application/json")
    more = {"verdict": verdict, "comparison": comparison, "rows": _cells(first_rows(old, SHOWN))}
    return make_response(render_template("citation.html", **{**_page(citation), **more}))


def _page(citation: Citation) -> dict[str, object]:
    work = work_of(citation)
    return {
        "citation": citation,
        "address": address(citation),
        "citations": [(s.name, s.label, s.write(work)) for s in STYLES.values()],
        "warnings": _warnings(citation.warnings),
        "stone": tombstone(folder_of(), citation.version),
        "active": cited_from().version,
        "verdict": None,
        "comparison": None,
        "columns": columns(citation.kind, citation.variables),
        "rows": _cells(citation.head),
        "downloads": offered(citation.kind),
        "rested": laid_out(citation.sources) if citation.sources else None,
        "references": LISTED if citation.version == cited_from().version else (),
    }


def result_formats(kind: str) -> dict[str, str]:
    """Return the formats in which a cited result can be had, were all packages installed, by extension."""
    if kind == "graph":
        return {format.name: format.media_type for format in GRAPH_FORMATS}
    if kind == "ask":
        # CSV and TSV have no way to write a boolean (SPARQL 1.1 Query Results CSV and TSV Formats §1).
        return {format.name: format.media_type for format in (JSON, XML)}
    return {**{format.name: format.media_type for format in RESULT_FORMATS}, **TABLES}


def offered(kind: str) -> dict[str, str]:
    """Return the formats that this installation can write a cited result in."""
    found = result_formats(kind)
    absent = {format.name for format in TABLE_FORMATS if not is_available(format)}
    return {name: media for name, media in found.items() if name not in absent}


def _cells(rows: Iterable[Sequence[str]]) -> list[list[tuple[str, str]]]:
    """Return terms as they are shown, each with the address it leads to, if any."""
    table = publication().explorer.prefixes
    return [
        [
            (table.curie(text[1:-1]) or text[1:-1], href(text[1:-1]))
            if text.startswith("<") and not text.startswith("<<")
            else (text, "")
            for text in row
        ]
        for row in rows
    ]


def _warnings(words: tuple[str, ...]) -> list[str]:
    """Return, in the reader's language, what another engine may answer otherwise (see `UNSETTLED`)."""
    said = {
        "SAMPLE": _("SAMPLE takes any member of a group: another engine may take another."),
        "GROUP_CONCAT": _("GROUP_CONCAT joins in no given order: another engine may join in another."),
        "LIMIT": _("LIMIT takes the first rows: unless the order is total, another engine may take others."),
        "OFFSET": _(
            "OFFSET skips the first rows: unless the order is total, another engine may skip others."
        ),
        "REDUCED": _("REDUCED may keep doubles or drop them."),
    }
    return [said.get(word, UNSETTLED[word]) for word in words if word in UNSETTLED]


def _wants_json() -> bool:
    accept = request.headers.get("Accept")
    return quality(accept, "application/json") > quality(accept, HTML)


def _json(citation: Citation) -> Response:
    record = {**asdict(citation), "address": address(citation)}
    response = Response(json.dumps(record, ensure_ascii=False, indent=2), content_type="application/json")
    response.vary.add("Accept")
    return response


def _failed(status: int, code: str, title: str, detail: str = "", hint: str | None = None) -> Response:
    """Return a problem as a page to browsers, as JSON to programs."""
    return answer(Problem(status, code, title, detail, hint=hint))


def _too_often(client: str, most: int) -> int:
    rate: Rate = current_app.extensions.setdefault("citation-rate", Rate())
    return rate.wait(client, most)
