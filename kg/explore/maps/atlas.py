"""What a map shows: the things of a class, at their points or at those of what contains them, on a ground."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kg.explore.browsing.browse import Browser
from kg.explore.browsing.overview import Counter
from kg.explore.maps.apart import apart
from kg.explore.maps.containment import Containment, common
from kg.explore.maps.drawing import Drawing, Located, Region
from kg.explore.maps.ground import HEIGHT, WIDTH, regions_of
from kg.explore.maps.places import Frame, Map, Places, Point, mean, named, overlap, radius_of
from kg.explore.maps.sizes import Shifts, Sizes, shifts
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema
from kg.explore.widths import columns

MOST = 3_000
"""Things of a class beyond which only those are drawn that have points of their own."""
GROUND = 1_500
"""Points that the ground is made of."""
SKETCHED = 900
"""Points of the ground of a small map."""


def signs(
    regions: Iterable[tuple[Ref, Region]], rings: Iterable[tuple[float, float, float]]
) -> list[tuple[Ref, float, float]]:
    """Return where the names of regions go so that none lies on another or on a ring (x, y, radius).

    The largest regions choose first; a name for which there is no room is left out.
    """
    taken = [(x - r, y - r, x + r, y + r) for x, y, r in rings]
    found = []
    for ref, region in sorted(regions, key=lambda pair: (-len(pair[1].dots), pair[1].iri)):
        half = columns(ref.label.value) * 4
        for y in (round(region.y + step, 1) for step in (0, 30, -24)):
            box = (region.x - half, y - 12, region.x + half, y + 5)
            if not any(overlap(box, other) for other in taken):
                taken.append(box)
                found.append((ref, region.x, y))
                break
    return found


class Atlas:
    """The maps of a release, each worked out once."""

    def __init__(self, schema: Schema, places: Places, browser: Browser, counter: Counter) -> None:
        self.schema = schema
        self.places = places
        self.browser = browser
        self.counter = counter
        self.containment = Containment(schema, places.names.engine)
        self._drawn: dict[str, Drawing | None] = {}
        self._middles: dict[str, Point] = {}
        self._shifts: dict[tuple[str, Sizes], tuple[Shifts, ...]] = {}

    def classes(self) -> Mapping[str, int]:
        """Return the classes that readers come for of which something can be drawn, most first."""
        drawn = {cls: self.drawing(cls) for cls in self.schema.primary}
        counts = {cls: len(found.located) for cls, found in drawn.items() if found}
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def drawing(self, cls: str) -> Drawing | None:
        """Return what is drawn of a class; None when nothing can be. Raises QueryError."""
        if cls not in self._drawn:
            self._drawn[cls] = self._draw(cls)
        return self._drawn[cls]

    def shifts(self, cls: str, sizes: Sizes) -> tuple[Shifts, ...]:
        """Return how far a class's signs are drawn from their places, worked out once. Raises QueryError."""
        drawing = self.drawing(cls)
        if drawing is None:
            return ()
        if (cls, sizes) not in self._shifts:
            self._shifts[cls, sizes] = shifts(drawing, sizes)
        return self._shifts[cls, sizes]

    def _draw(self, cls: str) -> Drawing | None:
        if not self.places.points():
            return None
        count = self.counter.members(cls)
        found = self.members(cls)
        located = self.locate(found)
        if not located:
            return None
        chains = self.containment.chains({one.within or one.iri for one in located})
        ground = self._ground(common(chains.values()))
        around = [point for _iri, point in ground] + [one.point for one in located]
        frame = Frame.around(around, WIDTH, HEIGHT)
        placed = {one.iri for one in located}
        unplaced = tuple(iri for iri in found if iri not in placed)
        return Drawing(tuple(located), regions_of(ground, frame), frame, count - len(located), unplaced)

    def members(self, cls: str) -> Sequence[str]:
        """Return the things of a class that a map shows: all, or of too many those with points of their own.

        Never some of them in the engine's order: their numbers would be no numbers. Raises QueryError.
        """
        if self.counter.members(cls) <= MOST:
            return self.browser.members(cls, MOST)
        return self.places.of_class(cls)

    def locate(self, found: Iterable[str]) -> list[Located]:
        """Return where some things are drawn, but for those without any place. Raises QueryError."""
        found = list(found)
        points = self.places.points()
        known = {**self.middles(), **points}
        chains = self.containment.chains(found)
        located = []
        for iri in sorted(found):
            at = next((one for one in reversed(chains[iri]) if one in known), None)
            if at is not None:
                located.append(Located(iri, known[at], None if iri in points else at))
        return located

    def sketch(self, things: Iterable[str], reader: Reader, width: int, height: int) -> Map | None:
        """Draw some things, named where there is room, on the points around; None when none can be placed.

        Raises QueryError.
        """
        located = self.locate(things)
        if not located:
            return None
        frame = Frame.around([one.point for one in located], width, height)
        placed = (frame.place(point) for point in self.places.points().values())
        ground = [p for p in placed if 0 < p[0] < width and 0 < p[1] < height]
        reader.names.fetch({iri for one in located for iri in (one.iri, one.within) if iri})
        at: dict[Point, list[Located]] = {}
        for one in located:
            at.setdefault(one.point, []).append(one)
        # What lies at one point is one spot: the thing itself, or what contains them.
        several = sorted(at.items(), key=lambda pair: -len(pair[1]))
        drawn = [
            (reader.ref(of[0].within if len(of) > 1 and of[0].within else of[0].iri), p) for p, of in several
        ]
        sizes = [radius_of(len(of)) for _, of in several]
        own = [(*frame.place(p), radius) for (_, p), radius in zip(drawn, sizes, strict=True)]
        places = apart(own, frame.width, frame.height)
        spots = [
            replace(spot, count=len(of), approximate=of[0].within is not None)
            for spot, (_, of) in zip(
                named([(ref, p) for (ref, _), p in zip(drawn, places, strict=True)], frame),
                several,
                strict=True,
            )
        ]
        return frame.drawn(ground[:: max(1, len(ground) // SKETCHED)], spots)

    def middles(self) -> Mapping[str, Point]:
        """Return the middle of each whole, as the points of its parts give it. Raises QueryError."""
        if not self._middles:
            inside: dict[str, list[Point]] = {}
            points = self.places.points()
            for iri, chain in self.containment.chains(points).items():
                for whole in chain[:-1]:
                    inside.setdefault(whole, []).append(points[iri])
            self._middles = {whole: mean(found) for whole, found in inside.items()}
        return self._middles

    def _ground(self, shared: Sequence[str]) -> list[tuple[str, Point]]:
        """Return the points below a common whole, each with the region it belongs to."""
        points = self.places.points()
        chains = self.containment.chains(points)
        inside = {iri: chain for iri, chain in chains.items() if tuple(chain[: len(shared)]) == tuple(shared)}
        depth = len(shared)
        # A level of which there is but one says nothing: go on to the next.
        while len({chain[depth] for chain in inside.values() if len(chain) > depth}) == 1:
            depth += 1
        found = [(chain[depth], points[iri]) for iri, chain in sorted(inside.items()) if len(chain) > depth]
        return found[:: max(1, math.ceil(len(found) / GROUND))]
