"""The short way of the smallest queries: from the parsed head of a request to the bytes of its answer.

A query that is bounded by its form (`kg.engine.small`) needs neither a process of its own nor a task, so
nothing of the application's interface stands between. What it isn't sure of it leaves to the usual way, which
answers the same.
"""

from __future__ import annotations

import time

from web.protocol import Request, Response
from web.server.access import write_log
from web.server.front import Front

_PATH = b"/sparql?"


class Express:
    """Answers GET requests of small queries."""

    def __init__(self, front: Front) -> None:
        self.front = front

    def answer(
        self,
        url: bytes,
        raw: list[tuple[bytes, bytes]],
        peer: tuple[str, int] | None,
        *,
        common: list[tuple[bytes, bytes]],
        keep: bool,
    ) -> bytes | None:
        """Return a whole response, head and body; None for what must take the usual way.

        ``common`` are the headers that every response has, ``keep`` whether the connection stays open.
        """
        served = self.front.served
        if served is None or self.front.stopping or not url.startswith(_PATH):
            return None
        started = time.perf_counter()
        headers: dict[str, str] = {}
        for name, value in raw:
            key = name.decode("latin-1")
            if key in headers or key in _USUAL:
                return None
            headers[key] = value.decode("latin-1")
        client = self.front.client({"client": peer}, headers)
        query = url[len(_PATH) :].decode("latin-1")
        response = served.endpoint.at_once(Request("GET", "/sparql", query, headers, client=client))
        if response is None or not isinstance(response.body, bytes):
            return None
        if self.front.access_log:
            write_log(
                client,
                "GET",
                "/sparql",
                status=200,
                length=response.length,
                seconds=time.perf_counter() - started,
                rows=response.rows,
                query_seconds=response.seconds,
            )
        return _bytes(response, response.body, common, keep=keep)


_USUAL = frozenset({"content-length", "transfer-encoding", "upgrade", "expect", "if-none-match", "range"})
"""Headers of requests that take the usual way."""


def _bytes(response: Response, body: bytes, common: list[tuple[bytes, bytes]], *, keep: bool) -> bytes:
    lines = [f"{name.lower()}: {value}\r\n" for name, value in response.headers.items()]
    if not keep:
        lines.append("connection: close\r\n")
    head = f"HTTP/1.1 200 OK\r\n{''.join(lines)}content-length: {len(body)}\r\n"
    more = b"".join(b"%b: %b\r\n" % pair for pair in common)
    return head.encode("latin-1") + more + b"\r\n" + body
