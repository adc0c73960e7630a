"""One source's statements as its files have them: by graph, and by passage what is needed to check it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pyoxigraph as ox

from kg.errors import DataError, Fault
from kg.evidence.roles import Roles
from kg.terms import KG, VOID

FORMATS = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".trig": ox.RdfFormat.TRIG}
"""How the files of statements are read, by their ending."""
_REASON = ox.NamedNode(KG + "reason")


@dataclass(frozen=True)
class Span:
    """A run of a passage's text and the things it supports."""

    start: int
    end: int
    supports: frozenset[str]


@dataclass(frozen=True)
class Passage:
    """What is known of one passage: its graph, its readings with a reason, its spans, its text's measures.

    ``record`` is the graph of those of ``span_quads`` that name none: a file of Turtle leaves it out.
    """

    iri: str
    stated: tuple[ox.Quad, ...]
    read: tuple[ox.Quad, ...]
    span_quads: tuple[ox.Quad, ...]
    spans: tuple[Span, ...]
    length: int | None
    sha256: str | None
    record: str = ""

    @property
    def locator(self) -> str:
        """The last part of the passage's IRI, by which the text names it."""
        return self.iri.rpartition("/")[2]


def base_of(data: Path) -> str:
    """Return the dataset's base IRI. Raises DataError when dataset.ttl doesn't say it."""
    path = data / "dataset.ttl"
    if path.is_file():
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if quad.predicate.value == VOID + "uriSpace" and isinstance(quad.object, ox.Literal):
                return quad.object.value
    raise DataError("the base IRI is unknown", (Fault("no void:uriSpace", path),))


def statement_files(folder: Path) -> list[Path]:
    """Return a source's files of statements, in order."""
    found = (one for one in folder.rglob("*") if one.suffix in FORMATS)
    return sorted(one for one in found if not one.name.startswith(("_", ".")))


def read_passages(folder: Path, base: str, roles: Roles) -> list[Passage]:
    """Return a source's passages of which anything is stated or read, by IRI.

    Raises DataError when a file can't be read.
    """
    graphs: dict[str, list[ox.Quad]] = {}
    for path in statement_files(folder):
        for name, quads in _parse(path, folder.name, base):
            graphs.setdefault(name, []).extend(quads)
    reasoned = {
        _value(quad.subject) for quads in graphs.values() for quad in quads if quad.predicate == _REASON
    }
    about: dict[str, list[ox.Quad]] = {}
    for quad in graphs.get(f"{base}graph/{folder.name}", ()):
        about.setdefault(_value(quad.subject), []).append(quad)
    spans = _spans_by_passage(about, roles)
    record = f"{base}graph/{folder.name}/"
    found = []
    # Of some nothing is stated, and yet something read: they have no graph but that of the reading.
    for locator in sorted(
        {name[len(record) :].partition("/")[0] for name in graphs if name.startswith(record)}
    ):
        name, iri = f"{record}{locator}", f"{base}source/{folder.name}/{locator}"
        readings = [q for g in graphs if g.startswith(f"{name}/") and g in reasoned for q in graphs[g]]
        found.append(
            _passage(
                iri,
                about.get(iri, []),
                graphs.get(name, []),
                readings,
                spans.get(iri, []),
                roles=roles,
                record=record[:-1],
            )
        )
    return found


def _parse(path: Path, source: str, base: str) -> Iterator[tuple[str, Iterable[ox.Quad]]]:
    """Yield a file's statements with the graph that they go to, run by run."""
    try:
        quads = list(ox.parse(path=path, format=FORMATS[path.suffix]))
    except SyntaxError as error:
        message = str(error.msg or error)
        raise DataError("a file can't be read", (Fault(message, path, error.lineno, error.offset),)) from None
    if path.suffix == ".trig":
        for graph, run in groupby(quads, attrgetter("graph_name")):
            yield _value(graph), run
    else:
        yield f"{base}graph/{source}", quads


def _spans_by_passage(about: dict[str, list[ox.Quad]], roles: Roles) -> dict[str, list[list[ox.Quad]]]:
    found: dict[str, list[list[ox.Quad]]] = {}
    for quads in about.values():
        for quad in quads:
            if quad.predicate.value in roles.span_of:
                found.setdefault(_value(quad.object), []).append(quads)
    return found


def _passage(
    iri: str,
    about: list[ox.Quad],
    stated: list[ox.Quad],
    read: list[ox.Quad],
    spans: list[list[ox.Quad]],
    *,
    roles: Roles,
    record: str,
) -> Passage:
    length = next(_values(about, roles.length), None)
    return Passage(
        iri,
        tuple(stated),
        tuple(read),
        tuple(quad for quads in spans for quad in quads),
        tuple(_span(quads, roles) for quads in spans),
        int(length) if length else None,
        next(_values(about, roles.digest), None),
        record,
    )


def _span(quads: list[ox.Quad], roles: Roles) -> Span:
    start, end = (int(next(_values(quads, role), "0")) for role in (roles.start, roles.end))
    return Span(start, end, frozenset(_values(quads, roles.supports)))


def _values(quads: Iterable[ox.Quad], props: frozenset[str]) -> Iterator[str]:
    return (_value(quad.object) for quad in quads if quad.predicate.value in props)


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))


def digest(quads: Iterable[ox.Quad], record: str = "") -> str:
    """Return the sha256 (hex) of statements as sorted, canonical N-Quads.

    Those that name no graph are in ``record``, if that is said.
    """
    within = f" <{record}> .\n".encode() if record else b" .\n"
    found: set[bytes] = set()
    for bare, run in groupby(quads, lambda quad: isinstance(quad.graph_name, ox.DefaultGraph)):
        lines = (ox.serialize(run, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
        found.update([line.removesuffix(b" .\n") + within for line in lines] if bare else lines)
    return hashlib.sha256(b"".join(sorted(found))).hexdigest()
