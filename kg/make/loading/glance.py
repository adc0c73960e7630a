"""A first look at the form of files of statements: at all their lines in one pass, with no object for each.

Nearly every file is right, and then nobody reads messages: so this is asked first, and then the checker of
what may be wrong. What is right by this is right by that too; tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import pyoxigraph as ox

from kg.make.loading import graphs, literals
from kg.make.loading.checker import NAMES_ONLY, Told, is_table
from kg.make.loading.config import Config
from kg.make.loading.files import SourceFile
from kg.make.loading.locate import has_mixed_tags

_LINE = re.compile(
    rb"""
    ^ <https?://[^>]*>
    [ ] <(https?://[^>]*)>
    [ ] (?: <(https?://[^>]*)> | ("[^"\\]*+(?:\\.[^"\\]*+)*+") (?: @[^ ]+ | \^\^<([^>]*)> )? )
    (?: [ ] <(https?://[^>]*)> )?
    [ ] [.] $
    """,
    re.VERBOSE | re.MULTILINE,
)
"""A statement without blank nodes and with http(s) addresses, as the engine writes N-Quads."""
Readable = tuple[SourceFile, bytes, ox.RdfFormat]
"""A file, its bytes without a mark of their order, and how the engine reads them."""
_Row = tuple[bytes, bytes, bytes, bytes, bytes]
_PROPERTY, _VALUE, _TEXT, _DATATYPE, _GRAPH = range(5)
"""What a match has: empty where the statement has none."""
_NAMES_ONLY = frozenset(one.encode() for one in NAMES_ONLY)


class Lines(NamedTuple):
    """Statements as lines of N-Quads, each in its graph, and as lines of N-Triples."""

    quads: bytes
    triples: bytes


def lines_of(files: Iterable[Readable], config: Config) -> Lines:
    """Return what files state. Raises SyntaxError."""
    return _joined(_in_graph(_written(text, syntax), file, config) for file, text, syntax in files)


def _joined(lines: Iterable[Lines]) -> Lines:
    found = [*lines]
    return Lines(b"".join(one.quads for one in found), b"".join(one.triples for one in found))


def _written(text: bytes, syntax: ox.RdfFormat) -> bytes:
    return ox.serialize(ox.parse(input=text, format=syntax), format=ox.RdfFormat.N_QUADS) or b""


def _in_graph(lines: bytes, file: SourceFile, config: Config) -> Lines:
    if file.graph is None:
        return Lines(lines, _without_graphs(lines))
    return Lines(lines.replace(b" .\n", f" <{config.graph(file.graph)}> .\n".encode()), lines)


def _without_graphs(lines: bytes) -> bytes:
    """Return lines of N-Quads, each of which names its graph, as lines of N-Triples."""
    # No literal has the end of a line in it, and no graph's address a blank.
    return b"".join(
        line.rpartition(b" <")[0] + b" .\n" for line in lines.removesuffix(b"\n").split(b"\n") if line
    )


def right_lines(
    files: Iterable[Readable],
    config: Config,
    told: Told,
    written: Callable[[bytes, bytes], object] | None = None,
) -> Lines | None:
    """Return what files that lie together state; note what they tell.

    None where anything may be wrong; what was noted is of no use then. ``written`` is told each file's bytes
    and, as lines of N-Quads, what they state.
    """
    found: list[Lines] = []
    rows: list[_Row] = []
    for file, text, syntax in files:
        try:
            lines = _written(text, syntax)
        except (SyntaxError, ValueError, OSError, MemoryError):
            return None
        stated = _LINE.findall(lines)
        if len(stated) != lines.count(b"\n") or has_mixed_tags(text):
            return None
        if written is not None:
            written(text, lines)
        names = {name.decode() for name in set(map(itemgetter(_GRAPH), stated))}
        if file.graph is not None:
            names = {config.graph(file.graph)} if names else set()
        elif any(graphs.fault_of(name, config.graph("")) for name in names):
            return None
        for name in names:
            told.files.setdefault(name, []).append(file.path)
        if is_table(file):
            told.tabulated.update(names)
        found.append(_in_graph(lines, file, config))
        rows += stated
    told.mentioned.update(_mentioned(rows, config.base.encode()))
    typed = {(row[_TEXT], row[_DATATYPE]) for row in rows if row[_DATATYPE]}
    return _joined(found) if all(map(_is_canonical, typed)) else None


def _is_canonical(literal: tuple[bytes, bytes]) -> bool:
    text, datatype = literal
    # One with an escaped sign is of no datatype that is known here, or wrong.
    return b"\\" not in text and literals.fault_of(text[1:-1].decode(), datatype.decode()) is None


def _mentioned(rows: Sequence[_Row], base: bytes) -> Iterator[str]:
    """Yield the dataset's own IRIs that stand as a property or as a value."""
    iris = set(map(itemgetter(_PROPERTY), rows))
    if iris.isdisjoint(_NAMES_ONLY):
        iris.update(map(itemgetter(_VALUE), rows))
    else:
        iris.update(row[_VALUE] for row in rows if row[_PROPERTY] not in _NAMES_ONLY)
    return (iri.decode() for iri in iris if iri.startswith(base))
