"""An entity's page, put together from a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.entity.incoming import Pointing, cited, untold
from kg.explore.entity.lacking import lacking
from kg.explore.entity.story import SHOWN as TOLD
from kg.explore.entity.story import Story, Teller
from kg.explore.model import Entity, Fact, Ref, Section, Statement
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.explore.ontology.shapes import PropertyShape
from kg.explore.statements.evidence import (
    BASIS,
    INFERRED,
    ORIGIN,
    Library,
    Notes,
    describe,
    iris,
    undescribed,
)
from kg.explore.statements.facts import Facts, facts_about, graphs_of, linked, mentioned
from kg.explore.statements.lists import laid_out, number_of
from kg.explore.statements.tables import SHOWN as ROWS
from kg.explore.statements.tables import best_language, sort_key, table
from kg.labels import LABELS
from kg.sparql.bind import bind, load
from kg.terms import KG, OWL, SKOS, local_name

STEPS_UP = 8
"""How far a breadcrumb climbs at most."""
"""How many rows of a table a page shows; likewise."""
SHOWN = 40
"""How many values of one property a page lists; the rest is counted, and one query away."""

DISPLAY = frozenset(KG + name for name in ("counted", "pattern", "isPrimary", "isDependent", "isComparable"))
"""How things are to be shown: said to this program, and no fact for a reader. Downloads have it all."""
_NAMES = frozenset({*LABELS, SKOS + "altLabel"})


@dataclass(frozen=True)
class Builder:
    """Builds one entity's page for one reader."""

    engine: Engine
    schema: Schema
    library: Library
    reader: Reader
    counts: dict[str, dict[str, int]]

    def build(self, iri: str) -> Entity | None:
        """Return the page's content, or None when nothing is said of the IRI. Raises QueryError."""
        about, truncated = facts_about(self.engine, [iri], self.schema.superseded)
        own, ordered = laid_out(self.engine, about.get(iri, {}))
        classes = linked(own, TYPE)
        shapes = self.schema.shapes_of(classes)
        pointer = Pointing(self.engine, self.schema, self.reader, self.counts)
        rows = pointer.read(iri)
        nodes_ = linked(own, *(s.path for s in shapes if s.embeds and s.direct))
        teller = Teller(self.engine, self.schema, self.reader)
        story = teller.read(iri, own, shapes, rows, nodes_)
        embedded = {node: story.facts.get(node, {}) for node in nodes_}
        groups, pointing = pointer.groups(iri, shapes, rows)
        if not own and not pointing and not ask_any(self.engine, iri):
            return None
        trail = self._trail(iri, own, classes)
        sayers = pointer.sayers(iri, groups)
        graphs = {graph for found in sayers.values() for graph in found}
        many = len(nodes_) > ROWS
        graphs |= set(graphs_of([own] if many else [own, *embedded.values()]))
        things = {iri, *trail, *story.mentioned()}
        self._fetch(things, [own, *embedded.values()], graphs | story.graphs())
        notes = Notes()
        names = self._names(own, notes)
        summary, summary_path = self._summary(own, notes)
        breadcrumb = tuple(self.reader.ref(step) for step in trail)
        kinds = tuple(self.reader.term(one) for one in self.schema.narrowest(classes))
        skip = _NAMES | DISPLAY | {TYPE, OWL + "sameAs"} | ({summary_path} if summary_path else set())
        page = _Page(self, iri, notes, own, embedded, frozenset(trail), teller, story, ordered)
        sections = page.sections(shapes, frozenset(skip))
        incoming = cited(untold(groups, page.named(sections)), sayers, notes)
        if many:  # not all of them are shown, so which sources are is known only now
            self.reader.names.fetch(self._sources(notes.numbers))
        return Entity(
            iri=iri,
            label=self.reader.ref(iri).label,
            names=names,
            kinds=kinds,
            trail=breadcrumb,
            summary=summary,
            sections=sections,
            incoming=incoming,
            evidence=describe(self.library, self.reader, notes),
            sparql=bind(load("kg/explore/entity/show-entity"), entity=ox.NamedNode(iri)),
            truncated=truncated or story.truncated,
            is_graph=BASIS in own or not own,
            is_origin=ORIGIN in pointing,
            same=tuple(sorted(linked(own, OWL + "sameAs", SKOS + "exactMatch"))),
        )

    def _fetch(self, iris: Set[str], facts: Sequence[Facts], graphs: Set[str]) -> None:
        """Load all names and sources that the page will need, in two queries or so."""
        self.reader.names.fetch({*iris, *mentioned(facts), *self._sources(graphs)})

    def _sources(self, graphs: Iterable[str]) -> list[str]:
        """Load what is said of some graphs and what they were made from; return what will need a name."""
        return self.library.fetch_graphs(undescribed(self.library, self.reader, graphs))

    def _trail(self, iri: str, own: Facts, classes: Sequence[str]) -> list[str]:
        """Climb from the entity by its breadcrumb properties, or from whatever it is a part of."""
        upward = self.library.upward
        start = next(iter(linked(own, *upward)), None)
        if start is None and self.schema.is_dependent(classes) and self.schema.embedding:
            rows = ask(
                self.engine,
                "kg/explore/entity/owners",
                node=ox.NamedNode(iri),
                asked=nodes(sorted(self.schema.embedding)),
            )
            start = next((str_of(row["owner"]) for row in rows), None)
        trail: list[str] = []
        while start and start != iri and start not in trail and len(trail) < STEPS_UP:
            trail.insert(0, start)
            self.library.fetch([start])
            start = next(iter(iris(self.library.about(start), *upward)), None)
        return trail

    def _names(self, own: Facts, notes: Notes) -> tuple[Fact, ...]:
        """Return every name with its sources: the reader's languages first, in each labels before aliases."""
        given = [
            (value, graphs, place)
            for place, name in enumerate((*LABELS, SKOS + "altLabel"))
            for value, graphs in own.get(name, {}).items()
            if isinstance(value, ox.Literal)
        ]
        given.sort(key=lambda one: (self._rank(one[0]), one[2], one[0].value))
        facts = [Fact(self.reader.value(value), notes.mark(graphs)) for value, graphs, _place in given]
        # One spelling may stand in several languages: it is shown once, with all its sources.
        merged: dict[str, Fact] = {}
        for fact in facts:
            text = str(getattr(fact.value, "value", ""))
            earlier = merged.get(text)
            sources = tuple(sorted({*earlier.sources, *fact.sources})) if earlier else fact.sources
            merged[text] = Fact(earlier.value if earlier else fact.value, sources)
        return tuple(merged.values())

    def _rank(self, literal: ox.Literal) -> int:
        tag = (literal.language or "").lower()
        chain = self.reader.chain
        return chain.index(tag) if tag in chain else len(chain)

    def _summary(self, own: Facts, notes: Notes) -> tuple[Fact | None, str | None]:
        """Return the description that stands under the title, and its property."""
        for name in self.schema.gists:
            for value, graphs in best_language(own.get(name, {}), self.reader).items():
                return Fact(self.reader.value(value), notes.mark(graphs)), name
        return None, None


