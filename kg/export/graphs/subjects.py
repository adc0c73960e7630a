"""Reading a release subject by subject, in constant memory; tables for look-ups are kept on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

import pyoxigraph as ox

from kg.engine import Term
from kg.export.graphs.dump import LineStream, Part, lines_of
from kg.languages import language_chain
from kg.release import Release
from kg.terms import RDF, RDFS, SKOS, pick

TYPE, SUBCLASS = RDF + "type", RDFS + "subClassOf"
LABELS = (RDFS + "label", SKOS + "prefLabel")
LABEL_MARKS = tuple(f"<{name}>".encode() for name in LABELS)
_SUBCLASS_MARK = f"<{SUBCLASS}>".encode()

Said = Mapping[str, Sequence[Term]]
"""What is said of one subject: its values by property, each once."""


def subjects(release: Release, part: Part) -> Iterator[tuple[str, Said]]:
    """Yield each subject of a part of a release, in the order of dataset.nq, with all that is said of it."""
    quads = ox.parse(LineStream(lines_of(release, part)), format=ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
    for subject, group in groupby(quads, key=attrgetter("subject")):
        said: dict[str, dict[Term, None]] = {}
        for quad in group:
            said.setdefault(quad.predicate.value, {})[quad.object] = None
        yield subject.value, {name: tuple(values) for name, values in said.items()}


def classes(said: Said) -> set[str]:
    """Return the classes that a subject is said to be of."""
    return {value.value for value in said.get(TYPE, ()) if isinstance(value, ox.NamedNode)}


def superclasses(release: Release) -> Mapping[str, frozenset[str]]:
    """Return for each class itself and all above it, as the dataset's own vocabulary says; one pass."""
    up: dict[str, set[str]] = {}
    with release.file("dataset.nq").open("rb") as lines:
        for line in lines:
            if _SUBCLASS_MARK in line:
                quad = next(iter(ox.parse(line, format=ox.RdfFormat.N_QUADS)))
                if quad.predicate.value == SUBCLASS and isinstance(quad.object, ox.NamedNode):
                    up.setdefault(str(quad.subject)[1:-1], set()).add(quad.object.value)
    return {one: frozenset(_closure(one, up)) for one in up}


def _closure(start: str, up: Mapping[str, set[str]]) -> set[str]:
    found, queue = {start}, [start]
    while queue:
        for above in up.get(queue.pop(), ()):
            if above not in found:
                found.add(above)
                queue.append(above)
    return found


def is_a(said: Said, above: Mapping[str, frozenset[str]], wanted: str) -> bool:
    """Say whether a subject is of a class or of one below it."""
    return any(one == wanted or wanted in above.get(one, ()) for one in classes(said))


def owners(release: Release, embeds: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each embedded node with the thing it belongs to; one pass."""
    marks = tuple(f"<{name}>".encode() for name in sorted(embeds))
    with release.file("dataset.nq").open("rb") as lines:
        for line in lines:
            subject, predicate, rest = line.split(b" ", 2)
            if predicate in marks and rest.startswith(b"<"):
                yield rest.partition(b">")[0][1:].decode(), subject[1:-1].decode()


def labels(release: Release, language: str) -> Iterator[tuple[str, str]]:
    """Yield each subject that has a name, and its name in a language or the next best; one pass."""
    for iri, said in subjects(release, Part(named=LABEL_MARKS)):
        if name := label(said, language):
            yield iri, name


def label(said: Said, language: str) -> str:
    """Return a subject's name in a language or in the next best; empty when it has none."""
    names = [value for name in LABELS for value in said.get(name, ()) if isinstance(value, ox.Literal)]
    best = pick(names, language_chain(language))
    return best.value if best else ""


def by_label(said: Said) -> dict[str, str]:
    """Return a subject's names by ``label`` and language (``label_<tag>``), the first of several."""
    found: dict[str, str] = {}
    for name in LABELS:
        for value in sorted(said.get(name, ()), key=str):
            if isinstance(value, ox.Literal):
                tag = (value.language or "").replace("-", "_")
                found.setdefault(f"label_{tag}" if tag else "label", value.value)
    return found


class Shelf:
    """A table from text to text on disk, deleted when closed: for looking up across millions of subjects."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        # With an empty name SQLite uses a temporary file; it need not survive a crash.
        self._table = sqlite3.connect("", isolation_level=None)
        self._table.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;"
            "CREATE TABLE shelf (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID; BEGIN"
        )
        self._table.executemany("INSERT OR IGNORE INTO shelf VALUES (?, ?)", pairs)
        self._table.execute("COMMIT")

    def get(self, name: str) -> str:
        """Return the text stored for a name; empty when there is none."""
        row = self._table.execute("SELECT value FROM shelf WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def close(self) -> None:
        """Delete the table."""
        self._table.close()

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
