"""Reading the head of a request that came in one piece; headers that clients repeat are parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import httptools

from kg.mediatypes import GRAPH_FORMATS, JSON, RESULT_FORMATS, Format, choose, prefers_page
from kg_web.protocol import coding

START = b"GET /sparql?"
"""How requests begin that may be answered at once."""
LONGEST = 4096
"""Bytes of headers above which they aren't kept."""
_USUAL = frozenset(
    {
        "content-length",
        "transfer-encoding",
        "upgrade",
        "expect",
        "if-none-match",
        "range",
        "query-id",
    }
)
"""Headers of requests that take the usual way."""
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of a request, by name in lower case, and what they say.

    ``json`` says that rows are wanted as JSON, ``graph`` is the format in which graphs are wanted, ``coding``
    the content coding, ``keep`` says whether the connection stays open.
    """

    headers: Mapping[str, str]
    json: bool
    graph: Format | None
    coding: str
    keep: bool


class _Reading:
    """Collects what the parser reports about one request."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.ended = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_message_complete(self) -> None:
        """Take note of the end."""
        self.ended += 1


def read_head(block: bytes) -> Head | None:
    """Return what the headers of an HTTP/1.1 GET say; ``data`` is all that follows its first line.

    None where the usual way must read them: there is a body or a part of another request, a header comes
    twice or asks for something special, or a page is wanted.
    """
    return _read(block) if len(block) <= LONGEST else None


@lru_cache(maxsize=256)
def _read(block: bytes) -> Head | None:
    if block.find(_END) != len(block) - len(_END):
        return None
    reading = _Reading()
    parser = httptools.HttpRequestParser(reading)
    try:
        parser.feed_data(b"GET / HTTP/1.1\r\n" + block)
        keep = parser.should_keep_alive()
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    headers = dict(reading.headers)
    if reading.ended != 1 or len(headers) < len(reading.headers) or not headers.keys().isdisjoint(_USUAL):
        return None
    accept = headers.get("accept")
    if prefers_page(accept, (*RESULT_FORMATS, *GRAPH_FORMATS)):
        return None
    # What is wanted rather as a page than in any format for rows, or for graphs, the usual way sends there.
    json = choose(accept, RESULT_FORMATS) is JSON and not prefers_page(accept, RESULT_FORMATS)
    graph = choose(accept, GRAPH_FORMATS) if not prefers_page(accept, GRAPH_FORMATS) else None
    return Head(headers, json, graph, coding.choose(headers.get("accept-encoding")), keep)
