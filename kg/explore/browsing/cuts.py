"""By what a facet cuts the things of a class: term, tree, number, date, yes or no.

Each way is a class: what its choices are, how an address names one, how it narrows a query, how it is shown.
A shape says which (``kg:cut``); without it a facet cuts by term. One way more is one class here, and its name
in ``kg/vocabulary.ttl``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

import pyoxigraph as ox

from kg.engine import Term
from kg.explore.browsing.conditions import Condition
from kg.explore.model import Value
from kg.explore.naming.names import Reader
from kg.explore.ontology.shapes import PropertyShape, Step
from kg.sparql.bind import Bindable
from kg.terms import XSD

Counted = Sequence[tuple[Term, int]]
"""Values of a path, and how many things have each."""
Offered = Sequence[tuple[Bindable, int | None]]
"""Choices, and how many things each leaves; None where that must be counted."""

SPANS = 12
"""How many spans of dates or numbers are offered at most, or one more."""
LAST = 9999
"""The year that ends the last span: those before it are written with four digits."""


class ByTerm:
    """Each value is a choice."""

    name = "ByTerm"

    def read(self, address: str) -> Bindable | None:
        """Return the choice that an address names, an IRI or a literal as N-Triples writes it; else None."""
        try:
            if not address.startswith('"'):
                return ox.NamedNode(address)
            line = f"<x:s> <x:p> {address} ."
            quads = list(ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES))
        except (ValueError, SyntaxError):
            return None
        value = quads[0].object if len(quads) == 1 else None
        return value if isinstance(value, ox.Literal) else None

    def address(self, choice: Bindable) -> str:
        """Return how an address names a choice."""
        return choice.value if isinstance(choice, ox.NamedNode) else str(choice)

    def condition(self, path: Sequence[Step], choices: Sequence[Bindable] = (), name: str = "") -> Condition:
        """Return what a thing must have for one of the choices; for any of them when there are none.

        ``name`` is the variable that holds what is counted.
        """
        return Condition(tuple(path), tuple(choices), name)

    def offered(self, values: Counted) -> Offered:
        """Return the choices that values give, as they come: the most frequent first."""
        return [(value, count) for value, count in values if isinstance(value, Bindable)]

    def shown(self, choice: Bindable, reader: Reader) -> Value:
        """Return a choice as a page shows it."""
        return reader.value(choice)


class ByTree(ByTerm):
    """Each concept is a choice, and those above it (skos:broader) stand for all below them."""

    name = "ByTree"

    def condition(self, path: Sequence[Step], choices: Sequence[Bindable] = (), name: str = "") -> Condition:
        """Return a condition that walks up the tree behind the path."""
        return Condition(tuple(path), tuple(choices), name, beyond="kg/explore/browsing/part-broader")


class ByNumber(ByTerm):
    """Spans of numbers of one width, which is round."""

    name = "ByNumber"
    part = "kg/explore/browsing/part-numbers"
    _address = re.compile(r"(-?\d+(?:\.\d+)?)/(-?\d+(?:\.\d+)?)")

    def read(self, address: str) -> Bindable | None:
        """Return the span that an address names, such as ``10/20``; else None."""
        return ox.Literal(address) if self._address.fullmatch(address) else None

    def address(self, choice: Bindable) -> str:
        """Return a span as it stands."""
        return choice.value

    def condition(self, path: Sequence[Step], choices: Sequence[Bindable] = (), name: str = "") -> Condition:
        """Return a condition by the spans that a value may lie in."""
        return Condition(tuple(path), tuple(choices), name, part=self.part)

    def offered(self, values: Counted) -> Offered:
        """Return the spans in which there are values, in order."""
        numbers = [number for value, _ in values if (number := self.number(value)) is not None]
        if not numbers:
            return []
        width = self.width(min(numbers), max(numbers))
        starts = sorted({(number / width).to_integral_value(ROUND_FLOOR) for number in numbers})
        return [(ox.Literal(self.span(at * width, width)), None) for at in starts]

    def number(self, value: Term) -> Decimal | None:
        """Return what a value is on the scale that is cut; None for what isn't on it."""
        try:
            number = Decimal(value.value) if isinstance(value, ox.Literal) else Decimal("NaN")
        except InvalidOperation:
            return None
        return number if number.is_finite() else None

    def width(self, least: Decimal, most: Decimal) -> Decimal:
        """Return the narrowest round width (1, 2 or 5 times a power of ten) that gives few spans."""
        raw = (most - least) / (SPANS - 1) or Decimal(1)
        power = Decimal(1).scaleb(raw.adjusted())
        return next(times * power for times in (1, 2, 5, 10) if times * power >= raw)

    def span(self, start: Decimal, width: Decimal) -> str:
        """Return a span as an address writes it, without exponents."""
        return f"{start:f}/{start + width:f}"

    def shown(self, choice: Bindable, reader: Reader) -> Value:
        """Return a span in words: from where to before where."""
        low, _, high = choice.value.partition("/")
        return reader.value(ox.Literal(f"{low} – <{high}"))


