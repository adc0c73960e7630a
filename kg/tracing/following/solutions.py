"""What each solution of a traced query rests on: statements of patterns and paths, rows of sub-queries.

Patterns and paths are handled column by column, which costs little for each row; parts with several ways, or
that differ between rows, are handled row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product, repeat
from typing import TypeAlias

from kg.tracing.following.cells import UNBOUND, Cell, CellRow, Rows, cell_of
from kg.tracing.following.holders import Key
from kg.tracing.following.statements import BEYOND, Statements
from kg.tracing.planning.traced import Exists, Guard, Parts, Pattern, Place, TracedRow, Walk, Way

MOST_WAYS = 64
"""Ways of one row that are told one by one."""
TOO_MANY = "the answer rests on more statements than are told"
NO_WAY = "the way of a path isn't found"
_AT_ONCE = 256
"""Rows whose statements are numbered together where not all may be told, so that the first rows are whole."""
_STEPS = 8
"""Statements that a path is reckoned to take where it must be guessed."""
_NONE: Way = frozenset()
_LEFT_OUT = frozenset({None, BEYOND})

Table: TypeAlias = dict[CellRow, list[TracedRow]]


class Untraced(Exception):
    """The answer's sources can't be told; the message says why."""


@dataclass
class Building:
    """The sources of one solution while its parts are looked at."""

    base: Way
    choices: list[list[Way]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    lacking: str | None = None

    def join(self, other: TracedRow) -> None:
        """Add what a part's row rests on, one of its ways in each of this solution's."""
        self.lacking = self.lacking or other.lacking
        self.absent += other.absent
        self.choices.append([other.statements] if other.others else other.ways)

    def row(self) -> TracedRow:
        """Return what was built."""
        base = self.base
        absent = tuple(dict.fromkeys(self.absent))
        if not self.choices:
            return TracedRow([base], absent=absent, lacking=self.lacking)
        count = 1
        for ways in self.choices:
            count *= len(ways)
        if count > MOST_WAYS:
            first = base.union(*(ways[0] for ways in self.choices))
            others = base.union(*(way for ways in self.choices for way in ways))
            return TracedRow([first], others=others, absent=absent, lacking=self.lacking)
        made = dict.fromkeys(base.union(*picked) for picked in product(*self.choices))
        return TracedRow(list(made), absent=absent, lacking=self.lacking)


Part: TypeAlias = Callable[[int, Building], None]
"""Adds what a part of the query has to do with the solution of a number."""


class Solutions:
    """Reads the solutions of one traced query."""

    def __init__(self, rows: Rows, statements: Statements) -> None:
        self.rows = rows
        self.statements = statements
        self._patterns: Sequence[Pattern] = ()
        self._walks: Sequence[Walk] = ()
        self._absent: list[str] = []
        self._parts: list[Part] = []

    def take(self, parts: Parts) -> None:
        """Look at a query's own patterns, paths and absent groups."""
        self._patterns, self._walks = parts.patterns, parts.walks
        for one in parts.absent:
            if one.guard is None:
                self._absent.append(one.text)
            else:
                self._missing(one.text, self.guard(one.guard))

    def read(self) -> Iterator[TracedRow]:
        """Yield what each solution rests on."""
        absent = tuple(dict.fromkeys(self._absent))
        parts = self._parts
        for start, end in self._stretches():
            lost: dict[int, str] = {}
            bases = self._bases(start, end, lost)
            for at, base in enumerate(bases, start):
                if not parts:
                    yield TracedRow([base], absent=absent, lacking=lost.get(at))
                    continue
                building = Building(base, absent=[*absent], lacking=lost.get(at))
                for part in parts:
                    part(at, building)
                yield building.row()

    def table(self, keys: Sequence[CellRow]) -> Table:
        """Return what the solutions rest on, by their keys."""
        table: Table = {}
        for key, source in zip(keys, self.read(), strict=True):
            table.setdefault(key, []).append(source)
        return table

    def groups(self, keys: Sequence[CellRow]) -> dict[CellRow, TracedRow]:
        """Return what all solutions of a key rest on together."""
        if self._parts:
            return {key: together(entries) for key, entries in self.table(keys).items()}
        lost: dict[int, str] = {}
        merged = self._merged(keys, lost)
        lacking = {keys[at]: why for at, why in lost.items()}
        absent = tuple(dict.fromkeys(self._absent))
        return {
            key: TracedRow(
                [frozenset(found - _LEFT_OUT)],  # type: ignore[arg-type] # None is among them
                together=True,
                absent=absent,
                lacking=TOO_MANY if BEYOND in found else lacking.get(key),
            )
            for key, found in merged.items()
        }

    def _merged(self, keys: Sequence[CellRow], lost: dict[int, str]) -> dict[CellRow, set[int | None]]:
        """Return the numbers of all statements behind each key, without handling single rows."""
        count = self.rows.count
        merged: dict[CellRow, set[int | None]] = {key: set() for key in dict.fromkeys(keys)}
        columns = [self._numbered(pattern, 0, count) for pattern in self._patterns]
        walks = [self._walked(walk, 0, count, lost) for walk in self._walks]
        if len(merged) == 1:
            (whole,) = merged.values()
            whole.update(*columns, *(way for column in walks for way in set(column)))
            return merged
        for column in columns:
            for key, number in zip(keys, column, strict=True):
                merged[key].add(number)
        for walked in walks:
            for key, way in zip(keys, walked, strict=True):
                merged[key].update(way)
        return merged

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each block of rows that is handled together."""
        count = self.rows.count
        met = len(self.statements) + count * (len(self._patterns) + _STEPS * len(self._walks))
        step = count or 1
        if met > self.statements.most:
            step = min(_AT_ONCE, max(1, self.statements.most // 100))
        for start in range(0, count, step):
            yield start, min(start + step, count)

    def _bases(self, start: int, end: int, lost: dict[int, str]) -> list[Way]:
        """Return the statements that some solutions have themselves."""
        columns = [self._numbered(pattern, start, end) for pattern in self._patterns]
        found: list[frozenset[int | None]]
        found = list(map(frozenset, zip(*columns, strict=True))) if columns else [_NONE] * (end - start)
        for walk in self._walks:
            ways = self._walked(walk, start, end, lost)
            found = [one.union(way) if way else one for one, way in zip(found, ways, strict=True)]
        if self.statements.full:
            lost |= {start + at: TOO_MANY for at, one in enumerate(found) if BEYOND in one}
        elif not any(one.guard for one in self._patterns):
            return found  # type: ignore[return-value] # nothing is left out
        return [one - _LEFT_OUT for one in found]  # type: ignore[misc] # None is among them

    # Columns

    def _numbered(self, pattern: Pattern, start: int, end: int) -> Sequence[int | None]:
        """Return a pattern's statement in each of some solutions, None where it took no part."""
        keys = self._keys(pattern, start, end)
        if pattern.guard is None:
            return self.statements.numbers(keys)
        took_part = self.guard(pattern.guard)
        chosen = [key if took_part(at) else None for at, key in enumerate(keys, start)]
        numbers = iter(self.statements.numbers(key for key in chosen if key is not None))
        return [None if key is None else next(numbers) for key in chosen]

    def _keys(self, pattern: Pattern, start: int, end: int) -> Iterator[Key]:
        places = (pattern.subject, pattern.predicate, pattern.object, pattern.graph)
        columns = [self._column(place, start, end) for place in places]
        return zip(*columns, strict=True)

    def _column(self, place: Place | None, start: int, end: int) -> Sequence[Cell] | Iterator[Cell]:
        if isinstance(place, str):
            return self.rows.column(place)[start:end]
        return repeat(UNBOUND if place is None else cell_of(place), end - start)

    def _walked(self, walk: Walk, start: int, end: int, lost: dict[int, str]) -> list[tuple[int, ...]]:
        """Return the statements of a path in each of some solutions."""
        places = (walk.subject, walk.object, walk.graph)
        took_part = self.guard(walk.guard)
        ways: list[tuple[int, ...]] = []
        ends = zip(*(self._column(place, start, end) for place in places), strict=True)
        for at, (subject, goal, graph) in enumerate(ends, start):
            way = self.statements.walk(subject, walk.path, goal, graph) if took_part(at) else ()
            if way is None:
                lost[at] = NO_WAY
            ways.append(way or ())
        return ways

    # Row by row

    def guard(self, guard: Guard) -> Callable[[int], bool]:
        """Return a function that tells, for a row's number, whether a part took part in the solution."""
        if guard is None:
            return lambda _at: True
        column, wanted = self.rows.column(guard[0]), cell_of(guard[1])
        return lambda at: column[at] == wanted

    def inner(self, table: Table, names: Sequence[str], guard: Guard) -> None:
        """Look up the rows of a sub-query."""
        took_part, keys = self.guard(guard), self.rows.keys(names)

        def part(at: int, building: Building) -> None:
            if took_part(at):
                entries = table.get(keys[at])
                if not entries:
                    raise Untraced("a row of a sub-query isn't found again")
                building.join(either(entries))

        self._parts.append(part)

    def exists(self, exists: Exists, table: Table) -> None:
        """Look up what makes an EXISTS hold."""
        took_part, keys = self.guard(exists.guard), self.rows.keys(exists.shared)

        def part(at: int, building: Building) -> None:
            if not took_part(at):
                return
            entries = table.get(keys[at])
            if entries:
                building.join(either(entries))
            elif exists.required:
                building.lacking = "what EXISTS found isn't found again"
            else:
                building.absent.append(exists.text)

        self._parts.append(part)

    def _missing(self, text: str, took_part: Callable[[int], bool]) -> None:
        def part(at: int, building: Building) -> None:
            if took_part(at):
                building.absent.append(text)

        self._parts.append(part)


def either(entries: list[TracedRow]) -> TracedRow:
    """Return the sources of a row that several solutions give, each by itself."""
    if len(entries) == 1:
        return entries[0]
    told = list(dict.fromkeys(way for entry in entries for way in entry.ways))
    others: Way = frozenset().union(*told[MOST_WAYS:], *(entry.others for entry in entries))
    return TracedRow(
        told[:MOST_WAYS], any(one.together for one in entries), others, _absent(entries), _lacking(entries)
    )


def together(entries: list[TracedRow]) -> TracedRow:
    """Return the sources of a group: all of all its solutions."""
    whole: Way = frozenset().union(*(entry.statements for entry in entries))
    return TracedRow([whole], together=True, absent=_absent(entries), lacking=_lacking(entries))


def _absent(entries: list[TracedRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for entry in entries for text in entry.absent))


def _lacking(entries: list[TracedRow]) -> str | None:
    return next((entry.lacking for entry in entries if entry.lacking), None)
