"""The ground of a map, which knows no outlines.

It is a screen of dots, each in the tone of the region whose nearest point is closest: where one region ends
and the next begins is a guess, and looks like one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from kg.explore.maps.drawing import Region
from kg.explore.maps.places import Frame, Point, mean

WIDTH, HEIGHT = 1000, 640
CELL = 15
TONES = 4


def regions_of(ground: Sequence[tuple[str, Point]], frame: Frame) -> tuple[Region, ...]:
    """Draw the ground: each cell of a grid belongs to the region of the nearest point, if one is near."""
    spots = [(iri, frame.place(point)) for iri, point in ground]
    cells = _cells(spots, _reach([place for _iri, place in spots]))
    tones = _tones(cells)
    found = []
    for iri in sorted({iri for iri, _place in spots}):
        own = [place for one, place in spots if one == iri]
        dots = "".join(f"M{x * CELL} {y * CELL}h0" for (x, y), one in sorted(cells.items()) if one == iri)
        x, y = mean(own)
        found.append(Region(iri, dots, round(x, 1), round(y, 1), tones.get(iri, 0)))
    return tuple(found)


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
        used = Counter(tones[other] for other in beside[iri] if other in tones)
        tones[iri] = min(range(TONES), key=lambda tone: (used[tone], tone))
    return tones
