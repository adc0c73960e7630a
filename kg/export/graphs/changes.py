"""What changed between two releases as RDF: the statements added, or those removed, each in its graph.

A file has either the added or the removed ones, since RDF can't mark statements so. The older release without
the removed statements and with the added ones is the newer.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.errors import UsageError
from kg.export.about import about
from kg.export.graphs.dump import LineStream
from kg.export.graphs.sorting import by_graph
from kg.mediatypes import RDF_FORMATS, RDF_NAMES, Format, Kind
from kg.release import Release
from kg.release.diff import Sign, changes
from kg.writers.rdf import write
from kg.writers.turtle import Sink

SIDES: dict[str, Sign] = {"added": "+", "removed": "-"}
"""What a file of changes can hold."""


def write_changes(
    before: Release, after: Release, format: Format, out: Sink, *, side: str, entity: str | None = None
) -> int:
    """Write what was added or removed (``side``, see `SIDES`), about one thing if given; return how many.

    A statement that only moved to another graph counts as a change: in formats without graphs it is then on
    both sides. Raises UsageError for what the format can't hold, and for another format than one of RDF.
    """
    if format not in RDF_FORMATS:
        raise UsageError(f"{format.label} holds no statements", hint=f"one of {RDF_NAMES}")
    lines = _lines(before, after, SIDES[side], entity)
    whole = format.kind is Kind.DATASET
    if whole and format.name != "nq":
        lines = by_graph(lines)
    quads = ox.parse(LineStream(lines), format=ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
    # What was removed is written as the release had it that said it.
    source = after if side == "added" else before
    return write(
        quads if whole else (quad.triple for quad in quads),
        format,
        out,
        prefixes=source.prefixes,
        base=source.base,
        header=_header(before, after, side, entity),
    )


def _lines(before: Release, after: Release, sign: Sign, entity: str | None) -> Iterator[bytes]:
    for change in changes(before, after, entity=entity):
        if change.sign == sign:
            yield f"{change.line}\n".encode()


def _header(before: Release, after: Release, side: str, entity: str | None) -> str:
    what = f"Statements {side} from release {before.version} to {after.version}"
    return "\n".join(
        [
            about(after).title,
            f"{what} about <{entity}>" if entity else what,
            f"Checksums: sha256 {before.digest} and {after.digest} (dataset.nq of these releases)",
        ]
    )
