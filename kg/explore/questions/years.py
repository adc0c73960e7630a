"""Numbers over time: where their marks stand along the years, and which have room for their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.explore.model import Datum, Value
from kg.explore.questions.answers import Answer
from kg.explore.questions.marks import HEAD, Axes, Mark, Pen, axes_of, numbers_of, series_of

PLOT, MARGIN = 336, 50


ROOM_ACROSS, ROOM_UP = 7.0, 18.0
"""How far apart two numbers must stand: a share of the width, or pixels."""


_YEAR_DAYS = 365.2425


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


def years_of(answer: Answer, places: Sequence[int]) -> Years | None:
    """Return the chart of numbers by date; ``places`` are the columns of date, number and series."""
    dated: list[tuple[float, int, Decimal]] = []
    for row, number in numbers_of(answer, places[1]):
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

    tones = series_of(answer, places, (row for _, row, _ in dated))
    pen = Pen(answer, places, tones)
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
        axes_of(answer, places, drawn),
    )


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


def _named(marks: Sequence[Mark]) -> frozenset[tuple[float, float]]:
    """Return the places of the marks whose numbers have room beside the others."""
    found: list[tuple[float, float]] = []
    for mark in sorted(marks, key=lambda one: (one.y, -one.x)):
        if all(abs(mark.x - x) > ROOM_ACROSS or abs(mark.y - y) > ROOM_UP for x, y in found):
            found.append((mark.x, mark.y))
    return frozenset(found)
