"""Functions that the embedded engine calls in Python: REGEX and REPLACE where its own can't do as XPath.

A pattern may be very slow on some texts; it runs in a query process, which is killed when its time is over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pyoxigraph as ox

from kg.sparql.rewriting.regexes import REGEX, REPLACE
from kg.sparql.xpath import PatternError, matches, replace
from kg.terms import RDF, XSD

_TEXTS = (f"{XSD}string", f"{RDF}langString", f"{RDF}dirLangString")


def _text(term: object) -> str | None:
    """Return a string's text, whatever its language; None for another term (SPARQL 1.1 §17.4.3.1)."""
    if isinstance(term, ox.Literal) and term.datatype.value in _TEXTS:
        return term.value
    return None


def _plain(term: object) -> str | None:
    return _text(term) if isinstance(term, ox.Literal) and term.language is None else None


def _matches(*terms: object) -> ox.Literal | None:
    text, *rest = _text(terms[0]), *map(_plain, terms[1:])
    if text is None or len(rest) not in (1, 2) or None in rest:
        return None
    try:
        return ox.Literal(matches(text, *map(str, rest)))
    except PatternError:
        return None


def _replace(*terms: object) -> ox.Literal | None:
    first = terms[0]
    text, *rest = _text(first), *map(_plain, terms[1:])
    if text is None or len(rest) not in (2, 3) or None in rest or not isinstance(first, ox.Literal):
        return None
    try:
        return ox.Literal(replace(text, *map(str, rest)), language=first.language)
    except PatternError:
        return None


_broken = threading.local()


def _told(function: Callable[..., ox.Literal | None]) -> Callable[..., ox.Literal | None]:
    """Wrap a function so that an exception in it is kept, for `check` to raise.

    The engine takes every exception for an error of the expression: without this a MemoryError would give an
    unbound variable in an answer with status 200.
    """

    def called(*terms: object) -> ox.Literal | None:
        try:
            return function(*terms)
        except Exception as error:
            _broken.error = error
            raise

    return called


FUNCTIONS: dict[ox.NamedNode, Callable[..., ox.Literal | None]] = {
    ox.NamedNode(REGEX): _told(_matches),
    ox.NamedNode(REPLACE): _told(_replace),
}
"""By their names; None is an error of the expression."""


def begin() -> None:
    """Forget an exception that was kept in this thread, before the next query begins."""
    _broken.error = None


def check() -> None:
    """Raise the exception, such as a MemoryError, that was kept while this thread's query was answered."""
    error, _broken.error = getattr(_broken, "error", None), None
    if error is not None:
        raise error
