"""Lines of longitude and latitude over a drawing, at round degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
"""Degrees that lines may be apart."""
LINES = 5
"""About so many lines cross the wider side."""
LETTER = 6
"""How wide a sign's letter is drawn: one that would be cut by the edge is left out."""
FOOT = 36
"""How high the scale stands in the lower left corner, where no line's sign is written over it."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Where a line is said to be: its text, such as 120.5°, beside the edge that it meets."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Graticule:
    """The lines as one path, and what is written at their ends."""

    lines: str = ""
    signs: tuple[Sign, ...] = ()


NO_LINES = Graticule()


def graticule(corner: tuple[float, float], scale: float, squeeze: float, size: tuple[int, int]) -> Graticule:
    """Return the lines of a drawing of a size, whose left top corner is at a longitude and latitude.

    ``scale`` is units a degree of latitude, ``squeeze`` how much narrower one of longitude is.
    """
    (west, north), (width, height) = corner, size
    if not all(math.isfinite(one) and one > 0 for one in (scale, squeeze)):
        return NO_LINES
    wide, high = width / scale / squeeze, height / scale
    step = next((one for one in STEPS if max(wide, high) / one <= LINES), STEPS[-1])
    digits = 0 if step >= 1 else 1 if step >= 0.1 else 2
    lines, signs = [], []
    for n in range(math.ceil(west / step), math.floor((west + wide) / step) + 1):
        x = round((n * step - west) * squeeze * scale, 1)
        lines.append(f"M{x:g} 0V{height}")
        text = f"{n * step:.{digits}f}\u00b0"
        if x + 3 + len(text) * LETTER <= width:
            signs.append(Sign(x + 3, 11, text))
    for n in range(math.ceil((north - high) / step), math.floor(north / step) + 1):
        y = round((north - n * step) * scale, 1)
        lines.append(f"M0 {y:g}H{width}")
        if 24 < y < height - FOOT:
            signs.append(Sign(3, y - 3, f"{n * step:.{digits}f}\u00b0"))
    return Graticule("".join(lines), tuple(signs))
