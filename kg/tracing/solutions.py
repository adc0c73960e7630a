"""What each solution of a traced query rests on: statements of patterns and paths, rows of sub-queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from kg.engine import Row, Term
from kg.errors import EngineError
from kg.tracing.model import Exists, Guard, Parts, Pattern, Place, TracedRow, Walk, Way
from kg.tracing.statements import Statements, TooMany

MOST_WAYS = 64
"""Ways of one row that are told one by one."""
TOO_MANY = "the answer rests on more statements than are told"

Table: TypeAlias = dict[Row, list[TracedRow]]


class Untraced(Exception):
    """The answer's sources can't be told; the message says why."""


@dataclass
class Building:
    """The sources of one solution while its parts are looked at."""

    base: set[int] = field(default_factory=set)
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
        base = frozenset(self.base)
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


Part: TypeAlias = Callable[[Row, Building], None]


class Solutions:
    """Reads the solutions of one traced query; ``places`` are its variables' columns."""

    def __init__(self, places: dict[str, int], statements: Statements) -> None:
        self.places = places
        self.statements = statements
        self._parts: list[Part] = []

    def take(self, parts: Parts) -> None:
        """Look at a query's own patterns, paths and absent groups."""
        self._parts += map(self._pattern, parts.patterns)
        self._parts += map(self._walk, parts.walks)
        for one in parts.absent:
            self._absent(one.text, self.guard(one.guard))

    def read(self, rows: Sequence[Row]) -> Iterator[TracedRow]:
        """Yield what each solution rests on."""
        for row in rows:
            building = Building()
            try:
                for part in self._parts:
                    part(row, building)
            except TooMany:
                building.lacking = TOO_MANY
            yield building.row()

    def guard(self, guard: Guard) -> Callable[[Row], bool]:
        """Return what tells whether a part took part in a solution."""
        if guard is None:
            return lambda _row: True
        at, wanted = self.places[guard[0]], guard[1]
        return lambda row: row[at] == wanted

    def inner(self, table: Table, names: Sequence[str], guard: Guard) -> None:
        """Look up the rows of a sub-query."""
        took_part, at = self.guard(guard), [self.places[name] for name in names]

        def part(row: Row, building: Building) -> None:
            if took_part(row):
                entries = table.get(tuple(row[i] for i in at))
                if not entries:
                    raise Untraced("a row of a sub-query isn't found again")
                building.join(either(entries))

        self._parts.append(part)

    def exists(self, exists: Exists, table: Table) -> None:
        """Look up what makes an EXISTS hold."""
        took_part, at = self.guard(exists.guard), [self.places[name] for name in exists.shared]

        def part(row: Row, building: Building) -> None:
            if not took_part(row):
                return
            entries = table.get(tuple(row[i] for i in at))
            if entries:
                building.join(either(entries))
            elif exists.required:
                building.lacking = "what EXISTS found isn't found again"
            else:
                building.absent.append(exists.text)

        self._parts.append(part)

    def _absent(self, text: str, took_part: Callable[[Row], bool]) -> None:
        def part(row: Row, building: Building) -> None:
            if took_part(row):
                building.absent.append(text)

        self._parts.append(part)

    def _pattern(self, pattern: Pattern) -> Part:
        number, took_part = self.statements.number, self.guard(pattern.guard)
        subject, predicate = self._getter(pattern.subject), self._getter(pattern.predicate)
        value, graph = self._getter(pattern.object), self._optional(pattern.graph)
        if pattern.guard is None and pattern.graph is None:

            def always(row: Row, building: Building) -> None:
                building.base.add(number(subject(row), predicate(row), value(row), None))

            return always

        def part(row: Row, building: Building) -> None:
            if took_part(row):
                building.base.add(number(subject(row), predicate(row), value(row), graph(row)))

        return part

    def _walk(self, walk: Walk) -> Part:
        took_part = self.guard(walk.guard)
        start, goal, graph = self._getter(walk.subject), self._getter(walk.object), self._optional(walk.graph)

        def part(row: Row, building: Building) -> None:
            if took_part(row):
                way = self.statements.walk(start(row), walk.path, goal(row), graph(row))
                if way is None:
                    building.lacking = "the way of a path isn't found"
                building.base.update(way or ())

        return part

    def _getter(self, place: Place) -> Callable[[Row], Term]:
        if not isinstance(place, str):
            return lambda _row: place
        at = self.places[place]

        def value(row: Row) -> Term:
            term = row[at]
            if term is None:
                raise EngineError(f"the traced query leaves ?{place} unbound")
            return term

        return value

    def _optional(self, place: Place | None) -> Callable[[Row], Term | None]:
        return self._getter(place) if place is not None else lambda _row: None


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
