"""Errors of pages: problem+json to programs, a page to browsers."""

from __future__ import annotations

import logging
import re

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from kg.errors import KgError, ReleaseRemoved
from kg.explore import Ref
from kg.mediatypes import HTML, quality
from kg.release.shelf import Tombstone, tombstone
from kg_web.context import publication
from kg_web.protocol import Request
from kg_web.protocol.problem import PROBLEM_JSON, Problem, plain, problem_of, respond, wants_page
from kg_web.rendering.i18n import language

log = logging.getLogger("kg_web.errors")


def init_app(app: Flask) -> None:
    """Answer every error of a page in the format that the client accepts."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _ours)
    app.jinja_env.globals.update(suggestions=suggestions, error_words=error_words)


def suggestions() -> tuple[Ref, ...]:
    """Return the things that a missing page's address was probably meant for."""
    path = request.path.removeprefix("/page/").lstrip("/")
    iri = request.args.get("iri", "") or publication().base + path
    explorer = publication().explorer
    try:
        found = explorer.likely(iri, language())
        index = publication().index
        if found or index is None:
            return found
        words = re.sub(r"[^\w]+", " ", path.rpartition("/")[2])[:80]
        hits = index.find(words, limit=60)
        # Only things of the main classes: records about the work itself would match the words of any address.
        wanted = {below for cls in explorer.schema.primary for below in explorer.schema.below(cls)}
        things = [hit.thing for hit in (*hits.hits, *hits.close) if wanted.intersection(hit.thing.classes)]
        return explorer.refs([thing.iri for thing in things][:6], language())
    except KgError:  # an error page must not fail for want of a hint
        return ()


def error_words(status: int, code: str = "") -> dict[str, str]:
    """Return the title and the explanation of an error that readers often meet; "" for others."""
    known = {
        "busy": {"title": _("The server is busy"), "detail": ""},
        "query-refused": {"title": _("The query is not allowed."), "detail": ""},
        "no-room": {
            "title": _("The server has no room for this now"),
            "detail": _("Everything that needs no room is still here. Try again in a while."),
        },
        "release-altered": {
            "title": _("This release is damaged and is not served"),
            "detail": _("A file of it is missing or differs from its checksum. Other releases are served."),
        },
        "unknown-release": {"title": _("There is no such release"), "detail": ""},
        "citations-unavailable": {
            "title": _("Citations can't be kept or read at the moment."),
            "detail": "",
        },
        "not-installed": {
            "title": _("This server can't write that format"),
            "detail": _("Every other format that is offered can be had."),
        },
    }
    return known.get(code) or {
        404: {
            "title": _("Nothing is here"),
            "detail": _(
                "Nothing in the graph goes by this address. Search for it, or begin at the home page."
            ),
        },
        405: {"title": _("This address takes no such request"), "detail": ""},
        500: {"title": _("The server failed"), "detail": _("The fault is logged. Try again in a while.")},
        502: {
            "title": _("The engine behind this server does not answer"),
            "detail": _("Try again in a while."),
        },
    }.get(status, {"title": "", "detail": ""})


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return Response(error.get_body(), error.code, error.get_headers())
    problem = plain(error.code or 500, error.description or "")
    problem.headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return answer(problem)


def _ours(error: Exception) -> Response:
    problem = problem_of(error)
    if isinstance(error, ReleaseRemoved) and (stone := _stone(error.version)):
        page = make_response(render_template("tombstone.html", stone=stone), problem.status)
        page.vary.add("Accept")
        return page
    if problem.status == 500 or not isinstance(error, KgError):
        log.error("a page failed: %s", error, exc_info=error)
    return answer(problem)


def _stone(version: str) -> Tombstone | None:
    """Return a removed release's tombstone, where the client would rather see a page."""
    release, accept = publication().release, request.headers.get("Accept")
    programs = max(quality(accept, kind) for kind in (PROBLEM_JSON, "application/json"))
    return tombstone(release.path.parent, version) if release and quality(accept, HTML) >= programs else None


def answer(problem: Problem) -> Response:
    """Write a problem as this request's client takes it."""
    if wants_page(request.headers.get("Accept")):
        page = Response(_page(problem), problem.status, content_type="text/html; charset=utf-8")
        page.headers.update(problem.headers)
        page.vary.add("Accept")
        return page
    headers = {name.lower(): value for name, value in request.headers.items()}
    written = respond(problem, Request(request.method, request.path, headers=headers))
    body = written.body if isinstance(written.body, bytes) else b""
    return Response(body, written.status, written.headers)


def error_page(app: Flask, problem: Problem, of: Request) -> bytes:
    """Return the page of a problem for a request that Flask hasn't seen; plain text if the page fails."""
    headers = {
        name: value for name, value in of.headers.items() if name in ("accept-language", "cookie", "host")
    }
    try:
        with app.test_request_context(of.path, headers=headers):
            return _page(problem).encode()
    except Exception:  # whatever fails in the template, an error page must not fail
        log.exception("the error page failed")
        return (
            "<!doctype html><meta charset=utf-8><title>Error</title><pre>" + _escape(problem.as_text())
        ).encode()


def _page(problem: Problem) -> str:
    told = {
        "problem": problem,
        "status": problem.status,
        "title": problem.title,
        "detail": problem.detail,
        "hint": problem.hint,
        "excerpt": problem.excerpt,
    }
    try:
        return render_template("error.html", **told)
    except Exception as error:
        # The frame that every page has needs the engine, which may be what failed.
        log.warning("the error page is shown without its frame: %s", error)
        return render_template("bare.html", **told)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
