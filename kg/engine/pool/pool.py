"""A pool of query processes with hard limits, for queries that strangers write.

pyoxigraph can't be stopped and may abort its process, so each query runs in a process that may be killed.
`Pool` lives in one asyncio loop; `PooledEngine` makes it an `Engine` for other threads.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

from kg.engine.answers.spool import Written
from kg.engine.pool import outcomes
from kg.engine.pool.bounds import PoolConfig
from kg.engine.pool.crew import Crew
from kg.engine.pool.jobs import Job, Ticket, header_of
from kg.engine.pool.lanes import SHORT, Lanes, is_long
from kg.engine.pool.member import Member, may_hurry_again
from kg.errors import EngineBusy, QueryError, QueryRefused, QueryStopped, QuerySyntaxError

__all__ = ["Pool", "PoolConfig"]

_WATCH = 0.02
_SLOW_AFTER = 0.04
"""Seconds after which a query lets others go first; more where its process must then be replaced."""
_SLOW_AFTER_FOR_GOOD = 0.25
_NICE = 10  # the niceness of a slow query's process
_KEPT_SHARE = 4
"""A process may keep a quarter of a query's memory between queries: the engine's caches."""


class Pool:
    """Answers jobs in its processes. Make it in a running loop, `start` it, `close` it."""

    def __init__(self, config: PoolConfig) -> None:
        self.lanes = Lanes(config.queue, config.long)
        self.crew = Crew(config, self._frame, self._ended)
        self.tickets: dict[str, Ticket] = {}
        self.outcomes: Counter[str] = Counter()
        """How the queries that were asked ended, for metrics."""
        self._patience = _SLOW_AFTER if may_hurry_again() else _SLOW_AFTER_FOR_GOOD
        self.loop = asyncio.get_running_loop()
        self._watcher: asyncio.TimerHandle | None = None

    # For callers

    @property
    def config(self) -> PoolConfig:
        """Return what bounds it; processes that are started from now on open what it names."""
        return self.crew.config

    @property
    def closing(self) -> bool:
        """Whether it takes no more jobs."""
        return self.crew.closing

    @property
    def members(self) -> list[Member]:
        """Return the processes, including those that are still starting."""
        return self.crew.members

    def start(self) -> None:
        """Start the processes; they take jobs as soon as they have opened the store."""
        self.crew.start()

    async def ready(self, timeout: float) -> bool:
        """Wait until a process has opened the store; return whether one has in time."""
        return await self.crew.ready(timeout)

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
        self.crew.closing = True
        deadline = time.monotonic() + grace
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        if self._watcher:
            self._watcher.cancel()
        self.crew.close(QueryStopped("the server stopped"))

    # Inside

    def _dispatch(self) -> None:
        """Give waiting jobs to idle processes, in turns of clients."""
        if not self.lanes or not self.crew.idle:
            return
        # A long query leaves one idle process to the short ones, unless it has waited long.
        while self.lanes.long and len(self.crew.idle) > (0 if self.lanes.is_overdue(self.config.wait) else 1):
            ticket = self.lanes.next_long(self.crew.aside())
            if ticket is None:
                break
            member = self.crew.idle.pop()
            self._give(member, ticket)
            self.crew.move_aside(member)
        # One client never holds all processes of the fast lane, so that another's short query always finds
        # one soon. If a client's query ended a process, the one that replaces it counts as held by that
        # client.
        running: dict[str | None, int] = {}
        for member in self.crew.fast():
            client = member.client
            running[client] = running.get(client, 0) + 1
        share = max(self.config.workers - 1, 1)
        while self.crew.idle:
            ticket = self.lanes.next_short(lambda client: running.get(client, 0) < share)
            if ticket is None:
                return
            running[ticket.job.client] = running.get(ticket.job.client, 0) + 1
            self._give(self.crew.idle.pop(), ticket)

    def _found_long(self, member: Member, ticket: Ticket) -> None:
        """Move a query aside that has turned out to be long; if no slot is free, stop it or another one."""
        yields = self.lanes.who_yields(ticket, self.crew.aside())
        if yields is not None:
            self._put_back(next(other for other in self.members if other.ticket is yields))
        if yields is not ticket:
            self.crew.move_aside(member)

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
            self.crew.join(member, header)
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
            self.crew.free(member)
        self._dispatch()

    def _grown(self, member: Member) -> bool:
        """Whether a process still holds much memory of its query. Not asked after short ones, which can't."""
        return (
            time.monotonic() - member.started > _WATCH
            and member.resident() > self.config.memory // _KEPT_SHARE
        )

    def _ended(self, member: Member) -> None:
        """Handle the end of a process: tell its query why, and start another."""
        if member.ticket is not None:
            ticket, member.ticket = member.ticket, None
            member.owed_by = ticket.job.client
            if member.blameless and not self.closing and not ticket.future.done():
                self._wait_anew(ticket)
                self.lanes.short.add(ticket)
            elif not ticket.future.done():
                ticket.future.set_exception(member.verdict or outcomes.crash(member, self.config.memory))
        self.crew.leave(member)
        if not self.closing:
            self._dispatch()
