"""FILTER EXISTS whose patterns can stand beside those of its query.

Asked by itself, an EXISTS costs a second query with the values of all rows. Where solutions aren't counted,
its patterns can be joined to the query's own instead: each solution of the join is a way to its row, and a
solution that the FILTER drops is in no join. It is done only where the join has no more solutions than the
second query: where the EXISTS shares all variables that are bound beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kg.sparql.reading.scope import certain, possible
from kg.sparql.reading.syntax import End, Expression, Filter, Group, Link, Node, Triple, Triples, Values


def parted(where: Group, fresh: Callable[[], str]) -> tuple[Group, list[Triples]] | None:
    """Return a pattern without its EXISTS, and the triple patterns to join instead; None if that can't be.

    Variables that only the EXISTS has get names from ``fresh``, as the query may use their names elsewhere.
    """
    filters = [one for one in where.children if _words(one) == ["EXISTS"]]
    if len(filters) != 1:
        return None
    rest = [one for one in where.children if one is not filters[0]]
    group = filters[0].children[0].children[0]
    around = possible(where)
    if not around or not around <= certain(where) & possible(group) or not all(map(_is_single, rest)):
        return None
    renamed = _renamed(group.children, around, fresh)
    return None if renamed is None else (replace(where, children=rest), renamed)


def _words(part: Node) -> list[str]:
    """Return the words of a FILTER that asks for groups; of all else none."""
    if not isinstance(part, Filter):
        return []
    condition = part.children[0]
    if not isinstance(condition, Expression) or not condition.children:
        return []
    return [token.text.upper() for token in condition.tokens]


def _is_single(part: Node) -> bool:
    """Whether a part gives no more solutions than its variables have values."""
    match part:
        case Triples():
            return not part.opaque and all(map(_is_plain, part.triples))
        case Filter():
            return _words(part) in ([], ["NOT", "EXISTS"])
        case _:
            return isinstance(part, Values)


def _is_plain(triple: Triple) -> bool:
    """Whether a triple pattern has no variables but those that are written."""
    kinds = {triple.subject.kind, triple.object.kind}
    return isinstance(triple.path, Link | End) and kinds <= {"var", "iri", "literal"}


def _renamed(blocks: list[Node], kept: set[str], fresh: Callable[[], str]) -> list[Triples] | None:
    """Return blocks of triple patterns with new names for all but some variables; None for other parts."""
    names: dict[str, End] = {}

    def named(end: End) -> End:
        if end.kind != "var" or end.text[1:] in kept:
            return end
        if end.text[1:] not in names:
            names[end.text[1:]] = End("var", fresh())
        return names[end.text[1:]]

    found = []
    for block in blocks:
        if not isinstance(block, Triples) or block.opaque:
            return None
        triples = [
            Triple(
                named(one.subject),
                named(one.path) if isinstance(one.path, End) else one.path,
                named(one.object),
            )
            for one in block.triples
        ]
        found.append(replace(block, triples=triples))
    return found
