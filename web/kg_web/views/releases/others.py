"""Releases other than the active one: ``/releases/<version>/sparql``, and their pages beside it.

An old release's pages are made by another instance of the application, mounted under that path.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, redirect, request

from kg.engine.answers.spool import Written
from kg.engine.local import LocalEngine
from kg.engine.pool.jobs import Job
from kg.release import Release
from kg.release.store import ensure_store
from kg_web.context import publication
from kg_web.endpoint import make_endpoint
from kg_web.old_releases import answer
from kg_web.protocol import Request
from kg_web.protocol.endpoint import Endpoint
from kg_web.views.releases.dataset import release_of

blueprint = Blueprint("others", __name__)

KEPT = 3
"""How many other releases a server process keeps open."""
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]


@blueprint.route("/releases/<version>/sparql", methods=METHODS, provide_automatic_options=False)
def sparql(version: str) -> Response:
    """Answer a query on a release; of the active one, lead to ``/sparql`` (307, so that a POST stays one)."""
    release = release_of(version)
    active = publication().release
    if active is not None and active.path == release.path:
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"{request.script_root}/sparql{query}", 307)  # type: ignore[return-value]
    asked = Request(
        method=request.method,
        path="/sparql",
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(),
        client=request.remote_addr or "",
    )
    reply = asyncio.run(_endpoint(release).respond(asked))
    body = reply.body.read_bytes() if isinstance(reply.body, Path) else reply.body
    if reply.delete and isinstance(reply.body, Path):
        reply.body.unlink(missing_ok=True)
    return Response(body, reply.status, reply.headers)


@blueprint.get("/releases/<version>/resource")
@blueprint.get("/releases/<version>/browse")
@blueprint.get("/releases/<version>/links")
@blueprint.get("/releases/<version>/data")
@blueprint.get("/releases/<version>/page/<path:rest>")
@blueprint.get("/releases/<version>/data/<path:rest>")
def pages(version: str, rest: str = "") -> Response:  # noqa: ARG001 - the mounted application reads it
    """Show a page of a release, or its data."""
    release = release_of(version)
    mounted = _mounted(release)
    environ = dict(request.environ)
    prefix = f"/releases/{version}"
    environ["SCRIPT_NAME"] = request.environ.get("SCRIPT_NAME", "") + prefix
    environ["PATH_INFO"] = request.path.removeprefix(prefix).encode().decode("latin-1")
    for name in [key for key in environ if key.startswith(("werkzeug.", "flask."))]:
        del environ[name]
    return Response.from_app(mounted.wsgi_app, environ, buffered=True)  # type: ignore[return-value]


def _mounted(release: Release) -> Flask:
    """Return the application that shows a release; kept for the few that are looked at."""
    kept: dict[Path, Flask] = current_app.extensions.setdefault("other-releases", {})
    if release.path not in kept:
        from kg_web.app import create_app

        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        engine = LocalEngine.open(ensure_store(release))
        kept[release.path] = create_app(engine, publication().settings, release)
    return kept[release.path]


def _endpoint(release: Release) -> Endpoint:
    """Return the endpoint of a release; kept for the few that are asked."""
    kept: dict[Path, Endpoint] = current_app.extensions.setdefault("other-endpoints", {})
    if release.path not in kept:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        settings = publication().settings
        spool = Path(tempfile.gettempdir())

        async def ask(job: Job) -> Written:
            # In a thread of its own, as it runs a loop of its own.
            return await asyncio.to_thread(answer, release, job, settings, spool)

        engine = LocalEngine.open(ensure_store(release))
        kept[release.path] = make_endpoint(engine, settings, release, ask, spool=spool)
    return kept[release.path]
