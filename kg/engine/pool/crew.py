"""The processes of a pool: those of the fast lane with a spare, and those with long queries beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from kg.engine.pool.bounds import PoolConfig
from kg.engine.pool.lanes import Running
from kg.engine.pool.member import Member
from kg.engine.process.births import CAN_FORK, Nursery

log = logging.getLogger("kg.workers")

_GIVE_UP_AFTER = 5
_AGAIN = 1.0
"""Seconds until a start is tried again for which the system had no room."""
_START = 60.0
"""Seconds that a process has to open its store."""
SURPLUS = 5.0
"""Seconds that a process is kept which the lane doesn't need: another long query may soon move aside."""

OnFrame = Callable[[Member, dict[str, Any], bytes], None]


class Crew:
    """Who answers: starts processes, fills the lane up, and lets those go that it doesn't need.

    Made in the pool's loop. ``on_frame(member, header, body)`` is called for each reply, ``on_end(member)``
    once for each process that is gone; who is called hands it to `join` or `leave`.
    """

    def __init__(self, config: PoolConfig, on_frame: OnFrame, on_end: Callable[[Member], None]) -> None:
        self.config = config
        self.members: list[Member] = []
        self.idle: list[Member] = []
        self.ended = 0
        """How many processes have ended before the crew was closed, for metrics."""
        self.closing = False
        """Whether those that end are no longer replaced."""
        self.loop = asyncio.get_running_loop()
        self._on_frame, self._on_end = on_frame, on_end
        self._failures, self._opened = 0, False
        self._first = asyncio.Event()
        self._thinning: asyncio.TimerHandle | None = None
        self._nursery = Nursery() if CAN_FORK else None

    @property
    def size(self) -> int:
        """Return how many processes the fast lane should have, with the spare for the next long query."""
        return self.config.workers + bool(self.config.long)

    def start(self) -> None:
        """Start the lane's processes; the spare follows when the first has opened the store."""
        for _ in range(self.config.workers):
            self._spawn()

    async def ready(self, timeout: float) -> bool:
        """Wait until a process has opened the store; return whether one has in time."""
        try:
            await asyncio.wait_for(self._first.wait(), timeout)
        except TimeoutError:
            return False
        return any(member.ready for member in self.members)

    def fast(self) -> list[Member]:
        """Return the processes of the fast lane, including those that are still starting."""
        return [member for member in self.members if not member.aside]

    def aside(self) -> list[Running]:
        """Return the long queries that run."""
        return [Running(m.ticket, m.started) for m in self.members if m.aside and m.ticket is not None]

    def move_aside(self, member: Member) -> None:
        """Take a process with a long query out of the fast lane, and let another take its place."""
        member.aside = True
        self.refill(member.ticket.job.client if member.ticket else None)

    def refill(self, owed_by: str | None) -> None:
        """Start the processes that the fast lane lacks, and a spare for the next query that moves aside.

        A process that the lane needs (not the spare) counts as held by ``owed_by``, the client whose query
        took the one that it replaces.
        """
        for _ in range(len(self.fast()), self.size):
            self._spawn()
        fast = self.fast()
        if owed_by is not None and sum(member.ready for member in fast) < self.config.workers:
            free = (member for member in fast if not member.ready and member.owed_by is None)
            if (starting := next(free, None)) is not None:
                starting.owed_by = owed_by

    def join(self, member: Member, told: dict[str, Any]) -> None:
        """Take note that a process has opened the store, and what it tells of itself."""
        member.ready, member.baseline, member.isolated = True, told["rss"], told["isolated"]
        member.owed_by = None
        self._failures, self._opened = 0, True
        if not self._first.is_set():
            self._first.set()
            self.refill(None)

    def free(self, member: Member) -> None:
        """Let a process that has answered take the next query."""
        self.idle.append(member)
        if len(self.fast()) > self.size and self._thinning is None:
            self._thinning = self.loop.call_later(SURPLUS, self._thin_out)

    def leave(self, member: Member) -> None:
        """Take note that a process has ended; start another in its place."""
        self.members.remove(member)
        if member in self.idle:
            self.idle.remove(member)
        if self.closing:
            return
        self.ended += 1
        if member.ready:
            self.refill(member.owed_by)
            return
        self._failures += 1
        log.error("a query process could not start: %s", member.last_words().strip()[-500:])
        self._first.set()
        # If a process has ever opened the store, we try for ever: what hinders the next one may pass.
        if self._failures < _GIVE_UP_AFTER or self.members or self._opened:
            self.loop.call_later(min(0.2 * 2 ** min(self._failures, 6), 10), self._try_again)

    def close(self, why: BaseException) -> None:
        """End all processes; what they are at ends with the error given."""
        self.closing = True
        if self._thinning is not None:
            self._thinning.cancel()
        for member in list(self.members):
            member.kill(why)
        if self._nursery is not None:
            self._nursery.close()

    def _spawn(self) -> None:
        try:
            member = Member(self.config.order, self.config.spool, self._on_frame, self._on_end, self._nursery)
        except OSError as error:
            # The system has no descriptor, memory or process left: that may pass.
            log.error("no query process can be started now: %s", error)
            self.loop.call_later(_AGAIN, lambda: None if self.closing else self.refill(None))
            return
        self.loop.call_later(_START, self._look_whether_ready, member)
        self.members.append(member)

    def _look_whether_ready(self, member: Member) -> None:
        """End a process that hangs before it has opened its store."""
        if not member.ready and not member.ended:
            member.kill()

    def _try_again(self) -> None:
        """Start the processes that are lacking; one only, while none has ever opened the store."""
        if not self.closing:
            self.refill(None) if self._opened else self._spawn()

    def _thin_out(self) -> None:
        """End idle processes that the lane has too many of; each is memory that nobody uses."""
        self._thinning = None
        for member in self.idle[: max(len(self.fast()) - self.size, 0)]:
            member.kill()
        if len(self.fast()) > self.size:
            self._thinning = self.loop.call_later(SURPLUS, self._thin_out)
