"""Reading dataset.nq fast: its lines are sorted, so all statements about a thing stand together.

The lines are canonical N-Quads, so a few cuts find their parts; a full parser takes five times as long over
millions of statements of which a search needs few. Terms stay bytes, as written, until one is needed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.search.hits import Name


class Statement(NamedTuple):
    """A statement; each part is written as in the file, with brackets or quotes."""

    subject: bytes
    predicate: bytes
    object: bytes
    graph: bytes


_PIECE = 1 << 24

Said = tuple[bytes, bytes]
"""The predicate of a statement, and the rest of its line: object and graph."""


def by_subject(path: Path) -> Iterator[tuple[bytes, list[Said]]]:
    """Yield each subject with what is said of it."""
    with path.open("rb", buffering=1 << 20) as lines:
        current, said = b"", list[Said]()
        for line in lines:
            subject, predicate, rest = line.split(b" ", 2)
            if subject != current:
                if said:
                    yield current, said
                current, said = subject, []
            said.append((predicate, rest))
        if said:
            yield current, said


def having(path: Path, *predicates: bytes) -> Iterator[Statement]:
    """Yield the statements with these predicates, in no particular order.

    Where few statements have them, searching the bytes is many times faster than reading lines.
    """
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            piece += file.readline()
            for predicate in predicates:
                yield from _having(piece, predicate)


def graph_and_object(rest: bytes) -> tuple[bytes, bytes]:
    """Return the graph and the object of the rest of a line."""
    at = rest.rfind(b" <")
    return rest[at + 1 : -3], rest[:at]


def written(iri: str) -> bytes:
    """Return an IRI as the file has it."""
    return f"<{iri}>".encode()


def iri_of(term: bytes) -> str:
    """Return the IRI of a term in brackets."""
    return term[1:-1].decode()


def name_of(term: bytes, *, is_alias: bool) -> Name | None:
    """Return a literal as a name, None for any other term."""
    if not term.startswith(b'"'):
        return None
    if b"\\" in term:
        return _escaped(term, is_alias)
    end = term.rindex(b'"')
    language = term[end + 2 :].decode() if term[end + 1 : end + 2] == b"@" else None
    return Name(term[1:end].decode(), language, is_alias)


def _having(lines: bytes, predicate: bytes) -> Iterator[Statement]:
    needle = b"> " + predicate + b" "
    at = lines.find(needle)
    while at >= 0:
        end = lines.index(b"\n", at)
        found = _split(lines[lines.rfind(b"\n", 0, at) + 1 : end + 1])
        # A literal can hold the same bytes.
        if found.predicate == predicate:
            yield found
        at = lines.find(needle, end)


def _split(line: bytes) -> Statement:
    subject, predicate, rest = line.split(b" ", 2)
    graph, value = graph_and_object(rest)
    return Statement(subject, predicate, value, graph)


def _escaped(term: bytes, is_alias: bool) -> Name:
    """Read a literal with escapes, which are rare, with the full parser."""
    line = io.BytesIO(b"<x:x> <x:x> " + term + b" .\n")
    literal = next(iter(ox.parse(line, format=ox.RdfFormat.N_TRIPLES))).object
    assert isinstance(literal, ox.Literal)  # noqa: S101 # it starts with a quote and came from a parsed file
    return Name(literal.value, literal.language, is_alias)
