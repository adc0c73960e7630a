"""Citing a query's result: making a citation, its landing page, and running its query again."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from threading import Lock

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _

from kg.citations.check import cite, compare, verify
from kg.citations.formats import STYLES, Work
from kg.citations.identity import UNSETTLED, identify
from kg.citations.store import Citation, QueryStore
from kg.engine import Engine, Result
from kg.errors import CitationError, KgError, QueryError, ReleaseError
from kg.export.about import about
from kg.mediatypes import HTML, quality
from kg.release import Release
from kg.releases import find, tombstone, trusted
from web.clock import now, today
from web.context import publication
from web.elsewhere import Elsewhere
from web.i18n import language
from web.negotiate import refuse
from web.protocol.problem import problem_of

blueprint = Blueprint("citations", __name__)

LONGEST = 60_000
SHOWN = 50
"""How many rows of a result a landing page shows."""
_HOUR = 3600.0


@blueprint.get("/cite")
def preview() -> Response | str:
    """Show what a citation of ``?query=`` would be, with warnings, and the form that makes it."""
    query = request.args.get("query", "")[:LONGEST]
    try:
        identity = identify(query, _release().base) if query else None
        problem = None
    except QueryError as error:
        identity, problem = None, error
    return render_template(
        "cite.html",
        query=query,
        title=request.args.get("title", ""),
        identity=identity,
        problem=problem,
        warnings=_warnings(identity.warnings if identity else ()),
        allowed=publication().settings.cite_public,
    )


@blueprint.post("/cite")
def make() -> Response:
    """Run the form's ``query`` on this release, keep its citation, and lead to the landing page."""
    settings, release = publication().settings, _release()
    if not settings.cite_public:
        return _failed(403, "cite-closed", "Storing citations is closed here", "", "KG_CITE_PUBLIC rules it")
    query, title = request.form.get("query", ""), request.form.get("title", "")
    if not query.strip() or len(query) > LONGEST:
        return _failed(
            400, "bad-request", "There is no query to cite", "", f"query=, up to {LONGEST} characters"
        )
    if wait := _too_often(request.remote_addr or "", settings.cite_rate):
        response = _failed(
            429, "cite-rate", "Too many citations in an hour", f"{settings.cite_rate} are allowed"
        )
        response.headers["Retry-After"] = str(wait)
        return response
    try:
        identify(query, release.base)
        result = publication().queries.query(query, base_iri=release.base)
        name = publication().queries.name
        made = cite(result, release, query, title=title, engine=name, made=now().isoformat())
        kept = store().add(made, limit=settings.cite_total)
    except KgError as error:
        return _error(error)
    return redirect(f"{request.script_root}/cite/{kept.id}", 303)  # type: ignore[return-value]


@blueprint.get("/cite/<id>")
def landing(id: str) -> Response:
    """Show a citation: query, release, result, and how to cite it; as JSON to programs."""
    citation = _citation(id)
    accept = request.headers.get("Accept")
    if quality(accept, "application/json") > quality(accept, HTML):
        return _json(citation)
    page = render_template("citation.html", **_page(citation))
    response = make_response(page)
    response.vary.add("Accept")
    for style in STYLES.values():
        link = f'<{request.script_root}/cite/{id}.{style.name}>; rel="describedby"; type="{style.media_type}"'
        response.headers.add("Link", link)
    response.headers.add("Link", f'<{address(citation)}>; rel="cite-as"')
    return response


@blueprint.get("/cite/<id>.<style>")
def reference(id: str, style: str) -> Response:
    """Give the reference in a style, or the record as JSON."""
    citation = _citation(id)
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
    citation = _citation(id)
    try:
        cited = _engine(citation.version)
        verdict, old = verify(citation, cited, citation.version, _release().base)
        comparison, active = None, _release()
        if active.version != citation.version:
            new = verify(citation, publication().queries, active.version, active.base)[1]
            comparison = compare(citation.version, old, active.version, new)
    except ReleaseError as error:
        return _error(error, 410 if tombstone(_folder(), citation.version) else 503)
    except KgError as error:
        return _error(error)
    if _wants_json():
        found = {"verdict": asdict(verdict), "comparison": asdict(comparison) if comparison else None}
        return Response(json.dumps(found, ensure_ascii=False), content_type="application/json")
    head, table = _table(old)
    more = {"verdict": verdict, "comparison": comparison, "head": head, "rows": table}
    return make_response(render_template("citation.html", **{**_page(citation), **more}))


