"""What is known and what is missing: how many things of each class have each property of its shapes."""

from __future__ import annotations

from dataclasses import dataclass

from kg.engine import Engine
from kg.explore.browsing.overview import Counter
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema
from kg.explore.statements.evidence import Library, iris
from kg.release import Release
from kg.terms import KG

AXIS = KG + "axis"


@dataclass(frozen=True, slots=True)
class Share:
    """What things may have: how many have it, of how many."""

    ref: Ref
    known: int
    total: int

    @property
    def missing(self) -> int:
        """How many things lack it."""
        return self.total - self.known

    @property
    def share(self) -> int:
        """How many of a thousand have it."""
        return self.known * 1000 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Known(Share):
    """A property: how many things have it, and whether they must."""

    required: bool = False


@dataclass(frozen=True, slots=True)
class ClassCoverage:
    """A class: how many things it has, and what is known of them."""

    cls: Ref
    total: int
    known: tuple[Known, ...]
    sparql: str


class Coverage:
    """Counts what is known; each class once."""

    def __init__(self, engine: Engine, schema: Schema, counter: Counter, library: Library) -> None:
        self.engine = engine
        self.schema = schema
        self.counter = counter
        self.library = library

    def axes(self, release: Release | None) -> tuple[str, ...]:
        """Return the properties by which the dataset says that it can be cut."""
        return tuple(iris(self.library.about(release.dataset), AXIS)) if release else ()

    def items(self, cls: str) -> dict[str, int]:
        """Return by property how many things of a class have it. Raises QueryError."""
        return {use.iri: use.items for use in self.counter.uses(cls)}

    def of(self, cls: str, reader: Reader) -> ClassCoverage:
        """Return what is known of a class's things, by the properties of its shapes. Raises QueryError."""
        total = self.counter.looked_at(cls)
        counts = self.items(cls)
        shapes = [s for s in self.schema.shapes_of([cls]) if s.direct and not s.hidden]
        known = tuple(
            Known(reader.term(s.path, s.names), counts.get(s.path, 0), total, s.required) for s in shapes
        )
        return ClassCoverage(reader.term(cls), self.counter.members(cls), known, self.counter.uses_query(cls))

    def cut(self, cls: str, axes: tuple[str, ...], reader: Reader) -> ClassCoverage:
        """Return how many things of a class have a value on each axis. Raises QueryError."""
        total = self.counter.looked_at(cls)
        counts = self.items(cls)
        known = tuple(Known(reader.term(axis), counts.get(axis, 0), total) for axis in axes)
        return ClassCoverage(reader.term(cls), self.counter.members(cls), known, self.counter.uses_query(cls))
