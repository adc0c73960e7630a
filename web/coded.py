"""What every reader's browser fetches first, compressed: scripts, styles, and the terms of the release.

The endpoint and the downloads see to their own coding; pages are small.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response, current_app, request

from web.protocol.coding import WORTHWHILE, choose, encode

ENDPOINTS = frozenset({"static", "query.complete.vocabulary"})
TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml")
KEPT = 64
"""Coded bodies that are kept: a release has some ten scripts and styles."""


def init_app(app: Flask) -> None:
    """Code answers of these endpoints as the client asks, each once."""
    app.extensions["coded"] = {}
    app.after_request(_code)


def _code(response: Response) -> Response:
    if request.endpoint not in ENDPOINTS or not (response.mimetype or "").startswith(TYPES):
        return response
    response.vary.add("Accept-Encoding")
    coding = choose(request.headers.get("Accept-Encoding"))
    etag, _ = response.get_etag()
    if response.status_code != 200 or request.method != "GET" or coding == "identity" or etag is None:
        return response
    kept: dict[tuple[str, str], bytes] = current_app.extensions["coded"]
    body = kept.get((etag, coding))
    if body is None:
        response.direct_passthrough = False
        plain = response.get_data()
        if len(plain) < WORTHWHILE:
            return response
        coded, _ = encode(plain, coding, beside=Path(os.devnull))
        if not isinstance(coded, bytes):  # only files are coded into files
            return response
        if len(kept) >= KEPT:
            kept.clear()
        body = kept[etag, coding] = coded
    response.direct_passthrough = False
    response.set_data(body)
    response.headers["Content-Encoding"] = coding
    # The same tag for each coding: it says what was coded, so it is a weak one (RFC 9110 §8.8.1).
    response.set_etag(etag, weak=True)
    response.headers.pop("Accept-Ranges", None)
    return response
