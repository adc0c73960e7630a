"""Things and what one relation links them with, as a network: the relations there are, the links of one.

A relation is a property, or two with a thing between them that only joins its ends (``kg:isDependent``).
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.explore.ask import ask, nodes, number
from kg.explore.browsing.browse import Browser, Chosen
from kg.explore.browsing.conditions import Condition, conditioned
from kg.explore.browsing.cuts import cut_of
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.networks.layout import Layout, laid_out
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.explore.ontology.shapes import Step
from kg.explore.statements.evidence import Library, iris
from kg.release import Release
from kg.sparql.bind import bind, load
from kg.terms import KG, SKOS

READ = 20_000
"""How many links are read at most; a file holds all or isn't made."""
DRAWN = 1_000
"""How many links are drawn at most."""
CONCEPT = SKOS + "Concept"


@dataclass(frozen=True, slots=True)
class Way:
    """A relation: a property, what it leads to (a class), and the property before it where one joins."""

    relation: str
    end: str
    via: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The path from a thing to what it is linked with."""
        return (Step(self.via), Step(self.relation)) if self.via else (Step(self.relation),)


@dataclass(frozen=True, slots=True)
class Offer:
    """A relation that can be chosen, in words, and how many links it has in all."""

    way: Way
    label: Ref
    end: Ref
    count: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two things."""

    source: Ref
    target: Ref


@dataclass(frozen=True)
class Network:
    """The links of one relation, by the names of what they link.

    ``whole`` is False when there were more than could be read. ``drawn`` of them are in the ``drawing``:
    those of the things with most links.
    """

    cls: Ref
    offer: Offer
    edges: tuple[Edge, ...]
    sparql: str
    whole: bool
    drawn: int
    drawing: Layout

    @property
    def nodes(self) -> tuple[Ref, ...]:
        """The things that are linked, each once, in the order of the links."""
        return tuple(dict.fromkeys(ref for edge in self.edges for ref in (edge.source, edge.target)))


class Networks:
    """Finds the networks of a release; which relations there are is kept."""

    def __init__(self, schema: Schema, browser: Browser, library: Library, release: Release | None) -> None:
        self.schema = schema
        self.browser = browser
        self.library = library
        self.release = release
        self._ways: dict[str, tuple[tuple[Way, int], ...]] = {}

    def offers(self, cls: str, reader: Reader) -> tuple[Offer, ...]:
        """Return the relations of a class's things, the likeliest to be looked for first.

        Raises QueryError.
        """
        names = {iri: shape.names for shape in self.schema.shapes_of([cls]) for iri in [shape.path]}
        found = self._found(cls)
        return tuple(
            Offer(way, reader.term(way.relation, names.get(way.relation, ())), reader.term(way.end), count)
            for way, count in found
        )

    def _found(self, cls: str) -> tuple[tuple[Way, int], ...]:
        if cls not in self._ways:
            engine, types = self.browser.engine, nodes(self.schema.below(cls))
            rows = [*ask(engine, "kg/explore/networks/ways", type=types)]
            joining = [one for one in self.schema.classes if self.schema.is_dependent([one])]
            if joining:
                rows += ask(engine, "kg/explore/networks/ways-through", type=types, joining=nodes(joining))
            counted = {
                Way(str_of(row["relation"]), str_of(row["end"]), str_of(row.get("via"))): number(row["count"])
                for row in rows
                if "relation" in row
            }
            ways = [way for way in counted if self._suits(way) and not self._repeats(way, counted)]
            plain = self._plain()
            ways.sort(key=lambda way: (way.end not in plain, way.relation in self._nested, -counted[way]))
            self._ways[cls] = tuple((way, counted[way]) for way in ways)
        return self._ways[cls]

    def _suits(self, way: Way) -> bool:
        """Say whether a relation leads to things that readers know, and is one that has a name."""
        is_thing = way.end in self.schema.classes and not self.schema.is_dependent([way.end])
        return (is_thing or way.end == CONCEPT) and way.relation != TYPE and way.relation in self.schema.terms

    def _repeats(self, way: Way, counted: dict[Way, int]) -> bool:
        """Say whether a narrower class has all the links of a relation: the wider one says less."""
        narrower = (one for one in self.schema.below(way.end) if one != way.end)
        return any(counted.get(Way(way.relation, one, way.via)) == counted[way] for one in narrower)

    def _plain(self) -> frozenset[str]:
        """Return the classes whose things readers come for, and those below."""
        return frozenset(below for cls in self.schema.primary for below in self.schema.below(cls))

    @property
    def _nested(self) -> frozenset[str]:
        """The relations by which things lie in one another: they make trees, and the largest of all."""
        axes = iris(self.library.about(self.release.dataset), KG + "axis") if self.release else []
        return frozenset((*self.schema.playing("Breadcrumb"), *axes))

    def network(self, cls: str, offer: Offer, chosen: Chosen, reader: Reader) -> Network:
        """Return the links of a relation, of the things of a class that match what was chosen."""
        shapes = {shape.path: shape for shape in self.browser.facet_shapes(cls)}
        conditions = [
            cut_of(shapes[key]).condition(shapes[key].steps, values)
            for key, values in chosen.items()
            if values
        ]
        asked = bind(
            load("kg/explore/networks/links"),
            type=nodes(self.schema.below(cls)),
            end=nodes(self.schema.below(offer.way.end)),
        )
        sparql = conditioned(asked, [*conditions, Condition(offer.way.steps, name="value")])
        rows = self.browser.engine.query(bind(sparql, limit=READ + 1)).rows
        pairs = [(str_of(row[0]), str_of(row[1])) for row in rows[:READ]]
        reader.names.fetch(iri for pair in pairs for iri in pair)
        pairs.sort(key=lambda pair: (reader.sort_key(pair[0]), reader.sort_key(pair[1])))
        edges = tuple(Edge(reader.ref(one), reader.ref(other)) for one, other in pairs)
        drawn = _most_linked(edges)
        return Network(
            cls=reader.term(cls),
            offer=offer,
            edges=edges,
            sparql=sparql,
            whole=len(rows) <= READ,
            drawn=len(drawn),
            drawing=laid_out([(edge.source, edge.target) for edge in drawn]),
        )


def _most_linked(edges: Sequence[Edge]) -> Sequence[Edge]:
    """Return the links that are drawn: those of the things that have most."""
    if len(edges) <= DRAWN:
        return edges
    links = Tally(ref.iri for edge in edges for ref in _ends(edge))
    order = sorted(edges, key=lambda edge: -max(links[ref.iri] for ref in _ends(edge)))
    return order[:DRAWN]


def _ends(edge: Edge) -> Iterable[Ref]:
    return (edge.source, edge.target)
