"""What shapes expect of a class and its things lack, and how the things spread over regions.

A node shape lists what it expects (``kg:expects``), the most important first; what a property shape demands
(``sh:minCount``) is expected too. Nothing else counts as missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.explore.ask import ask, nodes, number
from kg.explore.browse import Browser
from kg.explore.conditions import Condition, conditioned
from kg.explore.evidence import Library, iris
from kg.explore.model import Ref, Text
from kg.explore.names import Reader
from kg.explore.overview import Counter
from kg.explore.schema import TYPE, Schema, str_of
from kg.explore.shapes import PropertyShape, Step
from kg.release import Release
from kg.sparql.bind import bind, load
from kg.terms import KG, local_name

MOST = 5_000
"""Things of a class that are looked at."""
REGIONS = 40
"""How many regions a heat map shows at most."""
STRENGTHS = 5


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected: of how many things it is known, and what a curator does where it isn't.

    ``key`` names it in an address; ``rank`` is its importance, 1 the highest.
    """

    key: str
    ref: Ref
    known: int
    total: int
    rank: int
    mend: Text | None = None

    @property
    def missing(self) -> int:
        """How many things lack it."""
        return self.total - self.known

    @property
    def share(self) -> int:
        """How many of a thousand have it."""
        return self.known * 1000 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Heat:
    """Things by region and class: a count and its strength (0 to 5) for each."""

    property: Ref
    regions: tuple[Ref, ...]
    classes: tuple[Ref, ...]
    cells: tuple[tuple[tuple[int, int], ...], ...]


class Gaps:
    """Finds what is missing; each answer is kept, as a release never changes."""

    def __init__(self, schema: Schema, counter: Counter, browser: Browser, library: Library) -> None:
        self.schema = schema
        self.counter = counter
        self.browser = browser
        self.library = library
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._counted: dict[tuple[str, str], int] = {}

    def shapes(self, cls: str) -> tuple[PropertyShape, ...]:
        """Return what is expected of a class, in the order of importance."""
        shapes = [s for s in self.schema.shapes_of([cls]) if s.names or not s.hidden]
        wanted = {iri: rank for rank, iri in enumerate(self.schema.expected_of([cls]))}
        asked = [s for s in shapes if s.iri in wanted or (s.required and s.direct and not s.hidden)]
        asked.sort(key=lambda s: wanted.get(s.iri, -1))
        return tuple(asked)

    def expected(self, cls: str, reader: Reader) -> tuple[Expected, ...]:
        """Return what is expected of a class and of how many things it is known. Raises QueryError."""
        total = min(self.counter.members(cls), MOST)
        return tuple(
            Expected(
                local_name(shape.iri) or local_name(shape.path),
                reader.term(shape.ways[-1][-1].iri, shape.names),
                len(self._have(cls, shape)),
                total,
                rank,
                reader.text(shape.messages),
            )
            for rank, shape in enumerate(self.shapes(cls), 1)
        )

    def lacking(self, cls: str, key: str, reader: Reader) -> tuple[Ref, ...] | None:
        """Return the things that lack what is expected, by name; None where nothing of that name is."""
        for shape in self.shapes(cls):
            if key == (local_name(shape.iri) or local_name(shape.path)):
                found = [m for m in self.browser.members(cls, MOST) if m not in self._have(cls, shape)]
                reader.names.fetch(found)
                return tuple(reader.ref(one) for one in sorted(found, key=reader.sort_key))
        return None

    def _have(self, cls: str, shape: PropertyShape) -> frozenset[str]:
        key = (cls, shape.iri or shape.path)
        if key not in self._known:
            types = nodes(self.schema.below(cls))
            kinds = nodes(below for one in shape.of for below in self.schema.below(one))
            found: set[str] = set()
            for way in shape.ways:
                condition = Condition((*way, Step(TYPE)), tuple(kinds)) if kinds else Condition(way)
                asked = conditioned(bind(load("browse-items"), type=types), [condition])
                rows = self.browser.engine.query(bind(asked, limit=MOST)).rows
                found |= {str_of(row[0]) for row in rows}
            self._known[key] = frozenset(found)
        return self._known[key]

    def heat(self, release: Release | None, reader: Reader) -> Heat | None:
        """Return how the things of the main classes spread over regions: the values of the first axis.

        None where the dataset names no axis, or none of the main classes is made of its values.
        """
        axes = iris(self.library.about(release.dataset), KG + "axis") if release else []
        primary = [cls for cls in self.schema.primary if 0 < self.counter.members(cls) <= REGIONS]
        for axis in axes:
            for cls in sorted(primary, key=self.counter.members):
                regions = self.browser.members(cls, REGIONS)
                others = [one for one in self.schema.primary if one != cls]
                counts = self._spread(axis, regions, others)
                if counts and cls in self.schema.comparable:
                    return self._heat(axis, regions, others, counts, reader)
        return None

    def _spread(
        self, axis: str, regions: Sequence[str], classes: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        if not self._counted:
            rows = ask(
                self.browser.engine,
                "spread",
                region=nodes(regions),
                axis=ox.NamedNode(axis),
                type=nodes(classes),
            )
            self._counted = {
                (str_of(row["region"]), str_of(row["type"])): number(row["count"])
                for row in rows
                if "region" in row
            }
        return self._counted

    def _heat(
        self,
        axis: str,
        regions: Sequence[str],
        classes: Sequence[str],
        counts: dict[tuple[str, str], int],
        reader: Reader,
    ) -> Heat:
        reader.names.fetch(regions)
        told = [cls for cls in classes if any(counts.get((region, cls)) for region in regions)]
        most = {cls: max(counts.get((region, cls), 0) for region in regions) for cls in told}
        order = sorted(regions, key=reader.sort_key)
        cells = tuple(
            tuple(
                (n := counts.get((region, cls), 0), -(-n * STRENGTHS // most[cls]) if most[cls] else 0)
                for cls in told
            )
            for region in order
        )
        refs = tuple(reader.ref(region) for region in order)
        return Heat(reader.term(axis), refs, tuple(reader.term(cls) for cls in told), cells)
