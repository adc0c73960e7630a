"""What other origins may do (Fetch §3.2, CORS): read everything, as nothing here belongs to one reader."""

from __future__ import annotations

from collections.abc import Mapping

CORS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Last-Modified, Link, Location, Content-Disposition, Content-Encoding, Content-Length, "
        "Content-Range, Repr-Digest, Row-Count, Server-Timing, Query-Hint, Sources, Retry-After"
    ),
}
"""What every answer that another origin may read carries."""


def preflight(methods: str) -> dict[str, str]:
    """Return what answers a preflight for some methods: any header passes.

    The wildcard leaves out Authorization (Fetch §3.2.6), and browsers of before 2021 don't know it; so the
    usual ones are named too.
    """
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match, Query-Id, *",
        "Access-Control-Max-Age": "86400",
    }
