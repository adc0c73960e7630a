"""Looking less often for garbage that refers to itself, while much is made and little of it is such."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 200_000
"""How many more objects there are before they are looked through; by Python's own measure some hundreds."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look through what was made less often, and as before at the end; what nothing refers to goes at once.

    Else Python looks through all that it holds again and again while terms are made, and finds nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(_YOUNG, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
