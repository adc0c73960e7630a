"""A whole release, or the part of it that some graphs say, in any RDF format and in constant memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.export.about import graphs, header
from kg.export.graphs.sorting import by_graph
from kg.mediatypes import Format, Kind
from kg.release import Release
from kg.writers.jsonld import context
from kg.writers.rdf import write
from kg.writers.turtle import Sink


@dataclass(frozen=True)
class Part:
    """Which statements of a release to write.

    ``graphs`` are the named graphs to take (all, when None); ``inferred`` adds what rules inferred;
    ``subjects`` narrows it to statements about some IRIs, ``named`` to some properties (as N-Quads has them);
    ``name`` says in words what it is, for the file's
    header, and ``slug`` in a file name; ``merged`` leaves out the graphs' names where a format could
    have them.
    """

    graphs: frozenset[str] | None = None
    inferred: bool = False
    subjects: Callable[[str], bool] | None = field(default=None, compare=False)
    named: tuple[bytes, ...] = ()
    name: str = ""
    slug: str = "dataset"
    merged: bool = False


def dump(release: Release, format: Format, out: Sink, part: Part | None = None) -> int:
    """Write a part of a release (all but inferences, when not given) and return the number of statements.

    Formats of one graph get the merge, those of datasets the named graphs. Raises UsageError for what the
    format can't hold.
    """
    part = part or Part()
    dataset = format.kind is Kind.DATASET and not part.merged
    lines = lines_of(release, part)
    if dataset and format.name != "nq":
        lines = by_graph(lines)
    quads = ox.parse(LineStream(lines), format=ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
    prefixes = dict(release.prefixes)
    if format.name == "jsonld":
        clash = _clashing(release, prefixes)
        prefixes = {p: ns for p, ns in prefixes.items() if p not in clash}
    what = part.name or ("all statements" if part.inferred else "all statements but those inferred by rules")
    return write(
        quads if dataset else (quad.triple for quad in quads),
        format,
        out,
        prefixes=prefixes,
        base=release.base,
        header=header(release, what, of=part.graphs),
    )


def lines_of(release: Release, part: Part) -> Iterator[bytes]:
    """Yield the lines of dataset.nq that belong to a part."""
    left_out = set(release.manifest.get("superseded", ()))
    if part.graphs is not None:
        left_out -= part.graphs
    elif not part.inferred:
        left_out |= graphs(release).inferred
    skip = {iri.encode() for iri in left_out}
    keep = None if part.graphs is None else {iri.encode() for iri in part.graphs}
    with release.file("dataset.nq").open("rb") as lines:
        last, wanted = b"", True
        for line in lines:
            graph = line.rpartition(b" <")[2].partition(b">")[0]
            if graph in skip or (keep is not None and graph not in keep):
                continue
            if part.named and line.split(b" ", 2)[1] not in part.named:
                continue
            if part.subjects is not None:
                subject = line.partition(b" ")[0]
                if subject != last:
                    last, wanted = subject, part.subjects(subject[1:-1].decode())
                if not wanted:
                    continue
            yield line


def _clashing(release: Release, prefixes: dict[str, str]) -> set[str]:
    """Return the prefixes that are also the scheme of some IRI, which JSON-LD would confuse; one pass."""
    marks = {p: f"<{p}:".encode() for p in context(prefixes)}
    schemes = {
        p: mark for p, mark in marks.items() if not any(ns.startswith(p + ":") for ns in prefixes.values())
    }
    found: set[str] = set()
    with release.file("dataset.nq").open("rb") as lines:
        for line in lines:
            if line.count(b"<http") + line.count(b"^^<") < line.count(b"<"):
                found |= {p for p, mark in schemes.items() if mark in line}
    return found


class LineStream(io.RawIOBase):
    """Lines as a file object, for pyoxigraph's parser."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return some of the bytes, at least a line; none at the end."""
        parts, length = [self._rest] if self._rest else [], len(self._rest)
        want = size if size > 0 else 1 << 30
        for line in self._lines:
            parts.append(line)
            length += len(line)
            if length >= want:
                break
        text = b"".join(parts)
        self._rest = text[want:]
        return text[:want]
