"""The explorer: what pages ask, answered out of a release by any engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.local import LocalEngine
from kg.explore.ask import ask, node_or_none, nodes
from kg.explore.browsing.browse import Browser, Chosen, Listing
from kg.explore.browsing.overview import ClassCount, Counter, Overview, overview
from kg.explore.browsing.tree import SCHEME, Branch, tree
from kg.explore.browsing.vocabulary import ClassPage, PropertyPage, Vocabulary
from kg.explore.coverage.counts import Coverage
from kg.explore.coverage.gaps import Gaps
from kg.explore.coverage.regions import RegionGaps, region_gaps
from kg.explore.entity.compare import Comparer
from kg.explore.entity.incoming import Pointing, cited
from kg.explore.entity.page import Builder
from kg.explore.entity.timeline import Moment, timeline
from kg.explore.maps.atlas import Atlas
from kg.explore.maps.places import Map, Places
from kg.explore.model import Entity, Evidence, Incoming, Ref, Text
from kg.explore.naming.names import Names, Reader
from kg.explore.naming.suggestions import likely
from kg.explore.networks.network import Networks
from kg.explore.ontology.opened import opened
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.questions.answers import Answerer
from kg.explore.questions.collection import Questions
from kg.explore.questions.examples import Example, examples
from kg.explore.statements.evidence import Library, Notes, describe, literals
from kg.explore.statements.figures import Figures
from kg.explore.statements.graphs import Content, Shelf
from kg.labels import LABELS
from kg.languages import ORIGINAL
from kg.release import Release
from kg.terms import WELL_KNOWN, Prefixes


class Explorer:
    """Answers what pages ask. One for each release and process; it keeps what it has read.

    Without a release, shapes and prefixes are what the engine and the well-known vocabularies tell.
    """

    def __init__(self, engine: Engine, release: Release | None = None) -> None:
        self.engine = engine
        self.release = release
        self._pointing: dict[str, dict[str, int]] = {}
        self.prefixes = Prefixes(WELL_KNOWN).merged(release.prefixes if release else {})

    @cached_property
    def schema(self) -> Schema:
        """The vocabulary and its shapes. Raises QueryError."""
        schema = Schema.load(self.engine, self._shapes())
        return opened(schema, self.engine, self.release) if self.release and self.release.opened else schema

    def _shapes(self) -> Engine | None:
        if self.release is None or "shapes.ttl" not in self.release.manifest["files"]:
            return None
        store = ox.Store()
        store.load(path=str(self.release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
        return LocalEngine(store)

    @cached_property
    def names(self) -> Names:
        """The names of things."""
        elsewhere = bool(self.release and self.release.opened)
        return Names(self.engine, self.schema, self.prefixes, elsewhere=elsewhere)

    @cached_property
    def library(self) -> Library:
        """The sources of statements."""
        return Library(self.engine, self.schema)

    @cached_property
    def counter(self) -> Counter:
        """Counts, kept."""
        sizes = self.release.opened.get("sizes") if self.release else None
        return Counter(self.engine, self.schema, sizes)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """How the terms of the vocabulary are used."""
        return Vocabulary(self.engine, self.schema, self.counter)

    @cached_property
    def shelf(self) -> Shelf:
        """What graphs state."""
        return Shelf(self.engine, self.library)

    @cached_property
    def browser(self) -> Browser:
        """The things of classes, by facets."""
        return Browser(self.engine, self.schema, self.library)

    @cached_property
    def figures(self) -> Figures:
        """The figures of comparable things."""
        return Figures(self.engine, self.schema)

    @cached_property
    def coverage(self) -> Coverage:
        """What is known and what is missing."""
        return Coverage(self.engine, self.schema, self.counter, self.library)

    @cached_property
    def questions(self) -> Questions:
        """The questions that came with the release."""
        return Questions(self.release.path / "questions" if self.release else None)

    @cached_property
    def answerer(self) -> Answerer:
        """The answers to them."""
        return Answerer(self.engine, self.schema, self.library, self.questions)

    @cached_property
    def gaps(self) -> Gaps:
        """What is expected and missing."""
        return Gaps(self.schema, self.counter, self.browser, self.library)

    def is_region(self, iri: str) -> bool:
        """Say whether a thing is one of the regions that coverage is told by. Raises QueryError."""
        found = self.gaps.regions(self.release)
        return found is not None and iri in found.iris

    def region_gaps(self, iri: str, language: str) -> RegionGaps | None:
        """Return what isn't known of a region, None where it is none. Raises QueryError."""
        return region_gaps(iri, self.gaps, self.figures, self.release, self.reader(language))

    @cached_property
    def places(self) -> Places:
        """Where things lie."""
        return Places(self.names, self.schema)

    @cached_property
    def networks(self) -> Networks:
        """What relations link things with."""
        return Networks(self.schema, self.browser, self.library, self.release)

    @cached_property
    def atlas(self) -> Atlas:
        """Which things can be drawn on a map, and the ground to draw them on."""
        return Atlas(self.schema, self.places, self.browser, self.counter)

    def comparer(self, language: str, notes: Notes) -> Comparer:
        """Return what lays things of a class side by side."""
        return Comparer(self.figures, self.library, self._pointing_of(self.reader(language)), notes)

    def _pointing_of(self, reader: Reader) -> Pointing:
        return Pointing(self.engine, self.schema, reader, self._pointing)

    def timeline(self, entity: Entity, language: str) -> tuple[Moment, ...]:
        """Return the dates of a thing and its neighbours. Raises QueryError."""
        return timeline(self.engine, entity, self.reader(language))

    def here(self, entity: Entity, language: str) -> Map | None:
        """Draw where a thing lies, or what contains it. Raises QueryError."""
        return self.places.here(entity.iri, entity.trail, self.atlas.middles(), self.reader(language))

    def tree(self, entity: Entity, language: str) -> tuple[Branch, ...]:
        """Return the tree of a scheme of concepts; nothing of anything else. Raises QueryError."""
        if SCHEME not in {kind.iri for kind in entity.kinds}:
            return ()
        return tree(self.engine, self.reader(language), entity.iri)

    def likely(self, iri: str, language: str) -> tuple[Ref, ...]:
        """Return what an unknown IRI was likely meant to be. Raises QueryError."""
        base = self.release.base if self.release else ""
        found = likely(self.names, self.schema, iri, base)
        return self.refs(found, language)

    def refs(self, iris: Iterable[str], language: str) -> tuple[Ref, ...]:
        """Return things by their IRIs, with their names. Raises QueryError."""
        wanted = list(iris)
        self.names.fetch(wanted)
        return tuple(self.reader(language).ref(one) for one in wanted)

    def any_thing(self) -> str | None:
        """Return some thing that readers may come for, None where there is none. Raises QueryError."""
        row = next(ask(self.engine, "kg/explore/any-of", cls=nodes(self.schema.primary)), None)
        return str_of(row["it"]) if row is not None else None

    def richest(self, count: int) -> list[str]:
        """Return the things about which most is said, and which most point at; of large classes none.

        Raises QueryError.
        """
        classes = [cls for cls in self.schema.primary if not self.counter.is_large(cls)]
        types = nodes(below for cls in classes for below in self.schema.below(cls))
        every = ask(self.engine, "kg/explore/most-said", limit=count, type=types) if types else ()
        some = (iri for cls in classes for iri in self.counter.richest(cls))
        return list(dict.fromkeys([*(str_of(row["item"]) for row in every if "item" in row), *some]))

    def pointed_at(self, count: int) -> list[str]:
        """Return what most statements point at, classes too, as a sample of them has it. Raises QueryError.

        Where a class is large, these are the pages that take longest to make.
        """
        rows = ask(self.engine, "kg/explore/pointed-at", limit=count)
        return [str_of(row["value"]) for row in rows if "value" in row]

    def reader(self, language: str) -> Reader:
        """Return the names and values as a reader of ``language`` wants them."""
        return Reader(self.names, language)

    def entity(self, iri: str, language: str) -> Entity | None:
        """Return an entity's page, or None when the data doesn't know it. Raises QueryError."""
        if node_or_none(iri) is None:
            return None
        reader = self.reader(language)
        return Builder(self.engine, self.schema, self.library, reader, self._pointing).build(iri)

    def links(
        self, iri: str, name: str, page: int, language: str
    ) -> tuple[Incoming, Mapping[int, Evidence]] | None:
        """Return a page of the things that point at ``iri`` by one property, and its sources.

        Raises QueryError.
        """
        if node_or_none(iri) is None or node_or_none(name) is None:
            return None
        reader, notes = self.reader(language), Notes()
        pointing = self._pointing_of(reader)
        group = pointing.page(iri, name, page)
        if group is None:
            return None
        sayers = pointing.sayers(iri, [group])
        (group,) = cited([group], sayers, notes)
        reader.names.fetch(self.library.fetch_graphs(list(notes.numbers)))
        return group, describe(self.library, reader, notes)

    def title(self, language: str) -> Text:
        """Return the dataset's title. Raises QueryError."""
        about = self.library.about(self.release.dataset) if self.release else {}
        stated = self.release.titles.items() if self.release else ()
        known = literals(about, *reversed(LABELS)) or [ox.Literal(text, language=tag) for tag, text in stated]
        return self.reader(language).text(known) or Text("Knowledge graph", ORIGINAL)

    def overview(self, language: str) -> Overview:
        """Return what is in the graph, for the home page. Raises QueryError."""
        title = self.title(language)
        return overview(title, self.counter, self.library, self.reader(language), self.release)

    def examples(self, language: str) -> tuple[Example, ...]:
        """Return example queries: the release's own, then those for any graph."""
        folder = self.release.path / "questions" if self.release else None
        return examples(self.reader(language), folder)

    def class_page(self, iri: str, language: str) -> ClassPage | None:
        """Return how a class is used, or None when it is none. Raises QueryError."""
        return self.vocabulary.class_page(iri, self.reader(language)) if iri in self.schema.classes else None

    def property_page(self, iri: str, language: str) -> PropertyPage | None:
        """Return how a property is used, or None when it is none. Raises QueryError."""
        known = iri in self.schema.properties
        return self.vocabulary.property_page(iri, self.reader(language)) if known else None

    def graph(self, iri: str, page: int, language: str) -> Content | None:
        """Return a page of what a graph states, or None when it is no graph. Raises QueryError."""
        return self.shelf.content(iri, self.reader(language), page)

    def made_from(self, iri: str, language: str) -> tuple[Content, ...]:
        """Return what the graphs made from a source state. Raises QueryError."""
        return self.shelf.made_from(iri, self.reader(language))

    def classes(self, language: str) -> tuple[ClassCount, ...]:
        """Return the classes that readers come for, the largest first. Raises QueryError."""
        return self.overview(language).classes

    def listing(self, cls: str, chosen: Chosen, page: int, language: str) -> Listing | None:
        """Return a page of a class under what was chosen, or None when it is no class. Raises QueryError."""
        if cls not in self.schema.classes:
            return None
        return self.browser.listing(cls, chosen, page, self.reader(language))
