"""What shapes expect of a class and its things lack, and how the things spread over regions.

A node shape lists what it expects (``kg:expects``), the most important first; what a property shape demands
(``sh:minCount``) is expected too. Nothing else counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from kg.explore.ask import ask, nodes, number
from kg.explore.browsing.browse import Browser
from kg.explore.browsing.conditions import Condition, conditioned
from kg.explore.browsing.overview import Counter
from kg.explore.coverage.counts import Share
from kg.explore.model import Entity, Ref, Text
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, Schema, str_of
from kg.explore.ontology.shapes import PropertyShape, Step
from kg.explore.statements.evidence import Library, iris
from kg.release import Release
from kg.sparql.bind import bind, load
from kg.terms import KG, local_name

MOST = 5_000
"""Things of a class that are looked at."""
REGIONS = 40
"""How many regions a heat map shows at most."""
STRENGTHS = 5


@dataclass(frozen=True, slots=True)
class Expected(Share):
    """What is expected: of how many things it is known, and what a curator does where it isn't.

    ``key`` names it in an address; ``rank`` is its importance, 1 the highest.
    """

    key: str
    rank: int
    mend: Text | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """Things by region and class: a count and its strength (0 to 5) for each."""

    property: Ref
    regions: tuple[Ref, ...]
    classes: tuple[Ref, ...]
    cells: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions over which things spread, by one axis: of which class they are, what else there is, counts.

    ``counts`` tells how many things of a class (of ``others``) each region has; what isn't there is none.
    """

    axis: str
    cls: str
    iris: tuple[str, ...]
    others: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]

    @property
    def told(self) -> tuple[str, ...]:
        """The classes of which something is told in any region."""
        return tuple(c for c in self.others if any(self.counts.get((one, c)) for one in self.iris))


def _key(shape: PropertyShape) -> str:
    """Return a name for a shape that stays the same from release to release."""
    return local_name(shape.path if shape.iri.startswith("_:") else shape.iri)


