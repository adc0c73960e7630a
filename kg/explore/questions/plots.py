"""Where the marks of a chart go: lengths and places in shares of the width, heights in pixels.

A drawing made so fits any width without its letters growing or shrinking.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import pyoxigraph as ox

from kg.explore.entity.diagram import wrapped
from kg.explore.model import Datum, Ref, Value
from kg.explore.questions.answers import Answer
from kg.explore.questions.collection import View
from kg.explore.statements.figures import decimal
from kg.explore.widths import columns

BARS = 40
"""How many things a chart of bars shows; the table has all."""
TONES = 6
LABEL, BAR, GAP = 20, 18, 10
LETTERS, LINES, LINE = 46, 2, 17
"""A label has so many columns in a line on a phone, so many lines, each so high."""
LONGEST = 68.0
"""How much of the width the longest bar takes: the rest is for its number."""
PLOT, MARGIN = 336, 50
HEAD = 20
"""Room for the name of an axis, above a chart or below it; of two names that share no line, for each."""
ROOM_ACROSS, ROOM_UP = 7.0, 18.0
"""How far apart two numbers must stand: a share of the width, or pixels."""
_YEAR_DAYS = 365.2425


@dataclass(frozen=True, slots=True)
class Axes:
    """What a chart's axes are called: ``along`` of what the numbers are, ``of`` what they count, in ``unit``.

    ``unit`` is None where numbers have several or none.
    """

    along: Value
    of: Value
    unit: Value | None = None

    @property
    def is_apart(self) -> bool:
        """Whether both names need a line of their own on a phone."""
        names = (self.along, self.of, *([self.unit] if self.unit else []))
        return sum(columns(_text(name)) for name in names) + 6 > LETTERS


@dataclass(frozen=True, slots=True)
class Mark:
    """A number drawn: its place, its text's parts, what it is of and the row that it stands in."""

    x: float
    y: float
    length: float
    tone: int
    value: Datum
    before: Value | None
    unit: Value | None
    series: Value | None
    row: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars under labels (a value and its place), their series, and how many things are left out."""

    height: int
    groups: tuple[tuple[Value, int, tuple[Mark, ...]], ...]
    series: tuple[tuple[Value, int], ...]
    left_out: int
    axes: Axes
    kind: str = "bars"


@dataclass(frozen=True, slots=True)
class Years:
    """Numbers over time: ticks with their places, and the marks of each series in order.

    ``named`` are the places of the marks that have room for their numbers.
    """

    height: int
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, Datum], ...]
    lines: tuple[tuple[Value | None, int, tuple[Mark, ...]], ...]
    named: frozenset[tuple[float, float]]
    axes: Axes
    kind: str = "years"

    @property
    def named_lines(self) -> tuple[tuple[Value, int], ...]:
        """The series that have a name, and their tones."""
        return tuple((one, tone) for one, tone, _ in self.lines if one is not None)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Numbers by row and column: each with a strength from 0 to 5, None where there is none."""

    rows: tuple[Value, ...]
    columns: tuple[Value, ...]
    cells: tuple[tuple[tuple[Datum, int] | None, ...], ...]
    axes: Axes
    across: Value
    kind: str = "matrix"


Plot: TypeAlias = Bars | Years | Matrix


def plot(answer: Answer, view: View) -> Plot | None:
    """Return the chart of an answer; None where the view is none, or its columns aren't there."""
    taken = [answer.at(name) for name in view.columns]
    if len(taken) < 2 or None in taken[:2]:
        return None
    places = [place for place in taken if place is not None]
    if view.kind == "bars":
        return _bars(answer, places)
    if view.kind == "years":
        return _years(answer, places)
    if view.kind == "matrix" and len(places) > 2:
        return _matrix(answer, places)
    return None


def _numbers(answer: Answer, at: int) -> Iterator[tuple[int, Decimal]]:
    for place, row in enumerate(answer.rows):
        value = row.values[at]
        number = decimal(ox.Literal(value.value)) if isinstance(value, Datum) else None
        if number is not None:
            yield place, number


