"""Numbers and days as the reader's language writes them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from kg.languages import locale_of
from kg_web.rendering.i18n import language

_LONG_NUMBER = re.compile(r"(?<![\w.,-])\d{5,}(?![\w,-])")
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T.*|Z|[+-]\d\d:\d\d)?\Z")


def amount(text: str | int) -> str:
    """Return a number with the separators of the reader's language; any other text as it is."""
    return _amount(str(text), language())


@lru_cache(maxsize=8_192)
def _amount(text: str, tongue: str) -> str:
    try:
        return str(format_decimal(Decimal(text), locale=locale_of(tongue), decimal_quantization=False))
    except (InvalidOperation, ValueError):
        return text


def amounts(text: str) -> str:
    """Return a text whose numbers of five digits and more have the separators of the reader's language."""
    return _LONG_NUMBER.sub(lambda match: amount(match[0]), text)


def day(text: str) -> str:
    """Return a date, month or year in the reader's language; any other text as it is."""
    return _day(text, language())


@lru_cache(maxsize=8_192)
def _day(text: str, tongue: str) -> str:
    match = _DATE.match(text)
    if not match:
        return text
    year, month, of_month = (int(part) if part else None for part in match.groups())
    locale = locale_of(tongue)
    try:
        if month is None:
            return str(format_skeleton("y", date(year or 1, 1, 1), locale=locale))
        if of_month is None:
            return str(format_skeleton("yMMMM", date(year or 1, month, 1), locale=locale))
        return str(format_date(date(year or 1, month, of_month), "long", locale=locale))
    except ValueError:
        return text
