"""A query's result as a table for papers: ``/result.csv`` with its metadata, ``/result.parquet``."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from kg.citations.identity import checksum
from kg.errors import KgError
from kg.export.about import about
from kg.export.results import table_csv, table_csvw, table_parquet
from web.context import publication
from web.i18n import language
from web.negotiate import refuse
from web.protocol.problem import problem_of
from web.views.citations import LONGEST

blueprint = Blueprint("results", __name__)

MEDIA = {
    "csv": "text/csv; charset=utf-8; header=present",
    "csv-metadata.json": "application/csvm+json",
    "parquet": "application/vnd.apache.parquet",
}


@blueprint.get("/result.<extension>")
def result(extension: str) -> Response:
    """Answer ``?query=`` as a table; `/sparql` gives the standard's own formats."""
    publication_ = publication()
    release, query = publication_.release, request.args.get("query", "")
    if extension not in MEDIA:
        return refuse(
            404, "unknown-format", "There is no such format", extension, f"one of {', '.join(MEDIA)}"
        )
    if not query.strip() or len(query) > LONGEST:
        return refuse(400, "bad-request", "There is no query", "", f"query=, up to {LONGEST} characters")
    try:
        found = publication_.queries.query(query, base_iri=release.base if release else None)
        one = about(release, language()) if release else None
        if extension == "csv":
            body = table_csv(found)
        elif extension == "parquet":
            notes = {
                "query": query,
                **({"version": one.version, "citation": one.citation, "license": one.license} if one else {}),
            }
            body = table_parquet(found, notes)
        else:
            described = table_csvw(found, "result.csv", one, query=query, checksum=checksum(found))
            body = (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()
    except KgError as error:
        problem = problem_of(error)
        return refuse(problem.status, problem.code, problem.title, error.message, error.hint)
    response = Response(body, content_type=MEDIA[extension])
    response.headers["Content-Disposition"] = f'attachment; filename="result.{extension}"'
    if extension == "csv":
        link = f"{request.script_root}/result.csv-metadata.json?{request.query_string.decode('latin-1')}"
        response.headers["Link"] = f'<{link}>; rel="describedby"; type="application/csvm+json"'
    return response
