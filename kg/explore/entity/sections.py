"""The sections of an entity's page: its statements grouped, ordered and shown as its class's shapes say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.explore.ask import nodes
from kg.explore.entity.asking import Said
from kg.explore.entity.lacking import lacking
from kg.explore.entity.story import Teller
from kg.explore.model import Fact, Ref, Section, Statement, Value
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema
from kg.explore.ontology.shapes import PropertyShape
from kg.explore.statements.evidence import BASIS, INFERRED, Library, Notes, iris
from kg.explore.statements.facts import linked
from kg.explore.statements.lists import number_of
from kg.explore.statements.tables import best_language, sort_key, table
from kg.sparql.bind import bind, load
from kg.terms import local_name

SHOWN = 40
"""How many values of one property a page lists; the rest is counted, and one query away."""


@dataclass(frozen=True)
class Layout:
    """Lays out what is said of one entity as sections, marking sources in ``notes`` as they are shown.

    All names and sources that it needs have been fetched.
    """

    said: Said
    schema: Schema
    library: Library
    reader: Reader
    teller: Teller
    notes: Notes

    def named(self, sections: Sequence[Section]) -> frozenset[str]:
        """Return the things that stand in some sections already."""
        facts = [fact for s in sections for one in s.statements for fact in one.facts]
        shown = {fact.value.iri for fact in facts if isinstance(fact.value, Ref)}
        return frozenset(shown | self.said.story.things)

    def sections(self, skip: Set[str]) -> tuple[Section, ...]:
        """Group statements as the shapes say, but for some properties; what no shape mentions comes last."""
        shapes = self.said.shapes
        forward = [s for s in shapes if s.direct]
        hidden = {s.path for s in forward if s.hidden}
        told = {id(chapter.shape) for chapter in self.said.story.chapters}
        grouped: dict[str, list[PropertyShape]] = {}
        for shape in shapes:
            own = shape.direct and shape.path not in hidden | skip and bool(self._values(shape.path))
            if id(shape) in told or (own and not self._repeats(shape.path) and not self._is_told(shape.path)):
                grouped.setdefault(shape.group or "", []).append(shape)
        others = {
            path for path in self.said.own.keys() - {s.path for s in forward} - skip if self._values(path)
        }
        rest = sorted(others, key=lambda path: (number_of(path), path))
        if rest:
            grouped.setdefault("other", []).extend(PropertyShape("", path) for path in rest)
        return tuple(self._section(key, found) for key, found in grouped.items())

    def _section(self, key: str, shapes: Sequence[PropertyShape]) -> Section:
        group = self.schema.groups.get(key)
        title = self.reader.text(group.labels) if group else None
        statements = tuple(self._statement(shape) for shape in shapes)
        entity, direct = ox.NamedNode(self.said.iri), [s.path for s in shapes if s.direct]
        told = [one.sparql for one in statements if one.told]
        sparql = (
            bind(load("kg/explore/entity/show-section"), entity=entity, asked=nodes(direct))
            if direct
            else told[0]
        )
        return Section(key, title, statements, sparql)

    def _statement(self, shape: PropertyShape) -> Statement:
        reader = self.reader
        heading = reader.term(shape.ways[-1][-1].iri if shape.ways else shape.path, shape.names)
        chapter = next((one for one in self.said.story.chapters if one.shape is shape), None)
        if chapter:
            told = self.teller.tell(self.said.iri, self.said.own, self.said.story, chapter, self.notes)
            more = max(0, len(chapter.things) - self.said.story.shown)
            short = lacking(self.said.story, chapter, self.schema, reader)
            return Statement(
                heading, told=told, untold=short, more=more, sparql=chapter.sparql, **_part(shape)
            )
        values = self._values(shape.path)
        if shape.embeds:
            rows = [(v.value, graphs) for v, graphs in values.items() if isinstance(v, ox.NamedNode)]
            laid = table(rows, self.said.embedded, self.schema, reader, self.notes)
            return Statement(heading, table=laid, sparql=self._table_sparql(shape.path), **_part(shape))
        shown = best_language(values, reader)
        found = [(reader.value(v), g) for v, g in shown.items()]
        if shape.path not in self.said.ordered:
            found.sort(key=lambda pair: self._place(pair[0]))
        facts = tuple(Fact(value, self.notes.mark(graphs)) for value, graphs in found[:SHOWN])
        contested = shape.single and len(facts) > 1
        inferred = self._is_inferred(shape.path)
        more = max(0, len(found) - SHOWN)
        return Statement(heading, facts, contested=contested, inferred=inferred, more=more, **_part(shape))

    def _place(self, value: Value) -> tuple[int, float, tuple[str, ...]]:
        """Order values: what contains the thing from the top, then things by name; see ``sort_key``."""
        kind, number, text = sort_key(value)
        if not isinstance(value, Ref):
            return (kind, number, (text,))
        trail = self.said.trail
        place = trail.index(value.iri) if value.iri in trail else len(trail)
        return (kind, place, self.reader.sort_key(value.iri))

    def _values(self, name: str) -> Mapping[Term, tuple[str, ...]]:
        """Return a property's values, but for what rules make of a narrower one: who does takes part."""
        own = self.said.own
        hidden = {shape.path for shape in self.said.shapes if shape.hidden}
        closer = {value for below in self.schema.narrower(name) - hidden for value in own.get(below, {})}
        values = own.get(name, {})
        if closer.isdisjoint(values):
            return values
        return {v: graphs for v, graphs in values.items() if v not in closer or not self.by_rules(graphs)}

    def _is_inferred(self, name: str) -> bool:
        """Say whether rules alone give the values of a property."""
        return self.by_rules({graph for of in self.said.own[name].values() for graph in of})

    def by_rules(self, graphs: Iterable[str]) -> bool:
        """Say whether some graphs hold nothing but what rules gave."""
        return all(INFERRED in iris(self.library.about(graph), BASIS) for graph in graphs)

    def _is_told(self, name: str) -> bool:
        """Say whether all that a property leads to is told by a chapter or a table already."""
        linked_to, embeds = linked(self.said.own, name), name in self.schema.embedding
        told = self.said.story.things if embeds else self.said.story.things | self.said.embedded.keys()
        return bool(linked_to) and told.issuperset(linked_to)

    def _repeats(self, name: str) -> bool:
        """Say whether a property only repeats the breadcrumb, as the closure of containment does."""
        return set(self.said.trail).issuperset(linked(self.said.own, name)) and self._is_inferred(name)

    def _table_sparql(self, path: str) -> str:
        return bind(
            load("kg/explore/entity/show-table"), entity=ox.NamedNode(self.said.iri), asked=ox.NamedNode(path)
        )


def _part(shape: PropertyShape) -> dict[str, Any]:
    """Return what a statement is known by in patterns and drawings."""
    return {"key": local_name(shape.iri or shape.path), "actors": "Actor" in shape.show}
