"""Measurements as RDF: DQV, with the part of the dataset that each is computed on as VoID."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal

import pyoxigraph as ox

from kg.quality.measure import Measurement, metrics
from kg.terms import RDF, SH, VOID, XSD, Prefixes

DQV = "http://www.w3.org/ns/dqv#"
METRIC = "https://w3id.org/linli/kg/metric/"
FILE = "quality.ttl"
ON = "http://purl.org/dc/terms/subject"


def to_triples(
    found: Iterable[Measurement], dataset: str, base: str, prefixes: Prefixes
) -> Iterator[ox.Triple]:
    """Yield the measurements, what they are computed on, and the metrics' descriptions."""
    for quad in metrics():
        yield quad.triple
    for one in found:
        yield from _measurement(one, dataset, base, prefixes)


def _measurement(one: Measurement, dataset: str, base: str, prefixes: Prefixes) -> Iterator[ox.Triple]:
    slugs = "/".join(_slug(iri, prefixes) for iri in (one.on, one.of) if iri)
    node = ox.NamedNode(f"{base}quality/{one.metric}" + (f"/{slugs}" if slugs else ""))
    whole = ox.NamedNode(dataset)
    yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(DQV + "QualityMeasurement"))
    yield ox.Triple(node, ox.NamedNode(DQV + "isMeasurementOf"), ox.NamedNode(METRIC + one.metric))
    yield ox.Triple(node, ox.NamedNode(DQV + "value"), _literal(one.value))
    yield ox.Triple(whole, ox.NamedNode(DQV + "hasQualityMeasurement"), node)
    if one.sparql:
        yield ox.Triple(node, ox.NamedNode(SH + "select"), ox.Literal(one.sparql))
    if one.metric not in ("instances", "coverage"):
        yield ox.Triple(node, ox.NamedNode(DQV + "computedOn"), whole)
        if one.on:
            yield ox.Triple(node, ox.NamedNode(ON), ox.NamedNode(one.on))
        return
    part = ox.NamedNode(f"{base}quality/part/{slugs}")
    yield ox.Triple(node, ox.NamedNode(DQV + "computedOn"), part)
    yield ox.Triple(part, ox.NamedNode(RDF + "type"), ox.NamedNode(VOID + "Dataset"))
    yield ox.Triple(part, ox.NamedNode(VOID + "class"), ox.NamedNode(one.on or ""))
    if one.of:
        yield ox.Triple(part, ox.NamedNode(VOID + "property"), ox.NamedNode(one.of))


def _literal(value: int | Decimal) -> ox.Literal:
    kind = "integer" if isinstance(value, int) else "decimal"
    return ox.Literal(
        format(value, "f") if isinstance(value, Decimal) else str(value), datatype=ox.NamedNode(XSD + kind)
    )


def _slug(iri: str, prefixes: Prefixes) -> str:
    """Return a name for a term that no other term of the dataset has."""
    curie = prefixes.curie(iri)
    return curie.replace(":", "-") if curie else hashlib.sha256(iri.encode()).hexdigest()[:16]