def _beside(answer: Answer, row: int, part: str) -> Value | None:
    for column, value in zip(answer.columns, answer.rows[row].values, strict=True):
        if column.part == part and value is not None:
            return value
    return None


def _series(answer: Answer, places: Sequence[int], rows: Iterable[int]) -> dict[Value | None, int]:
    """Return the tone of each series, in the order in which they come."""
    if len(places) < 3:
        return {None: 1}
    found = dict.fromkeys(answer.rows[row].values[places[2]] for row in rows)
    return {one: min(tone, TONES) for tone, one in enumerate(found, 1)}


@dataclass(frozen=True, slots=True)
class _Pen:
    """Makes the marks of one answer's numbers."""

    answer: Answer
    places: Sequence[int]
    tones: Mapping[Value | None, int]

    def series(self, row: int) -> Value | None:
        return self.answer.rows[row].values[self.places[2]] if len(self.places) > 2 else None

    def mark(self, row: int, x: float, y: float, length: float = 0) -> Mark:
        value, series = self.answer.rows[row].values[self.places[1]], self.series(row)
        return Mark(
            x=round(x, 2),
            y=round(y, 1),
            length=round(length, 2),
            tone=self.tones[series],
            value=value if isinstance(value, Datum) else Datum(""),
            before=_beside(self.answer, row, "qualifier"),
            unit=_beside(self.answer, row, "unit"),
            series=series,
            row=row,
        )


def _text(value: Value) -> str:
    return value.label.value if isinstance(value, Ref) else value.value


def _label(answer: Answer, place: int) -> Datum:
    """Return what a column is called, as a value to be shown."""
    label = answer.columns[place].label
    return Datum(label.value, label.language)


def _axes(answer: Answer, places: Sequence[int], marks: Iterable[Mark]) -> Axes:
    """Return the names of a chart's axes: numbers of one series are called after it."""
    series, units = set[Value | None](), set[Value | None]()
    for mark in marks:
        series.add(mark.series)
        units.add(mark.unit)
    one = next(iter(series)) if len(series) == 1 else None
    unit = next(iter(units)) if len(units) == 1 else None
    return Axes(_label(answer, places[0]), one or _label(answer, places[1]), unit)


def _bars(answer: Answer, places: Sequence[int]) -> Bars | None:
    numbers = dict(_numbers(answer, places[1]))
    most = max((abs(number) for number in numbers.values()), default=Decimal(0))
    labels: dict[Value, list[int]] = {}
    for row in numbers:
        label = answer.rows[row].values[places[0]]
        if label is not None:
            labels.setdefault(label, []).append(row)
    if not most or not labels:
        return None
    tones = _series(answer, places, numbers)
    pen = _Pen(answer, places, tones)
    first = [pen.mark(row, 0, 0) for rows in list(labels.values())[:BARS] for row in rows]
    axes = _axes(answer, places, first)
    y, groups = HEAD * (2 if axes.is_apart else 1) + GAP, []
    for label, rows in list(labels.items())[:BARS]:
        top, marks = y, []
        y += LABEL + (len(wrapped(_text(label), LETTERS, LINES)) - 1) * LINE
        for row in rows:
            marks.append(pen.mark(row, 0, y, float(abs(numbers[row]) / most) * LONGEST))
            y += BAR
        y += GAP
        groups.append((label, top, tuple(marks)))
    named = tuple((one, tone) for one, tone in tones.items() if one is not None)
    return Bars(y, tuple(groups), named if len(named) > 1 else (), max(0, len(labels) - BARS), axes)


def when(text: str) -> float | None:
    """Return a date, month or year as a number of years; the end of what isn't more exact."""
    parts = text[:10].split("-")
    try:
        year = int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else 12
        day = int(parts[2]) if len(parts) > 2 else 30
    except ValueError:
        return None
    return year + (month - 1) / 12 + day / _YEAR_DAYS


