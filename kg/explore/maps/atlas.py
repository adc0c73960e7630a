"""What a map shows: the things of a class, at their points or at those of what contains them, on a ground.

The ground knows no outlines. It is a screen of dots, each in the tone of the region whose nearest point is
closest: where one region ends and the next begins is a guess, and looks like one.
"""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median

from kg.explore.ask import ask, batches, nodes
from kg.explore.browsing.browse import Browser
from kg.explore.browsing.overview import Counter
from kg.explore.maps.apart import apart
from kg.explore.maps.drawing import Drawing, Located, Region
from kg.explore.maps.places import Frame, Map, Places, Point, named, overlap, radius_of
from kg.explore.maps.sizes import Shifts, Sizes, shifts
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.nearest import nearest
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.widths import columns

MOST = 3_000
"""Things of a class beyond which only those are drawn that have points of their own."""
GROUND = 1_500
"""Points that the ground is made of."""
SKETCHED = 900
"""Points of the ground of a small map."""
STEPS_UP = 8
CELL = 15
TONES = 4
WIDTH, HEIGHT = 1000, 640


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
        self._parents: dict[str, tuple[str, ...]] = {}
        self._up: dict[str, str | None] = {}
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
        chains = self._chains({one.within or one.iri for one in located})
        ground = self._ground(_shared(chains.values()))
        around = [point for _iri, point in ground] + [one.point for one in located]
        frame = Frame.around(around, WIDTH, HEIGHT)
        placed = {one.iri for one in located}
        unplaced = tuple(iri for iri in found if iri not in placed)
        return Drawing(tuple(located), _regions(ground, frame), frame, count - len(located), unplaced)

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
        chains = self._chains(found)
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
            for iri, chain in self._chains(points).items():
                for whole in chain[:-1]:
                    inside.setdefault(whole, []).append(points[iri])
            self._middles = {whole: _mean(found) for whole, found in inside.items()}
        return self._middles

    def _ground(self, shared: Sequence[str]) -> list[tuple[str, Point]]:
        """Return the points below a common whole, each with the region it belongs to."""
        points = self.places.points()
        chains = self._chains(points)
        inside = {iri: chain for iri, chain in chains.items() if tuple(chain[: len(shared)]) == tuple(shared)}
        depth = len(shared)
        # A level of which there is but one says nothing: go on to the next.
        while len({chain[depth] for chain in inside.values() if len(chain) > depth}) == 1:
            depth += 1
        found = [(chain[depth], points[iri]) for iri, chain in sorted(inside.items()) if len(chain) > depth]
        return found[:: max(1, math.ceil(len(found) / GROUND))]

    def _chains(self, iris: Iterable[str]) -> dict[str, list[str]]:
        """Return for each thing what contains it, the outermost first, and itself. Raises QueryError."""
        iris = list(iris)
        self._climb(iris)
        chains = {}
        for iri in iris:
            chain, at = [iri], self._up.get(iri)
            while at and at not in chain and len(chain) <= STEPS_UP:
                chain.append(at)
                at = self._up.get(at)
            chains[iri] = chain[::-1]
        return chains

    def _climb(self, iris: Iterable[str]) -> None:
        """Learn the parents of some things, and of those, up to the top; of several the innermost counts."""
        links = nodes(self.schema.playing("Breadcrumb"))
        learned: list[str] = []
        for _step in range(STEPS_UP if links else 0):
            wanted = [node for node in nodes(iris) if node.value not in self._parents]
            if not wanted:
                break
            self._parents.update(dict.fromkeys((node.value for node in wanted), ()))
            for batch in batches(wanted):
                rows = ask(
                    self.places.names.engine, "kg/explore/maps/parents", entity=list(batch), property=links
                )
                for iri, above in sorted((str_of(row["entity"]), str_of(row["parent"])) for row in rows):
                    self._parents[iri] += (above,)
            learned += [node.value for node in wanted]
            iris = [up for node in wanted for up in self._parents[node.value]]
        self._up.update((iri, self._innermost(self._parents[iri])) for iri in learned)

    def _innermost(self, parents: Sequence[str]) -> str | None:
        """Return the nearest of some parents; None of none."""
        if len(parents) < 2:
            return next(iter(parents), None)
        return nearest(parents, {parent: self._containing(parent) for parent in parents})

    def _containing(self, iri: str) -> set[str]:
        """Return all that contains a thing, as far as it was learned."""
        found: set[str] = set()
        todo = list(self._parents.get(iri, ()))
        while todo:
            above = todo.pop()
            if above not in found:
                found.add(above)
                todo += self._parents.get(above, ())
        return found


def _mean(points: Sequence[Point]) -> Point:
    # Added exactly: sums of floats depend on their order, and engines give points in any.
    x, y = (fmean(axis) for axis in zip(*points, strict=True))
    return (round(x, 5), round(y, 5))


def _shared(chains: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return how all chains begin."""
    shared: list[str] = []
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return tuple(shared)


def _regions(ground: Sequence[tuple[str, Point]], frame: Frame) -> tuple[Region, ...]:
    """Draw the ground: each cell of a grid belongs to the region of the nearest point, if one is near."""
    spots = [(iri, frame.place(point)) for iri, point in ground]
    cells = _cells(spots, _reach([place for _iri, place in spots]))
    tones = _tones(cells)
    regions = []
    for iri in sorted({iri for iri, _place in spots}):
        own = [place for one, place in spots if one == iri]
        dots = "".join(f"M{x * CELL} {y * CELL}h0" for (x, y), one in sorted(cells.items()) if one == iri)
        x, y = _mean(own)
        regions.append(Region(iri, dots, round(x, 1), round(y, 1), tones.get(iri, 0)))
    return tuple(regions)


def _reach(places: Sequence[Point]) -> float:
    """Return how far from a point the ground goes: a few times the usual distance to the next."""
    if len(places) < 2:
        return 4 * CELL
    sample = places[:200]
    usual = median(min(math.dist(a, b) for b in places if b is not a) for a in sample)
    return min(max(2.5 * usual, 4 * CELL), WIDTH / 6)


def _cells(spots: Iterable[tuple[str, Point]], reach: float) -> dict[tuple[int, int], str]:
    nearest: dict[tuple[int, int], tuple[float, str]] = {}
    wide = math.ceil(reach / CELL)
    for iri, (left, top) in spots:
        column, row = round(left / CELL), round(top / CELL)
        for x in range(max(1, column - wide), min(WIDTH // CELL, column + wide) + 1):
            for y in range(max(1, row - wide), min(HEIGHT // CELL, row + wide) + 1):
                away = math.hypot(x * CELL - left, y * CELL - top)
                if away <= reach and away < nearest.get((x, y), (math.inf, ""))[0]:
                    nearest[x, y] = (away, iri)
    return {cell: iri for cell, (_away, iri) in nearest.items()}


def _tones(cells: Mapping[tuple[int, int], str]) -> dict[str, int]:
    """Give neighbours different tones, as far as there are enough."""
    beside: dict[str, set[str]] = {iri: set() for iri in cells.values()}
    for (x, y), iri in cells.items():
        for other in (cells.get((x + 1, y)), cells.get((x, y + 1)), cells.get((x + 1, y + 1))):
            if other and other != iri:
                beside[iri].add(other)
                beside[other].add(iri)
    tones: dict[str, int] = {}
    for iri in sorted(beside, key=lambda one: (-len(beside[one]), one)):
        used = Tally(tones[other] for other in beside[iri] if other in tones)
        tones[iri] = min(range(TONES), key=lambda tone: (used[tone], tone))
    return tones
