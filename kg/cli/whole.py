"""Write a whole release in a format, as a stream: memory doesn't grow with the release."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.build.sorting import sorted_lines
from kg.export import write
from kg.mediatypes import Format, Kind
from kg.release import Release


def export_release(release: Release, format: Format, out: BinaryIO) -> None:
    """Write everything: the named graphs where the format has them, else their merge. Raises UsageError."""
    ready = f"dataset.{format.name}"
    if ready in release.manifest["files"]:
        with release.file(ready).open("rb") as stream:
            shutil.copyfileobj(stream, out)
        return
    with tempfile.TemporaryDirectory() as place:
        statements = _by_graph(release, Path(place)) if format.kind is Kind.DATASET else _merge(release)
        write(statements, format, out, prefixes=release.prefixes, base=release.base)


def _merge(release: Release) -> Iterator[ox.Triple]:
    replaced = release.superseded
    last = None
    for quad in ox.parse(path=str(release.file("dataset.nq")), format=ox.RdfFormat.N_QUADS):
        graph = quad.graph_name
        if isinstance(graph, ox.NamedNode) and graph.value not in replaced and quad.triple != last:
            last = quad.triple
            yield last


def _by_graph(release: Release, place: Path) -> Iterator[ox.Quad]:
    """Yield the quads graph by graph: each line is sorted behind its graph."""
    mark = b"\t"
    with release.file("dataset.nq").open("rb") as lines:
        keyed = (line[line.rindex(b" <", 0, -3) : -3] + mark + line for line in lines)
        for line in sorted_lines(keyed, place):
            yield from ox.parse(line.split(mark, 1)[1], format=ox.RdfFormat.N_QUADS)
