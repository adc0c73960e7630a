"""The figures, names and dates that a passage's graph states, and whether the text says them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from kg.evidence import dates
from kg.evidence.fold import fold
from kg.evidence.numerals import numbers
from kg.evidence.roles import Roles
from kg.evidence.source import Passage
from kg.terms import XSD

FIGURE, NAME, DATE = "figure", "name", "date"
_KINDS = {
    **dict.fromkeys((XSD + "integer", XSD + "decimal"), FIGURE),
    **dict.fromkeys((XSD + "date", XSD + "gYearMonth", XSD + "gYear"), DATE),
}


@dataclass(frozen=True)
class Statement:
    """A value that the text must say, and of what."""

    kind: str
    subject: str
    path: str
    value: str
    quad: ox.Quad


def statements(passage: Passage, roles: Roles) -> Iterator[Statement]:
    """Yield every figure, name and date that the passage's graph states, in a fixed order."""
    for quad in sorted(passage.stated, key=str):
        value, path = quad.object, quad.predicate.value
        if not isinstance(value, ox.Literal) or not isinstance(quad.subject, ox.NamedNode):
            continue
        kind = NAME if path in roles.names else _KINDS.get(value.datatype.value)
        if kind and path not in roles.order:
            yield Statement(kind, quad.subject.value, path, value.value, quad)


def is_said(statement: Statement, passage: Passage, text: str) -> bool:
    """Tell whether a span that supports the thing says the value."""
    return any(
        _says(statement, text[span.start : span.end], text[: span.start])
        for span in passage.spans
        if statement.subject in span.supports
    )


def _says(statement: Statement, span: str, before: str) -> bool:
    if statement.kind == NAME:
        name = fold(statement.value)
        return bool(name) and name in fold(span)
    if statement.kind == FIGURE:
        return Decimal(statement.value) in numbers(dates.without_dates(span))
    return dates.says(span, before, statement.value)


def is_read(statement: Statement, passage: Passage) -> bool:
    """Tell whether a reading of the passage, which gives its reason, states the same."""
    quad = statement.quad
    return any(
        (quad.subject, quad.predicate, quad.object) == (one.subject, one.predicate, one.object)
        for one in passage.read
    )
