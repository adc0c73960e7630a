"""A pool of query processes with hard limits, for queries that strangers write.

pyoxigraph can't be stopped and may abort its process, so each query runs in a process that may be killed.
`Pool` lives in one asyncio loop; `PooledEngine` makes it an `Engine` for other threads.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import Any

from kg.engine.answers.spool import Written
from kg.engine.pool import outcomes
from kg.engine.pool.bounds import PoolConfig
from kg.engine.pool.jobs import Job, Ticket, header_of
from kg.engine.pool.lanes import SHORT, Lanes, Running, is_long
from kg.engine.pool.member import Member, may_hurry_again
from kg.engine.process.births import CAN_FORK, Nursery
from kg.errors import EngineBusy, QueryError, QueryRefused, QueryStopped, QuerySyntaxError

__all__ = ["Pool", "PoolConfig"]

log = logging.getLogger("kg.workers")

_WATCH = 0.02
_SLOW_AFTER = 0.04
"""Seconds after which a query lets others go first; more where its process must then be replaced."""
_SLOW_AFTER_FOR_GOOD = 0.25
_NICE = 10  # the niceness of a slow query's process
_KEPT_SHARE = 4
"""A process may keep a quarter of a query's memory between queries: the engine's caches."""
_GIVE_UP_AFTER = 5
_AGAIN = 1.0
"""Seconds until a start is tried again for which the system had no room."""
_START = 60.0
"""Seconds that a process has to open its store."""


class Pool:
    """Answers jobs in its processes. Make it in a running loop, `start` it, `close` it."""

    def __init__(self, config: PoolConfig) -> None:
        self.config = config
        self.lanes = Lanes(config.queue, config.long)
        self.members: list[Member] = []
        self.idle: list[Member] = []
        self.tickets: dict[str, Ticket] = {}
        self.failures = self.processes_ended = 0
        self.outcomes: Counter[str] = Counter()
        """How the queries that were asked ended, for metrics."""
        self.closing = self.opened = False
        self._patience = _SLOW_AFTER if may_hurry_again() else _SLOW_AFTER_FOR_GOOD
        self.loop = asyncio.get_running_loop()
        self._watcher: asyncio.TimerHandle | None = None
        self._first = asyncio.Event()
        self._nursery = Nursery() if CAN_FORK else None

    # For callers

    def start(self) -> None:
        """Start the processes; they take jobs as soon as they have opened the store."""
        for _ in range(self.config.workers):
            self._spawn()

    async def ready(self, timeout: float) -> bool:
        """Wait until a process has opened the store; return whether one has in time."""
        try:
            await asyncio.wait_for(self._first.wait(), timeout)
        except TimeoutError:
            return False
        return any(member.ready for member in self.members)

    async def answer(self, job: Job) -> Written:
        """Answer a job. Cancelling the call stops the query.

        Raises EngineBusy, QueryLimit, QueryStopped, QuerySyntaxError, QueryRefused, EngineError, and
        UnfitFormat where the kind of answer fits none of the job's formats.
        """
        if self.closing:
            raise EngineBusy("the server is stopping", retry_after=2)
        if job.id is not None and job.id in self.tickets:
            raise QueryRefused(
                "a query with this id is running", limit="query-id", hint="make an id for each query"
            )
        ticket = Ticket(job, self.loop.create_future())
        if job.id is not None:
            self.tickets[job.id] = ticket
        try:
            self.lanes.add(ticket)
            self._dispatch()
            if not ticket.timer:
                ticket.timer = self.loop.call_later(self.config.wait, self._waited, ticket)
            return await ticket.future
        except QuerySyntaxError as error:
            raise job.asked.placed(error) from None
        finally:
            self.outcomes[outcomes.outcome_of(ticket)] += 1
            self._leave(ticket)

    def stop(self, id: str) -> bool:
        """Stop the query of an id; return whether there was one."""
        ticket = self.tickets.get(id)
        if ticket is None:
            return False
        self._abandon(ticket, QueryStopped("the query was stopped by its owner"))
        return True

    @property
    def running(self) -> int:
        """Return how many queries run or wait."""
        return len(self.lanes) + sum(member.ticket is not None for member in self.members)

    async def close(self, grace: float = 0.0) -> None:
        """Take no more jobs, let those that run finish for ``grace`` seconds, and end the processes."""
        self.closing = True
        deadline = time.monotonic() + grace
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        if self._watcher:
            self._watcher.cancel()
        for member in list(self.members):
            member.kill(QueryStopped("the server stopped"))
        if self._nursery is not None:
            self._nursery.close()

    # Inside

    def _spawn(self) -> None:
        try:
            member = Member(self.config.order, self.config.spool, self._frame, self._ended, self._nursery)
        except OSError as error:
            # The system has no descriptor, memory or process left: that may pass.
            log.error("no query process can be started now: %s", error)
            self.loop.call_later(_AGAIN, lambda: None if self.closing else self._refill(None))
            return
        self.loop.call_later(_START, self._look_whether_ready, member)
        self.members.append(member)

    def _look_whether_ready(self, member: Member) -> None:
        """End a process that hangs before it has opened its store."""
        if not member.ready and not member.ended:
            member.kill()

    def _dispatch(self) -> None:
        """Give waiting jobs to idle processes, in turns of clients."""
        if not self.lanes or not self.idle:
            return
        # A long query leaves one idle process to the short ones, unless it has waited long.
        while self.lanes.long and len(self.idle) > (0 if self.lanes.is_overdue(self.config.wait) else 1):
            ticket = self.lanes.next_long(self._aside())
            if ticket is None:
                break
            member = self.idle.pop()
            self._give(member, ticket)
            self._move_aside(member)
        # One client never holds all processes of the fast lane, so that another's short query always finds
        # one soon. If a client's query ended a process, the one that replaces it counts as held by that
        # client.
        running: dict[str | None, int] = {}
        for member in self._fast():
            client = member.client
            running[client] = running.get(client, 0) + 1
        share = max(self.config.workers - 1, 1)
        while self.idle:
            ticket = self.lanes.next_short(lambda client: running.get(client, 0) < share)
            if ticket is None:
                return
            running[ticket.job.client] = running.get(ticket.job.client, 0) + 1
            self._give(self.idle.pop(), ticket)

    def _aside(self) -> list[Running]:
        """Return the long queries that run."""
        return [Running(m.ticket, m.started) for m in self.members if m.aside and m.ticket is not None]

    def _move_aside(self, member: Member) -> None:
        """Take a process with a long query out of the fast lane, and let another take its place."""
        member.aside = True
        self._refill(member.ticket.job.client if member.ticket else None)

    def _refill(self, owed_by: str | None) -> None:
        """Start the processes that the fast lane lacks, and a spare for the next query that moves aside.

        A process that the lane needs (not the spare) counts as held by ``owed_by``, the client whose query
        took the one that it replaces.
        """
        fast = self._fast()
        for _ in range(len(fast), self.config.workers + bool(self.config.long)):
            self._spawn()
        fast = self._fast()
        if owed_by is not None and sum(member.ready for member in fast) < self.config.workers:
            free = (member for member in fast if not member.ready and member.owed_by is None)
            if (starting := next(free, None)) is not None:
                starting.owed_by = owed_by

    def _try_again(self) -> None:
        """Start the processes that are lacking; one only, while none has ever opened the store."""
        if not self.closing:
            self._refill(None) if self.opened else self._spawn()

    def _fast(self) -> list[Member]:
        """Return the processes of the fast lane, including those that are still starting."""
        return [member for member in self.members if not member.aside]

    def _found_long(self, member: Member, ticket: Ticket) -> None:
        """Move a query aside that has turned out to be long; if no slot is free, stop it or another one."""
        yields = self.lanes.who_yields(ticket, self._aside())
        if yields is not None:
            self._put_back(next(other for other in self.members if other.ticket is yields))
        if yields is not ticket:
            self._move_aside(member)

    def _put_back(self, member: Member) -> None:
        """Stop a query and let it wait for a slot, in which it starts again: it can't be suspended."""
        ticket, member.ticket = member.ticket, None
        if ticket is None:
            return
        member.owed_by = ticket.job.client
        member.kill()
        self._wait_anew(ticket)
        self.lanes.put_back(ticket)

    def _wait_anew(self, ticket: Ticket) -> None:
        """Start the time that a query may wait from zero, after it has run."""
        if ticket.timer:
            ticket.timer.cancel()
        ticket.timer = self.loop.call_later(self.config.wait, self._waited, ticket)

    def _give(self, member: Member, ticket: Ticket) -> None:
        job = ticket.job
        timeout = min(job.timeout or self.config.timeout, self.config.timeout)
        if ticket.timer:
            ticket.timer.cancel()
        ticket.timer = self.loop.call_later(timeout, self._expired, ticket, timeout)
        header = header_of(job, timeout if self.config.endpoint else None)
        member.ask(ticket, header)
        if self._watcher is None:
            self._watcher = self.loop.call_later(_WATCH, self._watch)

    def _watch(self) -> None:
        """Look at the memory and age of what runs; a short query is over before it is looked at."""
        self._watcher = None
        taken: list[tuple[int, Member]] = []
        now = time.monotonic()
        for member in [member for member in self.members if member.ticket is not None]:
            age = now - member.started
            if age < _WATCH / 2 or member.ticket is None:
                continue
            size = member.resident()
            if size > self.config.memory:
                member.kill(outcomes.memory_exceeded(self.config.memory))
                continue
            taken.append((size, member))
            worked = member.worked()
            if age > self._patience and not member.slowed:
                member.slow_down(_NICE)
            if self.config.long and not member.aside and is_long(age, worked):
                self._found_long(member, member.ticket)
        if sum(size for size, _ in taken) > self.config.all_memory:
            # Kill the one that took most; whether that was enough is seen at the next look.
            max(taken, key=lambda pair: pair[0])[1].kill(outcomes.all_memory_exceeded(self.config.all_memory))
        if any(member.ticket is not None for member in self.members):
            self._watcher = self.loop.call_later(_WATCH, self._watch)
        self._dispatch()

    def _expired(self, ticket: Ticket, timeout: float) -> None:
        if any(member.ticket is ticket and member.is_stopped() for member in self.members):
            self._abandon(ticket, outcomes.ended_from_outside("stopped"))
            return
        self._abandon(ticket, outcomes.took_too_long(timeout))

    def _waited(self, ticket: Ticket) -> None:
        self._abandon(ticket, outcomes.none_was_free(self.config.wait))

    def _abandon(self, ticket: Ticket, error: QueryError) -> None:
        """End a ticket with an error, wherever it is."""
        if not ticket.future.done():
            ticket.future.set_exception(error)
        self._leave(ticket)

    def _leave(self, ticket: Ticket) -> None:
        """Forget a ticket; kill the process that still works on it."""
        if ticket.timer:
            ticket.timer.cancel()
        if ticket.job.id is not None and self.tickets.get(ticket.job.id) is ticket:
            del self.tickets[ticket.job.id]
        self.lanes.remove(ticket)
        for member in self.members:
            if member.ticket is ticket:
                member.kill(QueryStopped("the client went away"))
                break

    def _frame(self, member: Member, header: dict[str, Any], body: bytes) -> None:
        """Handle a frame from a process: it is ready, or has answered."""
        if header.get("ready"):
            member.ready, member.baseline, member.isolated = True, header["rss"], header["isolated"]
            member.owed_by = None
            self.failures, self.opened = 0, True
            if not self._first.is_set():
                self._first.set()
                self._refill(None)
        ticket, member.ticket = member.ticket, None
        member.aside = False
        if ticket is not None:
            outcomes.settle(ticket, header, body, member.spool)
            if time.monotonic() - member.started < SHORT:
                self.lanes.forget(ticket.job)
        tired = not member.speed_up() or (ticket is not None and self._grown(member))
        if tired:
            member.owed_by = ticket.job.client if ticket else None
            member.kill()
        else:
            self.idle.append(member)
        self._dispatch()

    def _grown(self, member: Member) -> bool:
        """Whether a process still holds much memory of its query. Not asked after short ones, which can't."""
        return (
            time.monotonic() - member.started > _WATCH
            and member.resident() > self.config.memory // _KEPT_SHARE
        )

    def _ended(self, member: Member) -> None:
        """Handle the end of a process: tell its query why, and start another."""
        self.members.remove(member)
        self.processes_ended += not self.closing
        if member in self.idle:
            self.idle.remove(member)
        if member.ticket is not None:
            ticket, member.ticket = member.ticket, None
            member.owed_by = ticket.job.client
            if member.orphaned and not self.closing and not ticket.future.done():
                self._wait_anew(ticket)
                self.lanes.short.add(ticket)
            elif not ticket.future.done():
                ticket.future.set_exception(member.verdict or outcomes.crash(member, self.config.memory))
        if self.closing:
            return
        if member.ready:
            self._refill(member.owed_by)
            self._dispatch()
            return
        self.failures += 1
        log.error("a query process could not start: %s", member.last_words().strip()[-500:])
        self._first.set()
        # If a process has ever opened the store, we try for ever: what hinders the next one may pass.
        if self.failures < _GIVE_UP_AFTER or self.members or self.opened:
            self.loop.call_later(min(0.2 * 2 ** min(self.failures, 6), 10), self._try_again)
