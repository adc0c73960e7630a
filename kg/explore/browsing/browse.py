"""Browsing a class by facets that its shapes define: the things that match, and counts of what would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine, Row
from kg.explore.ask import in_order, nodes, number
from kg.explore.browsing.conditions import Condition, conditioned
from kg.explore.browsing.cuts import cut_of
from kg.explore.model import Link, Ref, Value
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.ontology.shapes import PropertyShape
from kg.explore.statements.evidence import Library, iris
from kg.sparql.bind import Bindable, bind, load

PAGE = 60
"""How many things a page of a class shows."""
SORTED = 3_000
"""Up to so many things are listed by name; more come as the engine has them, since sorting them all would
take it seconds."""
COUNTED = 20_000
"""Up to so many things are counted by facet; more would take the engine many seconds."""
TELLING = 0.1
"""Of what share of a class's things a facet must say something to stand before the others."""
CHOICES = 300
"""How many values of a facet are offered at most."""

Chosen = Mapping[str, tuple[Bindable, ...]]
"""What was chosen: a facet's key to values. Values of one facet are alternatives."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet, how many things it leaves, and whether it is chosen.

    ``address`` names the value in an address, as `kg.explore.browsing.cuts` has it.
    """

    value: Value
    address: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow a class down."""

    key: str
    label: Ref
    choices: tuple[Choice, ...]
    sparql: str

    @property
    def active(self) -> bool:
        """Whether something of it is chosen."""
        return any(choice.chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a class under what was chosen. ``items`` come with the thing that each stands in.

    ``by_name`` says that they are sorted, ``counted`` that facets were counted: neither when there are many.
    """

    cls: Ref
    count: int
    page: int
    items: tuple[Link, ...]
    facets: tuple[Facet, ...]
    sparql: str
    by_name: bool
    counted: bool


