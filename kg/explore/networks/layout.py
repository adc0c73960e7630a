"""Where the things of a network stand in a drawing: each part that hangs together as a tree around its hub.

No forces are balanced: what is drawn of a release is drawn so always, and a thousand links take milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.explore.model import Ref
from kg.explore.widths import columns, shortened

WIDTH = 1_080
APART = 13
"""How far two things stand from each other along a ring."""
RING = 52
"""How far a ring is from the next."""
CROWDED = 60
"""So many things stand in one row of a ring at most; more rows lie behind."""
MARGIN = 26
NAMED = 120
"""How many things may have their names beside them."""
LINKED = 150
"""How many things lead to their pages; the others are dots, and stand in the table."""
LETTER = 6.6
NAME = 26
"""How many columns of a name are shown."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing in the drawing: where, how many links it has, whether any begins there, and its name."""

    ref: Ref
    x: float
    y: float
    links: int
    begins: bool
    name: str = ""

    @property
    def radius(self) -> float:
        """How large it is drawn."""
        return round(min(3.5 + 0.9 * math.sqrt(self.links), 13), 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing: its size, the lines as one path, spots that lead on, and the others as paths of dots.

    ``starts`` are the dots of things where links begin, ``ends`` those of the others.
    """

    width: int
    height: int
    lines: str
    spots: tuple[Spot, ...]
    starts: str
    ends: str


def laid_out(edges: Sequence[tuple[Ref, Ref]]) -> Layout:
    """Return the drawing of some links."""
    refs = {ref.iri: ref for edge in edges for ref in edge}
    beside: dict[str, dict[str, None]] = {iri: {} for iri in refs}
    for one, other in edges:
        beside[one.iri][other.iri] = None
        beside[other.iri][one.iri] = None
    parts = [_around(part, beside) for part in _parts(beside)]
    at, height = _packed(parts)
    begins = {one.iri for one, _ in edges}
    order = sorted(refs, key=lambda iri: (-len(beside[iri]), iri))
    spots = [Spot(refs[iri], *at[iri], len(beside[iri]), iri in begins) for iri in order]
    rest = spots[LINKED:]
    lines = "".join(f"M{at[a.iri][0]:g} {at[a.iri][1]:g}L{at[b.iri][0]:g} {at[b.iri][1]:g}" for a, b in edges)
    return Layout(
        WIDTH,
        height,
        lines,
        tuple(_named(spots)[:LINKED]),
        "".join(f"M{one.x:g} {one.y:g}h0" for one in rest if one.begins),
        "".join(f"M{one.x:g} {one.y:g}h0" for one in rest if not one.begins),
    )


def _parts(beside: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the things that hang together, the largest part first."""
    seen: set[str] = set()
    parts = []
    for start in beside:
        if start in seen:
            continue
        part = [start]
        seen.add(start)
        for one in part:
            for other in beside[one]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
        parts.append(part)
    return sorted(parts, key=lambda part: (-len(part), min(part)))


def _around(part: Sequence[str], beside: Mapping[str, Mapping[str, None]]) -> dict[str, Point]:
    """Stand a part's things around the one with most links: a ring for each step, a fan for each branch."""
    hub = min(part, key=lambda iri: (-len(beside[iri]), iri))
    if len(part) == 2:
        return {hub: (0.0, 0.0), next(one for one in part if one != hub): (float(RING), 0.0)}
    under: dict[str, list[str]] = {hub: []}
    order, depth = [hub], {hub: 0}
    for one in order:
        for other in beside[one]:
            if other not in depth:
                depth[other] = depth[one] + 1
                under[one].append(other)
                under[other] = []
                order.append(other)
    wide: dict[str, int] = {}
    for one in reversed(order):
        wide[one] = sum(wide[below] for below in under[one]) or 1
    crowd = [sum(depth[one] == ring for one in order) for ring in range(max(depth.values()) + 1)]
    radii = _radii(crowd, wide[hub])
    begin, at = {hub: 0.0}, {hub: (0.0, 0.0)}
    placed = [0] * len(crowd)
    for one in order:
        turn = begin[one]
        for below in under[one]:
            share = 2 * math.pi * wide[below] / wide[hub]
            ring = depth[below]
            row = placed[ring] % _rows(crowd[ring])
            placed[ring] += 1
            angle, far = turn + share / 2, radii[ring] + row * APART * 1.3
            at[below] = (far * math.cos(angle), far * math.sin(angle))
            begin[below] = turn
            turn += share
    return at


def _rows(crowd: int) -> int:
    return 1 + crowd // CROWDED


def _radii(crowd: Sequence[int], leaves: int) -> list[float]:
    """Return how far each ring is from the hub, so that what stands on it has room."""
    radii = [0.0]
    for ring, things in enumerate(crowd[1:], 1):
        behind = (_rows(crowd[ring - 1]) - 1) * APART * 1.3 if ring > 1 else 0
        # A narrow fan holds few: where branches are uneven, room is by leaves and not by things.
        needed = APART * max(things, leaves / 2) / _rows(things) / (2 * math.pi)
        radii.append(max(radii[-1] + behind + RING, needed))
    return radii


def _packed(parts: Sequence[Mapping[str, Point]]) -> tuple[dict[str, Point], int]:
    """Put the parts beside and below each other; return where each thing is, and the height."""
    at: dict[str, Point] = {}
    left, top, deepest = 0.0, 0.0, 0.0
    for part in parts:
        west, east = min(p[0] for p in part.values()), max(p[0] for p in part.values())
        north, south = min(p[1] for p in part.values()), max(p[1] for p in part.values())
        shrink = min(1.0, (WIDTH - 2 * MARGIN) / max(east - west, 1))
        wide, high = (east - west) * shrink + 2 * MARGIN, (south - north) * shrink + 2 * MARGIN
        if left and left + wide > WIDTH:
            left, top, deepest = 0.0, top + deepest, 0.0
        for iri, (x, y) in part.items():
            at[iri] = (
                round(left + MARGIN + (x - west) * shrink, 1),
                round(top + MARGIN + (y - north) * shrink, 1),
            )
        left, deepest = left + wide, max(deepest, high)
    return at, math.ceil(top + deepest) or 2 * MARGIN


def _named(spots: Sequence[Spot]) -> list[Spot]:
    """Name what has most links, where there is room for the name above it."""
    taken = [(s.x - s.radius, s.y - s.radius, s.x + s.radius, s.y + s.radius) for s in spots]
    found = []
    for place, spot in enumerate(spots):
        name = shortened(spot.ref.label.value, NAME) if place < NAMED else ""
        half, foot = columns(name) * LETTER / 2 + 2, spot.y - spot.radius - 2
        box = (spot.x - half, foot - 13, spot.x + half, foot)
        inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0
        if name and inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
        else:
            name = ""
        found.append(Spot(spot.ref, spot.x, spot.y, spot.links, spot.begins, name))
    return found


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
