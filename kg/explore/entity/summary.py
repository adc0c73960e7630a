"""A thing in a sentence of its class: a pattern of the ontology, filled with what the thing's page says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from kg.explore.entity.gist import documents, near
from kg.explore.model import Cell, Datum, Entity, Ref, Statement, Text, Value
from kg.explore.naming.messages import PatternError, say
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema
from kg.terms import local_name
from kg.typography import closed

LISTED = 3
"""How many names a sentence lists of one kind; of more it has none, and may have their number."""


@dataclass(frozen=True)
class Wording:
    """How values are put: one value, a list of names, a figure with its unit, what contains a thing."""

    value: Callable[[Value], str]
    join: Callable[[Sequence[str]], str]
    figure: Callable[[Cell], str]
    place: Callable[[Sequence[Ref]], str]


def summary(entity: Entity, schema: Schema, reader: Reader, wording: Wording) -> Text | None:
    """Return the sentence; None where the class has none, or the thing lacks what it must say."""
    pattern = reader.text(schema.patterns_of(one.iri for one in entity.kinds))
    if pattern is None:
        return None
    places = _Places(entity, wording)
    try:
        said = say(pattern.value, places.text, places.number, pattern.language)
    except PatternError:
        return None
    if not said:
        return None
    sentence = closed(" ".join(said.split()), pattern.language)
    return replace(pattern, value=sentence[:1].upper() + sentence[1:])


@dataclass(frozen=True)
class _Places:
    """What stands in the places of one sentence, in their order: a thing that it has named isn't named again.

    Only who acts is named though it was said as the place: that a street's office did it is more than where.
    """

    entity: Entity
    wording: Wording
    said: set[str] = field(default_factory=set)
    within: set[str] = field(default_factory=set)

    def text(self, name: str) -> str | None:
        entity, wording = self.entity, self.wording
        if name == "kind":
            return wording.join([kind.label.value for kind in entity.kinds])
        if name == "label":
            return entity.label.value
        if name == "place":
            around = [one for one in near(entity.trail) if one.iri not in self.said]
            self.within.update(one.iri for one in around)
            return wording.place(around) if around else None
        number = self.number(name)
        if number is not None:
            return wording.value(Datum(number, "", _NUMBER))
        for statement in self._statements(name):
            named = self.said if statement.actors else self.said | self.within
            values = [one for one in _values(statement) if getattr(one, "iri", None) not in named]
            if values and len(values) + statement.more <= LISTED:
                self.said.update(one.iri for one in values if isinstance(one, Ref))
                return wording.join([wording.value(value) for value in values])
        figure = self._figure(name)
        return wording.figure(figure) if figure else None

    def number(self, name: str) -> str | None:
        """Return a count: of documents, or of what ``number.<key>`` leads to."""
        if name == "documents":
            return str(len(documents(self.entity))) if documents(self.entity) else None
        if name.startswith("number."):
            counts = [len(list(_values(s))) + s.more for s in self._statements(name.removeprefix("number."))]
            return str(sum(counts)) if any(counts) else None
        return None

    def _statements(self, name: str) -> Iterable[Statement]:
        every = (one for section in self.entity.sections for one in section.statements)
        # What is told stands at the end of a path, often of one walked back: its property's name says less.
        return (
            one for one in every if name == one.key or (not one.told and name == local_name(one.property.iri))
        )

    def _figure(self, name: str) -> Cell | None:
        """Return the latest figure of a quantity that sources don't differ on."""
        every = (one.table for section in self.entity.sections for one in section.statements if one.table)
        standing = (one for table in every for one in table.standing)
        return next((one.figure for one in standing if local_name(one.quantity.iri) == name), None)


def _values(statement: Statement) -> Iterable[Value]:
    return [told.ref for told in statement.told] or [fact.value for fact in statement.facts]


_NUMBER = ox.Literal(1).datatype.value
