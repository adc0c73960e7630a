"""What went wrong, for programs (RFC 9457), for terminals and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from kg.errors import (
    Busy,
    CitationError,
    EndpointError,
    EngineBusy,
    EngineError,
    KgError,
    NotExpressible,
    NotInstalled,
    QueryLimit,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
    ReleaseError,
    ReleaseRemoved,
    ReleaseUnknown,
    ServiceFailed,
    StorageError,
    UsageError,
)
from kg.machine.room import no_room
from kg.mediatypes import HTML, quality
from kg.settings import BY_VARIABLE, LIMITS
from kg_web.protocol.message import Request, Response

PROBLEM_JSON = "application/problem+json"


@dataclass
class Problem(Exception):
    """One problem.

    ``code`` is for programs and never changes; ``limit`` names the setting that rules; ``line`` and
    ``column`` count from 1; ``excerpt`` is the line of the query with a caret beneath; ``headers`` go with
    the response.
    """

    status: int
    code: str
    title: str
    detail: str = ""
    hint: str | None = None
    limit: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str | None = None
    query_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the members of RFC 9457 and ours, without empty ones."""
        members = {
            "type": f"tag:linli,2024:problem/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "hint": self.hint,
            "limit": self.limit,
            "line": self.line,
            "column": self.column,
            "excerpt": self.excerpt,
        }
        return {name: value for name, value in members.items() if value not in (None, "")}

    def as_text(self) -> str:
        """Return the problem as text for a terminal."""
        lines = [f"{self.status} {self.title}"]
        lines += [self.detail] if self.detail else []
        lines += [self.excerpt] if self.excerpt else []
        lines += [f"hint: {self.hint}"] if self.hint else []
        return "\n".join(lines) + "\n"


# Code and title of refusals that no setting causes, by the error's ``limit``; limits have their own.
_REFUSALS = {
    "update": (403, "update-refused", "Updates are refused"),
    "engine": (501, "engine-gap", "The engine can't answer this form rightly"),
    "format": (406, "format-gap", "The format can't say the answer"),
    "function": (400, "unknown-function", "The query calls a function that there isn't"),
    "query-id": (409, "query-id-taken", "The query id is taken"),
}


class Kind(NamedTuple):
    """What a class of errors is to a client; the hint is for errors that have none."""

    status: int
    code: str
    title: str
    hint: str | None = None


KINDS: Mapping[type[Exception], Kind] = {
    QuerySyntaxError: Kind(400, "query-syntax", "The query is not SPARQL"),
    QueryRefused: Kind(403, "query-refused", "The query is not allowed"),
    QueryLimit: Kind(507, "query-limit", "The query exceeded a limit", "ask for less"),
    QueryStopped: Kind(409, "query-stopped", "The query was stopped", "ask again if it was not you"),
    EngineBusy: Kind(503, "busy", "The server is busy", "ask again in a while"),
    EndpointError: Kind(
        502,
        "engine-failed",
        "The endpoint behind this server failed",
        "whoever runs this: see whether the endpoint runs and holds the release; it is asked anew each time",
    ),
    ServiceFailed: Kind(
        502,
        "service-failed",
        "An endpoint behind SERVICE failed",
        "ask that endpoint by itself, or write SERVICE SILENT to go on without it",
    ),
    EngineError: Kind(500, "engine-failed", "The engine failed", "please report the query"),
    ReleaseUnknown: Kind(
        404, "unknown-release", "There is no such release", "/releases names those there are"
    ),
    ReleaseRemoved: Kind(410, "release-removed", "The release was removed"),
    ReleaseError: Kind(
        503, "release-altered", "The release is damaged and is not served", "build or copy it again"
    ),
    CitationError: Kind(
        503,
        "citations-unavailable",
        "Citations can't be kept or read at the moment",
        "everything else is served; whoever runs this: kg citations verify says what is wrong",
    ),
    StorageError: Kind(503, "no-room", "There is no room to answer this now", "ask again in a while"),
    Busy: Kind(503, "busy", "The server is busy", "ask again in a while"),
    NotInstalled: Kind(501, "not-installed", "This server can't write it"),
    NotExpressible: Kind(406, "not-expressible", "This format can't hold it", "ask for another format"),
    UsageError: Kind(400, "bad-request", "The request can't be read"),
}
"""What each class of error is to a client. The most specific class decides; refusals and limits are told
apart by what they name, see above. What isn't here is a fault of the program."""
RETRY = "30"
"""Seconds after which to ask again what can't be answered now, where nothing says it better."""


