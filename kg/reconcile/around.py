"""What the graph says of things that may be meant: the hints' properties, and what is around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg.explore import Explorer
from kg.explore.ask import ask, batches, nodes
from kg.explore.schema import str_of
from kg.reconcile import parts, score, values
from kg.reconcile.values import Stated
from kg.search import Hit, Thing
from kg.search.index import Index
from kg.terms import DCTERMS, RDFS

SUCCESSION = (DCTERMS + "replaces", DCTERMS + "isReplacedBy")
"""Properties that lead from one thing to another that had its place before or has it now."""


class Around:
    """What is said of the things of one batch, asked in two queries. Raises QueryError."""

    def __init__(self, index: Index, explorer: Explorer, hits: Iterable[Hit], hinted: Iterable[str]) -> None:
        """``hinted`` are the hints' properties (IRIs)."""
        self.index = index
        self.explorer = explorer
        self.upward = explorer.schema.playing("Breadcrumb")
        every = {hit.thing.iri: hit for hit in hits}
        self._objects: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = {}
        self._read(list(every), dict.fromkeys(hinted))
        self._wholes = {iri: self._places(hit) for iri, hit in every.items()}
        self._others = self._succession({place.iri for wholes in self._wholes.values() for place in wholes})
        self._called: dict[str, frozenset[str]] = {}

    def _read(self, iris: Sequence[str], properties: Iterable[str]) -> None:
        wanted = nodes(properties)
        for batch in batches(nodes(iris)) if wanted else ():
            for row in ask(self.explorer.engine, "values-of", thing=batch, property=wanted):
                thing, one, value = row["thing"], row["property"], row["value"]
                if isinstance(value, ox.NamedNode | ox.Literal):
                    self._objects.setdefault((str_of(thing), str_of(one)), []).append(value)
        every = (value.value for found in self._objects.values() for value in found if is_iri(value))
        self.explorer.names.fetch(every)

    def _places(self, hit: Hit) -> tuple[Thing, ...]:
        """Return all that contains a thing: it may be said to lie in more than one whole."""
        found = {place.iri: place for place in hit.place}
        for one in self.upward:
            for value in self._objects.get((hit.thing.iri, one), ()):
                whole = self.index.look_up(value.value) if is_iri(value) else None
                if whole and whole.iri not in found:
                    found |= {place.iri: place for place in (*self.index.place(whole), whole)}
        found.pop(hit.thing.iri, None)
        return tuple(found.values())

    def _succession(self, places: Iterable[str]) -> dict[str, list[Thing]]:
        """Return what had the places of some things before, or has them now."""
        below = (
            iri
            for iri, term in self.explorer.schema.properties.items()
            if set(term.iris(RDFS + "subPropertyOf")) & set(SUCCESSION)
        )
        properties = nodes([*SUCCESSION, *below])
        found: dict[str, list[Thing]] = {}
        for batch in batches(nodes(places)):
            rows = ask(self.explorer.engine, "reconcile-succession", thing=batch, property=properties)
            for row in rows:
                if known := self.index.look_up(str_of(row["other"])):
                    found.setdefault(str_of(row["thing"]), []).append(known)
        return found

    def names(self, hit: Hit) -> frozenset[str]:
        """Return the words that say where a thing lies: names of its wholes, also former ones, and short."""
        return frozenset().union(*(self._names(place) for place in self._wholes.get(hit.thing.iri, ())))

    def _names(self, place: Thing) -> frozenset[str]:
        if place.iri not in self._called:
            names = {name.value for one in self._all(place) for name in one.names}
            short = (parts.short(name) for name in names)
            self._called[place.iri] = frozenset({*map(score.compact, names), *filter(None, short)} - {""})
        return self._called[place.iri]

    def _all(self, place: Thing) -> tuple[Thing, ...]:
        return (place, *self._others.get(place.iri, ()))

    def stated(self, hit: Hit, one: str) -> Stated:
        """Return what is said of a thing by a property; of where it lies also what contains that."""
        found = Stated()
        for value in self._objects.get((hit.thing.iri, one), ()):
            found |= self._stated(value)
        if one in self.upward:
            for place in self._wholes.get(hit.thing.iri, ()):
                for other in self._all(place):
                    found |= values.named(other.iri, (name.value for name in other.names))
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
