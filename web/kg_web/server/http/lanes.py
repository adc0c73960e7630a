"""Threads for pages, in lanes: slow pages have threads of their own, and all waiting is bounded.

A thread can't be ended from outside. So there are bounds on how long its client waits, how long it waits for
locks itself (`kg.machine.locks.within`), and how long a process is kept whose threads all hang.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kg.errors import Busy
from kg.machine.locks import within
from kg.settings import LIMITS

Made = TypeVar("Made")

LOCK_SHARE = 0.5
"""The share of its patience that a request may spend on waiting for a lock."""


@dataclass(eq=False)
class Lane(Generic[Made]):
    """A number of threads, and how long (s) a client waits for one of them.

    ``drop`` frees a result that nobody waits for any more.
    """

    name: str
    threads: int
    patience: float
    drop: Callable[[Made], None]
    _begun: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.executor = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)

    async def run(self, work: Callable[[], Made]) -> Made:
        """Run the work in a thread and return its result. Raises Busy when that takes too long."""
        future = self.executor.submit(self._run, work)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self.patience)
        except TimeoutError:
            # Work that has begun goes on: its result may be a file that is kept.
            if future.cancel():
                raise Busy(
                    f"no thread was free within {self.patience:g} s", hint="ask again in a while"
                ) from None
            future.add_done_callback(self._forgotten)
            late = LIMITS["page_timeout"]
            raise Busy(
                late.says(allowed=self.patience), retry_after=late.exceeded.retry, hint=late.exceeded.hint
            ) from None
        except asyncio.CancelledError:
            if not future.cancel():
                future.add_done_callback(self._forgotten)
            raise

    def stuck(self, factor: float = 1.0) -> bool:
        """Say whether every thread has worked for longer than ``factor`` times the patience."""
        since = time.monotonic() - factor * self.patience
        return sum(begun < since for begun in list(self._begun.values())) >= self.threads

    def close(self) -> None:
        """Accept no new work; what runs or waits goes on."""
        self.executor.shutdown(wait=False)

    def _run(self, work: Callable[[], Made]) -> Made:
        thread = threading.get_ident()
        self._begun[thread] = time.monotonic()
        try:
            with within(self.patience * LOCK_SHARE):
                return work()
        finally:
            del self._begun[thread]

    def _forgotten(self, future: Future[Made]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.drop(future.result())
