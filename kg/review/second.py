"""A second coding: a drawn share of the passages coded once more by somebody who hadn't seen the first.

    data/_second.json
        {"seed": 2026, "passages": 1651, "drawn": ["slug/p05", ...],
         "kinds": [{"id": "figures", "label": {<language>: ..., ...}, "both": 128, "first": 1, "second": 28,
                    "n": 157, "f1": 0.898, "kappa": null},
                   {"id": "unit-of-a-figure", ..., "n": 128, "f1": 0.977, "kappa": 0.969,
                    "table": [["NUM", "NUM", 55], ["person", "NUM", 1], ...]}],
         "differences": [{"passage": "slug/p05", "kind": "figure", "first": ..., "second": ...,
                          "decided": "first", "why": ...}],
         "labels": {"figure": {<language>: ..., ...}}, "reasons": {<the original>: {<language>: ..., ...}}}

``both``, ``first`` and ``second`` count statements of both codings and of one alone; ``f1`` is 2 both / (2
both + first + second). Where ``n`` pairs were each given one of several values, ``table`` says how many
have which value in the first coding and which in the second (``null``: none of the list), and ``kappa`` is
Cohen's of that table, without weights. Both are rounded to three decimals, and worked out again when the
file is read. ``decided`` says which coding stands. ``labels`` name the kinds of differences, ``reasons``
translate ``why``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from kg.errors import DataError, Fault
from kg.languages import ORIGINAL, languages

SOURCE = "_second.json"
"""Where it is kept beside the data."""
FILE = "second.json"
"""What a release calls it."""
DECIDED = ("first", "second", "both")
_HINT = "see kg/review/second.py for its form"
_ROUNDED = Decimal("0.001")
"""What an F1 and a kappa are rounded to."""


@dataclass(frozen=True)
class Cell:
    """How many pairs have one value in the first coding and one in the second; ``None``: no value."""

    first: str | None
    second: str | None
    pairs: int


@dataclass(frozen=True)
class Agreement:
    """How far two codings agree on one kind of statement."""

    id: str
    label: Mapping[str, str]
    both: int
    first: int
    second: int
    n: int
    f1: Decimal
    kappa: Decimal | None
    table: tuple[Cell, ...]


@dataclass(frozen=True)
class Difference:
    """What one coding has and the other hasn't, or has otherwise, which of them stands, and why."""

    passage: str
    kind: str
    first: str | None
    second: str | None
    decided: str
    why: str


@dataclass(frozen=True)
class Second:
    """A second coding as a whole."""

    seed: int
    passages: int
    drawn: tuple[str, ...]
    kinds: tuple[Agreement, ...]
    differences: tuple[Difference, ...]
    labels: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, Mapping[str, str]]


def find(data: Path) -> Path | None:
    """Return the file of a dataset's second coding, where it has one."""
    path = data / SOURCE
    return path if path.is_file() else None


def read(path: Path) -> Second:
    """Read a second coding. Raises DataError for what is malformed or doesn't add up."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        made = Second(
            int(found["seed"]),
            int(found["passages"]),
            tuple(map(str, found["drawn"])),
            tuple(_agreement(one) for one in found["kinds"]),
            tuple(_difference(one) for one in found["differences"]),
            _texts(found.get("labels", {})),
            _texts(found.get("reasons", {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        fault = Fault(f"not a second coding: {type(error).__name__} {error}", path, hint=_HINT)
        raise DataError("a second coding can't be read", (fault,)) from None
    faults = tuple(Fault(message, path, focus=focus, hint=_HINT) for focus, message in _problems(made))
    if faults:
        raise DataError("a second coding doesn't add up", faults)
    return made


def _agreement(one: Mapping[str, Any]) -> Agreement:
    kappa = one["kappa"]
    both, first, second, n = (int(one[name]) for name in ("both", "first", "second", "n"))
    return Agreement(
        str(one["id"]),
        {str(language): str(text) for language, text in one["label"].items()},
        both,
        first,
        second,
        n,
        Decimal(one["f1"]),
        None if kappa is None else Decimal(kappa),
        tuple(_cell(*cell) for cell in one.get("table", ())),
    )


def _cell(first: str | None, second: str | None, pairs: int) -> Cell:
    return Cell(None if first is None else str(first), None if second is None else str(second), int(pairs))


def _difference(one: Mapping[str, Any]) -> Difference:
    return Difference(
        str(one["passage"]),
        str(one["kind"]),
        None if one["first"] is None else str(one["first"]),
        None if one["second"] is None else str(one["second"]),
        str(one["decided"]),
        str(one["why"]),
    )


def _texts(found: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {str(key): {str(tag): str(text) for tag, text in texts.items()} for key, texts in found.items()}


def _problems(made: Second) -> Iterator[tuple[str, str]]:
    """Yield what doesn't add up, each with what it is about."""
    if len(set(made.drawn)) != len(made.drawn):
        yield "drawn", "a passage is drawn twice"
    if not 0 < len(made.drawn) <= made.passages:
        yield "drawn", f"{len(made.drawn)} passages were drawn of {made.passages}"
    if len({one.id for one in made.kinds}) != len(made.kinds):
        yield "kinds", "a kind is counted twice"
    for kind in made.kinds:
        yield from ((kind.id, message) for message in _wrong_counts(kind))
    drawn = set(made.drawn)
    for one in made.differences:
        if one.passage not in drawn:
            yield one.passage, "a difference in a passage that wasn't drawn"
        if one.decided not in DECIDED:
            yield one.passage, f"{one.decided!r} is no decision: it is {', '.join(DECIDED)}"
        if one.first == one.second:
            yield one.passage, f"no difference: both say {one.first!r}"
        if not one.why:
            yield one.passage, "a decision without a reason"