@dataclass(frozen=True)
class _Page:
    """The facts of one page while its sections are made."""

    builder: Builder
    iri: str
    notes: Notes
    own: Facts
    embedded: Mapping[str, Facts]
    trail: frozenset[str]
    teller: Teller
    story: Story
    ordered: frozenset[str] = frozenset()
    """The properties whose values have an order of their own."""

    def named(self, sections: Sequence[Section]) -> frozenset[str]:
        """Return the things that stand in some sections already."""
        facts = [fact for s in sections for one in s.statements for fact in one.facts]
        shown = {fact.value.iri for fact in facts if isinstance(fact.value, Ref)}
        return frozenset(shown | self.story.things)

    def sections(self, shapes: Sequence[PropertyShape], skip: frozenset[str]) -> tuple[Section, ...]:
        """Group the statements as the shapes say; what no shape mentions comes last."""
        forward = [s for s in shapes if s.direct]
        hidden = {s.path for s in forward if s.hidden}
        told = {id(chapter.shape) for chapter in self.story.chapters}
        grouped: dict[str, list[PropertyShape]] = {}
        for shape in shapes:
            own = shape.direct and shape.path in self.own and shape.path not in hidden | skip
            if id(shape) in told or (own and not self._repeats(shape.path) and not self._is_told(shape.path)):
                grouped.setdefault(shape.group or "", []).append(shape)
        rest = sorted(set(self.own) - {s.path for s in forward} - skip, key=lambda p: (number_of(p), p))
        if rest:
            grouped.setdefault("other", []).extend(PropertyShape("", path) for path in rest)
        return tuple(self._section(key, found) for key, found in grouped.items())

    def _section(self, key: str, shapes: Sequence[PropertyShape]) -> Section:
        group = self.builder.schema.groups.get(key)
        title = self.builder.reader.text(group.labels) if group else None
        statements = tuple(self._statement(shape) for shape in shapes)
        entity, direct = ox.NamedNode(self.iri), [s.path for s in shapes if s.direct]
        told = [one.sparql for one in statements if one.told]
        sparql = (
            bind(load("kg/explore/entity/show-section"), entity=entity, asked=nodes(direct))
            if direct
            else told[0]
        )
        return Section(key, title, statements, sparql)

    def _statement(self, shape: PropertyShape) -> Statement:
        reader = self.builder.reader
        heading = reader.term(shape.ways[-1][-1].iri if shape.ways else shape.path, shape.names)
        chapter = next((one for one in self.story.chapters if one.shape is shape), None)
        if chapter:
            told = self.teller.tell(self.iri, self.story, chapter, self.notes)
            more = max(0, len(chapter.things) - TOLD)
            short = lacking(self.story, chapter, self.builder.schema, reader)
            return Statement(
                heading, told=told, untold=short, more=more, sparql=chapter.sparql, **_part(shape)
            )
        values = self.own[shape.path]
        if shape.embeds:
            rows = [(v.value, graphs) for v, graphs in values.items() if isinstance(v, ox.NamedNode)]
            laid = table(rows, self.embedded, self.builder.schema, reader, self.notes)
            return Statement(heading, table=laid, sparql=self._table_sparql(shape.path), **_part(shape))
        shown = best_language(values, reader)
        found = [(reader.value(v), g) for v, g in shown.items()]
        if shape.path not in self.ordered:
            found.sort(key=lambda pair: sort_key(pair[0]))
        facts = tuple(Fact(value, self.notes.mark(graphs)) for value, graphs in found[:SHOWN])
        contested = shape.single and len(facts) > 1
        inferred = self._is_inferred(shape.path)
        more = max(0, len(found) - SHOWN)
        return Statement(heading, facts, contested=contested, inferred=inferred, more=more, **_part(shape))

    def _is_inferred(self, name: str) -> bool:
        """Say whether rules alone give the values of a property."""
        graphs = {graph for of in self.own[name].values() for graph in of}
        return all(INFERRED in iris(self.builder.library.about(graph), BASIS) for graph in graphs)

    def _is_told(self, name: str) -> bool:
        """Say whether all that a property leads to is told by a chapter or a table already."""
        linked_to, embeds = linked(self.own, name), name in self.builder.schema.embedding
        told = self.story.things if embeds else self.story.things | self.embedded.keys()
        return bool(linked_to) and told.issuperset(linked_to)

    def _repeats(self, name: str) -> bool:
        """Say whether a property only repeats the breadcrumb, as the closure of containment does."""
        return self.trail.issuperset(linked(self.own, name)) and self._is_inferred(name)

    def _table_sparql(self, path: str) -> str:
        return bind(
            load("kg/explore/entity/show-table"), entity=ox.NamedNode(self.iri), asked=ox.NamedNode(path)
        )


def _part(shape: PropertyShape) -> dict[str, Any]:
    """Return what a statement is known by in patterns and drawings."""
    return {"key": local_name(shape.iri or shape.path), "actors": "Actor" in shape.show}


def ask_any(engine: Engine, iri: str) -> bool:
    """Say whether anything at all is said of an IRI, in whatever place. Raises QueryError."""
    term = ox.NamedNode(iri)
    return bool(engine.query(bind(load("kg/explore/entity/known"), entity=term)).boolean)
