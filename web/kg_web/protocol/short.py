"""Answers to small queries, made directly, with exactly the headers that the endpoint gives."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import NamedTuple

from kg.engine.answers.spool import Written
from kg.engine.small_queries import FORMAT, Small
from kg.mediatypes import GRAPH_FORMATS, Format
from kg_web.protocol import coding
from kg_web.protocol.endpoint import CACHING, Endpoint
from kg_web.protocol.origins import CORS

_OWN = frozenset({"Row-Count", "Server-Timing", "Repr-Digest", "ETag", "Content-Length"})
"""The headers that each answer has its own values of."""
_LINES = (
    b"row-count: %d\r\nserver-timing: query;dur=%.2f\r\nrepr-digest: sha-256=:%b:\r\n"
    b'etag: "%b"\r\ncontent-length: %d\r\n'
)


class Ready(NamedTuple):
    """An answer ready to be sent: lines of headers, body, and for the log rows and the engine's seconds."""

    lines: bytes
    body: bytes
    rows: int
    seconds: float


class Short:
    """Answers of an endpoint to queries that are small by their form: rows as JSON, graphs."""

    def __init__(self, endpoint: Endpoint, small: Small) -> None:
        self.endpoint, self.small = endpoint, small
        formats = (FORMAT, *(one.name for one in GRAPH_FORMATS))
        codings = (*coding.CODINGS, "identity")
        self._lines = {(name, coded): self._constant(name, coded) for name in formats for coded in codings}

    def answer(self, sparql: str, wanted: str, *, json: bool, graph: Format | None) -> Ready | None:
        """Return the answer to a query; None where `Endpoint.respond` must give it.

        ``wanted`` is a content coding; ``json`` says whether rows may be JSON, ``graph`` is the format for
        graphs. The answer is, but for the time it took, the one that `Endpoint.respond` gives to a GET with
        only the query, that coding and those formats accepted.
        """
        answer, rows, made = (self.small.answer(sparql) if json else None), FORMAT, ""
        if answer is None and graph is not None:
            answer, rows, made = self.small.graph(sparql, graph), "", graph.name
        if answer is None or not answer.rows or len(answer.body) >= coding.OFF_LOOP:
            return None
        coded, body = "identity", answer.body
        if wanted != "identity" and len(body) >= coding.WORTHWHILE:
            coded, body = wanted, coding.pack(body, wanted)
        # A plain query's normal form, see `kg.sparql.checking.analysis`: it has no strings and no comments.
        etag = self.endpoint.named(" ".join(sparql.split()), None, rows, made, wanted)
        digest = b64encode(hashlib.sha256(body).digest())
        lines = _LINES % (answer.rows, answer.seconds * 1000, digest, etag.encode(), len(body))
        return Ready(self._lines[rows or made, coded] + lines, body, answer.rows, answer.seconds)

    def _constant(self, format: str, coded: str) -> bytes:
        """Return the lines of the headers that all answers in a format and a coding share."""
        sample = Written("select", format, 1, b"", 0, "", 0.0)
        headers = {**self.endpoint.response(sample, b"", "", coded).headers, **CACHING, **CORS}
        lines = (f"{name.lower()}: {value}\r\n" for name, value in headers.items() if name not in _OWN)
        return "".join(lines).encode("latin-1")
