"""What lies around a thing: a small drawing of its neighbours, and a timeline of theirs and its own dates.

Both are made of what the page has read already; the timeline asks one query more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.model import Datum, Entity, Ref, Statement, Text
from kg.explore.names import Reader
from kg.explore.schema import str_of

MOST = 8
"""How many neighbours are drawn on each side."""
ROW, TOP = 46, 24
SIDE, REACH = 280, 140
ROOM = 36
"""How many columns of text a neighbour's name may take; a Chinese character takes two."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing beside another: by which property, and where its name stands."""

    ref: Ref
    property: Text
    short: str
    side: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The neighbours of a thing: those that point at it on the left, those that it points at on the right.

    ``x`` and ``y`` are where the thing itself stands.
    """

    width: int
    height: int
    x: int
    y: int
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the thing (``of`` is None) or of a neighbour."""

    when: str
    property: Ref
    of: Ref | None


def neighbours(entity: Entity, reader: Reader) -> Drawing | None:
    """Draw what a thing is linked with; None when it is linked in one way only."""
    # What can be told apart comes first: of a hundred parts eight say little, of two partners both do.
    groups = sorted(entity.incoming, key=lambda group: group.count)
    left = _distinct(reader, ((item.ref, group.property.label) for group in groups for item in group.items))
    right = _distinct(reader, _outgoing(entity), {ref.iri for ref, _ in left})
    left = [pair for pair in left if pair[0].iri != entity.iri][:MOST]
    right = [pair for pair in right if pair[0].iri != entity.iri][:MOST]
    # A single relation is a list, and the page has it already.
    if len({label.value for _, label in [*left, *right]}) < 2:
        return None
    height = max(len(left), len(right)) * ROW + 2 * TOP
    middle = SIDE + REACH if left else 12
    drawn = [
        *_place(left, "left", middle - REACH, height),
        *_place(right, "right", middle + REACH, height),
    ]
    width = middle + (REACH + SIDE if right else 12)
    return Drawing(width, height, middle, height // 2, tuple(drawn))


def _outgoing(entity: Entity) -> Iterator[tuple[Ref, Text]]:
    for section in entity.sections:
        for statement in section.statements:
            for ref in _things(statement) if not statement.inferred else ():
                yield ref, statement.property.label


def _things(statement: Statement) -> Iterator[Ref]:
    for fact in statement.facts:
        if isinstance(fact.value, Ref):
            yield fact.value
    for row in statement.table.rows if statement.table else ():
        for cell in row.cells:
            for fact in cell.facts:
                if isinstance(fact.value, Ref):
                    yield fact.value


def _distinct(
    reader: Reader, pairs: Iterable[tuple[Ref, Text]], skip: Iterable[str] = ()
) -> list[tuple[Ref, Text]]:
    """Keep each thing once, and those alone that have a name and a class and stand for themselves."""
    seen, kept = set(skip), []
    names = reader.names
    for ref, label in pairs:
        stands = ref.named and ref.kind is not None
        if stands and ref.iri not in seen and not names.schema.is_dependent(names.of(ref.iri).classes):
            seen.add(ref.iri)
            kept.append((ref, label))
    return kept


def _place(pairs: list[tuple[Ref, Text]], side: str, x: int, height: int) -> Iterator[Neighbour]:
    start = (height - len(pairs) * ROW) // 2 + ROW // 2
    for place, (ref, label) in enumerate(pairs):
        yield Neighbour(ref, label, shortened(ref.label.value, ROOM), side, x, start + place * ROW)


def columns(text: str) -> int:
    """Return how many columns a text takes, a wide character counting two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(text: str, room: int) -> str:
    """Return a text cut to so many columns."""
    used = 0
    for place, letter in enumerate(text):
        used += columns(letter)
        if used > room:
            return text[: max(1, place - 1)] + "…"
    return text


def timeline(engine: Engine, entity: Entity, dated: tuple[str, ...], reader: Reader) -> tuple[Moment, ...]:
    """Return the dates of a thing and its neighbours in order; none when there are less than two.

    ``dated`` are the properties that shapes put on a timeline. Raises QueryError.
    """
    if not dated:
        return ()
    own = [
        Moment(fact.value.value, statement.property, None)
        for section in entity.sections
        for statement in section.statements
        if statement.property.iri in dated
        for fact in statement.facts
        if isinstance(fact.value, Datum)
    ]
    refs = {item.ref.iri: item.ref for group in entity.incoming for item in group.items}
    refs |= {ref.iri: ref for ref, _ in _outgoing(entity) if ref.named}
    theirs = []
    if refs:
        for row in ask(engine, "dates", limit=60, entity=nodes(refs), asked=nodes(dated)):
            ref = refs[str_of(row["entity"])]
            theirs.append(Moment(str_of(row["value"]), reader.term(str_of(row["property"])), ref))
    moments = sorted({*own, *theirs}, key=lambda one: (one.when, one.of.label.value if one.of else ""))
    return tuple(moments) if len({moment.when for moment in moments}) > 1 else ()
