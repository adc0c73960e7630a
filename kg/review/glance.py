"""A first look at a source's evidence and reviews: at its statements as lines, with no object for each.

Of nearly every source there is nothing to say, and then nobody reads messages: so this is asked first, and
`kg.evidence.verdict` and `kg.review.state` where there may be. Tests hold the two against each other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.evidence import verdict
from kg.evidence.roles import Roles
from kg.evidence.source import FORMATS, statement_files
from kg.machine.handing import Handed
from kg.review.record import NO, READING, read, verdicts
from kg.review.sentences import DIGEST_LENGTH
from kg.terms import KG, RDF

_ROW = re.compile(
    rb"""
    ^ ( (<[^>]*>) [ ] (<[^>]*>) [ ] (<[^>]*> | "[^"\\]*+(?:\\.[^"\\]*+)*+" (?: @[^ ]+ | \^\^<[^>]*> )? ) )
    (?: [ ] (<[^>]*>) )?
    [ ] [.] $
    """,
    re.VERBOSE | re.MULTILINE,
)
"""A statement without blank nodes, as the engine writes N-Quads: whole, its three terms, its graph."""
_LINE, _SUBJECT, _PROPERTY, _OBJECT, _GRAPH = range(5)
_NUMBER = re.compile(rb'"[+-]?[0-9]+"')
_PLAIN = re.compile(rb'"([^"\\]*)"')
_TYPE, _REASON = f"<{RDF}type>".encode(), f"<{KG}reason>".encode()


_Row = tuple[bytes, bytes, bytes, bytes, bytes]
_Graphs = dict[bytes, list[_Row]]


class Terms(NamedTuple):
    """The terms that play a part, as they stand in lines."""

    numbers: frozenset[bytes]
    span_of: frozenset[bytes]
    digest: frozenset[bytes]
    names: frozenset[bytes]
    dependent: frozenset[bytes]


def terms_of(roles: Roles, classes: Iterable[str]) -> Terms:
    """Return the terms that play a part, ``classes`` those of things that exist for another thing's sake."""
    return Terms(
        _written(roles.start | roles.end | roles.length),
        _written(roles.span_of),
        _written(roles.digest),
        _written(roles.names),
        _written(classes),
    )


def nothing_to_say(
    folder: Path, base: str, terms: Terms, *, checked: bool, reviewed: bool, handed: Handed | None = None
) -> bool:
    """Say whether there is nothing to be told of a source: its evidence and its reviews, as is asked, hold.

    If not, there may be nothing either. ``handed`` may have what its files state, as lines of N-Quads.
    """
    source = _Source(folder.name, base)
    graphs = _graphs(folder, source, handed)
    if graphs is None or not all(
        _NUMBER.match(value) for _, _, prop, value, _ in graphs[source.record] if prop in terms.numbers
    ):
        return False
    passages = _passages(source, graphs)
    return (not checked or _evidence_holds(folder, source, graphs, passages, terms)) and (
        not reviewed or _reviews_hold(folder, passages, terms)
    )


@dataclass(frozen=True)
class _Source:
    """A source, and where what its files state stands."""

    name: str
    base: str

    @property
    def record(self) -> bytes:
        """The graph of its own record."""
        return f"<{self.base}graph/{self.name}>".encode()

    @property
    def below(self) -> bytes:
        """How the names of its passages' graphs begin."""
        return self.record[:-1] + b"/"

    def graph(self, name: bytes) -> bytes:
        """Return the graph of what the passage states of which a graph is: itself, or a reading's."""
        return self.below + name[len(self.below) : -1].partition(b"/")[0] + b">"

    def passage(self, graph: bytes) -> bytes:
        """Return the passage of a graph."""
        return f"<{self.base}source/{self.name}/".encode() + graph[len(self.below) :]


class _Passage(NamedTuple):
    """A passage: its IRI, what its graph states, and what is read in it, with a reason."""

    iri: bytes
    stated: list[_Row]
    read: list[_Row]

    @property
    def locator(self) -> str:
        """The last part of its IRI."""
        return self.iri[1:-1].rpartition(b"/")[2].decode()


def _graphs(folder: Path, source: _Source, handed: Handed | None) -> _Graphs | None:
    """Return what a source's files state, by graph; None where they can't be read so."""
    found: _Graphs = {source.record: []}
    for path in statement_files(folder):
        try:
            text = _lines(path, handed)
        except (SyntaxError, ValueError, OSError):
            return None
        rows = _ROW.findall(text)
        if len(rows) != text.count(b"\n"):
            return None
        if path.suffix == ".trig":
            for graph, run in groupby(rows, itemgetter(_GRAPH)):
                found.setdefault(graph, []).extend(run)
        else:
            found[source.record] += rows
    return found


def _lines(path: Path, handed: Handed | None) -> bytes:
    """Return what a file states, as lines of N-Quads. Raises SyntaxError, ValueError or OSError."""
    text = path.read_bytes()
    lines = handed.take(text) if handed else None
    if lines is None:
        stated = ox.parse(input=text, format=FORMATS[path.suffix])
        lines = ox.serialize(stated, format=ox.RdfFormat.N_QUADS) or b""
    return lines


def _passages(source: _Source, graphs: _Graphs) -> list[_Passage]:
    reasoned = {thing for rows in graphs.values() for _, thing, prop, _, _ in rows if prop == _REASON}
    graphs = {name: rows for name, rows in graphs.items() if name.startswith(source.below)}
    names = {source.graph(name): None for name in graphs}
    readings = [name for name in graphs if name in reasoned]
    return [
        _Passage(
            source.passage(name),
            graphs.get(name, []),
            [row for other in readings if other.startswith(name[:-1] + b"/") for row in graphs[other]],
        )
        for name in names
    ]


def _evidence_holds(
    folder: Path, source: _Source, graphs: _Graphs, passages: Iterable[_Passage], terms: Terms
) -> bool:
    """Say whether a source's verdict is on what it states now, and on all of it."""
    about: dict[bytes, list[_Row]] = {}
    for row in graphs[source.record]:
        about.setdefault(row[_SUBJECT], []).append(row)
    spans: dict[bytes, list[_Row]] = {}
    for rows in about.values():
        for _, _, prop, value, _ in rows:
            if prop in terms.span_of:
                if not value.startswith(b"<"):
                    return False
                spans.setdefault(value, []).extend(rows)
    known = verdict.read(folder)
    for passage in passages:
        if not passage.stated:
            continue
        kept = known.pop(passage.locator, {})
        said = (row[_OBJECT] for row in about.get(passage.iri, ()) if row[_PROPERTY] in terms.digest)
        text = _PLAIN.fullmatch(next(said, b""))
        now = (_digest(passage.stated), _digest(spans.get(passage.iri, ()), source.record))
        if not text or (text[1].decode(), *now) != (kept.get("text"), kept.get("graph"), kept.get("support")):
            return False
    return not known


def _digest(rows: Iterable[_Row], record: bytes = b"") -> str:
    """Return what `kg.evidence.source.digest` does; ``record`` is the graph of all, if that is said."""
    lines = {b"%b %b .\n" % (row[_LINE], record or row[_GRAPH]) for row in rows}
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def _reviews_hold(folder: Path, passages: Sequence[_Passage], terms: Terms) -> bool:
    """Say whether each verdict of a source's readers bears out a sentence that is there, and there is one."""
    hanging = {
        thing
        for passage in passages
        for _, thing, prop, value, _ in (*passage.stated, *passage.read)
        if prop == _TYPE and value in terms.dependent
    }
    there = {
        (passage.locator, digest): is_reading
        for passage in passages
        for digest, is_reading in _sentences(passage, hanging, terms)
    }
    kept = read(folder)
    given = verdicts(kept)
    if there and not given:
        return False
    said: dict[tuple[str, str], str] = {}
    for one in given:
        sentence = (one.passage, one.digest)
        is_reading = there.get(sentence)
        if is_reading is None or one.by == kept["curator"] or one.verdict == NO:
            return False
        if one.verdict == READING and not is_reading:
            return False
        if said.setdefault(sentence, one.verdict) != one.verdict:
            return False
    return True


def _sentences(passage: _Passage, hanging: Container[bytes], terms: Terms) -> Iterator[tuple[str, bool]]:
    """Yield each sentence's digest, as `kg.review.sentences` has it, and whether it is a reading."""
    for is_reading, rows in ((False, passage.stated), (True, passage.read)):
        groups: dict[object, list[bytes]] = {}
        for line, subject, prop, value, _ in set(rows):
            key: object = line
            if subject in hanging:
                key = (subject, False)
            elif value in hanging:
                key = (value, False)
            elif prop in terms.names:
                key = (subject, True)
            groups.setdefault(key, []).append(line)
        for lines in groups.values():
            text = b"\n".join([b"reading" if is_reading else b"stated", *sorted(lines)])
            yield hashlib.sha256(text).hexdigest()[:DIGEST_LENGTH], is_reading


def _written(iris: Iterable[str]) -> frozenset[bytes]:
    return frozenset(f"<{iri}>".encode() for iri in iris)
