"""Finding hints on an answer, under the limits that its query had."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice

from kg.engine import Result
from kg.engine.answers.spool import Written
from kg.errors import KgError
from kg.hints import Finding, Known, Probe, Seen, find
from kg.sparql.explaining.hints import Hint

PATIENCE = 2.0
"""Seconds for all that a hint needs to know; an answer waits no longer for it."""
_KEPT = 500

Asked = Callable[[str], Awaitable[Result]]
"""Asks a query under the limits of the one that is looked at. Raises KgError."""


@dataclass
class Hinter:
    """Finds hints. ``ours`` answers, in another thread, the questions that are the same for all queries."""

    known: Known = field(default_factory=Known)
    ours: Callable[[str], Result] | None = None
    _kept: OrderedDict[tuple[str, ...], tuple[Hint, ...]] = field(default_factory=OrderedDict)
    _learning: dict[str, asyncio.Task[Result]] = field(default_factory=dict)

    async def hints(
        self, sparql: str, written: Written, ask: Asked, *, base_iri: str | None, dataset: Sequence[str]
    ) -> tuple[Hint, ...]:
        """Return the hints on a query and its answer; none where they can't be had in time."""
        finding = find(sparql, seen(written), self.known, base_iri)
        name = (sparql, *dataset)
        try:
            probe = next(finding)
        except StopIteration as end:
            return tuple(end.value)
        if name not in self._kept:
            try:
                async with asyncio.timeout(PATIENCE):
                    found = await self._driven(finding, probe, ask)
            except TimeoutError:
                return ()
            self._kept[name] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[name]

    async def _driven(self, finding: Finding, probe: Probe, ask: Asked) -> tuple[Hint, ...]:
        while True:
            answer: Result | None
            try:
                answer = await self._learn(probe.sparql) if probe.ours else await ask(probe.sparql)
            except KgError:
                answer = None
            try:
                probe = finding.send(answer)
            except StopIteration as end:
                return tuple(end.value)

    async def _learn(self, sparql: str) -> Result | None:
        """Ask a question that is the same for all queries, once; a slow answer is left to a later query."""
        if self.ours is None:
            return None
        task = self._learning.get(sparql)
        if task is None:
            task = asyncio.ensure_future(asyncio.to_thread(self.ours, sparql))
            task.add_done_callback(lambda done: self._learnt(sparql, done))
            self._learning[sparql] = task
        found = await asyncio.shield(task)
        self._learning.pop(sparql, None)  # the answer is known from now on
        return found

    def _learnt(self, sparql: str, done: asyncio.Task[Result]) -> None:
        """Forget a question that failed, so that it is asked again."""
        if done.cancelled() or done.exception() is not None:
            self._learning.pop(sparql, None)


def seen(written: Written) -> Seen:
    """Return what is known of an answer from a quick look at its bytes."""
    body = written.body
    if not isinstance(body, bytes):
        return Seen(empty=False)
    if written.kind == "ask":
        return Seen(empty=b"false" in body)
    if written.kind != "select":
        return Seen(empty=written.rows == 0)

    def lacking(names: Collection[str], everywhere: bool) -> list[str]:
        marks = _marks(written.format, names)
        if everywhere and marks is not None:  # found in the first rows, as a rule: no need to count
            return [name for name, mark in marks.items() if mark not in body]
        counts = _counts(written.format, body, names)
        return [name for name, count in counts.items() if count < (1 if everywhere else written.rows)]

    return Seen(empty=written.rows == 0, lacking=lacking)


_ROWS = 5000


def _marks(format: str, names: Collection[str]) -> dict[str, bytes] | None:
    """Return the bytes before a value of each column; None for formats that don't name the column there."""
    marks = {"json": '"%s":{', "xml": '<binding name="%s">'}
    return {name: (marks[format] % name).encode() for name in names} if format in marks else None


def _counts(format: str, body: bytes, names: Collection[str]) -> dict[str, int]:
    """Return how many rows have a value, by column; all of them where that can't be told."""
    marks = _marks(format, names)
    if marks is not None:
        return {name: body.count(mark) for name, mark in marks.items()}
    rows = csv.reader(io.StringIO(body.decode()), delimiter="," if format == "csv" else "\t")
    columns = {column.lstrip("?"): at for at, column in enumerate(next(rows, []))}
    found = dict.fromkeys((name for name in names if name in columns), 0)
    for row in islice(rows, _ROWS):
        for name in found:
            found[name] += columns[name] < len(row) and row[columns[name]] != ""
    return found
