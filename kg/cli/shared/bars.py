"""Progress bars: on stderr, and only when somebody watches it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kg.machine.progress import Progress, Silent, Tick


class Bars:
    """Draws a bar for each step."""

    @contextmanager
    def step(self, title: str, total: int | None = None, unit: str = "") -> Iterator[Tick]:
        """Begin a step and draw its bar."""
        from tqdm import tqdm  # not before somebody watches

        with tqdm(
            desc=f"{title:<10}", total=total, unit=unit, unit_scale=True, file=sys.stderr, leave=False
        ) as bar:

            def tick(count: int) -> None:
                bar.update(count)

            yield tick


def progress() -> Progress:
    """Return bars when stderr is a terminal, else silence."""
    return Bars() if sys.stderr.isatty() else Silent()
