"""Functions that have IRIs: which there are, and where one is called that isn't there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from kg.sparql.checking.analysis import analyse
from kg.sparql.reading.lexer import NAMES, Lexer, position
from kg.terms import XSD, local_name

GEOF = "http://www.opengis.net/def/function/geosparql/"
FUNCTIONS = (
    *(
        XSD + name
        for name in (
            *("boolean", "double", "float", "decimal", "integer", "string", "dateTime", "date", "time"),
            *("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay"),
            *("duration", "dayTimeDuration", "yearMonthDuration"),
        )
    ),
    *(
        GEOF + name
        for name in (
            *("asGeoJSON", "distance", "sfContains", "sfCrosses", "sfDisjoint", "sfEquals"),
            *("sfIntersects", "sfOverlaps", "sfTouches", "sfWithin", "ehEquals", "rcc8eq", "relate"),
            *("area", "length", "centroid", "convexHull", "envelope", "difference", "intersection"),
            *("symDifference", "union", "dimension", "getSRID", "isEmpty", "isSimple"),
        )
    ),
)
"""What the embedded engine has; a test asks it."""


def explain_call(sparql: str, iri: str, prefixes: Mapping[str, str]) -> tuple[tuple[int, int] | None, str]:
    """Return where a function is called, by line and column, and a hint on what may be meant."""
    return _place(sparql, iri), _hint(iri, {**prefixes, **analyse(sparql).prefixes})


def _place(sparql: str, iri: str) -> tuple[int, int] | None:
    prefixes = analyse(sparql).prefixes
    lexer = Lexer(sparql)
    before = None
    while (token := lexer.take(compares=False)) is not None:
        if token.text == "(" and before is not None and before.kind in NAMES:
            prefix, _, local = before.text.partition(":")
            full = before.text[1:-1] if before.kind == "iri" else prefixes.get(prefix, "") + local
            if full == iri or (before.kind == "iri" and iri.endswith(full)):
                return position(sparql, before.start)
        before = token
    return None


def _hint(iri: str, prefixes: Mapping[str, str]) -> str:
    if iri in FUNCTIONS:
        return "it is there, but takes another number of arguments"
    names = {local_name(known).lower(): known for known in FUNCTIONS}
    near = difflib.get_close_matches(local_name(iri).lower(), list(names), n=1, cutoff=0.6)
    if not near:
        return "there are SPARQL's own functions, xsd's casts and GeoSPARQL's (geof:distance and the like)"
    known = names[near[0]]
    short = next(
        (f"{p}:{known[len(ns) :]}" for p, ns in prefixes.items() if ns and known.startswith(ns)), None
    )
    return f"did you mean {short or f'<{known}>'}?"
