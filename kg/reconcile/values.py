"""Comparing values of a table with those of the graph: numbers and dates by value, texts as names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kg.reconcile.score import Word, word
from kg.terms import XSD

Day = tuple[int, ...]
"""A year, a month of it, a day of that: as far as it is told."""

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+")
_DAY = re.compile(
    r"(?P<year>-?\d{4,6})"
    r"(?:(?P<parts>[-/])(?P<month>\d{1,2})(?:(?P=parts)(?P<day>\d{1,2})(?:[T ][\d:.]+)?)?)?"
    r"(?:Z|[-+]\d\d:\d\d)?"
)
_NUMERIC = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_DATES = frozenset(XSD + name for name in ("date", "dateTime", "gYearMonth", "gYear"))


def number_of(text: str) -> Decimal | None:
    """Return the number that a text is, with or without commas between thousands; None where it is none."""
    plain = _plain(text)
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None


def day_of(text: str) -> Day | None:
    """Return the date that a text is, written as ISO 8601 or with slashes; None if it isn't a date.

    For a date with time it is the date as written, whatever the time zone.
    """
    found = _DAY.fullmatch(_plain(text))
    if found is None:
        return None
    told = tuple(int(found[name]) for name in ("year", "month", "day") if found[name])
    return told if 1 <= (*told, 1, 1)[1] <= 12 and 1 <= (*told, 1, 1)[2] <= 31 else None


@dataclass(frozen=True, slots=True)
class Stated:
    """The values of one property of a thing: IRIs and names, numbers, dates."""

    iris: frozenset[str] = frozenset()
    words: frozenset[Word] = frozenset()
    numbers: frozenset[Decimal] = frozenset()
    days: frozenset[Day] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.iris or self.words or self.numbers or self.days)

    def has(self, value: str) -> bool:
        """Say whether a value of a table is among these.

        Two dates are compared by the less precise one: a year agrees with each of its days.
        """
        if value in self.iris or word(value) in self.words:
            return True
        if self.numbers and number_of(value) in self.numbers:
            return True
        day = day_of(value) if self.days else None
        return day is not None and any(_meet(day, other) for other in self.days)


def literal(value: ox.Literal) -> Stated:
    """Return what a literal states."""
    kind = value.datatype.value
    if kind in _NUMERIC and (number := number_of(value.value)) is not None:
        return Stated(numbers=frozenset({number}))
    if kind in _DATES and (day := day_of(value.value)) is not None:
        return Stated(days=frozenset({day}))
    return Stated(words=frozenset({word(value.value)}))


def named(iri: str, names: Iterable[str]) -> Stated:
    """Return what a thing's IRI and names state."""
    return Stated(frozenset({iri}), frozenset(map(word, names)))


def written(value: str, languages: Iterable[str]) -> list[ox.Literal]:
    """Return the literals that would have a value of a table, to look for them in the graph."""
    found = [ox.Literal(value), *(ox.Literal(value, language=tag) for tag in languages)]
    if (number := number_of(value)) is not None and abs(number.adjusted()) < 40:
        plain = _canonical(number)
        found.append(ox.Literal(plain, datatype=ox.NamedNode(XSD + "decimal")))
        if number == number.to_integral_value():
            found.append(ox.Literal(plain, datatype=ox.NamedNode(XSD + "integer")))
    if (day := day_of(value)) is not None:
        kind = ("gYear", "gYearMonth", "date")[len(day) - 1]
        text = "-".join(f"{part:0{4 if at == 0 else 2}d}" for at, part in enumerate(day))
        found.append(ox.Literal(text, datatype=ox.NamedNode(XSD + kind)))
    if value in ("true", "false"):
        found.append(ox.Literal(value, datatype=ox.NamedNode(XSD + "boolean")))
    return found


def _meet(one: Day, other: Day) -> bool:
    told = min(len(one), len(other))
    return one[:told] == other[:told]


def _canonical(number: Decimal) -> str:
    plain = format(number or Decimal(0), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _plain(text: str) -> str:
    """Return a text as a number or a date would be typed on a plain keyboard."""
    return unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip()
