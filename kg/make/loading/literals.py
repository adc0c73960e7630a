"""The canonical form of literals: the one that every engine gives back (``docs/conventions.md``). Pure."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

import pyoxigraph as ox

from kg.terms import XSD

_LEXICAL = {
    "integer": re.compile(r"[+-]?[0-9]+\Z"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z"),
    "boolean": re.compile(r"(true|false|0|1)\Z"),
    "gYear": re.compile(r"-?[0-9]{4,}\Z"),
    "gYearMonth": re.compile(r"-?[0-9]{4,}-(0[1-9]|1[0-2])\Z"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"),
}
_FORMS = {
    "integer": "write digits alone, such as 1200",
    "decimal": "write digits and a point, such as 91.2",
    "boolean": "write true or false",
    "gYear": "write a year of four digits, such as 2024",
    "gYearMonth": "write year and month, such as 2024-05",
    "date": "write a day that there is, as 2024-05-20; where only the month or the year is known, "
    "use xsd:gYearMonth or xsd:gYear",
}
"""How a value of a datatype is written."""
_SIZES = ("int", "long", "short", "byte")
_SIGNS = ("nonNegative", "positive", "nonPositive", "negative")
_INTEGERS = frozenset(
    [*_SIZES, *(f"unsigned{s.capitalize()}" for s in _SIZES), *(f"{s}Integer" for s in _SIGNS)]
)
_ROUND = frozenset({"float", "double"})


@lru_cache(maxsize=4096)
def fault_of(value: str, datatype: str) -> tuple[str, str | None] | None:
    """Return what is wrong with a typed literal and what would mend it, if known; None if it is right."""
    if not datatype.startswith(XSD):
        return None
    kind = datatype[len(XSD) :]
    if kind in _ROUND:
        return f"xsd:{kind} is not used: it rounds", "write it as an xsd:integer or xsd:decimal"
    if kind in _INTEGERS:
        return f"xsd:{kind} is not kept by every engine", f"write {_offer(value, 'integer')}"
    if not _valid(value, kind):
        return f"{value!r} is not an xsd:{kind}", _FORMS.get(kind)
    stored = canonical_form(value, datatype)
    if stored != value:
        return f'"{value}"^^xsd:{kind} is not canonical', f"write {_offer(stored, kind)}"
    return None


def _valid(value: str, kind: str) -> bool:
    pattern = _LEXICAL.get(kind)
    if pattern and not pattern.match(value):
        return False
    if kind == "date":
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return False
    return True


def canonical_form(value: str, datatype: str) -> str:
    """Return the lexical form that a store gives back, which is the canonical one."""
    node = ox.NamedNode("http://example.org/")
    store = ox.Store()
    store.add(ox.Quad(node, node, ox.Literal(value, datatype=ox.NamedNode(datatype))))
    term = next(iter(store)).object
    return term.value if isinstance(term, ox.Literal) else value


def _offer(value: str, kind: str) -> str:
    """Return the literal as one writes it in Turtle."""
    if kind == "integer" and re.fullmatch(r"[+-]?[0-9]+", value):
        return str(int(value))
    if kind == "boolean" or (kind == "decimal" and "." in value):
        return value
    return f'"{value}"^^xsd:{kind}'
