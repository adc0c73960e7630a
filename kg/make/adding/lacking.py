"""Rules that state only what the merge lacks, told by their texts: nobody need look whether it has that.

Such a rule makes one statement, ``?thing p ?value``, and forbids, for all of its pattern, that the thing has
the property already, or has it with that value.
"""

from __future__ import annotations

import re

from kg.sparql.reading import tree
from kg.sparql.reading.syntax import End, Expression, Filter, Group, Link, Node, Triple, Triples

_MADE = re.compile(r"CONSTRUCT\s*\{\s*\?(\w+)\s+([^\s{}?$]+)\s+\?(\w+)\s*\.?\s*\}", re.IGNORECASE)
_FORBIDS = re.compile(r"NOT\s+EXISTS", re.IGNORECASE)


def states_what_lacks(text: str) -> bool:
    """Say whether a rule's answer surely holds nothing that the merge has."""
    if not _FORBIDS.search(text):
        return False
    try:
        query = tree.read(text)
    except tree.Unreadable:
        return False
    made = _MADE.fullmatch(text[query.start : query.head_end])
    if made is None or query.where is None:
        return False
    if text[query.head_end : query.where.start].strip().upper() not in ("", "WHERE"):
        return False  # of other graphs than the merge
    thing, prop, value = made.groups()
    return any(
        forbidden.path == Link(prop)
        and _is(forbidden.subject, thing)
        and (_is(forbidden.object, value) or _is_any(forbidden.object, text))
        for forbidden in map(_forbidden, query.where.children)
        if forbidden is not None
    )


def _forbidden(part: Node) -> Triple | None:
    """Return the one pattern of a filter of NOT EXISTS."""
    match part:
        case Filter(
            children=[Expression(children=[Group(children=[Triples(opaque=False) as block])]) as asked]
        ):
            words = [token.text.upper() for token in asked.tokens]
            return block.triples[0] if words == ["NOT", "EXISTS"] and len(block.triples) == 1 else None
    return None


def _is(end: End, name: str) -> bool:
    return end.kind == "var" and end.text[1:] == name


def _is_any(end: End, text: str) -> bool:
    """Whether a variable stands in one place alone, so that any value will do."""
    return end.kind == "var" and len(re.findall(rf"[?$]{end.text[1:]}\b", text)) == 1
