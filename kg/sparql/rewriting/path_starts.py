"""Paths with ``+`` from nodes that other patterns find: asked once of each node, not once for each way to it.

An engine that joins by rows follows a path anew for every row. Where thousands of things lie in a few hundred
places, what lies above those places is worth finding once. The answer is the same, duplicates included:
``+`` gives each pair of nodes once (SPARQL 1.1 §18.4), whatever it is asked with, and the join with the
patterns that found the nodes stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg.sparql.reading import tree
from kg.sparql.reading.paths import nullable, written
from kg.sparql.reading.syntax import End, Repeated, Select, Triple, Triples


def each_once(text: str) -> str:
    """Return a query, its path written so that it begins at each node once; as it was where that isn't told.

    Written anew is a query whose pattern is one block of triple patterns with one such path in it, both ends
    of it variables.
    """
    if "+" not in text:
        return text
    try:
        block = _block(tree.read(text))
    except tree.Unreadable:
        return text
    if block is None:
        return text
    path, rest = _parted(block.triples)
    found = _leading_to(path, rest) if path else []
    if path is None or not found:
        return text
    # The only SPARQL made here: it joins pieces of the query's own text.
    start, end = path.subject.text, path.object.text
    starts = " ".join(["{ SELECT DISTINCT", start, "{", _patterns(found), "} }"])
    pairs = " ".join(["{ SELECT", start, end, "{", starts, _patterns([path]), "} }"])
    return f"{text[: block.start]}{pairs} {_patterns(rest)}{text[block.end :]}"


def _block(query: Select) -> Triples | None:
    """Return the block of patterns that is all of a query's pattern."""
    match query.where.children if query.where else []:
        case [Triples(opaque=False) as block] if not any(map(_nameless, block.triples)):
            return block
    return None


def _nameless(triple: Triple) -> bool:
    """Whether a triple pattern has a blank node, whose label can't be written in two groups."""
    return bool({"bnode", "fresh", "triple"} & {triple.subject.kind, triple.object.kind})


def _parted(triples: Iterable[Triple]) -> tuple[Triple | None, list[Triple]]:
    """Return the triple pattern with such a path, None where there are none or several, and the others."""
    paths, rest = list[Triple](), list[Triple]()
    for triple in triples:
        (paths if _is_path(triple) else rest).append(triple)
    return (paths[0] if len(paths) == 1 else None), rest


def _is_path(triple: Triple) -> bool:
    path, ends = triple.path, (triple.subject, triple.object)
    return (
        isinstance(path, Repeated)
        and not nullable(path)
        and all(end.kind == "var" for end in ends)
        and len(_names(triple)) == len(ends)
    )


def _leading_to(path: Triple, rest: Iterable[Triple]) -> list[Triple]:
    """Return the patterns that find the nodes at which a path begins, and know nothing of where it ends."""
    known, end = {path.subject.text[1:]}, path.object.text[1:]
    others, found = [one for one in rest if end not in _names(one)], list[Triple]()
    while more := [one for one in others if one not in found and known & _names(one)]:
        found += more
        known = known.union(*map(_names, more))
    return found


def _names(triple: Triple) -> set[str]:
    ends = (triple.subject, triple.path, triple.object)
    return {end.text[1:] for end in ends if isinstance(end, End) and end.kind == "var"}


def _patterns(triples: Iterable[Triple]) -> str:
    return " ".join(f"{one.subject.text} {_verb(one)} {one.object.text} ." for one in triples)


def _verb(triple: Triple) -> str:
    return triple.path.text if isinstance(triple.path, End) else written(triple.path)
