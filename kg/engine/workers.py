"""A pool of query processes with hard limits, for queries that strangers write.

pyoxigraph can't be stopped and may abort its process, so each query runs in a process that may be killed.
`Pool` lives in one asyncio loop; `PooledEngine` is its face as an `Engine` for other threads.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.engine.jobs import FairQueue, Job, Ticket
from kg.engine.member import Member, may_hurry_again
from kg.engine.outcomes import crash, memory_exceeded, settle
from kg.engine.spool import Written
from kg.errors import EngineBusy, QueryError, QueryLimit, QueryRefused, QueryStopped, QuerySyntaxError

log = logging.getLogger("kg.workers")

_WATCH = 0.02
_SLOW_AFTER = 0.04
"""Seconds after which a query lets others go first. Where its process can't be put back afterwards, it must
be replaced, which is worth it for long queries only."""
_SLOW_AFTER_FOR_GOOD = 0.25
_NICE, _NICE_AT_START = 10, 5
"""How far a slow query steps back, and the start of a process whose client had the one before it ended."""
_KEPT_SHARE = 4
"""A process may keep a quarter of a query's memory between queries: the engine's caches of a large store."""
_GIVE_UP_AFTER = 5


@dataclass(frozen=True)
class PoolConfig:
    """What the pool's processes open and what bounds them. Times in seconds, sizes in bytes.

    ``store`` is a pyoxigraph store's directory, or ``endpoint`` the arguments of `RemoteEngine`; ``prefixes``
    are for the RDF formats that have some; ``spool`` is the folder for answers too large for memory;
    ``network`` leaves the processes their network, for a SERVICE that is allowed.
    """

    store: Path | None
    spool: Path
    endpoint: dict[str, Any] | None = None
    network: bool = False
    prefixes: dict[str, str] = field(default_factory=dict)
    workers: int = 2
    timeout: float = 30.0
    memory: int = 1024 * 1024 * 1024
    result_size: int = 256 * 1000 * 1000
    wait: float = 10.0
    queue: int = 64


class Pool:
    """Answers jobs in its processes. Make it in a running loop, `start` it, `close` it."""

    def __init__(self, config: PoolConfig) -> None:
        self.config = config
        self.queue = FairQueue(config.queue)
        self.members: list[Member] = []
        self.idle: list[Member] = []
        self.tickets: dict[str, Ticket] = {}
        self.failures = 0
        self.closing = False
        self._patience = _SLOW_AFTER if may_hurry_again() else _SLOW_AFTER_FOR_GOOD
        self.loop = asyncio.get_running_loop()
        self._watcher: asyncio.TimerHandle | None = None
        self._first = asyncio.Event()

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
        """Answer a job. To cancel the call is to stop the query.

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
            self.queue.add(ticket)
            self._dispatch()
            if not ticket.timer:
                ticket.timer = self.loop.call_later(self.config.wait, self._waited, ticket)
            return await ticket.future
        except QuerySyntaxError as error:
            raise job.asked.placed(error) from None
        finally:
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
        """How many queries run or wait."""
        return len(self.queue) + sum(member.ticket is not None for member in self.members)

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

    # Inside

    def _spawn(self, owed_by: str | None = None) -> None:
        c = self.config
        config = {
            "store": str(c.store) if c.store else None,
            "endpoint": c.endpoint,
            "network": c.network or c.endpoint is not None,
            "prefixes": c.prefixes,
            "memory": c.memory,
            "result_size": c.result_size,
        }
        member = Member(config, c.spool, self._frame, self._ended)
        member.owed_by = owed_by
        if owed_by is not None and may_hurry_again():
            member.slow_down(_NICE_AT_START)
        self.members.append(member)

    def _dispatch(self) -> None:
        """Give waiting jobs to idle processes, in turns of clients."""
        if not self.queue or not self.idle:
            return
        # One client never holds all processes, so another's short query always finds one soon. A process that
        # starts because a client's query ended the one before it counts as still held by that client.
        running = Counter(
            member.ticket.job.client if member.ticket else member.owed_by for member in self.members
        )
        share = max(self.config.workers - 1, 1)
        while self.idle:
            ticket = self.queue.take(lambda client: running[client] < share)
            if ticket is None:
                return
            running[ticket.job.client] += 1
            self._give(self.idle.pop(), ticket)

    def _give(self, member: Member, ticket: Ticket) -> None:
        job = ticket.job
        timeout = min(job.timeout or self.config.timeout, self.config.timeout)
        if ticket.timer:
            ticket.timer.cancel()
        ticket.timer = self.loop.call_later(timeout, self._expired, ticket, timeout)
        plain = job.dataset is None and job.asked.order.plain and not self.config.endpoint
        header = (
            _plain_header(job.results_format, job.graph_format, job.base_iri)
            if plain
            else json.dumps(self._header(job, timeout)).encode()
        )
        member.ask(ticket, header)
        if self._watcher is None:
            self._watcher = self.loop.call_later(_WATCH, self._watch)

    def _header(self, job: Job, timeout: float) -> dict[str, Any]:
        header: dict[str, Any] = json.loads(_plain_header(job.results_format, job.graph_format, job.base_iri))
        if job.dataset is not None:
            header |= {"default": job.dataset.default, "named": job.dataset.named}
        if not job.asked.order.plain:
            header["order"] = {
                name: value for name, value in vars(job.asked.order).items() if name != "sparql"
            }
        if self.config.endpoint:
            header["timeout"] = timeout
        return header

    def _watch(self) -> None:
        """Look at the memory and age of what runs; a short query is over before it is looked at."""
        self._watcher = None
        busy = [member for member in self.members if member.ticket is not None]
        for member in busy:
            age = time.monotonic() - member.started
            if age < _WATCH / 2:
                continue
            if member.resident() > self.config.memory:
                member.kill(memory_exceeded(self.config.memory))
            elif age > self._patience and not member.slowed:
                member.slow_down(_NICE)
        if busy:
            self._watcher = self.loop.call_later(_WATCH, self._watch)

    def _expired(self, ticket: Ticket, timeout: float) -> None:
        self._abandon(
            ticket,
            QueryLimit(
                f"the query ran longer than {timeout:g} s",
                limit="KG_QUERY_TIMEOUT",
                hint="ask for less: fix a subject or a class, bound a path at an end, add LIMIT, or split it",
            ),
        )

    def _waited(self, ticket: Ticket) -> None:
        self._abandon(
            ticket,
            EngineBusy(
                f"no query process was free within {self.config.wait:g} s",
                retry_after=5,
                hint="ask again in a while",
            ),
        )

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
        self.queue.remove(ticket)
        for member in self.members:
            if member.ticket is ticket:
                member.kill(QueryStopped("the client went away"))
                break

    def _frame(self, member: Member, header: dict[str, Any], body: bytes) -> None:
        """A process is ready, or has answered."""
        if header.get("ready"):
            member.ready, member.baseline, member.isolated = True, header["rss"], header["isolated"]
            member.owed_by = None
            self.failures = 0
            self._first.set()
        ticket, member.ticket = member.ticket, None
        if ticket is not None:
            settle(ticket, header, body, member.spool)
        tired = not member.speed_up() or (ticket is not None and self._grown(member))
        if tired:
            member.owed_by = ticket.job.client if ticket else None
            member.kill()
        else:
            self.idle.append(member)
        self._dispatch()

    def _grown(self, member: Member) -> bool:
        """Whether a process kept much memory from its query. Not asked after short ones: they can't have."""
        return (
            time.monotonic() - member.started > _WATCH
            and member.resident() > self.config.memory // _KEPT_SHARE
        )

    def _ended(self, member: Member) -> None:
        """A process is gone: tell its query why, and start another."""
        self.members.remove(member)
        if member in self.idle:
            self.idle.remove(member)
        if member.ticket is not None:
            ticket, member.ticket = member.ticket, None
            member.owed_by = ticket.job.client
            if not ticket.future.done():
                ticket.future.set_exception(member.verdict or crash(member, self.config.memory))
        if self.closing:
            return
        if member.ready:
            self._spawn(member.owed_by)
            return
        self.failures += 1
        log.error("a query process could not start: %s", member.last_words().strip()[-500:])
        self._first.set()
        if self.failures < _GIVE_UP_AFTER or self.members:
            self.loop.call_later(
                min(0.2 * 2**self.failures, 10), lambda: None if self.closing else self._spawn()
            )


@lru_cache(maxsize=256)
def _plain_header(results_format: str | None, graph_format: str | None, base: str | None) -> bytes:
    """The header that most jobs have, as JSON."""
    header = {"results_format": results_format, "graph_format": graph_format, "base": base}
    return json.dumps(header).encode()
