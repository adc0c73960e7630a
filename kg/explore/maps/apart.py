"""Moving round signs of a drawing apart, so that each can be seen and pressed. Pure.

Signs that lie on each other push each other away, each half of the way, until none does; what such pushing
can't settle in a crowd takes the nearest free place. The same signs always get the same places.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

Sign = tuple[float, float, float]
"""A round sign: its place and its radius, in the drawing's units."""
Place = tuple[float, float]

GAP = 1.5
"""What stays free between two signs."""
ROUNDS = 120
"""How often all signs push each other at most."""
STEP = 3.0
"""How much farther off a free place is looked for each time."""
REACH = 240.0
"""How far off it is looked for at most; where there is none within, a sign stays where it was pushed."""
MOST = 500
"""How many signs are moved apart at most: of more, none could be told from its neighbours anyway."""
_GOLDEN = math.pi * (3 - math.sqrt(5))


def apart(signs: Sequence[Sign], width: float, height: float) -> list[Place]:
    """Return a place for each sign, its own or one near it, where none lies on another.

    Signs within the edges stay within them, as far as there is room.
    """
    own = [(x, y) for x, y, _ in signs]
    if not 1 < len(signs) <= MOST:
        return own
    radii = [radius for *_, radius in signs]
    places = _pushed(own, radii, width, height)
    settled = _settled(places, radii, width, height)
    return [(round(x, 1), round(y, 1)) for x, y in settled]


def _pushed(own: Sequence[Place], radii: Sequence[float], width: float, height: float) -> list[Place]:
    places = list(own)
    for _round in range(ROUNDS):
        order = sorted(range(len(places)), key=lambda at: places[at])
        widest, is_still = 2 * max(radii) + GAP, True
        for n, one in enumerate(order):
            for other in order[n + 1 :]:
                if places[other][0] - places[one][0] > widest:
                    break
                near = radii[one] + radii[other] + GAP
                x, y = places[other][0] - places[one][0], places[other][1] - places[one][1]
                if (away := math.hypot(x, y)) >= near - 0.01:
                    continue
                is_still = False
                # Two at one place go apart in a direction that differs from pair to pair.
                turn = math.atan2(y, x) if away > 0.01 else _GOLDEN * (one + 7 * other)
                push = (near - away) / 2
                for at, way in ((one, -push), (other, push)):
                    moved = (places[at][0] + way * math.cos(turn), places[at][1] + way * math.sin(turn))
                    places[at] = _within(moved, radii[at], width, height, own[at])
        if is_still:
            break
    return places


def _within(place: Place, radius: float, width: float, height: float, own: Place) -> Place:
    """Return a place held within the edges, or where a sign was that lies beyond them by itself."""
    x = min(max(place[0], min(radius, own[0])), max(width - radius, own[0]))
    return x, min(max(place[1], min(radius, own[1])), max(height - radius, own[1]))


def _settled(places: Sequence[Place], radii: Sequence[float], width: float, height: float) -> Sequence[Place]:
    """Return the places, the larger signs first, each at the nearest that is free."""
    found, taken = list(places), _Taken(2 * max(radii) + GAP)
    for at in sorted(range(len(places)), key=lambda at: (-radii[at], at)):
        own, radius = places[at], radii[at]
        for x, y in _around(*own):
            is_inside = radius <= x <= width - radius and radius <= y <= height - radius
            if ((x, y) == own or is_inside) and taken.is_free(x, y, radius):
                found[at] = (x, y)
                break
        taken.add(*found[at], radius)
    return found


def _around(x: float, y: float) -> Iterator[Place]:
    """Yield a place, and others around it, farther and farther off."""
    yield x, y
    far = STEP
    while far <= REACH:
        count = max(8, round(math.pi * far / STEP))
        for number in range(count):
            turn = math.pi / 2 + 2 * math.pi * number / count
            yield x + far * math.cos(turn), y + far * math.sin(turn)
        far += STEP


class _Taken:
    """The signs that have a place, by the cells of a grid so coarse that only neighbours can touch."""

    def __init__(self, cell: float) -> None:
        self._cell = cell
        self._signs: dict[tuple[int, int], list[Sign]] = {}

    def add(self, x: float, y: float, radius: float) -> None:
        self._signs.setdefault(self._of(x, y), []).append((x, y, radius))

    def is_free(self, x: float, y: float, radius: float) -> bool:
        column, row = self._of(x, y)
        return all(
            math.hypot(x - left, y - top) >= radius + other + GAP / 2
            for beside in (-1, 0, 1)
            for below in (-1, 0, 1)
            for left, top, other in self._signs.get((column + beside, row + below), ())
        )

    def _of(self, x: float, y: float) -> tuple[int, int]:
        return math.floor(x / self._cell), math.floor(y / self._cell)
