"""Where things lie: points read out of the data, and a schematic map drawn of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from kg.explore.ask import ask, nodes
from kg.explore.maps.graticule import NO_LINES, Graticule, graticule
from kg.explore.model import Ref
from kg.explore.naming.names import Names, Reader
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.widths import columns

MOST = 20_000
"""How many points are read at most."""
GROUND = 80
"""How many points around a thing its map shows."""
CELL = 0.25
"""Degrees that a cell of the grid spans."""
WIDEST = 12
"""How many rings of cells around a thing are looked at."""
_LONGEST_BAR = 100
"""Units of a drawing up to which its scale's bar is long; it stands at the foot on the left."""
Point = tuple[float, float]
"""Longitude and latitude in degrees."""

_POINT = re.compile(r"(?:<[^>]*>\s*)?POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)[^)]*\)\s*\Z", re.IGNORECASE)


def _cell(point: Point) -> tuple[int, int]:
    return (math.floor(point[0] / CELL), math.floor(point[1] / CELL))


def point_of(wkt: str) -> Point | None:
    """Return a WKT point's longitude and latitude, or None when it is no point on earth."""
    match = _POINT.match(wkt)
    try:
        found = (float(match[1]), float(match[2])) if match else None
    except ValueError:
        return None
    return found if found and abs(found[0]) <= 180 and abs(found[1]) < 90 else None


