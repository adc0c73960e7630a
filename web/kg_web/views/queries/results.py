"""A query's result as a table for papers: ``/result.csv`` with its metadata, ``.parquet``, ``.xlsx``.

A cited result can be downloaded again, in these and the standard's formats, at
``/cite/<id>/result.<extension>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, request

from kg.citations.check import verify
from kg.citations.identity import checksum
from kg.engine import Result
from kg.engine.answers.results import write
from kg.errors import QueryError
from kg.export.about import about
from kg.export.answer import RowSources
from kg.export.answers import TABLE_FORMATS, WRITERS, Asked
from kg.export.answers.csvw import FORMAT as TABLE_METADATA
from kg.export.extras import check_available
from kg.mediatypes import BY_NAME
from kg.release import Release
from kg.release.shelf import find
from kg_web.context import publication
from kg_web.delivery.negotiate import refuse
from kg_web.rendering.i18n import language
from kg_web.views.queries.citations import LONGEST, TABLES, result_formats
from kg_web.views.queries.cited import address, citation_of, engine_of, folder_of
from kg_web.views.queries.sources import sources_of

blueprint = Blueprint("results", __name__)


@blueprint.get("/result.<extension>")
def result(extension: str) -> Response:
    """Answer ``?query=`` as a table; `/sparql` gives the standard's own formats."""
    publication_ = publication()
    release, query = publication_.release, request.args.get("query", "")
    if extension not in TABLES:
        return refuse(
            404, "unknown-format", "There is no such format", extension, f"one of {', '.join(TABLES)}"
        )
    if not query.strip() or len(query) > LONGEST:
        return refuse(400, "bad-request", "There is no query", "", f"query=, up to {LONGEST} characters")
    _check_installed(extension)
    found = publication_.queries.query(query, base_iri=release.base if release else None)
    sources = partial(_sources, query) if found.kind == "select" else RowSources
    response = _table(found, extension, release, query, "result", sources=sources)
    if extension == "csv":
        link = f"{request.script_root}/result.csv-metadata.json?{request.query_string.decode('latin-1')}"
        response.headers["Link"] = f'<{link}>; rel="describedby"; type="{TABLE_METADATA.media_type}"'
    return response


@blueprint.get("/cite/<id>/result.<extension>")
def cited(id: str, extension: str) -> Response:
    """Send a cited result again, from its release; refused (409) when it differs from what was cited.

    410 when the release was removed, 503 when it is damaged, 501 when a package for the format is missing.
    """
    citation = citation_of(id)
    formats = result_formats(citation.kind)
    if extension not in formats:
        abort(404)
    _check_installed(extension)
    release = find(folder_of(), citation.version)
    verdict, found = verify(citation, engine_of(citation), citation.version, release.base)
    if not verdict.same:
        return refuse(
            409,
            "result-differs",
            "The result differs from what was cited",
            f"{verdict.rows} rows (sha256 {verdict.checksum}), not {citation.rows} ({citation.checksum})",
            "another version of the engine may order or sample otherwise; see the citation's page",
        )
    if extension in TABLES:
        response = _table(found, extension, release, citation.query, id)
    else:
        body = write(found, BY_NAME[extension], prefixes=release.prefixes)
        response = Response(body, content_type=BY_NAME[extension].content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{id}.{extension}"'
    response.headers.add("Link", f'<{address(citation)}>; rel="cite-as"')
    response.headers.add("Link", f'<{request.script_root}/cite/{id}>; rel="collection"')
    if extension == "csv":
        link = f"{request.script_root}/cite/{id}/result.csv-metadata.json"
        response.headers.add("Link", f'<{link}>; rel="describedby"; type="{TABLE_METADATA.media_type}"')
    return response


def _table(
    found: Result,
    extension: str,
    release: Release | None,
    query: str,
    name: str,
    *,
    sources: Callable[[], RowSources] = RowSources,
) -> Response:
    """Return rows as a table, or its metadata. Raises UsageError for a graph."""
    one = about(release, language()) if release else None
    asked = Asked(found, one, query, partial(checksum, found), sources)
    body = WRITERS[extension](asked)
    header = "; charset=utf-8; header=present" if extension == "csv" else ""
    response = Response(body, content_type=TABLES[extension] + header)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return response


def _sources(query: str) -> RowSources:
    """Return what the rows of a query rest on, or why that isn't told: the rows come all the same."""
    try:
        told = sources_of(query)
    except QueryError as error:
        return RowSources({"traced": False, "reason": error.message})
    return RowSources(told, _names(told)) if told["traced"] else RowSources(told)


def _names(sources: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what the passages and documents are called that rows rest on."""
    found = {origin["passage"] for graph in sources["graphs"] for origin in graph["from"]}
    found |= {one["document"] for one in sources["documents"]}
    refs = publication().explorer.refs(sorted(found), language())
    return {ref.iri: ref.label.value for ref in refs if ref.named}


def _check_installed(extension: str) -> None:
    """Refuse a format that can't be written, before the query runs in vain. Raises NotInstalled."""
    for format in TABLE_FORMATS:
        if format.name == extension:
            check_available(format)
