"""Which of many lines of N-Triples a merge has already: of each property that is read which is less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import pyoxigraph as ox

_MERGE = ox.DefaultGraph()
_FEW = 100
"""Lines, of which each is looked up."""
_LESS = 2
"""Times that there must be more lines than statements with their property, for these to be read instead."""


def known_lines(store: ox.Store, lines: Sequence[bytes]) -> frozenset[bytes]:
    """Return the lines that the merge has; they are as the engine writes them, without blank nodes."""
    if len(lines) <= _FEW:
        return frozenset(_looked_up(store, lines))
    known: set[bytes] = set()
    for prop, few in _by_property(lines).items():
        known.update(_known(store, prop, few))
    return frozenset(known)


def _by_property(lines: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for line in lines:
        found.setdefault(line.split(b" ", 2)[1], []).append(line)
    return found


def _known(store: ox.Store, prop: bytes, lines: Sequence[bytes]) -> Iterable[bytes]:
    """Return which lines of one property the merge has."""
    node = next(_parsed(b"<urn:x> " + prop + b" <urn:x> .")).predicate
    most = len(lines) // _LESS if all(map(_is_link, lines)) else 0
    said = list(islice(store.quads_for_pattern(None, node, None, _MERGE), most + 1))
    if not said:
        return ()
    if len(said) <= most:
        text = ox.serialize((quad.triple for quad in said), format=ox.RdfFormat.N_TRIPLES) or b""
        return frozenset(lines).intersection(text.splitlines(keepends=True))
    return _looked_up(store, lines)


def _looked_up(store: ox.Store, lines: Sequence[bytes]) -> Iterable[bytes]:
    stated = _parsed(b"".join(lines))
    return (line for line, quad in zip(lines, stated, strict=True) if quad in store)


def _is_link(line: bytes) -> bool:
    """Whether a line's value is an IRI, which is written in one way alone."""
    return line.split(b" ", 2)[2].startswith(b"<")


def _parsed(text: bytes) -> ox.QuadParser:
    return ox.parse(input=text, format=ox.RdfFormat.N_TRIPLES)
