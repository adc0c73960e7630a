"""Literals in the one form that every engine gives back, and terms as Turtle writes them. Pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from kg.errors import SourceError
from kg.terms import RDF, XSD

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\Z")
_LANGUAGE = re.compile(r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*\Z")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MUST_ESCAPE = re.compile('["\\\\\x00-\x1f\x7f]')
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def _integer(text: str) -> str:
    if not _INTEGER.match(text):
        raise ValueError(text)
    # An int() of a very long text is refused by Python, and so it is by us.
    return str(int(text))


def _decimal(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or abs(number.adjusted()) > 100:
        raise ValueError(text)
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def _date(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(text)
    return datetime.date.fromisoformat(text).isoformat()


def _month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise ValueError(text)
    return text


def _year(text: str) -> str:
    if not re.fullmatch(r"\d{4}", text, re.ASCII):
        raise ValueError(text)
    return text


def _boolean(text: str) -> str:
    return {"true": "true", "1": "true", "false": "false", "0": "false"}[text]


CANONICAL: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "string": str,
        "anyURI": str,
        "integer": _integer,
        "decimal": _decimal,
        "date": _date,
        "gYearMonth": _month,
        "gYear": _year,
        "boolean": _boolean,
    }
)
"""The datatypes that a mapping may name, and what makes the canonical form of a text.

Where a text has none they raise ValueError or KeyError.
"""


def check_language(tag: str) -> str:
    """Return a language tag that is in lower case and well formed. Raises SourceError for another."""
    if not _LANGUAGE.match(tag):
        raise SourceError(f"{tag!r} is not a language tag in lower case", hint=f"write it as {tag.lower()!r}")
    return tag


def literal(text: str, *, language: str | None = None, datatype: str | None = None) -> str:
    """Return a literal in Turtle; ``datatype`` is a term already written in Turtle.

    Raises SourceError for text that RDF can't hold: a lone surrogate or a NUL.
    """
    if _MUST_ESCAPE.search(text):
        text = _MUST_ESCAPE.sub(_escape, text)
    elif not text.isascii() and _NOT_TEXT.search(text):
        raise SourceError(f"{text!r} is not Unicode text")
    if language:
        return f'"{text}"@{language}'
    return f'"{text}"^^{datatype}' if datatype else f'"{text}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\x00":
        raise SourceError("a cell holds a NUL character")
    return _ESCAPES.get(char) or f"\\u{ord(char):04X}"


class Shortener:
    """Writes IRIs in Turtle, compact where a prefix fits, and remembers which prefixes it used.

    A namespace must end where an IRI's last ``/`` or ``#`` stands: that makes a look-up of a search, which
    millions of terms notice.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._by_namespace = {namespace: prefix for prefix, namespace in prefixes.items()}
        self.used: dict[str, str] = {}

    def __call__(self, iri: str) -> str:
        """Return the term for an absolute IRI."""
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        namespace, local = iri[:cut], iri[cut:]
        prefix = self._by_namespace.get(namespace)
        if prefix is None or not _LOCAL.match(local):
            return f"<{iri}>"
        self.used[prefix] = namespace
        return f"{prefix}:{local}"

    def predicate(self, iri: str) -> str:
        """Return the term for a property: ``a`` for rdf:type."""
        return "a" if iri == f"{RDF}type" else self(iri)

    def datatype(self, name_or_iri: str) -> str | None:
        """Return the term for a datatype, or None for xsd:string, which Turtle leaves out."""
        if name_or_iri == "string":
            return None
        return self(name_or_iri if ":" in name_or_iri else XSD + name_or_iri)