def mean(points: Sequence[Point]) -> Point:
    """Return the middle of some points, whatever their order."""
    # Added exactly: sums of floats depend on their order, and engines give points in any.
    x, y = (fmean(axis) for axis in zip(*points, strict=True))
    return (round(x, 5), round(y, 5))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map. ``approximate`` says that the point is that of what contains it, or of its parts.

    ``named`` says that there is room for its name to the right of it; ``count`` is of how many things it is;
    ``within`` is what contains it, where that is named.
    """

    ref: Ref
    x: float
    y: float
    approximate: bool = False
    named: bool = False
    count: int = 1
    within: Ref | None = None

    @property
    def radius(self) -> float:
        """How large it is drawn."""
        return radius_of(self.count)


def radius_of(count: int) -> float:
    """Return the radius of a spot that stands for so many things."""
    return 5 if count == 1 else round(min(7 + 1.5 * math.sqrt(count), 18), 1)


@dataclass(frozen=True, slots=True)
class Map:
    """A drawn map: ground as one path of dots, spots, a scale bar (in units and km), lines of degrees."""

    width: int
    height: int
    ground: str
    spots: tuple[Spot, ...]
    bar: float
    kilometres: int
    grid: Graticule = NO_LINES


class Places:
    """The points of a release, read once."""

    def __init__(self, names: Names, schema: Schema) -> None:
        self.names = names
        self.schema = schema
        self._classes: dict[str, tuple[str, ...]] = {}
        self._points: dict[str, Point] | None = None
        self._grid: dict[tuple[int, int], list[Point]] = {}

    def points(self) -> Mapping[str, Point]:
        """Return the point of each thing that has one. Raises QueryError."""
        if self._points is None:
            found: dict[str, Point] = {}
            links = self.schema.playing("Point")
            for row in (
                ask(self.names.engine, "kg/explore/maps/points", limit=MOST, link=nodes(links))
                if links
                else ()
            ):
                point = point_of(str_of(row["wkt"]))
                if point:
                    found.setdefault(str_of(row["item"]), point)
            if self.names.elsewhere:
                for row in ask(self.names.engine, "kg/explore/maps/points-apart", limit=MOST):
                    point = point_of(f"POINT({str_of(row['long'])} {str_of(row['lat'])})")
                    if point:
                        found.setdefault(str_of(row["item"]), point)
            self._points = found
        return self._points

    def of_class(self, cls: str) -> tuple[str, ...]:
        """Return the things of a class that have points, sorted. Raises QueryError."""
        if cls not in self._classes:
            kinds = set(self.schema.below(cls))
            self.names.fetch(self.points())
            found = [iri for iri in self.points() if kinds.intersection(self.names.of(iri).classes)]
            self._classes[cls] = tuple(sorted(found))
        return self._classes[cls]

    def here(
        self, iri: str, trail: Sequence[Ref], middles: Mapping[str, Point], reader: Reader
    ) -> Map | None:
        """Draw where a thing lies, or what contains it; None when neither can be placed. Raises QueryError.

        What has no point itself may have one in ``middles``, from those of its parts: the middle of a region
        is nearer to what lies in it than the point of all that the region is a part of.
        """
        points = self.points()
        known = {**middles, **points}
        at = next((one for one in [iri, *(ref.iri for ref in reversed(trail))] if one in known), None)
        if at is None:
            return None
        near = self._near(known[at])
        frame = Frame.around(near, 420, 300)
        x, y = frame.place(known[at])
        within = reader.ref(at) if at != iri else None
        spot = Spot(
            reader.ref(iri), x, y, approximate=at not in points or at != iri, named=True, within=within
        )
        return frame.map([p for p in near if p != known[at]], [spot])

    def _near(self, centre: Point) -> list[Point]:
        """Return the points around one, looked for in ever wider squares of a grid."""
        if not self._grid:
            for point in self.points().values():
                self._grid.setdefault(_cell(point), []).append(point)
        x, y = _cell(centre)
        found: list[Point] = []
        for ring in range(WIDEST):
            cells = [(x + dx, y + dy) for dx in range(-ring, ring + 1) for dy in range(-ring, ring + 1)]
            outer = [cell for cell in cells if max(abs(cell[0] - x), abs(cell[1] - y)) == ring]
            found += [point for cell in outer for point in self._grid.get(cell, ())]
            if len(found) >= GROUND:
                break
        return sorted(found, key=lambda point: math.dist(point, centre))[:GROUND]


def named(placed: Sequence[tuple[Ref, Point]], frame: Frame) -> list[Spot]:
    """Name as many spots as there is room for, from the first on; none on another, nor on the scale."""
    taken = [(x - 7, y - 7, x + 7, y + 7) for _, (x, y) in placed]
    taken.append((10, frame.height - 36, 16 + _LONGEST_BAR + 6, frame.height - 6))
    spots = []
    for place, (ref, (x, y)) in enumerate(placed):
        box = (x + 8, y - 8, x + 10 + columns(ref.label.value) * 7, y + 8)
        free = box[2] < frame.width and not any(
            overlap(box, other) for n, other in enumerate(taken) if n != place
        )
        if free:
            taken.append(box)
        spots.append(Spot(ref, x, y, named=free))
    return spots


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Say whether two boxes (left, top, right, bottom) share anything."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True)
class Frame:
    """From degrees to a drawing's coordinates: equirectangular, true to scale in the middle."""

    west: float
    north: float
    scale: float
    squeeze: float
    width: int
    height: int

    @classmethod
    def around(cls, points: Sequence[Point], width: int, height: int) -> Frame:
        """Return the frame that holds some points, with a margin."""
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        squeeze = math.cos(math.radians((south + north) / 2))
        margin = 24
        wide, high = max((east - west) * squeeze, 0.02), max(north - south, 0.02)
        scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
        left = (west + east) / 2 - width / 2 / scale / squeeze
        top = (south + north) / 2 + height / 2 / scale
        return cls(left, top, scale, squeeze, width, height)

    def place(self, point: Point) -> Point:
        """Return a point's place in the drawing."""
        x = (point[0] - self.west) * self.squeeze * self.scale
        return (round(x, 1), round((self.north - point[1]) * self.scale, 1))

    def map(self, ground: Sequence[Point], spots: Sequence[Spot]) -> Map:
        """Return the drawing on a ground of points in degrees."""
        return self.drawn([self.place(point) for point in ground], spots)

    def drawn(self, ground: Sequence[Point], spots: Sequence[Spot]) -> Map:
        """Return the drawing on a ground of places in it."""
        dots = "".join(f"M{x:g} {y:g}h0" for x, y in sorted(set(ground)))
        per_km = self.scale / 111.32
        rough = _LONGEST_BAR / per_km
        step = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1
        length = max((step * n for n in (1, 2, 5) if step * n <= rough), default=step)
        return Map(
            self.width,
            self.height,
            dots,
            tuple(spots),
            round(length * per_km, 1),
            max(1, round(length)),
            graticule((self.west, self.north), self.scale, self.squeeze, (self.width, self.height)),
        )