class Gaps:
    """Finds what is missing; each answer is kept, as a release never changes."""

    def __init__(self, schema: Schema, counter: Counter, browser: Browser, library: Library) -> None:
        self.schema = schema
        self.counter = counter
        self.browser = browser
        self.library = library
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._regions: dict[str, Regions | None] = {}
        self._inside: dict[tuple[str, str, str], frozenset[str]] = {}

    def shapes(self, cls: str) -> tuple[PropertyShape, ...]:
        """Return what is expected of a class, in the order of importance."""
        return self.shapes_of([cls])

    def shapes_of(self, classes: Iterable[str]) -> tuple[PropertyShape, ...]:
        """Return what is expected of the things of some classes, in the order of importance."""
        given = list(classes)
        shapes = [s for s in self.schema.shapes_of(given) if s.names or not s.hidden]
        wanted = {iri: rank for rank, iri in enumerate(self.schema.expected_of(given))}
        asked = [s for s in shapes if s.iri in wanted or (s.required and s.direct and not s.hidden)]
        asked.sort(key=lambda s: wanted.get(s.iri, -1))
        return tuple(asked)

    def expected(self, cls: str, reader: Reader, among: frozenset[str] | None = None) -> tuple[Expected, ...]:
        """Return what is expected of a class and of how many things it is known. Raises QueryError.

        Of ``among`` alone, where that is given.
        """
        total = min(self.counter.members(cls), MOST) if among is None else len(among)
        return tuple(
            Expected(
                self._called(shape, reader),
                len(self._have(cls, shape) if among is None else self._have(cls, shape) & among),
                total,
                _key(shape),
                rank,
                reader.text(shape.messages),
            )
            for rank, shape in enumerate(self.shapes(cls), 1)
        )

    def unknown(self, entity: Entity, reader: Reader) -> tuple[Ref, ...]:
        """Return what is expected of a thing and its page doesn't tell, by importance."""
        told = {one.key for section in entity.sections for one in section.statements}
        shapes = self.shapes_of(kind.iri for kind in entity.kinds)
        lacked = (shape for shape in shapes if not shape.required and _key(shape) not in told)
        found = {ref.label.value: ref for ref in (self._called(shape, reader) for shape in lacked)}
        return tuple(found.values())

    def lacking(
        self, cls: str, key: str, reader: Reader, among: frozenset[str] | None = None
    ) -> tuple[Ref, ...] | None:
        """Return the things that lack what is expected, by name; None where nothing of that name is.

        Of ``among`` alone, where that is given. Raises QueryError.
        """
        for shape in self.shapes(cls):
            if key == _key(shape):
                every = self.browser.members(cls, MOST) if among is None else among
                found = [m for m in every if m not in self._have(cls, shape)]
                reader.names.fetch(found)
                return tuple(reader.ref(one) for one in sorted(found, key=reader.sort_key))
        return None

    @staticmethod
    def _called(shape: PropertyShape, reader: Reader) -> Ref:
        return reader.term(shape.ways[-1][-1].iri, shape.names)

    def _have(self, cls: str, shape: PropertyShape) -> frozenset[str]:
        key = (cls, shape.iri)
        if key not in self._known:
            types = nodes(self.schema.below(cls))
            kinds = nodes(below for one in shape.of for below in self.schema.below(one))
            found: set[str] = set()
            for way in shape.ways:
                condition = Condition((*way, Step(TYPE)), tuple(kinds)) if kinds else Condition(way)
                asked = conditioned(bind(load("kg/explore/browsing/items"), type=types), [condition])
                rows = self.browser.engine.query(bind(asked, limit=MOST)).rows
                found |= {str_of(row[0]) for row in rows}
            self._known[key] = frozenset(found)
        return self._known[key]

    def regions(self, release: Release | None) -> Regions | None:
        """Return the regions of a release: of the main classes, the one over which most is spread by an axis.

        None where the dataset names no axis, or none leads to things of a main class.
        """
        key = release.dataset if release else ""
        if key not in self._regions:
            self._regions[key] = self._find(release) if release else None
        return self._regions[key]

    @property
    def _small(self) -> tuple[str, ...]:
        """The main classes that have so few things that a map of heat has room for them."""
        return tuple(cls for cls in self.schema.primary if 0 < self.counter.members(cls) <= REGIONS)

    def may_be_region(self, entity: Entity) -> bool:
        """Say whether a thing is of a class whose things may be regions, before that is worked out."""
        return any(up in self._small for kind in entity.kinds for up in self.schema.above(kind.iri))

    def _find(self, release: Release) -> Regions | None:
        axes = iris(self.library.about(release.dataset), KG + "axis")
        regions = {cls: self.browser.members(cls, REGIONS) for cls in self._small}
        spread = self._spread(axes, {iri for of in regions.values() for iri in of})
        found = []
        for axis, (cls, within) in product(axes, regions.items()):
            others = tuple(one for one in self.schema.primary if one != cls)
            asked = product(within, others)
            counts = {key: count for key in asked if (count := spread.get((axis, *key)))}
            found.append(Regions(axis, cls, within, others, counts))
        best = max(found, key=lambda one: (sum(one.counts.values()), one.axis, one.cls), default=None)
        return best if best is not None and best.counts else None

    def inside(self, cls: str, axis: str, region: str) -> frozenset[str]:
        """Return the things of a class that an axis leads to a region from. Raises QueryError."""
        key = (cls, axis, region)
        if key not in self._inside:
            condition = Condition((Step(axis),), tuple(nodes([region])))
            asked = conditioned(
                bind(load("kg/explore/browsing/items"), type=nodes(self.schema.below(cls))), [condition]
            )
            rows = self.browser.engine.query(bind(asked, limit=MOST)).rows
            self._inside[key] = frozenset(str_of(row[0]) for row in rows)
        return self._inside[key]

    def _spread(self, axes: Sequence[str], regions: Iterable[str]) -> dict[tuple[str, str, str], int]:
        """Return how many things each axis leads to each region from, by main class. Raises QueryError."""
        rows = ask(
            self.browser.engine,
            "kg/explore/coverage/spread",
            axis=nodes(axes),
            region=nodes(sorted(regions)),
            type=nodes(self.schema.primary),
        )
        return {
            (str_of(row["axis"]), str_of(row["region"]), str_of(row["type"])): number(row["count"])
            for row in rows
            if "region" in row
        }

    def heat(self, release: Release | None, reader: Reader) -> Heat | None:
        """Return how the things of the main classes spread over regions; None where there are none."""
        found = self.regions(release)
        if found is None:
            return None
        reader.names.fetch(found.iris)
        told, counts = found.told, found.counts
        most = {cls: max(counts.get((region, cls), 0) for region in found.iris) for cls in told}
        order = sorted(found.iris, key=reader.sort_key)
        cells = tuple(
            tuple((n := counts.get((region, cls), 0), -(-n * STRENGTHS // most[cls])) for cls in told)
            for region in order
        )
        refs = tuple(reader.ref(region) for region in order)
        return Heat(reader.term(found.axis), refs, tuple(reader.term(cls) for cls in told), cells)
