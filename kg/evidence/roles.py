"""Which properties play which part in evidence, as the ontology says by rdfs:subPropertyOf."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import resources
from kg.terms import KG, RDFS, SKOS

SCHEMA = "https://schema.org/"
OA = "http://www.w3.org/ns/oa#"


@dataclass(frozen=True)
class Roles:
    """The properties that play each part: the generic term and all that stand below it."""

    start: frozenset[str]
    end: frozenset[str]
    span_of: frozenset[str]
    supports: frozenset[str]
    length: frozenset[str]
    digest: frozenset[str]
    order: frozenset[str]
    """Properties whose numbers put things in an order; the text need not say them."""
    names: frozenset[str]


def read_roles(ontology: Path) -> Roles:
    """Read the ontology's modules for the properties of each part."""
    below: dict[str, set[str]] = {}
    modules = [resources.VOCABULARY, *sorted(ontology.glob("*.ttl"))]
    for path in modules:
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if quad.predicate.value == RDFS + "subPropertyOf" and isinstance(quad.object, ox.NamedNode):
                below.setdefault(quad.object.value, set()).add(_iri(quad.subject))
    return Roles(
        start=_below(OA + "start", below),
        end=_below(OA + "end", below),
        span_of=_below(KG + "isSpanOf", below),
        supports=_below(KG + "supports", below),
        length=_below(KG + "textLength", below),
        digest=_below(KG + "textDigest", below),
        order=_below(SCHEMA + "position", below),
        names=_below(RDFS + "label", below) | _below(SKOS + "altLabel", below),
    )


def _below(term: str, below: dict[str, set[str]]) -> frozenset[str]:
    found, waiting = {term}, [term]
    while waiting:
        new = below.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return frozenset(found)


def _iri(node: object) -> str:
    return str(getattr(node, "value", ""))
