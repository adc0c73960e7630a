"""What the graph says of candidates: the values of the hints' properties, and the wholes around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from kg.explore import Explorer
from kg.explore.ask import ask, batches, nodes
from kg.explore.ontology.schema import str_of
from kg.reconcile import values
from kg.reconcile.places import Places
from kg.reconcile.query import Wanted
from kg.reconcile.values import Stated
from kg.search import Hit, Thing


class Around:
    """What the graph says of the things of one batch, asked for once. Raises QueryError.

    The values of a property count only for names that have a hint with it, so that an answer doesn't depend
    on what else is in the batch.
    """

    def __init__(self, places: Places, explorer: Explorer, found: Mapping[Wanted, Sequence[Hit]]) -> None:
        """``found`` are the candidates for each name."""
        self.index = places.index
        self.explorer = explorer
        self.upward = explorer.schema.playing("Breadcrumb")
        self._objects: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = {}
        self._read(found)
        self._wholes = {
            (hit.thing.iri, along): self._places(hit, along)
            for one, hits in found.items()
            for along in [self._along(one)]
            for hit in hits
        }
        self._called = places.called(place for wholes in self._wholes.values() for place in wholes)

    def _read(self, found: Mapping[Wanted, Sequence[Hit]]) -> None:
        """Read the values of the hints' properties; rows of one table mostly have the same ones."""
        wanted: dict[tuple[str, ...], list[str]] = {}
        for one, hits in found.items():
            properties = tuple(sorted({hint.property for hint in one.hints}))
            wanted.setdefault(properties, []).extend(hit.thing.iri for hit in hits)
        for properties, iris in wanted.items():
            self._read_of(iris, nodes(properties))
        every = (value.value for found in self._objects.values() for value in found if is_iri(value))
        self.explorer.names.fetch(every)

    def _read_of(self, iris: Iterable[str], properties: Sequence[ox.NamedNode]) -> None:
        for batch in batches(nodes(iris)) if properties else ():
            rows: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = {}
            for row in ask(self.explorer.engine, "kg/reconcile/values-of", thing=batch, property=properties):
                thing, one, value = row["thing"], row["property"], row["value"]
                if isinstance(value, ox.NamedNode | ox.Literal):
                    rows.setdefault((str_of(thing), str_of(one)), []).append(value)
            self._objects |= rows

    def _along(self, one: Wanted) -> tuple[str, ...]:
        """Return the properties that lead upwards and of which a row has hints."""
        return tuple(each for each in self.upward if any(hint.property == each for hint in one.hints))

    def _places(self, hit: Hit, along: Iterable[str]) -> tuple[Thing, ...]:
        """Return all wholes that contain a thing; it may be part of several."""
        found = {place.iri: place for place in hit.place}
        for one in along:
            for value in self._objects.get((hit.thing.iri, one), ()):
                whole = self.index.look_up(value.value) if is_iri(value) else None
                if whole and whole.iri not in found:
                    found |= {place.iri: place for place in (*self.index.place(whole), whole)}
        found.pop(hit.thing.iri, None)
        return tuple(found.values())

    def _lies(self, hit: Hit, one: Wanted) -> tuple[Thing, ...]:
        return self._wholes.get((hit.thing.iri, self._along(one)), ())

    def names_in(self, text: str, hit: Hit, one: Wanted) -> set[str]:
        """Return the words in a text that say where a thing lies: names of its wholes, also former ones."""
        return {
            word for place in self._lies(hit, one) for word in self._called[place.iri].words if word in text
        }

    def stated(self, hit: Hit, one: Wanted, by: str) -> list[Stated]:
        """Return the values of a thing's property; for one that leads upwards, also all wholes above."""
        found = [self._stated(value) for value in self._objects.get((hit.thing.iri, by), ())]
        if by in self.upward:
            found += [said for place in self._lies(hit, one) for said in self._called[place.iri].stated]
        return found

    def _stated(self, value: ox.NamedNode | ox.Literal) -> Stated:
        if isinstance(value, ox.Literal):
            return values.literal(value)
        labels = self.explorer.names.label_literals(value.value)
        known = self.index.look_up(value.value)  # it knows other names too
        also = (name.value for name in known.names) if known else ()
        return values.named(value.value, [*(label.value for label in labels), *also])


def is_iri(value: object) -> bool:
    """Say whether a term is an IRI."""
    return isinstance(value, ox.NamedNode)
