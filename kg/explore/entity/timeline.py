"""A timeline of a thing's own dates and those of its neighbours, made of what its page has read already."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.model import Datum, Entity, Ref, Statement
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of
from kg.explore.ontology.shapes import Step


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the thing (``of`` is None) or of a neighbour; ``plain`` says that it is that of all of it.

    Such a date needs no word: that a meeting was held is what its name says.
    """

    when: str
    property: Ref
    of: Ref | None
    plain: bool = False


def _outgoing(entity: Entity, upward: Container[str]) -> Iterator[Ref]:
    for section in entity.sections:
        for statement in section.statements:
            # What is told by the same property, backward, lies within.
            if not statement.inferred and (statement.told or statement.property.iri not in upward):
                yield from _things(statement)


def _things(statement: Statement) -> Iterator[Ref]:
    for told in statement.told:
        yield told.ref
    for fact in statement.facts:
        if isinstance(fact.value, Ref):
            yield fact.value
    for row in statement.table.rows if statement.table else ():
        for cell in row.cells:
            for fact in cell.facts:
                if isinstance(fact.value, Ref):
                    yield fact.value


@dataclass(frozen=True, slots=True)
class Year:
    """The moments of one year, the first of them, and how many more there are."""

    year: str
    moments: tuple[Moment, ...]
    more: int = 0

    @property
    def count(self) -> int:
        """How many there are in all."""
        return len(self.moments) + self.more


PLAIN = 12
"""So many moments are a plain list; more stand year by year."""
OPEN = 70
"""Up to so many are all in sight; of more each year is folded."""
SHOWN = 80
"""How many moments a page holds."""
READ = 2_000
"""How many dates of neighbours are read."""


def by_year(moments: Sequence[Moment]) -> tuple[Year, ...]:
    """Return moments year by year; of very many only the first of each year are there."""
    years: dict[str, list[Moment]] = {}
    for moment in moments:
        years.setdefault(_year(moment.when), []).append(moment)
    each = len(moments) if len(moments) <= SHOWN else max(1, SHOWN // len(years))
    return tuple(Year(year, tuple(own[:each]), max(0, len(own) - each)) for year, own in years.items())


def _year(when: str) -> str:
    match = re.match(r"-?\d+", when)
    return match[0] if match else when


def timeline(engine: Engine, entity: Entity, reader: Reader) -> tuple[Moment, ...]:
    """Return the dates of a thing and its neighbours in order; none when there are less than two.

    They are those that shapes put on a timeline. What contains the thing has a history of its own, which
    isn't told here. Raises QueryError.
    """
    schema = reader.names.schema
    dated = schema.playing("Date")
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
    refs |= {ref.iri: ref for ref in _outgoing(entity, schema.playing("Breadcrumb")) if ref.named}
    for step in entity.trail:
        refs.pop(step.iri, None)
    plain = schema.plain_dates
    theirs: dict[tuple[str, str], list[Moment]] = {}
    if refs:
        for row in ask(engine, "kg/explore/entity/dates", limit=READ, entity=nodes(refs), asked=nodes(dated)):
            ref, when, name = refs[str_of(row["entity"])], str_of(row["value"]), str_of(row["property"])
            moment = Moment(when, reader.term(name, schema.called(Step(name))[0]), ref, name in plain)
            theirs.setdefault((ref.iri, when), []).append(moment)
    # Of a day on which a thing began it isn't said once more that it was on that day.
    telling = (
        one for of in theirs.values() for one in of if not one.plain or all(other.plain for other in of)
    )
    moments = sorted({*own, *telling}, key=lambda one: (one.when, one.of.label.value if one.of else ""))
    return tuple(moments) if len({moment.when for moment in moments}) > 1 else ()
