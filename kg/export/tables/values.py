"""Reading literals as Python values, and telling which ones a typed column can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from kg.terms import XSD

INTEGERS = frozenset(
    XSD + name
    for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "gYear")
)
READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        **dict.fromkeys(INTEGERS, int),
        XSD + "decimal": Decimal,
        XSD + "double": float,
        XSD + "float": float,
        XSD + "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
        XSD + "date": date.fromisoformat,
    }
)
"""What reads a datatype's texts; a datatype that isn't here stays text."""


def fits(kind: str, text: str) -> bool:
    """Say whether a text can be read as its datatype: a date with a zone can't, nor what is no number."""
    read = READERS.get(kind)
    try:
        return read is None or read(text) is not None
    except (ValueError, ArithmeticError, KeyError):
        return False
