"""How large the signs of a map are drawn, and where, so that none lies on another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kg.explore.maps.apart import apart
from kg.explore.maps.drawing import Drawing
from kg.explore.maps.places import Point


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large signs are drawn: what a ring's size is multiplied by, a point's radius, the room of a fan."""

    rings: float
    point: float
    fan: float = 0.0

    def closer(self, times: int) -> Sizes:
        """Return the sizes where the drawing is shown so many times as large, and the signs are not."""
        return Sizes(self.rings / times, self.point / times, self.fan / times)


WIDE = Sizes(1.0, 5.0, fan=6.0)
NARROW = Sizes(1.7, 14.0)
"""What a phone needs, which shows the whole drawing at a third of its size."""
LEVELS = 7
"""How many times a map may be shown twice as large."""
FANNED = 12
"""How many things of one place stand around its ring one by one."""


def ring(count: int) -> float:
    """Return the radius of the ring of so many things."""
    return round(min(9 + 2 * math.sqrt(count), 26), 1)


def drawn_at(drawing: Drawing, sizes: Sizes = WIDE) -> dict[str, Point]:
    """Return where each sign is drawn, moved apart from the others, by what it stands for.

    That is the thing whose point it is, or what contains the things of a ring.
    """
    rings = Counter(one.within for one in drawing.located if one.within)
    found: dict[str, tuple[float, float, float]] = {}
    for one in drawing.located:
        count = rings[one.within] if one.within else 0
        fan = sizes.fan if 1 < count <= FANNED else 0
        radius = sizes.rings * ring(count) + fan if one.within else sizes.point
        found[one.within or one.iri] = (*drawing.frame.place(one.point), radius)
    places = apart(list(found.values()), drawing.frame.width, drawing.frame.height)
    return dict(zip(found, places, strict=True))


Shifts = Mapping[str, Point]
"""How far signs are drawn from their places, to the right and down, by what they stand for."""


def shifts(drawing: Drawing, sizes: Sizes) -> tuple[Shifts, ...]:
    """Return how far signs are drawn from their places, as the drawing is and each time twice as large.

    Signs that stay where they are aren't there. The closer one looks, the less must be moved; where nothing
    is any more, no further level follows.
    """
    own = {one.within or one.iri: drawing.frame.place(one.point) for one in drawing.located}
    levels = []
    for level in range(LEVELS):
        places = drawn_at(drawing, sizes.closer(2**level))
        moved = {
            key: (round(x - own[key][0], 2), round(y - own[key][1], 2)) for key, (x, y) in places.items()
        }
        levels.append({key: by for key, by in moved.items() if by != (0, 0)})
        if not levels[-1]:
            break
    return tuple(levels)
