"""Which query runs next, and where: short ones in the fast lane, long ones aside. Pure.

Every query counts as short until it has run too long (`is_long`). A long one moves aside into a slot of its
own, and another process takes its place in the fast lane. Slots are shared between clients first, then
between a client's queries. A long query that finds no slot is stopped, waits in the line for long ones, and
starts again.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kg.engine.pool.jobs import FairQueue, Job, Ticket
from kg.settings import LIMITS

SHORT = 0.08
"""Seconds of work up to which a query is short."""
_STARVED = 5
"""After this many times `SHORT` a query is long, though the processor had no time for it."""
_REMEMBERED = 1000
"""How many texts of long queries are remembered."""


def is_long(age: float, worked: float) -> bool:
    """Whether a query has shown that it is long.

    ``age`` is the seconds since it was asked, ``worked`` those that its process has had the processor since
    it was first looked at. A short query on a busy machine ages without working.
    """
    return age > SHORT and (worked > SHORT / 2 or age > _STARVED * SHORT)


@dataclass(frozen=True)
class Running:
    """A long query that runs: its ticket, and when it was asked (s of the monotonic clock)."""

    ticket: Ticket
    since: float


class Lanes:
    """The two lines of waiting tickets.

    ``size`` bounds both together, of which one client may have at most half; ``slots`` is how many long
    queries run at once, 0 where none moves aside.
    """

    def __init__(self, size: int, slots: int) -> None:
        self.size, self.slots = size, slots
        self.short, self.long = FairQueue(), FairQueue()
        self._known: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self.short) + len(self.long)

    def __bool__(self) -> bool:
        return bool(self.short or self.long)

    def add(self, ticket: Ticket) -> None:
        """Let a ticket wait. Raises EngineBusy when there is no place."""
        client = ticket.job.client
        waiting = self.short.of(client) + self.long.of(client)
        if (self and len(self) >= self.size) or (waiting and waiting >= max(self.size // 2, 1)):
            raise LIMITS["query_queue"].busy()
        known = self.slots and self._key(ticket.job) in self._known
        (self.long if known else self.short).add(ticket)

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out, wherever it waits; nothing if it doesn't."""
        self.short.remove(ticket)
        self.long.remove(ticket)

    def next_short(self, allowed: Callable[[str], bool]) -> Ticket | None:
        """Return the next short ticket of the client whose turn it is, of those allowed."""
        return self.short.take(allowed)

    def next_long(self, running: Iterable[Running]) -> Ticket | None:
        """Return the next long ticket if a slot is free, of a client with the fewest long queries running."""
        held = Counter(one.ticket.job.client for one in running)
        if not self.long or held.total() >= self.slots:
            return None
        fewest = min(held[client] for client in self.long.clients())
        return self.long.take(lambda client: held[client] == fewest)

    def is_overdue(self, wait: float) -> bool:
        """Whether a long query has waited for more than half of ``wait``, the seconds that it may."""
        now = time.monotonic()
        return now - min((ticket.entered for ticket in self.long), default=now) > wait / 2

    def who_yields(self, ticket: Ticket, running: list[Running]) -> Ticket | None:
        """Return which query must go back to its line when one more shows that it is long, None if none must.

        By client first: of a client that has more slots than the newcomer's would have, the query that has
        run for the shortest time; else the newcomer itself.
        """
        if len(running) < self.slots:
            return None
        held = Counter(one.ticket.job.client for one in running)
        client, most = max(held.items(), key=lambda pair: pair[1], default=("", 0))
        if most > held[ticket.job.client] + 1:
            return max((o for o in running if o.ticket.job.client == client), key=lambda o: o.since).ticket
        return ticket

    def put_back(self, ticket: Ticket) -> None:
        """Let a query that turned out to be long, and found no slot, wait in the line for long ones."""
        key = self._key(ticket.job)
        self._known[key] = None
        self._known.move_to_end(key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        self.long.add(ticket)

    def forget(self, job: Job) -> None:
        """Forget that a query was found long: it turned out to be short."""
        if self._known:
            self._known.pop(self._key(job), None)

    @staticmethod
    def _key(job: Job) -> int:
        return hash((job.asked.text, job.dataset))
