"""What is in the graph: for the home page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Engine
from kg.explore.ask import ask, in_order, nodes, number
from kg.explore.model import Ref, Text
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.statements.evidence import Library, literals
from kg.release import Release
from kg.sparql.bind import bind, load
from kg.terms import DCTERMS, KG

RICHEST = 8
"""How many things the home page offers to begin with."""


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class, how many things are of it, and the query that counts them."""

    ref: Ref
    count: int
    sparql: str


@dataclass(frozen=True, slots=True)
class PropertyUse:
    """A property of a class's things: how many statements, on how many of them."""

    iri: str
    statements: int
    items: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What the home page shows. ``bases`` counts the statements that sources make, by what they rest on."""

    title: Text
    description: Text | None
    rights: Text | None
    classes: tuple[ClassCount, ...]
    doors: tuple[Door, ...]
    bases: tuple[tuple[Ref, int], ...] = ()

    @property
    def told(self) -> int:
        """How many statements about the world there are: what sources state or list, or was read there."""
        return sum(count for _, count in self.bases)


@dataclass(frozen=True, slots=True)
class Door:
    """A class to begin with, and its things about which most is said."""

    cls: Ref
    things: tuple[Ref, ...]


TOLD = ("Stated", "Read", "Tabulated")
"""The bases of what is said about the world, not about the sources or the vocabulary, nor worked out."""
LARGE = 20_000
"""Above so many members, what a class's things have is told by the first so many of them."""


class Counter:
    """Counts that are made once, as a release never changes.

    ``sizes`` are those of classes by themselves that are known already: to count a million things takes the
    engine a second.
    """

    def __init__(self, engine: Engine, schema: Schema, sizes: Mapping[str, int] | None = None) -> None:
        self.engine = engine
        self.schema = schema
        self._sizes = sizes or {}
        self._members: dict[str, int] = {}
        self._richest: dict[str, tuple[str, ...]] = {}
        self._uses: dict[str, tuple[PropertyUse, ...]] = {}

    def members(self, iri: str) -> int:
        """Return how many things are of a class or of one below it. Raises QueryError."""
        if iri not in self._members:
            below = self.schema.below(iri)
            if iri in self._sizes and set(below) == {iri}:
                return self._sizes[iri]
            rows = ask(self.engine, "kg/explore/browsing/count-members", type=nodes(below))
            self._members[iri] = next((number(row.get("count")) for row in rows), 0)
        return self._members[iri]

    @cached_property
    def by_basis(self) -> Mapping[str, int]:
        """How many statements rest on each basis. Raises QueryError."""
        rows = ask(self.engine, "kg/explore/browsing/count-basis")
        return {str_of(row["basis"]): number(row["count"]) for row in rows if "basis" in row}

    def is_large(self, cls: str) -> bool:
        """Say whether a class is too large to count all that its things have. Raises QueryError."""
        return self.members(cls) > LARGE

    def looked_at(self, cls: str) -> int:
        """Return how many of a class's things `uses` looks at. Raises QueryError."""
        return min(self.members(cls), LARGE)

    def uses_query(self, cls: str) -> str:
        """Return the query by which `uses` counts. Raises QueryError."""
        name = (
            "kg/explore/browsing/class-sample"
            if self.is_large(cls)
            else "kg/explore/browsing/class-properties"
        )
        return bind(load(name), type=nodes(self.schema.below(cls)))

    def uses(self, cls: str) -> tuple[PropertyUse, ...]:
        """Return which properties a class's things have, most used first. Raises QueryError."""
        if cls not in self._uses:
            rows = in_order(self.engine, self.uses_query(cls)).dicts()
            self._uses[cls] = tuple(
                PropertyUse(str_of(row["property"]), number(row["statements"]), number(row["items"]))
                for row in rows
                if "property" in row
            )
        return self._uses[cls]

    def richest(self, cls: str) -> tuple[str, ...]:
        """Return the things of a class about which most is said; none of a large one. Raises QueryError."""
        if self.is_large(cls):
            return ()
        if cls not in self._richest:
            rows = ask(
                self.engine, "kg/explore/browsing/richest", limit=RICHEST, type=nodes(self.schema.below(cls))
            )
            self._richest[cls] = tuple(str_of(row["item"]) for row in rows if "item" in row)
        return self._richest[cls]


def overview(
    title: Text, counter: Counter, library: Library, reader: Reader, release: Release | None
) -> Overview:
    """Return what the home page shows. Raises QueryError."""
    schema = counter.schema
    about = library.about(release.dataset) if release else {}
    offered = {iri: counter.richest(iri) for iri in schema.comparable or schema.primary[:3]}
    reader.names.fetch(iri for things in offered.values() for iri in things)
    counted = [_counted(counter, reader, iri) for iri in schema.primary if counter.members(iri)]
    return Overview(
        title=title,
        description=reader.text(literals(about, DCTERMS + "description")),
        rights=reader.text(literals(about, DCTERMS + "rights")),
        classes=tuple(sorted(counted, key=lambda one: (-one.count, one.ref.iri))),
        doors=tuple(
            Door(reader.term(cls), tuple(reader.ref(iri) for iri in things))
            for cls, things in sorted(offered.items(), key=lambda pair: (counter.members(pair[0]), pair[0]))
            if things
        ),
        bases=tuple(
            (reader.ref(KG + name), counter.by_basis[KG + name])
            for name in TOLD
            if KG + name in counter.by_basis
        ),
    )


def _counted(counter: Counter, reader: Reader, iri: str) -> ClassCount:
    sparql = bind(load("kg/explore/browsing/count-members"), type=nodes(counter.schema.below(iri)))
    return ClassCount(reader.term(iri), counter.members(iri), sparql)
