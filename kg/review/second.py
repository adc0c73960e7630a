"""A second coding: a drawn share of the passages coded once more by somebody who hadn't seen the first.

    data/_second.json
        {"seed": 2026, "passages": 1651, "drawn": ["slug/p05", ...],
         "kinds": [{"id": "figures", "label": {<language>: ..., ...}, "both": 128, "first": 1, "second": 28,
                    "n": 157, "f1": 0.898, "kappa": null}],
         "differences": [{"passage": "slug/p05", "kind": "figure", "first": ..., "second": ...,
                          "decided": "first", "why": ...}],
         "labels": {"figure": {<language>: ..., ...}}, "reasons": {<the original>: {<language>: ..., ...}}}

``both``, ``first`` and ``second`` count statements of both codings and of one alone; ``f1`` is 2 both / (2
both + first + second), ``kappa`` Cohen's, without weights, where ``n`` pairs were each given one of several
values. ``decided`` says which coding stands. ``labels`` name the kinds of differences, ``reasons`` translate
``why``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
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
_ROUNDED = Decimal("0.0006")
"""By how much a kappa of three decimals may be above the share from which it was worked out."""


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
    )


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
    whole = 2 * kind.both + kind.first + kind.second
    if not whole or abs(Decimal(2 * kind.both) / whole - kind.f1) > Decimal("0.0006"):
        yield f"the F1 of {kind.both} both, {kind.first} first, {kind.second} second isn't {kind.f1}"
    if kind.kappa is not None and not -1 <= kind.kappa <= 1:
        yield f"a kappa lies between -1 and 1, and isn't {kind.kappa}"
    elif kind.kappa is not None and kind.kappa > Decimal(kind.both) / max(kind.n, 1) + _ROUNDED:
        yield f"a kappa isn't above the share that agrees, {kind.both} of {kind.n}, and {kind.kappa} is"