def problem_of(error: Exception) -> Problem:
    """Return an error as a problem: one of the library's, a want of room, or else a fault of ours (500)."""
    if isinstance(error, Problem):
        return error
    if not isinstance(error, KgError):
        short = no_room("the request can't be answered now", error)
        return problem_of(short) if short else plain(500, "the server failed; the fault is logged")
    status, code, title, hint = _kind(error)
    found = Problem(status, code, title, detail=error.message, hint=error.hint or hint)
    if isinstance(error, QuerySyntaxError):
        found.line, found.column = error.line, error.column
    if isinstance(error, QueryRefused | QueryLimit) and (error.limit or "").startswith("KG_"):
        found.limit = error.limit
    if status == 503:
        found.headers["Retry-After"] = str(getattr(error, "retry_after", RETRY))
    return found


def _kind(error: KgError) -> Kind:
    named = getattr(error, "limit", None) or ""
    if isinstance(error, QueryRefused) and named in _REFUSALS:
        return Kind(*_REFUSALS[named])
    if isinstance(error, QueryRefused | QueryLimit) and named in BY_VARIABLE:
        told = BY_VARIABLE[named].exceeded
        return Kind(told.status, told.code, told.title)
    known = next((KINDS[of] for of in type(error).__mro__ if of in KINDS), None)
    return known or Kind(500, "internal", "The server failed")


def plain(status: int, detail: str = "", hint: str | None = None) -> Problem:
    """Return a problem with no more than an HTTP status, its standard phrase as title."""
    phrase = HTTPStatus(status).phrase
    return Problem(status, phrase.lower().replace(" ", "-"), phrase, detail=detail, hint=hint)


def beyond(name: str, **values: object) -> Problem:
    """Return the problem of a limit that only HTTP knows of, by the name of its setting."""
    limit = LIMITS[name]
    told = limit.exceeded
    return Problem(told.status, told.code, told.title, detail=limit.says(**values), hint=told.hint)


def wants_page(accept: str | None) -> bool:
    """Whether a client is a browser that would rather see a page than JSON."""
    return bool(accept) and quality(accept, HTML) > max(quality(accept, PROBLEM_JSON), _plain_quality(accept))


def _plain_quality(accept: str | None) -> float:
    """Return the weight of text/plain if it is named; a wildcard doesn't count, as programs send it."""
    return quality(accept, "text/plain") if accept and "text/plain" in accept.lower() else 0.0


def respond(problem: Problem, request: Request) -> Response:
    """Write a problem as JSON, or as text where the client prefers that."""
    accept = request.header("accept")
    headers = {
        "Vary": "Accept",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **problem.headers,
    }
    if _plain_quality(accept) > quality(accept, PROBLEM_JSON):
        return Response(
            problem.status,
            {"Content-Type": "text/plain; charset=utf-8", **headers},
            problem.as_text().encode(),
        )
    body = json.dumps(problem.as_json(), ensure_ascii=False, indent=1).encode() + b"\n"
    return Response(problem.status, {"Content-Type": PROBLEM_JSON, **headers}, body)


def excerpt(text: str, line: int, column: int, *, width: int = 100) -> str | None:
    """Return a line of a query with a caret beneath the column; None where there is no such line.

    A long line is cut around the column. Wide characters (East Asian) take two columns on a terminal, so the
    caret is moved by as many ideographic spaces.
    """
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return None
    whole = lines[line - 1].rstrip("\r")
    start = max(0, min(column - 1, len(whole)) - width // 2)
    shown = whole[start : start + width]
    before = shown[: column - 1 - start]
    pad = "".join("\t" if c == "\t" else "\u3000" if _wide(c) else " " for c in before)
    return f"{shown}\n{pad}^"


def _wide(character: str) -> bool:
    import unicodedata

    return unicodedata.east_asian_width(character) in ("W", "F")