def steps(low: float, high: float, most: int) -> list[float]:
    """Return round numbers from at most ``low`` to at least ``high``."""
    span = max(high - low, 1e-9)
    rough = 10 ** math.floor(math.log10(span / most))
    step = next(rough * n for n in (1, 2, 5, 10) if span / (rough * n) <= most)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * n, 10) for n in range(first, last + 1)]


def _years(answer: Answer, places: Sequence[int]) -> Years | None:
    dated: list[tuple[float, int, Decimal]] = []
    for row, number in _numbers(answer, places[1]):
        value = answer.rows[row].values[places[0]]
        at = when(value.value) if isinstance(value, Datum) else None
        if at is not None:
            dated.append((at, row, number))
    if not dated:
        return None
    first, last = math.floor(min(at for at, *_ in dated)), math.ceil(max(at for at, *_ in dated))
    ticks = steps(min(0.0, *(float(n) for *_, n in dated)), float(max(n for *_, n in dated)) or 1.0, 5)
    low, high = ticks[0], ticks[-1]
    across = [year for year in steps(first, last, 6) if year == int(year) and first <= year <= last]

    def x(at: float) -> float:
        return 9 + (at - first) / (last - first) * 87

    def y(number: float) -> float:
        return 16 + HEAD + (high - number) / (high - low) * (PLOT - 16 - HEAD - MARGIN)

    tones = _series(answer, places, (row for _, row, _ in dated))
    pen = _Pen(answer, places, tones)
    lines: dict[Value | None, list[Mark]] = {one: [] for one in tones}
    for at, row, number in sorted(dated):
        series, mark = pen.series(row), pen.mark(row, x(at), y(float(number)))
        # Several accounts of one number are one point.
        if not any((mark.x, mark.y) == (other.x, other.y) for other in lines[series]):
            lines[series].append(mark)
    drawn = [mark for own in lines.values() for mark in own]
    return Years(
        PLOT,
        tuple((round(x(year), 2), str(int(year))) for year in across),
        tuple((round(y(tick), 1), Datum(f"{tick:g}")) for tick in ticks),
        tuple((one, tones[one], tuple(own)) for one, own in lines.items() if own),
        _named(drawn),
        _axes(answer, places, drawn),
    )


def _named(marks: Sequence[Mark]) -> frozenset[tuple[float, float]]:
    """Return the places of the marks whose numbers have room beside the others."""
    found: list[tuple[float, float]] = []
    for mark in sorted(marks, key=lambda one: (one.y, -one.x)):
        if all(abs(mark.x - x) > ROOM_ACROSS or abs(mark.y - y) > ROOM_UP for x, y in found):
            found.append((mark.x, mark.y))
    return frozenset(found)


def _matrix(answer: Answer, places: Sequence[int]) -> Matrix | None:
    numbers = dict(_numbers(answer, places[2]))
    most = max((abs(number) for number in numbers.values()), default=Decimal(0))
    rows: dict[Value, None] = {}
    columns: dict[Value, None] = {}
    found: dict[tuple[Value, Value], tuple[Datum, int]] = {}
    for place, row in enumerate(answer.rows):
        one, other = row.values[places[0]], row.values[places[1]]
        if one is None or other is None:
            continue
        rows[one] = columns[other] = None
        value = row.values[places[2]]
        if place in numbers and isinstance(value, Datum):
            strength = math.ceil(float(abs(numbers[place]) / most) * 5) if most else 0
            found[one, other] = (value, strength)
    if not rows or len(columns) > 2 * BARS:
        return None
    ordered = sorted(columns, key=lambda one: one.label.value if isinstance(one, Ref) else one.value)
    cells = tuple(tuple(found.get((one, other)) for other in ordered) for one in rows)
    axes = Axes(_label(answer, places[0]), _label(answer, places[2]))
    return Matrix(tuple(rows), tuple(ordered), cells, axes, _label(answer, places[1]))