class Browser:
    """Lists the things of classes; counts and lists are kept."""

    def __init__(self, engine: Engine, schema: Schema, library: Library) -> None:
        self.engine = engine
        self.schema = schema
        self.library = library
        self._answers: dict[str, Sequence[Row]] = {}

    def facet_shapes(self, cls: str) -> tuple[PropertyShape, ...]:
        """Return the property shapes that a class can be browsed by, in order."""
        return tuple(shape for shape in self.schema.shapes_of([cls]) if shape.facet)

    def listing(self, cls: str, chosen: Chosen, page: int, reader: Reader) -> Listing:
        """Return a page of a class's things under what was chosen. Raises QueryError."""
        shapes = self.facet_shapes(cls)
        types = nodes(self.schema.below(cls))
        conditions = {
            s.path: cut_of(s).condition(s.steps, chosen[s.path]) for s in shapes if chosen.get(s.path)
        }
        every = list(conditions.values())
        count = self._count(types, every)
        items_query = conditioned(bind(load("kg/explore/browsing/items"), type=types), every)
        by_name = count <= SORTED
        items = self._items(items_query, page, reader, by_name=by_name)
        counted = count <= COUNTED
        facets = [
            self._facet(s, types, conditions, chosen.get(s.path, ()), reader)
            for s in (self._telling_first(shapes, types) if counted else ())
        ]
        return Listing(
            reader.term(cls),
            count,
            page,
            items,
            tuple(f for f in facets if f.choices),
            items_query,
            by_name,
            count <= COUNTED,
        )

    def _telling_first(
        self, shapes: Sequence[PropertyShape], types: Sequence[ox.NamedNode]
    ) -> Sequence[PropertyShape]:
        """Return shapes with those last that say something of few things: they narrow hardly anything down.

        It is counted without what is chosen, so that facets stay where they are.
        """
        if (every := self._count(types, ())) > COUNTED:
            return shapes
        query = bind(load("kg/explore/browsing/values"), type=types)

        def is_rare(shape: PropertyShape) -> bool:
            rows = self._rows(conditioned(query, [cut_of(shape).condition(shape.steps, name="value")]))
            return sum(number_of(row[1]) for row in rows if row[0] is not None) < every * TELLING

        return sorted(shapes, key=is_rare)

    def _facet(
        self,
        shape: PropertyShape,
        types: Sequence[ox.NamedNode],
        conditions: Mapping[str, Condition],
        chosen: tuple[Bindable, ...],
        reader: Reader,
    ) -> Facet:
        """Count a facet's values among the things that match all that is chosen in the other facets.

        Where these are too many to count, only the chosen values are there.
        """
        cut = cut_of(shape)
        others = [condition for key, condition in conditions.items() if key != shape.path]
        query = bind(load("kg/explore/browsing/values"), type=types)
        sparql = conditioned(query, [*others, cut.condition(shape.steps, name="value")])
        offered: list[tuple[Bindable, int | None]] = []
        if self._count(types, others) <= COUNTED:
            rows = [(row[0], number_of(row[1])) for row in self._rows(sparql) if row[0] is not None]
            every = enumerate(cut.offered(rows))
            offered = [pair for place, pair in every if place < CHOICES or pair[0] in chosen]
        found = {value for value, _ in offered}
        offered += [(value, None) for value in chosen if value not in found]
        counted = [
            (value, self._count(types, [*others, cut.condition(shape.steps, (value,))]) if n is None else n)
            for value, n in offered
        ]
        reader.names.fetch(value.value for value, _ in counted if isinstance(value, ox.NamedNode))
        choices = [
            Choice(cut.shown(value, reader), cut.address(value), count, value in chosen)
            for value, count in counted
        ]
        return Facet(shape.path, reader.term(shape.path, shape.names), tuple(choices), sparql)

    def _count(self, types: Sequence[ox.NamedNode], conditions: Sequence[Condition]) -> int:
        rows = self._rows(conditioned(bind(load("kg/explore/browsing/count"), type=types), conditions))
        return number_of(rows[0][0]) if rows else 0

    def _items(self, sparql: str, page: int, reader: Reader, *, by_name: bool) -> tuple[Link, ...]:
        start = (page - 1) * PAGE
        if by_name:
            found = [str_of(row[0]) for row in self._rows(sparql)]
            reader.names.fetch(found)
            found = sorted(found, key=reader.sort_key)[start : start + PAGE]
        else:
            rows = self._rows(bind(sparql, limit=PAGE, offset=start))
            found = [str_of(row[0]) for row in rows]
            reader.names.fetch(found)
        return self.placed(found, reader)

    def members(self, cls: str, limit: int, offset: int = 0) -> tuple[str, ...]:
        """Return a page of the IRIs of a class's things, in the engine's order. Raises QueryError."""
        query = conditioned(bind(load("kg/explore/browsing/items"), type=nodes(self.schema.below(cls))), ())
        rows = self.engine.query(bind(query, limit=limit, offset=offset)).rows
        return tuple(str_of(row[0]) for row in rows)

    def placed(self, found: Sequence[str], reader: Reader) -> tuple[Link, ...]:
        """Return things with the nearest thing that each stands in, by their breadcrumb properties."""
        library = self.library
        library.fetch(found)
        wholes = {iri: iris(library.about(iri), *library.upward) for iri in found}
        library.fetch({whole for some in wholes.values() for whole in some})
        nearest = {iri: library.nearest(some) for iri, some in wholes.items()}
        reader.names.fetch(up for up in nearest.values() if up)
        return tuple(Link(reader.ref(iri), reader.ref(up) if up else None) for iri, up in nearest.items())

    def _rows(self, sparql: str) -> Sequence[Row]:
        if sparql not in self._answers:
            if len(self._answers) > 500:
                self._answers.clear()
            self._answers[sparql] = in_order(self.engine, sparql).rows
        return self._answers[sparql]


def number_of(term: object) -> int:
    """Return a count as an int; 0 when it is none."""
    return number(term) if isinstance(term, ox.Literal) else 0
