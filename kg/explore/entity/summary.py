"""A thing in a sentence of its class: a pattern of the ontology, filled with what the thing's page says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.explore.entity.gist import NEAR, documents
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
    return replace(pattern, value=closed(" ".join(said.split()), pattern.language)) if said else None


@dataclass(frozen=True)
class _Places:
    entity: Entity
    wording: Wording

    def text(self, name: str) -> str | None:
        entity, wording = self.entity, self.wording
        if name == "kind":
            return wording.join([kind.label.value for kind in entity.kinds])
        if name == "place":
            near = tuple(reversed(entity.trail))[:NEAR]
            return wording.place(near) if near else None
        number = self.number(name)
        if number is not None:
            return wording.value(Datum(number, "", _NUMBER))
        for statement in self._statements(name):
            values = list(_values(statement))
            if values and len(values) + statement.more <= LISTED:
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
        return (one for one in every if name in {one.key, local_name(one.property.iri)})

    def _figure(self, name: str) -> Cell | None:
        """Return the latest figure of a quantity that sources don't differ on."""
        every = (one.table for section in self.entity.sections for one in section.statements if one.table)
        standing = (one for table in every for one in table.standing)
        return next((one.figure for one in standing if local_name(one.quantity.iri) == name), None)


def _values(statement: Statement) -> Iterable[Value]:
    return [told.ref for told in statement.told] or [fact.value for fact in statement.facts]


_NUMBER = ox.Literal(1).datatype.value
