"""The fast path for the smallest queries: from the bytes of a request to the bytes of its answer.

A query that is bounded by its form (`kg.engine.small_queries`) needs neither a query process nor an asyncio
task, so it is answered without going through ASGI. Any request in doubt is left to the usual way, which gives
the same answer.
"""

from __future__ import annotations

import re
import time

from kg.errors import UsageError
from kg.mediatypes import JSON, called
from kg_web.protocol.ask import FORMAT
from kg_web.protocol.message import pairs
from kg_web.server.http.front import Front
from kg_web.server.http.head import Head, read_head

LARGEST = 8192
"""Bytes of a request above which it takes the usual way."""
_LINE = re.compile(rb"GET /sparql\?([!$-;=?-Z_a-z~]+) HTTP/1\.1\r\n")


class Express:
    """Answers GET requests of small queries."""

    def __init__(self, front: Front) -> None:
        self.front = front

    def answer(self, data: bytes, peer: tuple[str, int] | None, every: bytes) -> tuple[bytes, bool] | None:
        """Return a whole response, head and body, and whether the connection stays open.

        None for what must take the usual way. ``data`` is what a client sent in one piece, ``every`` are the
        lines of the headers that all responses have.
        """
        served = self.front.served
        if served is None or served.short is None or self.front.stopping or len(data) > LARGEST:
            return None
        started = time.perf_counter()
        line = _LINE.match(data)
        if line is None:
            return None
        head = read_head(data[line.end() :])
        if head is None:
            return None
        sparql = query_of(line[1].decode("ascii"), head)
        if sparql is None:
            return None
        ready = served.short.answer(sparql, head.coding)
        if ready is None:
            return None
        if self.front.access_log is not None:
            self.front.access_log.write(
                self.front.client({"client": peer}, head.headers),
                "GET",
                "/sparql",
                status=200,
                length=len(ready.body),
                seconds=time.perf_counter() - started,
                rows=ready.rows,
                query_seconds=ready.seconds,
            )
        if self.front.tally is not None:
            self.front.tally.add("/sparql", 200, time.perf_counter() - started, ready.seconds)
        close = b"" if head.keep else b"connection: close\r\n"
        start = b"HTTP/1.1 200 OK\r\n"
        return b"%b%b%b%b\r\n%b" % (start, ready.lines, close, every, ready.body), head.keep


def query_of(text: str, head: Head) -> str | None:
    """Return the query of an address, where nothing but a format stands beside it and that is JSON."""
    try:
        arguments = pairs(text)
    except UsageError:
        return None
    sparql: str | None = None
    json = head.json
    for name, value in arguments:
        if name == "query" and sparql is None:
            sparql = value
        elif name not in FORMAT or called(value)[0] is not JSON:
            return None
        else:
            json = True
    return sparql if json else None
