"""Delivering answers as the table of all resources says: CORS, conditions, content coding, bodies."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from http import HTTPStatus
from pathlib import Path
from threading import Lock

from flask import Flask, Response, abort, current_app, request

from kg.export.answers import TABLE_FORMATS
from kg_web.delivery.negotiate import refuse
from kg_web.delivery.resources import BY_ADDRESS, KEPT, NEVER, Resource
from kg_web.links import ascii_only
from kg_web.protocol.coding import WORTHWHILE, choose, encode
from kg_web.protocol.origins import CORS, preflight

_TEXTS = ("text/", "application/", "image/svg+xml")
_PACKED = {format.media_type for format in TABLE_FORMATS if format.packed}
"""Types that hold their own compression."""
_LARGEST = 8 * 1024 * 1024
"""Bytes of a file up to which it is read, tagged and coded here; a larger one goes as it is."""
_ROOM = 32 * 1024 * 1024
"""Bytes of coded bodies that are kept."""


class _Kept:
    """Coded bodies by the ETag of what was coded; the least recently used are dropped first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bodies: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._size = 0

    def get(self, tag: str, coding: str) -> bytes | None:
        with self._lock:
            body = self._bodies.get((tag, coding))
            if body is not None:
                self._bodies.move_to_end((tag, coding))
            return body

    def put(self, tag: str, coding: str, body: bytes) -> None:
        with self._lock:
            if (tag, coding) not in self._bodies:
                self._bodies[tag, coding] = body
                self._size += len(body)
            while self._size > _ROOM:
                self._size -= len(self._bodies.popitem(last=False)[1])


def init_app(app: Flask) -> None:
    """Deliver every answer of an application by the table.

    Call it before other after_request functions are added: Flask runs the first one last.
    """
    app.extensions["delivery"] = _Kept()
    app.before_request(_take)
    app.after_request(_deliver)


def _resource() -> Resource | None:
    return BY_ADDRESS.get(request.url_rule.rule) if request.url_rule is not None else None


def _take() -> Response | None:
    """Refuse a request's body that is too large or has a content coding."""
    resource = _resource()
    if resource is None or request.method in ("GET", "HEAD", "OPTIONS") or resource.address in _ENDPOINTS:
        return None
    if (request.content_length or 0) > resource.size:
        abort(413, description=f"The body has more than {resource.size} bytes.")
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        problem = refuse(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "body-coding",
            "The body is coded in a way that is not read here",
            f"Content-Encoding: {coding}",
            "send it as it is",
        )
        problem.headers["Accept-Encoding"] = "identity"
        return problem
    return None


_ENDPOINTS = frozenset({"/sparql", "/sparql/<path:rest>", "/releases/<version>/sparql"})
"""They answer the protocol by themselves, problems included."""


def _deliver(response: Response) -> Response:
    _mend_headers(response)
    resource = _resource()
    if resource is None or resource.address in _ENDPOINTS:
        if resource is None:
            response.headers.update(CORS)
        return response
    if request.method == "OPTIONS":
        return _options(response, resource)
    if request.method in resource.shared:
        response.headers.update(CORS)
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers.setdefault("Cache-Control", NEVER)
        return response
    _caching(response, resource)
    if resource.coded:
        response.vary.add("Accept-Encoding")
        if tag := response.get_etag()[0]:
            # All codings share the tag, which is that of the uncoded body, so it is weak (RFC 9110 §8.8.1).
            response.set_etag(tag, weak=True)
    mine = (resource.coded or resource.tagged) and "Content-Encoding" not in response.headers
    if response.status_code == HTTPStatus.OK and mine and _readable(response):
        _tag_and_code(response, resource)
    return response


def _options(response: Response, resource: Resource) -> Response:
    """Answer OPTIONS, also as CORS preflight."""
    response.headers["Allow"] = ", ".join(resource.methods)
    if resource.shared:
        response.headers.update({**CORS, **preflight(", ".join(resource.shared))})
    response.set_data(b"")
    response.status_code = HTTPStatus.NO_CONTENT
    return response


def _caching(response: Response, resource: Resource) -> None:
    """Set Cache-Control by the table, unless the view has set it where it may."""
    said = response.headers.get("Cache-Control")
    if said in (None, "", KEPT) or resource.caching != KEPT:
        response.headers["Cache-Control"] = resource.caching


def _readable(response: Response) -> bool:
    """Whether the body can be read here: it is in memory or a small file, not made while it is sent."""
    if not response.is_streamed:
        return True
    if not response.direct_passthrough or response.content_length is None:
        return False
    if response.content_length > _LARGEST or "Range" in request.headers:
        return False
    response.direct_passthrough = False
    return True


def _tag_and_code(response: Response, resource: Resource) -> None:
    if not resource.tagged:
        _code(response, resource, "")
        return
    etag, _ = response.get_etag()
    if etag is None:
        etag = hashlib.sha256(response.get_data()).hexdigest()[:32]
    _code(response, resource, etag)
    response.set_etag(etag, weak=resource.coded)
    response.make_conditional(request)


def _code(response: Response, resource: Resource, etag: str) -> None:
    """Apply the content coding that the client weighs highest; a body with a tag is coded once."""
    coding = choose(request.headers.get("Accept-Encoding")) if resource.coded else "identity"
    if coding == "identity" or not _worthwhile(response):
        return
    response.set_data(_coded(response, etag, coding))
    response.headers["Content-Encoding"] = coding
    response.headers.pop("Accept-Ranges", None)
    response.headers.pop("Repr-Digest", None)


def _worthwhile(response: Response) -> bool:
    media = response.mimetype or ""
    return media.startswith(_TEXTS) and media not in _PACKED and len(response.get_data()) >= WORTHWHILE


def _coded(response: Response, etag: str, coding: str) -> bytes:
    kept: _Kept = current_app.extensions["delivery"]
    body = kept.get(etag, coding) if etag else None
    if body is None:
        coded, _ = encode(response.get_data(), coding, beside=Path(os.devnull))
        assert isinstance(coded, bytes)  # noqa: S101 - only files are coded into files
        body = coded
        if etag:
            kept.put(etag, coding, body)
    return body


def _mend_headers(response: Response) -> None:
    """Write IRIs in headers as URIs, as a header holds ASCII alone (RFC 9110 §5.5, RFC 3987 §3.1)."""
    for name in {name for name, value in response.headers if not value.isascii()}:
        response.headers.setlist(name, [ascii_only(value) for value in response.headers.getlist(name)])
