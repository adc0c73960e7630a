"""How long work tells of its progress, without knowing who watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Tick = Callable[[int], None]
"""Tells that so many more units are done."""


class Progress(Protocol):
    """Somebody who watches: `kg.cli` draws a bar, a library call is silent."""

    def step(self, title: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Tick]:
        """Begin a step of ``total`` units (None: unknown); the context gives a function to tick with."""


class Silent:
    """Watches nothing."""

    @contextmanager
    def step(self, title: str, total: int | None = None, unit: str = "") -> Iterator[Tick]:  # noqa: ARG002 (the protocol's)
        """Begin a step that nobody sees."""
        yield lambda _count: None
