"""Comparing literals, and whether one is valid for its datatype, as SPARQL's operators do (§17.3)."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.make.shacl.terms import Term
from kg.terms import XSD

_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{
        f"{n}": (-(2 ** (b - 1)), 2 ** (b - 1) - 1)
        for n, b in (("long", 64), ("int", 32), ("short", 16), ("byte", 8))
    },
    **{f"unsigned{n}": (0, 2**b - 1) for n, b in (("Long", 64), ("Int", 32), ("Short", 16), ("Byte", 8))},
}
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DOUBLE = re.compile(r"([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)\Z")
_LEXICAL = {
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z"),
    "double": _DOUBLE,
    "float": _DOUBLE,
    "boolean": re.compile(r"(true|false|0|1)\Z"),
    "gYear": re.compile(r"-?[0-9]{4,}(Z|[+-][0-9]{2}:[0-9]{2})?\Z"),
    "gYearMonth": re.compile(r"-?[0-9]{4,}-(0[1-9]|1[0-2])(Z|[+-][0-9]{2}:[0-9]{2})?\Z"),
}
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?\Z")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)


@lru_cache(maxsize=10_000)
def valid(text: str, datatype: str) -> bool:
    """Return whether a text is in the lexical space of a datatype; of one that isn't known here, it is."""
    kind = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if kind in _BOUNDS:
        low, high = _BOUNDS[kind]
        return (
            bool(_INTEGER.match(text))
            and (low is None or int(text) >= low)
            and (high is None or int(text) <= high)
        )
    if kind in _LEXICAL:
        return bool(_LEXICAL[kind].match(text))
    return kind not in ("date", "dateTime") or _parsed_date(text, kind) is not None


def _parsed_date(text: str, kind: str) -> Any:
    match = (_DATE if kind == "date" else _DATETIME).match(text)
    try:
        if not match:
            return None
        return (
            datetime.date.fromisoformat(match[1]) if kind == "date" else datetime.datetime.fromisoformat(text)
        )
    except ValueError:
        return None


def _comparable(term: ox.Literal) -> tuple[str, Any] | None:
    """Return a group within which literals compare, and the value to compare by; None if it has no order."""
    datatype, text = term.datatype.value, term.value
    kind = datatype.removeprefix(XSD)
    if not valid(text, datatype):
        return None
    if kind in _BOUNDS or kind == "decimal":
        return "number", Decimal(text)
    if kind in ("double", "float"):
        return "number", Decimal(text.replace("INF", "Infinity"))
    if kind in ("date", "dateTime"):
        value = _parsed_date(text, kind)
        return f"{kind}{bool(getattr(value, 'tzinfo', None))}", value
    if kind in ("string", "boolean", "gYear", "gYearMonth") and not term.language:
        return kind, {"1": "true", "0": "false"}.get(text, text) if kind == "boolean" else text
    return None


def compare(one: Term, other: Term) -> int | None:
    """Return -1, 0 or 1 as ``one`` is before, equal to or after ``other``; None where they have no order."""
    if not isinstance(one, ox.Literal) or not isinstance(other, ox.Literal):
        return None
    left, right = _comparable(one), _comparable(other)
    if left is None or right is None or left[0] != right[0]:
        return None
    return int(left[1] > right[1]) - int(left[1] < right[1])
