"""What a query is asked with, and the queue that shares workers fairly between clients. Pure."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from kg.engine.base import Dataset
from kg.engine.door import Admitted
from kg.engine.spool import Written
from kg.errors import EngineBusy


@dataclass(frozen=True)
class Job:
    """One query of a stranger, as the door admitted it: there is no other way to make a job.

    ``results_format`` and ``graph_format`` are short names of formats, one for rows and booleans and one for
    graphs, None where the client takes none; ``client`` is whom workers are shared between; ``id`` lets the
    owner stop it; ``timeout`` (s) may only shorten the setting.
    """

    asked: Admitted
    results_format: str | None = "json"
    graph_format: str | None = "nt"
    dataset: Dataset | None = None
    base_iri: str | None = None
    client: str = ""
    id: str | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.asked, Admitted):
            raise TypeError("a job is made of what kg.engine.door.admit returned")


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


class FairQueue:
    """Waiting tickets, taken in turns of clients.

    ``size`` bounds all; one client may have at most half of the places, so that others find room.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._lines: dict[str, deque[Ticket]] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, ticket: Ticket) -> None:
        """Put a ticket behind its client's others. Raises EngineBusy when there is no place."""
        line = self._lines.get(ticket.job.client)
        if (self._lines and len(self) >= self.size) or (
            line is not None and len(line) >= max(self.size // 2, 1)
        ):
            raise EngineBusy(
                "all query processes are busy and the queue is full",
                retry_after=5,
                hint="ask again in a while",
            )
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