def store() -> QueryStore:
    """Return the query store of this application."""
    named = publication().settings.citations
    return QueryStore(Path(named) if named else _folder() / "citations.sqlite3")


def address(citation: Citation) -> str:
    """Return a citation's persistent address: under the dataset's base, wherever it is served."""
    return f"{_release().base}cite/{citation.id}"


def work_of(citation: Citation) -> Work:
    """Return a citation as a work, for the styles."""
    try:
        one = about(find(_folder(), citation.version), language())
        title, creators, publisher, license = one.title, one.creators, one.publisher, one.license
    except ReleaseError:
        title, creators, publisher, license = citation.dataset, (), "", ""
    return Work(
        title=citation.title or f"Query result {citation.id}",
        url=address(citation),
        date=citation.made[:10],
        version=citation.version,
        creators=creators,
        publisher=publisher,
        accessed=today(),
        part_of=title,
        checksum=citation.checksum,
        rows=citation.rows,
        license=license,
        language=language(),
    )


def _page(citation: Citation) -> dict[str, object]:
    work = work_of(citation)
    return {
        "citation": citation,
        "address": address(citation),
        "citations": [(s.name, s.label, s.write(work)) for s in STYLES.values()],
        "warnings": _warnings(citation.warnings),
        "stone": tombstone(_folder(), citation.version),
        "active": _release().version,
        "verdict": None,
        "comparison": None,
        "head": (),
        "rows": (),
    }


def _table(result: Result) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the head and the first rows of a result, as text."""
    if result.kind == "ask":
        return ("ask",), [["true" if result.boolean else "false"]]
    if result.kind == "graph":
        return ("subject", "predicate", "object"), [[str(part) for part in t] for t in result.triples[:SHOWN]]
    return result.variables, [
        [str(term) if term is not None else "" for term in row] for row in result.rows[:SHOWN]
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


def _engine(version: str) -> Engine:
    """Return what answers on a release: our own queries' engine where it is the active one."""
    publication_ = publication()
    if _release().version == version:
        return publication_.queries
    return Elsewhere(trusted(find(_folder(), version)), publication_.settings)


def _citation(id: str) -> Citation:
    try:
        found = store().get(id)
    except CitationError as error:
        abort(_error(error))
    if found is None:
        abort(404)
    return found


def _release() -> Release:
    release = publication().release
    if release is None:
        abort(404, description="This server answers from an endpoint alone, so nothing can be cited.")
    return release


def _folder() -> Path:
    return _release().path.parent


def _wants_json() -> bool:
    accept = request.headers.get("Accept")
    return quality(accept, "application/json") > quality(accept, HTML)


def _json(citation: Citation) -> Response:
    record = {**asdict(citation), "address": address(citation)}
    response = Response(json.dumps(record, ensure_ascii=False, indent=2), content_type="application/json")
    response.vary.add("Accept")
    return response


def _error(error: KgError, status: int | None = None) -> Response:
    problem = problem_of(error)
    code = status or (503 if isinstance(error, CitationError | ReleaseError) else problem.status)
    return _failed(code, problem.code, problem.title, error.message, error.hint)


def _failed(status: int, code: str, title: str, detail: str = "", hint: str | None = None) -> Response:
    """Return a problem as a page to browsers, as JSON to programs."""
    accept = request.headers.get("Accept")
    if quality(accept, HTML) > quality(accept, "application/problem+json"):
        page = render_template(
            "error.html", status=status, title=title, detail=detail, hint=hint, suggestions=[]
        )
        return make_response(page, status)
    return refuse(status, code, title, detail, hint)


class _Rate:
    """When each client last stored; kept in memory, in each process for itself."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.times: dict[str, deque[float]] = {}

    def wait(self, client: str, most: int) -> int:
        """Count one more, and return 0; or how many seconds to wait when there were too many in the hour."""
        with self.lock:
            moment = time.monotonic()
            if len(self.times) > 10_000:
                self.times = {c: t for c, t in self.times.items() if t and moment - t[-1] < _HOUR}
            times = self.times.setdefault(client, deque())
            while times and moment - times[0] >= _HOUR:
                times.popleft()
            if len(times) >= most:
                return int(_HOUR - (moment - times[0])) + 1
            times.append(moment)
            return 0


def _too_often(client: str, most: int) -> int:
    rate: _Rate = current_app.extensions.setdefault("citation-rate", _Rate())
    return rate.wait(client, most)
