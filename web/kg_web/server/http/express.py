"""The fast path for the smallest queries: from the bytes of a request to the bytes of its answer.

A query that is bounded by its form (`kg.engine.small_queries`) needs neither a query process nor an asyncio
task, so it is answered without going through ASGI. Any request in doubt is left to the usual way, which gives
the same answer.
"""

from __future__ import annotations

import re
import time
from typing import NamedTuple

from kg.errors import UsageError
from kg.mediatypes import JSON, Format, called
from kg_web.protocol.ask import FORMAT
from kg_web.protocol.message import pairs
from kg_web.server.http.head import Head, read_head
from kg_web.server.http.state import State

LARGEST = 8192
"""Bytes of a request above which it takes the usual way."""
_LINE = re.compile(rb"GET /sparql\?([!$-;=?-Z_a-z~]+) HTTP/1\.1\r\n")
_OTHER = re.compile(rb"[?&]query=(?:[+]|%20|%0[9ADad])*+[^SsCcDd+%]")
"""A query that doesn't begin as small ones do, but mostly with PREFIX: it needn't be read here."""


class Express:
    """Answers GET requests of small queries."""

    def __init__(self, state: State) -> None:
        self.state = state

    def answer(self, data: bytes, peer: tuple[str, int] | None, every: bytes) -> tuple[bytes, bool] | None:
        """Return a whole response, head and body, and whether the connection stays open.

        None for what must take the usual way. ``data`` is what a client sent in one piece, ``every`` are the
        lines of the headers that all responses have.
        """
        served = self.state.served
        if served is None or served.short is None or self.state.stopping or len(data) > LARGEST:
            return None
        started = time.perf_counter()
        line = _LINE.match(data)
        if line is None or _OTHER.search(data, 0, line.end()):
            return None
        head = read_head(data[line.end() :])
        if head is None:
            return None
        asked = query_of(line[1].decode("ascii"), head)
        if asked is None:
            return None
        ready = served.short.answer(asked.sparql, head.coding, json=asked.json, graph=asked.graph)
        if ready is None:
            return None
        if self.state.access_log is not None:
            self.state.access_log.write(
                self.state.client({"client": peer}, head.headers),
                "GET",
                "/sparql",
                status=200,
                length=len(ready.body),
                seconds=time.perf_counter() - started,
                rows=ready.rows,
                query_seconds=ready.seconds,
            )
        if self.state.tally is not None:
            self.state.tally.add("/sparql", 200, time.perf_counter() - started, ready.seconds)
        close = b"" if head.keep else b"connection: close\r\n"
        start = b"HTTP/1.1 200 OK\r\n"
        return b"%b%b%b%b\r\n%b" % (start, ready.lines, close, every, ready.body), head.keep


class Query(NamedTuple):
    """A query, whether its rows may be JSON, and the format for the graph that it makes."""

    sparql: str
    json: bool
    graph: Format | None


def query_of(text: str, head: Head) -> Query | None:
    """Return the query of an address; None where anything but one format stands beside it."""
    try:
        arguments = pairs(text)
    except UsageError:
        return None
    sparql: str | None = None
    formats: set[tuple[Format | None, Format | None]] = set()
    for name, value in arguments:
        if name == "query" and sparql is None:
            sparql = value
        elif name in FORMAT:
            formats.add(called(value))
        else:
            return None
    if sparql is None or len(formats) > 1:
        return None
    rows, graph = formats.pop() if formats else (JSON if head.json else None, head.graph)
    return Query(sparql, rows is JSON, graph) if rows is JSON or graph is not None else None