class ByDate(ByNumber):
    """Spans of years: of one, two, five or ten and so on, whatever fits."""

    name = "ByDate"
    part = "kg/explore/browsing/part-dates"
    _address = re.compile(r"(\d{4})/(\d{4})")
    _year = re.compile(r"(\d{4})(?:-|$)")

    def number(self, value: Term) -> Decimal | None:
        """Return the year of a date, a month or a year; None for what is none, and for 9999."""
        found = self._year.match(value.value) if isinstance(value, ox.Literal) else None
        return Decimal(found[1]) if found and int(found[1]) < LAST else None

    def width(self, least: Decimal, most: Decimal) -> Decimal:
        """Return a round number of years."""
        return max(Decimal(1), super().width(least, most))

    def span(self, start: Decimal, width: Decimal) -> str:
        """Return a span of years, each with four digits."""
        return f"{int(start):04d}/{min(int(start + width), LAST):04d}"

    def shown(self, choice: Bindable, reader: Reader) -> Value:
        """Return a span by its first and last year; one year as a date."""
        low, _, high = choice.value.partition("/")
        last = int(high) - 1
        if int(low) == last:
            return reader.value(ox.Literal(low, datatype=ox.NamedNode(XSD + "gYear")))
        return reader.value(ox.Literal(f"{low}–{last:04d}"))


class ByYesOrNo(ByTerm):
    """Whether a thing has any value at all."""

    name = "ByYesOrNo"
    yes, no = (ox.Literal(value, datatype=ox.NamedNode(XSD + "boolean")) for value in ("true", "false"))

    def read(self, address: str) -> Bindable | None:
        """Return yes or no for ``true`` or ``false``; else None."""
        return {"true": self.yes, "false": self.no}.get(address)

    def address(self, choice: Bindable) -> str:
        """Return ``true`` or ``false``."""
        return choice.value

    def condition(self, path: Sequence[Step], choices: Sequence[Bindable] = (), name: str = "") -> Condition:
        """Return the path itself for yes, its absence for no, nothing for both."""
        if {*choices} == {self.yes, self.no}:
            return Condition(())
        return Condition(tuple(path), (), name, absent=tuple(choices) == (self.no,))

    def offered(self, values: Counted) -> Offered:
        """Return both, where anything has a value."""
        return [(self.yes, None), (self.no, None)] if values else []


def _every(cut: type[ByTerm]) -> Iterator[type[ByTerm]]:
    yield cut
    for further in cut.__subclasses__():
        yield from _every(further)


CUTS: Mapping[str, ByTerm] = {cut.name: cut() for cut in _every(ByTerm)}
"""Every way, by the local name of its ``kg:Cut``."""


def cut_of(shape: PropertyShape) -> ByTerm:
    """Return the way in which a shape's facet cuts; by term where it names none that is known."""
    return CUTS.get(shape.cut, CUTS["ByTerm"])
