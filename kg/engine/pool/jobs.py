"""A query and all that goes with it, and the queue that shares workers fairly between clients. Pure."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from kg.engine.answers.spool import Written
from kg.engine.base import Dataset
from kg.engine.door import Admitted


@dataclass(frozen=True)
class Sourcing:
    """How an answer's sources are told (see `kg.tracing`).

    ``upward`` are the properties that lead from a passage to its document; ``rules`` the folder of the
    release's rules, None where it has none; ``deep``: inferred statements are followed to what was stated.
    """

    upward: tuple[str, ...] = ()
    rules: str | None = None
    deep: bool = False


@dataclass(frozen=True)
class Job:
    """One query of a stranger. It can only be made from what the door (`kg.engine.door`) admitted.

    ``results_format`` and ``graph_format`` are short names of formats, one for rows and booleans and one for
    graphs, None where the client accepts none. ``client`` says who asks, since workers are shared between
    clients; ``id`` lets the owner stop the query; ``timeout`` (s) may only shorten the setting. Where
    ``sourcing`` isn't None the answer comes with its sources.
    """

    asked: Admitted
    results_format: str | None = "json"
    graph_format: str | None = "nt"
    dataset: Dataset | None = None
    base_iri: str | None = None
    client: str = ""
    id: str | None = None
    timeout: float | None = None
    sourcing: Sourcing | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.asked, Admitted):
            raise TypeError("a job is made of what kg.engine.door.admit returned")


def header_of(job: Job, timeout: float | None) -> bytes:
    """Return what a query process gets beside the text, as JSON; ``timeout`` (s) is for a remote engine."""
    order = job.asked.order
    if job.dataset is None and order.plain and timeout is None and job.sourcing is None:
        return _plain_header(job.results_format, job.graph_format, job.base_iri)
    header: dict[str, Any] = json.loads(_plain_header(job.results_format, job.graph_format, job.base_iri))
    if job.dataset is not None:
        header |= {"default": job.dataset.default, "named": job.dataset.named}
    if not order.plain:
        header["order"] = {name: value for name, value in vars(order).items() if name != "sparql"}
    if timeout is not None:
        header["timeout"] = timeout
    if job.sourcing is not None:
        header["sources"] = {"text": job.asked.text, **asdict(job.sourcing)}
    return json.dumps(header).encode()


@lru_cache(maxsize=256)
def _plain_header(results_format: str | None, graph_format: str | None, base: str | None) -> bytes:
    """Return the header of a job that has nothing special, as most; cached."""
    return json.dumps({"results_format": results_format, "graph_format": graph_format, "base": base}).encode()


class UnfitFormat(Exception):
    """The client takes no format that can hold this kind of answer, ``select``, ``ask`` or ``graph``."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(eq=False)
class Ticket:
    """A job on its way through the pool; ``future`` gets its answer or error."""

    job: Job
    future: asyncio.Future[Written]
    entered: float = field(default_factory=time.monotonic)
    timer: asyncio.TimerHandle | None = None
    unheard: int = 0
    """How often it was given to a process that had ended already."""


class FairQueue:
    """Waiting tickets, taken in turns of clients."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[Ticket]] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __iter__(self) -> Iterator[Ticket]:
        return chain.from_iterable(self._lines.values())

    def of(self, client: str) -> int:
        """Return how many tickets of a client wait."""
        return len(self._lines.get(client, ()))

    def clients(self) -> list[str]:
        """Return the clients that wait, in the order of their turns."""
        return list(self._lines)

    def add(self, ticket: Ticket) -> None:
        """Put a ticket behind its client's others."""
        self._lines.setdefault(ticket.job.client, deque()).append(ticket)

    def take(self, allowed: Callable[[str], bool]) -> Ticket | None:
        """Return the next ticket of the client whose turn it is, of those allowed; None if there is none."""
        for client in list(self._lines):
            if allowed(client):
                line = self._lines.pop(client)
                ticket = line.popleft()
                if line:
                    self._lines[client] = line  # at the end: the others' turn comes first
                return ticket
        return None

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out, wherever it stands; nothing if it isn't there."""
        line = self._lines.get(ticket.job.client)
        if line is not None and ticket in line:
            line.remove(ticket)
            if not line:
                del self._lines[ticket.job.client]
