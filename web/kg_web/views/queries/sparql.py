"""The endpoint inside Flask: for tests and trusted use, its queries answered in process.

What the public reaches is `kg_web.server.http.front`, which serves the same `Endpoint` over killable
processes.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from kg_web.context import publication
from kg_web.endpoint import make_endpoint
from kg_web.protocol import Request
from kg_web.protocol.endpoint import Endpoint
from kg_web.protocol.in_process import answer_with

blueprint = Blueprint("sparql", __name__)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def endpoint() -> Endpoint:
    """Return the current application's endpoint, made when it is first needed."""
    found: Endpoint | None = current_app.extensions.get("sparql-endpoint")
    if found is None:
        p = publication()
        answer = answer_with(p.queries, p.release.prefixes if p.release else {})
        spool = Path(tempfile.gettempdir())
        found = make_endpoint(p.engine, p.settings, p.release, answer, spool=spool)
        current_app.extensions["sparql-endpoint"] = found
    return found


@blueprint.route("/sparql", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/sparql/<path:rest>", methods=METHODS, provide_automatic_options=False)
def sparql(rest: str = "") -> Response:
    """Answer a request of the SPARQL 1.1 Protocol."""
    asked = Request(
        method=request.method,
        path="/sparql" + (f"/{rest}" if rest else ""),
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(),
        client=request.remote_addr or "",
    )
    answer = asyncio.run(endpoint().respond(asked))
    body = answer.body.read_bytes() if isinstance(answer.body, Path) else answer.body
    return Response(body, answer.status, answer.headers)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")
