"""Choosing a format by Accept, and what every answer with data says in its headers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from flask import Response, jsonify, request

from kg.mediatypes import HTML, RDF_FORMATS, Format, Kind, choose_graph, weight
from kg.release import MANIFEST, Release
from kg_web.context import publication
from kg_web.links import data_link
from kg_web.protocol.problem import PROBLEM_JSON, Problem

PAGE = Format("html", HTML, Kind.GRAPH, "HTML", ("application/xhtml+xml",))
"""The page, as one of the formats that a client may ask for; it is what ``*/*`` gets."""


def wanted() -> Format | None:
    """Return the format, the page included, that the Accept header weighs highest; None when it accepts none.

    The page wins a tie. Among formats of data, triples come before quads: see `choose_graph`.
    """
    return _wanted(request.headers.get("Accept"))


@lru_cache(maxsize=1024)
def _wanted(accept: str | None) -> Format | None:
    page = weight(accept, PAGE)
    if page > 0 and page >= max(weight(accept, format) for format in RDF_FORMATS):
        return PAGE
    return choose_graph(accept)


def refuse(status: int, code: str, title: str, detail: str = "", hint: str | None = None) -> Response:
    """Return a problem for programs (RFC 9457)."""
    response = jsonify(Problem(status, code, title, detail, hint=hint).as_json())
    response.status_code = status
    response.content_type = PROBLEM_JSON
    response.vary.add("Accept")
    return response


def not_acceptable(iri: str) -> Response:
    """Return 406 with the formats there are, in words and as links (RFC 9110 §15.5.7)."""
    formats = ", ".join(f.media_type for f in (PAGE, *RDF_FORMATS))
    response = refuse(
        406, "not-acceptable", "None of the formats asked for is there", f"There are: {formats}."
    )
    for link in alternates(iri):
        response.headers.add("Link", link)
    return response


def alternates(iri: str) -> list[str]:
    """Return the Link values that lead to a description in each format (RFC 8288)."""
    return [f'<{data_link(iri, f.name)}>; rel="alternate"; type="{f.media_type}"' for f in RDF_FORMATS]


def signpost(response: Response, iri: str, license: str = "") -> Response:
    """Add the typed links by which programs find their way from an answer (signposting.org)."""
    for link in (f'<{iri}>; rel="cite-as"', *alternates(iri)):
        response.headers.add("Link", link)
    release = publication().release
    if release is not None:
        response.headers.add("Link", f'<{release.dataset}>; rel="collection"')
    if license.startswith("http"):
        response.headers.add("Link", f'<{license}>; rel="license"')
    return response


def fresh(response: Response, release: Release | None) -> Response:
    """Say how long an answer holds, and answer a conditional request (RFC 9110 §13)."""
    response.vary.add("Accept")
    response.headers["Cache-Control"] = "public, max-age=300"
    if release is not None:
        response.last_modified = sealed(release)
    if not response.get_etag()[0]:
        response.add_etag()
    response.make_conditional(request)
    return response


def sealed(release: Release) -> datetime:
    """Return when a release was put here."""
    return datetime.fromtimestamp(int((release.path / MANIFEST).stat().st_mtime), UTC)
