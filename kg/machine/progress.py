"""The interface by which long-running work reports its progress, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Tick = Callable[[int], None]
"""Tells that so many more units are done."""


class Progress(Protocol):
    """What progress is reported to: `kg.cli` draws a bar, library calls use `Silent`."""

    def step(self, title: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Tick]:
        """Begin a step of ``total`` units (None: unknown); the context gives a function to tick with."""


class Silent:
    """Shows nothing."""

    @contextmanager
    def step(self, title: str, total: int | None = None, unit: str = "") -> Iterator[Tick]:  # noqa: ARG002 (the protocol's)
        """Begin a step that isn't shown."""
        yield lambda _count: None
