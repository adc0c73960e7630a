"""What is asked of the graph for an entity's page, before any name is fetched or anything laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.entity.incoming import Pointing, Sayers
from kg.explore.entity.story import Story, Teller
from kg.explore.model import Incoming
from kg.explore.naming.names import Reader
from kg.explore.nearest import STEPS_UP
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.explore.ontology.shapes import PropertyShape
from kg.explore.statements.evidence import Library, iris
from kg.explore.statements.facts import Facts, facts_about, graphs_of, linked, mentioned
from kg.explore.statements.lists import laid_out
from kg.sparql.bind import bind, load


@dataclass(frozen=True, slots=True)
class Said:
    """What the graph says of an entity, and of the nodes and things that its page tells with it."""

    iri: str
    own: Facts
    ordered: frozenset[str]
    """The properties whose values have an order of their own."""
    classes: Sequence[str]
    shapes: Sequence[PropertyShape]
    embedded: Mapping[str, Facts]
    """The nodes that the page shows as rows of tables, each with what is said of it."""
    story: Story
    incoming: tuple[Incoming, ...]
    sayers: Sayers
    pointing: frozenset[str]
    """All properties that point at the entity, shown or not."""
    trail: tuple[str, ...]
    """The breadcrumb, its top first."""
    truncated: bool

    def things(self) -> set[str]:
        """Return every IRI that the page may have to name."""
        return {self.iri, *self.trail} | self.story.mentioned() | mentioned(self._facts())

    def graphs(self) -> set[str]:
        """Return every graph that the page may cite."""
        sayers = {graph for found in self.sayers.values() for graph in found}
        return sayers | self.story.graphs() | set(graphs_of(self._facts()))

    def _facts(self) -> list[Facts]:
        return [self.own, *self.embedded.values()]


@dataclass(frozen=True)
class Asker:
    """Asks what is said of entities, for one reader."""

    engine: Engine
    schema: Schema
    library: Library
    reader: Reader
    counts: dict[str, dict[str, int]]
    """Counts of what is pointed at very often, kept for the release."""

    def ask(self, iri: str) -> Said | None:
        """Return what is said of an entity, or None when nothing is. Raises QueryError."""
        about, truncated = facts_about(self.engine, [iri], self.schema.superseded)
        own, ordered = laid_out(self.engine, about.get(iri, {}))
        classes = linked(own, TYPE)
        shapes = self.schema.shapes_of(classes)
        pointer = Pointing(self.engine, self.schema, self.reader, self.counts)
        rows = pointer.read(iri)
        embedded = linked(own, *(s.path for s in shapes if s.embeds and s.direct))
        story = Teller(self.engine, self.schema, self.reader).read(iri, own, shapes, rows, embedded)
        incoming, pointing = pointer.groups(iri, shapes, rows)
        if not own and not pointing and not self._is_known(iri):
            return None
        return Said(
            iri=iri,
            own=own,
            ordered=ordered,
            classes=classes,
            shapes=shapes,
            embedded={node: story.facts.get(node, {}) for node in embedded},
            story=story,
            incoming=incoming,
            sayers=pointer.sayers(iri, incoming),
            pointing=pointing,
            trail=self._trail(iri, own, classes),
            truncated=truncated or story.truncated,
        )

    def _is_known(self, iri: str) -> bool:
        """Say whether anything at all is said of an IRI, in whatever place."""
        known = bind(load("kg/explore/entity/known"), entity=ox.NamedNode(iri))
        return bool(self.engine.query(known).boolean)

    def _trail(self, iri: str, own: Facts, classes: Sequence[str]) -> tuple[str, ...]:
        """Climb from the entity by its breadcrumb properties, or from whatever it is a part of."""
        upward = self.library.upward
        start = self.library.nearest(linked(own, *upward)) or self._owner(iri, classes)
        trail: list[str] = []
        while start and start != iri and start not in trail and len(trail) < STEPS_UP:
            trail.insert(0, start)
            self.library.fetch([start])
            start = self.library.nearest(iris(self.library.about(start), *upward))
        return tuple(trail)

    def _owner(self, iri: str, classes: Sequence[str]) -> str | None:
        """Return what a node that only carries evidence belongs to; None for things of their own."""
        embedding = nodes(sorted(self.schema.embedding))
        if not embedding or not self.schema.is_dependent(classes):
            return None
        rows = ask(self.engine, "kg/explore/entity/owners", node=ox.NamedNode(iri), asked=embedding)
        return next((str_of(row["owner"]) for row in rows), None)
