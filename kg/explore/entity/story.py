"""What a class's page tells beyond its own statements: the things that paths of its shapes lead to.

A shape gives a path, also backward or along several properties, the classes of the things to show (``kg:of``)
and what is told of each beside its name (``kg:beside``); its group and order say where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, batches, nodes, number
from kg.explore.browsing.conditions import Condition, conditioned, united
from kg.explore.entity.incoming import Rows
from kg.explore.model import Detail, Told, Value
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.ontology.shapes import PropertyShape, Step
from kg.explore.statements.evidence import Notes
from kg.explore.statements.facts import Facts, facts_about, graphs_of, mentioned
from kg.explore.statements.tables import best_language, sort_key
from kg.sparql.bind import bind, load

MOST = 400
"""How many things one shape tells at most."""
SHOWN = 8
"""How many of them a page shows."""
CROWD = 100
"""Things from which on a page that tells them is crowded..."""
FEWER = 5
"""...and shows so many of each shape: the rest is counted, and one query away."""
LOOKED = 100
"""Of how many it is looked up what stands beside them."""
BESIDE = 6
"""How many values of one property stand beside a thing."""

Backward = Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]
"""What points at a thing (by its IRI and the property), with the graphs that say so."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A shape and the things that it tells; ``sparql`` asks for them, by the first of its ways."""

    shape: PropertyShape
    things: tuple[str, ...]
    sparql: str


@dataclass(frozen=True)
class Story:
    """The chapters of one page, with what was read about their things."""

    chapters: tuple[Chapter, ...]
    facts: Mapping[str, Facts]
    backward: Backward
    truncated: bool = False

    @property
    def shown(self) -> int:
        """How many things of each chapter the page shows."""
        return SHOWN if sum(len(one.things) for one in self.chapters) < CROWD else FEWER

    @property
    def things(self) -> frozenset[str]:
        """All things that are told."""
        return frozenset(thing for chapter in self.chapters for thing in chapter.things)

    def mentioned(self) -> set[str]:
        """Return every IRI that the page may have to name."""
        theirs = {iri for by in self.backward.values() for iri in by}
        return set(self.things) | mentioned(self.facts.values()) | theirs

    def graphs(self) -> set[str]:
        """Return the graphs of all that was read."""
        backward = {g for by in self.backward.values() for graphs in by.values() for g in graphs}
        return set(graphs_of(self.facts.values())) | backward


class _Walked:
    """Where paths from one thing lead; a step that has been read already asks nothing."""

    def __init__(self, engine: Engine, iri: str, own: Facts, pointing: Rows) -> None:
        self.engine = engine
        self.iri = iri
        self.own = own
        self.pointing = pointing
        self._found: dict[tuple[Step, ...], list[str]] = {}

    def along(self, way: tuple[Step, ...]) -> list[str]:
        """Return the things at the end of a path that has been walked."""
        return self._found.get(way, [])

    @property
    def every(self) -> set[str]:
        """All things that have been come to."""
        return {one for found in self._found.values() for one in found}

    def walk(self, ways: Iterable[tuple[Step, ...]]) -> None:
        """Walk some paths; what nothing read so far can tell is asked for together. Raises QueryError."""
        left = []
        for way in dict.fromkeys(ways):
            near = self._near(way[0])
            if len(way) == 1 and near is not None:
                self._found[way] = near
            elif near is None or near:
                left.append(way)
        if not left:
            return
        item = ox.NamedNode(self.iri)
        parts = [
            bind(
                conditioned(load("kg/explore/entity/story-way"), [Condition(way, name="value")]),
                way=ox.Literal(n),
                item=item,
            )
            for n, way in enumerate(left)
        ]
        rows = self.engine.query(
            bind(united(load("kg/explore/entity/story-ways"), parts), limit=MOST * len(left))
        ).dicts()
        for row in rows:
            if isinstance(row["value"], ox.NamedNode):
                self._found.setdefault(left[number(row["way"])], []).append(row["value"].value)

    def _near(self, first: Step) -> list[str] | None:
        """Return where the first step leads, None where that isn't known yet."""
        if not first.inverse:
            return [v.value for v in self.own.get(first.iri, {}) if isinstance(v, ox.NamedNode)]
        return None if self.pointing is None else self.pointing.get(first.iri, [])


def _sparql(iri: str, way: tuple[Step, ...]) -> str:
    asked = conditioned(load("kg/explore/entity/story-things"), [Condition(way, name="value")])
    return bind(asked, item=ox.NamedNode(iri))