def _wrong_counts(kind: Agreement) -> Iterator[str]:
    if ORIGINAL not in kind.label:
        yield f"a kind has no name in {languages()[ORIGINAL].name}"
    if min(kind.both, kind.first, kind.second) < 0 or kind.n < kind.both:
        yield "a count is below nothing, or above the whole"
        return
    f1 = f1_of(kind.both, kind.first, kind.second)
    if f1 != kind.f1:
        counts = f"{kind.both} both, {kind.first} first, {kind.second} second"
        yield f"the F1 of {counts} is {f1}, and isn't {kind.f1}"
    yield from _wrong_table(kind)


def _wrong_table(kind: Agreement) -> Iterator[str]:
    """Yield what is wrong with a table of values and the kappa that follows from it."""
    if not kind.table:
        if kind.kappa is not None:
            yield f"a kappa of {kind.kappa} can't be worked out again: it has no table of the pairs' values"
        return
    pairs, alike = _pairs(kind.table), _pairs(cell for cell in kind.table if cell.first == cell.second)
    values = {(cell.first, cell.second) for cell in kind.table}
    if len(values) < len(kind.table) or min(cell.pairs for cell in kind.table) < 1:
        yield "a cell of the table counts no pairs, or stands there twice"
    elif (pairs, alike, pairs - alike, pairs - alike) != (kind.n, kind.both, kind.first, kind.second):
        yield f"the table has {alike} of {pairs} pairs alike, and isn't that of {kind.both} of {kind.n}"
    elif (kappa := kappa_of(kind.table)) != kind.kappa:
        yield f"the kappa of the table is {kappa}, and isn't {kind.kappa}"


def f1_of(both: int, first: int, second: int) -> Decimal | None:
    """Return 2 both / (2 both + first + second), to three decimals; of nothing None."""
    whole = 2 * both + first + second
    return _rounded(Fraction(2 * both, whole)) if whole else None


def kappa_of(table: Iterable[Cell]) -> Decimal | None:
    """Return Cohen's kappa of a table of pairs, to three decimals: what agrees beyond what chance would give.

    None where there are no pairs, or where both codings have one value throughout: chance gives all then.
    """
    firsts, seconds, alike = Counter[str | None](), Counter[str | None](), 0
    for cell in table:
        firsts[cell.first] += cell.pairs
        seconds[cell.second] += cell.pairs
        alike += cell.pairs if cell.first == cell.second else 0
    pairs = firsts.total()
    chance = sum(firsts[value] * seconds[value] for value in firsts)
    if chance == pairs * pairs:
        return None
    return _rounded(Fraction(pairs * alike - chance, pairs * pairs - chance))


def _pairs(cells: Iterable[Cell]) -> int:
    return sum(cell.pairs for cell in cells)


def _rounded(number: Fraction) -> Decimal:
    """Return it to three decimals, halves away from nought, as tables are rounded."""
    exact = Decimal(number.numerator) / number.denominator
    return exact.quantize(_ROUNDED, ROUND_HALF_UP)
