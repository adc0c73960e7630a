"""The service description (SPARQL 1.1 Service Description), with VoID and the limits in force."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.languages import ORIGINAL
from kg.mediatypes import GRAPH_FORMATS, RESULT_FORMATS, Format
from kg.release import Release
from kg.settings import LIMITS, Settings
from kg.terms import DCTERMS, RDF, VOID, XSD
from kg.writers.rdf import serialise

SD = "http://www.w3.org/ns/sparql-service-description#"
SCHEMA = "https://schema.org/"
SPDX = "http://spdx.org/rdf/terms#"
_FORMATS = "http://www.w3.org/ns/formats/"
_Triples = Iterator[ox.Triple]
_a = ox.NamedNode(RDF + "type")


def describe(url: str, settings: Settings, release: Release | None, engine: str, format: Format) -> bytes:
    """Return the description of the service at ``url``, written in a format of RDF."""
    service = ox.NamedNode(url)
    triples = [*_service(service, engine), *_limits(service, settings), *_dataset(service, release)]
    prefixes = {"sd": SD, "void": VOID, "dcterms": DCTERMS, "schema": SCHEMA}
    return serialise(triples, format, prefixes=prefixes)


def _service(service: ox.NamedNode, engine: str) -> _Triples:
    yield ox.Triple(service, _a, ox.NamedNode(SD + "Service"))
    yield ox.Triple(service, ox.NamedNode(SD + "endpoint"), service)
    yield ox.Triple(service, ox.NamedNode(SD + "supportedLanguage"), ox.NamedNode(SD + "SPARQL11Query"))
    for format in (*RESULT_FORMATS, *GRAPH_FORMATS):
        name = ox.NamedNode(_FORMATS + format.w3c)
        yield ox.Triple(service, ox.NamedNode(SD + "resultFormat"), name)
    yield ox.Triple(
        service,
        ox.NamedNode(DCTERMS + "description"),
        ox.Literal(f"Answered by {engine}.", language=ORIGINAL),
    )


def _limits(service: ox.NamedNode, settings: Settings) -> _Triples:
    for one in (one for one in LIMITS.values() if one.exceeded.described):
        limit = ox.NamedNode(f"{service.value}#limit-{one.name.replace('_', '-')}")
        yield ox.Triple(service, ox.NamedNode(SCHEMA + "additionalProperty"), limit)
        yield ox.Triple(limit, _a, ox.NamedNode(SCHEMA + "PropertyValue"))
        yield ox.Triple(limit, ox.NamedNode(SCHEMA + "name"), ox.Literal(one.meaning, language=ORIGINAL))
        yield ox.Triple(limit, ox.NamedNode(SCHEMA + "value"), _number(getattr(settings, one.name)))
        yield ox.Triple(limit, ox.NamedNode(SCHEMA + "unitText"), ox.Literal(one.unit))


def _number(value: float) -> ox.Literal:
    """A whole number as xsd:integer, another as xsd:decimal."""
    if float(value).is_integer():
        return ox.Literal(int(value))
    return ox.Literal(format(value, "f").rstrip("0"), datatype=ox.NamedNode(XSD + "decimal"))


def _dataset(service: ox.NamedNode, release: Release | None) -> _Triples:
    """The dataset as the release's own metadata describe it."""
    if release is None:
        return
    dataset, graph = ox.NamedNode(release.dataset), ox.NamedNode(f"{service.value}#default-graph")
    yield ox.Triple(service, ox.NamedNode(SD + "defaultDataset"), dataset)
    yield ox.Triple(dataset, _a, ox.NamedNode(SD + "Dataset"))
    yield ox.Triple(dataset, _a, ox.NamedNode(VOID + "Dataset"))
    yield ox.Triple(dataset, ox.NamedNode(VOID + "sparqlEndpoint"), service)
    yield ox.Triple(dataset, ox.NamedNode(SD + "defaultGraph"), graph)
    yield ox.Triple(graph, _a, ox.NamedNode(SD + "Graph"))
    yield ox.Triple(dataset, ox.NamedNode(DCTERMS + "hasVersion"), ox.Literal(release.version))
    statements = release.counts.get("statements") or release.counts.get("triples")
    if statements is not None:
        count = ox.Literal(str(statements), datatype=ox.NamedNode(XSD + "integer"))
        yield ox.Triple(dataset, ox.NamedNode(VOID + "triples"), count)
    if "metadata.ttl" in release.manifest["files"]:
        for quad in ox.parse(path=str(release.file("metadata.ttl")), format=ox.RdfFormat.TURTLE):
            about = quad.subject == dataset and quad.predicate.value.startswith((VOID, DCTERMS))
            if about or quad.predicate.value.startswith(SPDX):
                yield quad.triple
