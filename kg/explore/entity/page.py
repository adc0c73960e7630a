"""An entity's page in three steps: asked what is said of it, fetched the names and sources, and laid out."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.entity.asking import Asker, Said
from kg.explore.entity.incoming import cited, closest, untold
from kg.explore.entity.sections import Layout
from kg.explore.entity.story import Teller
from kg.explore.model import Entity, Fact
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, Schema
from kg.explore.statements.evidence import BASIS, ORIGIN, Library, Notes, describe, undescribed
from kg.explore.statements.facts import Facts, linked
from kg.explore.statements.tables import best_language
from kg.labels import LABELS
from kg.sparql.bind import bind, load
from kg.terms import KG, OWL, SKOS

DISPLAY = frozenset(KG + name for name in ("counted", "pattern", "isPrimary", "isDependent", "isComparable"))
"""How things are to be shown: said to this program, and no fact for a reader. Downloads have it all."""
_NAMES = frozenset({*LABELS, SKOS + "altLabel"})


@dataclass(frozen=True)
class Builder:
    """Builds the pages of entities for one reader."""

    engine: Engine
    schema: Schema
    library: Library
    reader: Reader
    counts: dict[str, dict[str, int]]
    """Counts of what is pointed at very often, kept for the release."""

    def build(self, iri: str) -> Entity | None:
        """Return the page's content, or None when nothing is said of the IRI. Raises QueryError."""
        said = Asker(self.engine, self.schema, self.library, self.reader, self.counts).ask(iri)
        if said is None:
            return None
        self._fetch(said)
        return self._laid_out(said)

    def _fetch(self, said: Said) -> None:
        """Load all names and sources that the page may need, in two queries or so."""
        sources = self.library.fetch_graphs(undescribed(self.library, self.reader, said.graphs()))
        self.reader.names.fetch({*said.things(), *sources})

    def _laid_out(self, said: Said) -> Entity:
        """Return the page, its sources numbered in the order in which a reader meets them."""
        own, notes = said.own, Notes()
        names = self._names(own, notes)
        summary, gist = self._summary(own, notes)
        teller = Teller(self.engine, self.schema, self.reader)
        layout = Layout(said, self.schema, self.library, self.reader, teller, notes)
        sections = layout.sections(_NAMES | DISPLAY | {TYPE, OWL + "sameAs"} | ({gist} if gist else set()))
        incoming = closest(said.incoming, said.sayers, self.schema, layout.by_rules)
        incoming = cited(untold(incoming, layout.named(sections)), said.sayers, notes)
        return Entity(
            iri=said.iri,
            label=self.reader.ref(said.iri).label,
            names=names,
            kinds=tuple(self.reader.term(one) for one in self.schema.narrowest(said.classes)),
            trail=tuple(self.reader.ref(step) for step in said.trail),
            summary=summary,
            sections=sections,
            incoming=incoming,
            evidence=describe(self.library, self.reader, notes),
            sparql=bind(load("kg/explore/entity/show-entity"), entity=ox.NamedNode(said.iri)),
            truncated=said.truncated,
            is_graph=BASIS in own or not own,
            is_origin=ORIGIN in said.pointing,
            same=tuple(sorted(linked(own, OWL + "sameAs", SKOS + "exactMatch"))),
        )

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
