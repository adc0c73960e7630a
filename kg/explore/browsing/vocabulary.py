"""Pages of the vocabulary's own terms: how a class or a property is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.explore.ask import ask, in_order, nodes, number
from kg.explore.browsing.overview import LARGE, ClassCount, Counter
from kg.explore.model import Ref, Value
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.sparql.bind import bind, load
from kg.terms import RDFS

SAMPLE = 12


@dataclass(frozen=True, slots=True)
class Use:
    """A property of a class: how many statements, on how many of its things; whether a shape asks for it."""

    property: Ref
    statements: int
    items: int
    shaped: bool


@dataclass(frozen=True, slots=True)
class ClassPage:
    """How a class is used. ``sample`` is of how many things `uses` tells, 0 when of all."""

    count: ClassCount
    broader: tuple[Ref, ...]
    narrower: tuple[ClassCount, ...]
    uses: tuple[Use, ...]
    sparql: str
    sample: int = 0


@dataclass(frozen=True, slots=True)
class PropertyPage:
    """How a property is used: how often, by things of which classes, and some statements.

    ``counted`` is of how many statements `classes` tells, 0 when of all.
    """

    count: int
    domain: tuple[Ref, ...]
    range: tuple[Ref, ...]
    classes: tuple[ClassCount, ...]
    sample: tuple[tuple[Ref, Value], ...]
    sparql: str
    counted: int = 0


class Vocabulary:
    """How the terms of the vocabulary are used; counts are made once."""

    def __init__(self, engine: Engine, schema: Schema, counter: Counter) -> None:
        self.engine = engine
        self.schema = schema
        self.counter = counter
        self._classes: dict[str, list[tuple[str, int]]] = {}
        self._counts: dict[str, int] = {}
        self._samples: dict[str, Sequence[Mapping[str, Term]]] = {}

    def class_page(self, iri: str, reader: Reader) -> ClassPage:
        """Return how a class is used. Raises QueryError."""
        uses = self.counter.uses(iri)
        shaped = {shape.path for shape in self.schema.shapes_of([iri])}
        reader.names.fetch(use.iri for use in uses)
        info = self.schema.classes[iri]
        direct = [one for one, term in self.schema.classes.items() if iri in term.iris(RDFS + "subClassOf")]
        reader.names.fetch(info.iris(RDFS + "subClassOf"))
        return ClassPage(
            count=self._counted(iri, reader),
            broader=tuple(reader.term(up) for up in info.iris(RDFS + "subClassOf")),
            narrower=tuple(self._counted(one, reader) for one in sorted(direct)),
            uses=tuple(
                Use(reader.term(use.iri), use.statements, use.items, use.iri in shaped)
                for use in uses
                if use.iri != TYPE
            ),
            sparql=self.counter.uses_query(iri),
            sample=self.counter.looked_at(iri) if self.counter.is_large(iri) else 0,
        )

    def _counted(self, iri: str, reader: Reader) -> ClassCount:
        sparql = bind(load("kg/explore/browsing/count-members"), type=nodes(self.schema.below(iri)))
        return ClassCount(reader.term(iri), self.counter.members(iri), sparql)

    def property_page(self, iri: str, reader: Reader) -> PropertyPage:
        """Return how a property is used. Raises QueryError."""
        term = ox.NamedNode(iri)
        if iri not in self._classes:
            counts = ask(self.engine, "kg/explore/browsing/property-count", property=term)
            self._counts[iri] = next((number(row.get("count")) for row in counts), 0)
            rows = in_order(self.engine, self._classes_query(iri)).dicts()
            self._classes[iri] = [
                (str_of(row["class"]), number(row["statements"])) for row in rows if "class" in row
            ]
        sample = self._sample(iri)
        needed = {v.value for row in sample for v in row.values() if isinstance(v, ox.NamedNode)}
        reader.names.fetch({*needed, *(one for one, _ in self._classes[iri])})
        info = self.schema.properties.get(iri)
        sparql = self._classes_query(iri)
        return PropertyPage(
            count=self._counts[iri],
            domain=_terms(info.iris(RDFS + "domain") if info else (), reader),
            range=_terms(info.iris(RDFS + "range") if info else (), reader),
            classes=tuple(
                ClassCount(reader.term(one), count, sparql)
                for one, count in self._classes[iri]
                if one in self.schema.classes
            ),
            sample=tuple((reader.ref(str_of(row["subject"])), reader.value(row["value"])) for row in sample),
            sparql=sparql,
            counted=LARGE if self._counts[iri] > LARGE else 0,
        )

    def _sample(self, iri: str) -> Sequence[Mapping[str, Term]]:
        """Return the first uses of a property; of a large one, those that the engine finds first."""
        if iri not in self._samples:
            few = SAMPLE if self._counts[iri] > LARGE else None
            rows = ask(
                self.engine, "kg/explore/browsing/property-uses", limit=few, property=ox.NamedNode(iri)
            )
            self._samples[iri] = list(islice(rows, SAMPLE))
        return self._samples[iri]

    def _classes_query(self, iri: str) -> str:
        name = (
            "kg/explore/browsing/property-sample"
            if self._counts[iri] > LARGE
            else "kg/explore/browsing/property-classes"
        )
        return bind(load(name), property=ox.NamedNode(iri))


def _terms(iris: Sequence[str], reader: Reader) -> tuple[Ref, ...]:
    reader.names.fetch(iris)
    return tuple(reader.term(iri) for iri in iris)
