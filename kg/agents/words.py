"""Terms, things and sources in the few words that an agent pays for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.explore.model import Evidence, Fact, Ref, Text, Value
from kg.terms import XSD, Prefixes

_INTEGER = XSD + "integer"
LONGEST = 1_000
"""Characters of a text that are told."""


def term(one: Term | None, prefixes: Prefixes) -> Any:
    """Return a term: None, a compact or full IRI, an integer, or a text with its tag as Turtle has it."""
    if one is None:
        return None
    if isinstance(one, ox.NamedNode):
        return prefixes.curie(one.value) or f"<{one.value}>"
    if not isinstance(one, ox.Literal):
        return str(one)
    if one.datatype.value == _INTEGER:
        return _integer(one.value)
    return f'"{cut(one.value)}"@{one.language}' if one.language else cut(one.value)


def value(one: Value, prefixes: Prefixes) -> Any:
    """Return a value of a page: a thing by its name and IRI, or a literal."""
    if isinstance(one, Ref):
        return thing(one, prefixes)
    return _integer(one.value) if one.datatype == _INTEGER else cut(one.value)


def thing(ref: Ref, prefixes: Prefixes) -> dict[str, str]:
    """Return a thing by its name and IRI, compact where a prefix allows it."""
    found = {"name": ref.label.value, "iri": prefixes.curie(ref.iri) or ref.iri}
    return found | ({"is": ref.kind.value} if ref.kind else {})


def fact(one: Fact, prefixes: Prefixes) -> dict[str, Any]:
    """Return a value with the numbers of its sources."""
    return {"value": value(one.value, prefixes), "sources": list(one.sources)}


def sources(evidence: Mapping[int, Evidence], prefixes: Prefixes) -> dict[str, Any]:
    """Return sources by their numbers: what they rest on, which passages of which documents."""
    return {str(number): _source(one, prefixes) for number, one in sorted(evidence.items())}


def _source(one: Evidence, prefixes: Prefixes) -> dict[str, Any]:
    found = {
        "graph": prefixes.curie(one.graph.iri) or one.graph.iri,
        "basis": one.basis_label.value if one.basis_label else one.basis,
        "confidence": one.confidence_label.value if one.confidence_label else one.confidence,
        "reason": " ".join(text.value for text in one.reasons),
        "note": _text(one.note),
        "from": [
            {
                **thing(origin.ref, prefixes),
                **({"document": thing(origin.trail[0], prefixes)} if origin.trail else {}),
                **({"summary": cut(origin.summary.value)} if origin.summary else {}),
            }
            for origin in one.origins
        ],
    }
    return {key: said for key, said in found.items() if said}


def _text(one: Text | None) -> str:
    return cut(one.value) if one else ""


def cut(text: str) -> str:
    """Return a text, or its beginning with the mark of what is left out."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… [{len(text) - LONGEST:,} characters more]"


def _integer(text: str) -> int | str:
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 16 else text