@dataclass(frozen=True)
class Teller:
    """Finds and words the story of one thing for one reader."""

    engine: Engine
    schema: Schema
    reader: Reader

    def read(
        self, iri: str, own: Facts, shapes: Sequence[PropertyShape], pointing: Rows, also: Sequence[str] = ()
    ) -> Story:
        """Return what the shapes tell of a thing; what one has told no later one tells again.

        ``pointing`` is what points at it, where that has been read; ``also`` are further things to read of.
        Raises QueryError.
        """
        walked = _Walked(self.engine, iri, own, pointing)
        walked.walk(way for shape in shapes if shape.told for way in shape.ways)
        self.reader.names.fetch(walked.every.union(*(pointing or {}).values()))
        told = {iri}
        chapters = []
        for shape in (one for one in shapes if one.told):
            things = [one for one in self._things(shape, walked) if one not in told]
            told.update(things)
            if things:
                things.sort(key=self.reader.sort_key)
                chapters.append(Chapter(shape, tuple(things), _sparql(iri, shape.ways[0])))
        looked = list(dict.fromkeys(one for chapter in chapters for one in chapter.things[:LOOKED]))
        asked = [*looked, *also]
        facts, cut = facts_about(self.engine, asked, self.schema.superseded) if asked else ({}, False)
        backward = self._backward(looked, (step for c in chapters for step in c.shape.beside))
        return Story(tuple(chapters), facts, backward, cut)

    def _things(self, shape: PropertyShape, walked: _Walked) -> Iterator[str]:
        """Yield the things that a shape leads to, of its classes, and none that only carry evidence."""
        found = [one for way in shape.ways for one in walked.along(way)]
        names = self.reader.names
        wanted = {below for cls in shape.of for below in self.schema.below(cls)}
        for one in dict.fromkeys(found):
            classes = names.of(one).classes
            if not self.schema.is_dependent(classes) and (not wanted or wanted.intersection(classes)):
                yield one

    def _backward(self, things: Sequence[str], beside: Iterable[Step]) -> Backward:
        asked = nodes(step.iri for step in beside if step.inverse)
        found: dict[tuple[str, str], dict[str, list[str]]] = {}
        for batch in batches(nodes(things)) if asked else ():
            for row in ask(self.engine, "kg/explore/entity/story-beside", item=batch, asked=asked):
                key = (str_of(row["item"]), str_of(row["property"]))
                found.setdefault(key, {}).setdefault(str_of(row["value"]), []).append(str_of(row["graph"]))
        return {key: {v: tuple(gs) for v, gs in by.items()} for key, by in found.items()}

    def tell(self, iri: str, own: Facts, story: Story, chapter: Chapter, notes: Notes) -> tuple[Told, ...]:
        """Return the first of a chapter's things: as they are numbered, else the dated ones in their order.

        The others follow by name.
        """
        dated = set(self.schema.playing("Date"))
        dates = [step.iri for step in chapter.shape.beside if step.iri in dated]

        def when(thing: str) -> str:
            facts = story.facts.get(thing, {})
            return min((str_of(v) for name in dates for v in facts.get(name, {})), default="")

        def place(thing: str) -> float:
            facts = story.facts.get(thing, {})
            return min(
                (number(v) for name in self.schema.positions for v in facts.get(name, {})), default=inf
            )

        places = {thing: place(thing) for thing in chapter.things}
        numbered = inf not in places.values()
        found = sorted(
            chapter.things,
            key=lambda thing: (
                places[thing] if numbered else 0,
                when(thing) == "",
                when(thing),
                places[thing],
            ),
        )
        found = found[: story.shown]
        told = []
        for thing in found:
            facts = story.facts.get(thing, {})
            details, graphs = self._details(iri, story, chapter.shape, thing)
            marks = notes.mark(graphs | _linking(iri, own, thing, facts, chapter.shape))
            told.append(Told(self.reader.ref(thing), details, when(thing), marks))
        return tuple(told)

    def _details(
        self, iri: str, story: Story, shape: PropertyShape, thing: str
    ) -> tuple[tuple[Detail, ...], set[str]]:
        """Return what stands beside a thing, in the order in which pages of its own would say it."""
        facts, dated = story.facts.get(thing, {}), set(self.schema.playing("Date"))
        details: list[tuple[float, Detail]] = []
        graphs: set[str] = set()
        for step in (one for one in shape.beside if one.iri not in dated):
            values: list[tuple[Value, tuple[str, ...]]]
            if step.inverse:
                by = story.backward.get((thing, step.iri), {})
                values = [(self.reader.ref(one), own) for one, own in by.items() if one != iri]
            else:
                shown = best_language(facts.get(step.iri, {}), self.reader)
                values = [(self.reader.value(v), own) for v, own in shown.items() if str_of(v) != iri]
            if values:
                values.sort(key=lambda pair: sort_key(pair[0]))
                graphs |= {graph for _, own in values for graph in own}
                names, order = self.schema.called(step)
                detail = Detail(self.reader.term(step.iri, names), tuple(v for v, _ in values[:BESIDE]))
                details.append((order, detail))
        details.sort(key=lambda pair: (pair[0], pair[1].property.iri))
        return tuple(detail for _, detail in details), graphs


def _linking(iri: str, own: Facts, thing: str, facts: Facts, shape: PropertyShape) -> set[str]:
    """Return the graphs that link a thing with the page's, where one of the two says so itself."""
    near = (way[0] for way in shape.ways if len(way) == 1)
    return {
        graph
        for step in near
        for graph in (
            facts.get(step.iri, {}).get(ox.NamedNode(iri), ())
            if step.inverse
            else own.get(step.iri, {}).get(ox.NamedNode(thing), ())
        )
    }
