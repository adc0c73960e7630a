"""Whether a literal is written as its datatype wants it (XML Schema Definition Language 1.1 Part 2). Pure."""

from __future__ import annotations

import calendar
import re
from functools import lru_cache

from kg.terms import GEO, XSD

_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_YEAR = r"-?([1-9]\d{3,}|0\d{3})"
_TIME = r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)"
_DAY = rf"(?P<year>{_YEAR})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
_DECIMAL = r"[+-]?(\d+(\.\d*)?|\.\d+)"
_INTEGER = r"[+-]?\d+"
_FLOAT = rf"({_DECIMAL}([eE][+-]?\d+)?|[+-]?INF|NaN)"

_PATTERNS = {
    "boolean": r"true|false|0|1",
    "decimal": _DECIMAL,
    "double": _FLOAT,
    "float": _FLOAT,
    "date": _DAY + _ZONE,
    "dateTime": f"{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"{_DAY}T{_TIME}(Z|[+-]\d\d:\d\d)",
    "time": _TIME + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": rf"{_YEAR}-(0[1-9]|1[0-2]){_ZONE}",
    "gMonth": rf"--(0[1-9]|1[0-2]){_ZONE}",
    "gDay": rf"---(0[1-9]|[12]\d|3[01]){_ZONE}",
    "gMonthDay": rf"--(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]){_ZONE}",
    "duration": r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?",
    "yearMonthDuration": r"-?P(?=.)(\d+Y)?(\d+M)?",
    "dayTimeDuration": r"-?P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?",
    "hexBinary": r"([0-9a-fA-F]{2})*",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "anyURI": r"[^\s<>\"{}|\\^`]*",
}
_RANGES = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_COMPILED = {name: re.compile(pattern, re.ASCII) for name, pattern in _PATTERNS.items()}
_WHOLE = re.compile(_INTEGER, re.ASCII)
_WKT = re.compile(
    r"\s*(<[^>]*>\s*)?(SRID=\d+;\s*)?"
    r"(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION|CIRCULARSTRING|TIN"
    r"|TRIANGLE|POLYHEDRALSURFACE|CURVEPOLYGON|COMPOUNDCURVE|MULTICURVE|MULTISURFACE)\s*(ZM|Z|M)?\s*(\(|EMPTY)",
    re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def is_well_typed(value: str, datatype: str) -> bool:
    """Say whether a value has its datatype's form; True of a datatype that isn't known here."""
    if datatype == GEO + "wktLiteral":
        return _WKT.match(value) is not None
    if not datatype.startswith(XSD):
        return True
    kind, text = datatype[len(XSD) :], value.strip(" \t\n\r")
    if kind in _RANGES:
        if not _WHOLE.fullmatch(text):
            return False
        low, high = _RANGES[kind]
        number = int(text) if len(text) < 40 else 10**40
        return (low is None or number >= low) and (high is None or number <= high)
    pattern = _COMPILED.get(kind)
    found = pattern.fullmatch(text) if pattern else None
    if pattern is None or found is None:
        return pattern is None
    return kind not in ("date", "dateTime", "dateTimeStamp") or _is_day(found)


def _is_day(found: re.Match[str]) -> bool:
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    # The calendar repeats every 400 years.
    return day <= calendar.monthrange(year % 400 + 400, month)[1]
