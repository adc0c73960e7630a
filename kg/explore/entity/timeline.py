"""A timeline of a thing's own dates and those of its neighbours, made of what its page has read already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.model import Datum, Entity, Ref, Statement
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the thing (``of`` is None) or of a neighbour."""

    when: str
    property: Ref
    of: Ref | None


def _outgoing(entity: Entity) -> Iterator[Ref]:
    for section in entity.sections:
        for statement in section.statements:
            yield from _things(statement) if not statement.inferred else ()


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
    refs |= {ref.iri: ref for ref in _outgoing(entity) if ref.named}
    theirs = []
    if refs:
        for row in ask(engine, "kg/explore/entity/dates", limit=READ, entity=nodes(refs), asked=nodes(dated)):
            ref = refs[str_of(row["entity"])]
            theirs.append(Moment(str_of(row["value"]), reader.term(str_of(row["property"])), ref))
    moments = sorted({*own, *theirs}, key=lambda one: (one.when, one.of.label.value if one.of else ""))
    return tuple(moments) if len({moment.when for moment in moments}) > 1 else ()
