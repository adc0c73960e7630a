"""The marks of a chart: numbers with their places, their series, and what axes are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from kg.explore.model import Datum, Ref, Value
from kg.explore.questions.answers import Answer
from kg.explore.statements.figures import decimal
from kg.explore.widths import columns

BARS = 40
"""How many things a chart of bars shows; the table has all."""


TONES = 6


LETTERS, LINES, LINE = 46, 2, 17
"""A label has so many columns in a line on a phone, so many lines, each so high."""


HEAD = 20
"""Room for the name of an axis, above a chart or below it; of two names that share no line, for each."""


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
        return sum(columns(text_of(name)) for name in names) + 6 > LETTERS


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


def numbers_of(answer: Answer, at: int) -> Iterator[tuple[int, Decimal]]:
    """Yield the rows that hold a number in a column (its place is ``at``), each with its number."""
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


def series_of(answer: Answer, places: Sequence[int], rows: Iterable[int]) -> dict[Value | None, int]:
    """Return the tone of each series, in the order in which they come."""
    if len(places) < 3:
        return {None: 1}
    found = dict.fromkeys(answer.rows[row].values[places[2]] for row in rows)
    return {one: min(tone, TONES) for tone, one in enumerate(found, 1)}


@dataclass(frozen=True, slots=True)
class Pen:
    """Makes the marks of one answer's numbers."""

    answer: Answer
    places: Sequence[int]
    tones: Mapping[Value | None, int]

    def series(self, row: int) -> Value | None:
        """Return the series that a row belongs to."""
        return self.answer.rows[row].values[self.places[2]] if len(self.places) > 2 else None

    def mark(self, row: int, x: float, y: float, length: float = 0) -> Mark:
        """Return the mark of a row's number at its place."""
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


def text_of(value: Value) -> str:
    """Return what a value is shown as, as plain text."""
    return value.label.value if isinstance(value, Ref) else value.value


def label_of(answer: Answer, place: int) -> Datum:
    """Return what a column is called, as a value to be shown."""
    label = answer.columns[place].label
    return Datum(label.value, label.language)


def axes_of(answer: Answer, places: Sequence[int], marks: Iterable[Mark]) -> Axes:
    """Return the names of a chart's axes: numbers of one series are called after it."""
    series, units = set[Value | None](), set[Value | None]()
    for mark in marks:
        series.add(mark.series)
        units.add(mark.unit)
    one = next(iter(series)) if len(series) == 1 else None
    unit = next(iter(units)) if len(units) == 1 else None
    return Axes(label_of(answer, places[0]), one or label_of(answer, places[1]), unit)
