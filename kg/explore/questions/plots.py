"""Charts of an answer: bars and matrices, and which chart it is.

Lengths and places are shares of the width, heights are in pixels: so a drawing fits any width without its
letters growing or shrinking.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from kg.explore.entity.diagram import wrapped
from kg.explore.model import Datum, Ref, Value
from kg.explore.questions.answers import Answer
from kg.explore.questions.collection import View
from kg.explore.questions.marks import (
    BARS,
    HEAD,
    LETTERS,
    LINE,
    LINES,
    Axes,
    Mark,
    Pen,
    axes_of,
    label_of,
    numbers_of,
    series_of,
    text_of,
)
from kg.explore.questions.years import Years, years_of

LABEL, BAR, GAP = 20, 18, 10
LONGEST = 68.0
"""How much of the width the longest bar takes: the rest is for its number."""


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
        return years_of(answer, places)
    if view.kind == "matrix" and len(places) > 2:
        return _matrix(answer, places)
    return None


def _bars(answer: Answer, places: Sequence[int]) -> Bars | None:
    numbers = dict(numbers_of(answer, places[1]))
    most = max((abs(number) for number in numbers.values()), default=Decimal(0))
    labels: dict[Value, list[int]] = {}
    for row in numbers:
        label = answer.rows[row].values[places[0]]
        if label is not None:
            labels.setdefault(label, []).append(row)
    if not most or not labels:
        return None
    tones = series_of(answer, places, numbers)
    pen = Pen(answer, places, tones)
    first = [pen.mark(row, 0, 0) for rows in list(labels.values())[:BARS] for row in rows]
    axes = axes_of(answer, places, first)
    y, groups = HEAD * (2 if axes.is_apart else 1) + GAP, []
    for label, rows in list(labels.items())[:BARS]:
        top, marks = y, []
        y += LABEL + (len(wrapped(text_of(label), LETTERS, LINES)) - 1) * LINE
        for row in rows:
            marks.append(pen.mark(row, 0, y, float(abs(numbers[row]) / most) * LONGEST))
            y += BAR
        y += GAP
        groups.append((label, top, tuple(marks)))
    named = tuple((one, tone) for one, tone in tones.items() if one is not None)
    return Bars(y, tuple(groups), named if len(named) > 1 else (), max(0, len(labels) - BARS), axes)


def _matrix(answer: Answer, places: Sequence[int]) -> Matrix | None:
    numbers = dict(numbers_of(answer, places[2]))
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
    axes = Axes(label_of(answer, places[0]), label_of(answer, places[2]))
    return Matrix(tuple(rows), tuple(ordered), cells, axes, label_of(answer, places[1]))
