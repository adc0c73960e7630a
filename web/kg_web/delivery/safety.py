"""Security of pages: a strict Content-Security-Policy, and parameters within bounds."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from kg_web.context import publication

_PICTURES = "img-src 'self' data:"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        _PICTURES,
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Nothing inline, nothing from another host, no frame around us."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

LAST_PAGE = 100_000


def init_app(app: Flask) -> None:
    """Send the policy with every page, and refuse parameters that are no UTF-8."""
    app.after_request(_guard)
    app.before_request(_refuse_broken_text)


def _guard(response: Response) -> Response:
    release = publication().release
    if release is not None and release.opened:
        # What somebody opened may show pictures from where they lie; see `kg_web.links.is_picture`.
        policy = POLICY.replace(_PICTURES, f"{_PICTURES} https: http:")
        response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    chosen = request.args.get("theme", "")
    if chosen in {"auto", "light", "dark"}:
        response.set_cookie("theme", chosen, max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response


def _refuse_broken_text() -> None:
    """Refuse a path or a parameter that Werkzeug had to repair: what was meant can't be known."""
    texts = [request.path, *(text for pair in request.args.items(multi=True) for text in pair)]
    if any("\ufffd" in text or "\0" in text for text in texts):
        abort(400, description="The address holds bytes that are not UTF-8.")


def page_number() -> int:
    """Return the ``page`` parameter, 1 where it is missing or absurd."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def framed(response: Response) -> Response:
    """Let other pages show this one in a frame: it has no script and changes nothing."""
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "frame-ancestors 'none'", "frame-ancestors *"
    )
    return response
