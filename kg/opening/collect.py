"""Turning documents into lines of N-Quads, blank nodes as IRIs; a document that can't be read is a fault."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import quote

import pyoxigraph as ox

from kg.blanks import GENID, HOME
from kg.errors import DataError, Fault
from kg.reading import Document, parse

PIECE = 20_000
"""Statements that are turned into lines at a time."""
_MADE_UP = re.compile(rb"[0-9a-f]{28,32}\Z")
"""How the parser calls a blank node without a label: another name each time."""
_OPENS = b"<" + GENID.encode()


@dataclass
class Collected:
    """What is collected besides the lines: prefixes, faults, and how many statements each document has."""

    prefixes: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    statements: dict[str, int] = field(default_factory=dict)


def graph_of(document: Document) -> str:
    """Return the graph for a document's statements outside of any graph: it is named after the document."""
    return f"{HOME}graph/{quote(document.name, safe='/')}"


def collect(
    documents: Iterable[Document], into: Collected, tick: Callable[[int], None], *, base: str | None = None
) -> Iterator[bytes]:
    """Yield the lines of all documents. A document that ends in a fault is noted in ``into.faults``.

    ``base`` resolves relative IRIs; without one they lie under the document's own graph.
    """
    slugs: set[str] = set()
    for document in documents:
        slug = _slug(document.name, slugs)
        slugs.add(slug)
        graph = graph_of(document)
        namer = _Namer(slug)
        statements = parse(document, base or graph)
        tail = f" <{graph}> .\n".encode()
        count = 0
        try:
            for line in _lines(statements):
                count += 1
                yield namer.line(line, tail)
        except DataError as error:
            into.faults += error.faults
        except ValueError as error:
            into.faults.append(Fault(str(error), document.path))
        into.statements[document.name] = count
        for prefix, namespace in statements.prefixes.items():
            into.prefixes.setdefault(prefix, namespace)
        tick(document.path.stat().st_size)


def _lines(statements: Iterable[ox.Quad]) -> Iterator[bytes]:
    stream = iter(statements)
    while True:
        # The statements before a fault are still used.
        piece, error = _piece(stream)
        out = io.BytesIO()
        ox.serialize(piece, out, ox.RdfFormat.N_QUADS)
        yield from out.getvalue().splitlines(keepends=True)
        if error is not None:
            raise error
        if len(piece) < PIECE:
            return


def _piece(stream: Iterator[ox.Quad]) -> tuple[list[ox.Quad], DataError | None]:
    piece: list[ox.Quad] = []
    try:
        piece.extend(islice(stream, PIECE))
    except DataError as error:
        return piece, error
    return piece, None


def _slug(name: str, taken: Iterable[str]) -> str:
    """Return a document's short name: letters and digits, which no other document has."""
    plain = re.sub(r"[^A-Za-z0-9]+", "", name.rpartition("/")[2].partition(".")[0]) or "file"
    number, slug = 1, plain
    while slug in taken:
        number += 1
        slug = f"{plain}x{number}"
    return slug


class _Namer:
    """Gives the blank nodes of one document their IRIs, in the order in which they are met."""

    def __init__(self, slug: str) -> None:
        self._slug = slug.encode()
        self._known: dict[bytes, bytes] = {}

    def line(self, line: bytes, tail: bytes) -> bytes:
        """Return a line without blank nodes, in its graph or the document's; ValueError for a triple term."""
        subject, predicate, rest = line.split(b" ", 2)
        if rest.startswith(b"<<"):
            raise ValueError("a triple term (RDF 1.2), which isn't read")
        # The last quotation mark ends the literal (others are escaped), and no space follows it within the
        # term.
        at = rest.find(b" ", rest.rindex(b'"') if rest.startswith(b'"') else 0)
        value, graph = rest[:at], rest[at + 1 : -3]
        if subject.startswith(b"_:"):
            subject = self._iri(subject)
        if value.startswith(b"_:"):
            value = self._iri(value)
        if graph.startswith(b"_:"):
            graph = self._iri(graph)
        return b"%b %b %b%b" % (subject, predicate, value, b" %b .\n" % graph if graph else tail)

    def _iri(self, blank: bytes) -> bytes:
        label = blank[2:]
        if _MADE_UP.match(label):
            found = self._known.get(label)
            if found is None:
                found = self._known[label] = b"-%d" % (len(self._known) + 1)
            label = found
        return _OPENS + self._slug + b"/" + label + b">"
