"""Which of several things that contain another is the nearest: breadcrumbs and maps go by the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

STEPS_UP = 8
"""How far up is gone at most through what contains a thing."""


def nearest(wholes: Sequence[str], containing: Mapping[str, Set[str]]) -> str:
    """Return of some wholes that which most others contain: of as many the first in which no other lies.

    Sources name one a region and another a part of it: the part says more. So it does where the region is one
    of before, in which nothing is said to lie. ``containing`` has all that contains each, to the top.
    """
    outer = set[str]().union(*(containing[whole] for whole in wholes))
    inner = [whole for whole in wholes if whole not in outer] or wholes
    return max(inner, key=lambda whole: len(containing[whole]))
