"""Describe the release: its numbers as VoID, in a graph of their own; the whole as DCAT, in metadata.ttl."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from kg.make.loading import graphs
from kg.make.loading.config import Config
from kg.make.loading.load import Loaded
from kg.make.paragraphs import TurtleWriter
from kg.sparql.bind import load
from kg.terms import DCAT, DCTERMS, PROV, RDF, VOID, XSD, Prefixes

_MERGE = ox.DefaultGraph()
_SPDX = "http://spdx.org/rdf/terms#"
_IANA = "https://www.iana.org/assignments/media-types/"
_TYPE = ox.NamedNode(RDF + "type")
_MEDIA_TYPES = {"dataset.nq": "application/n-quads", "dataset.ttl": "text/turtle"}


_Numbers = list[tuple[ox.NamedNode, int]]


def counts(loaded: Loaded) -> dict[str, int]:
    """Return the numbers of the manifest: statements in the merge, statements in graphs, graphs."""
    statements, named = size(loaded)
    found = loaded.counted
    quads = len(loaded.store) - statements if found is None else found.quads
    return {"statements": statements, "quads": quads, "graphs": named}


def size(loaded: Loaded) -> tuple[int, int]:
    """Return the numbers that a check tells: statements in the merge, and graphs."""
    if (found := loaded.counted) is not None:
        return found.statements, len(found.graphs)
    named = sum(1 for _ in loaded.store.named_graphs())
    return _numbered(loaded.store, "kg/make/sealing/merged"), named


def _numbered(store: ox.Store, name: str) -> int:
    """Return the one number that a query asks for: the engine counts without making terms."""
    answer = store.query(load(name))
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 (tells the type checker what the query is)
    return int(next(answer)[0].value)


def add_statistics(loaded: Loaded) -> None:
    """Add graph/derived/statistics: the numbers of statements, by class and by property, its own included."""
    graph = loaded.config.graph(graphs.STATISTICS)
    if (found := loaded.counted) is not None:
        uses = ({ox.NamedNode(iri): n for iri, n in of.items()} for of in (found.classes, found.properties))
        loaded.add(graph, _statistics(loaded, *map(_sorted, uses)))
        return
    classes = _numbers(loaded, "kg/make/sealing/classes")
    stated = Counter(dict(_numbers(loaded, "kg/make/sealing/properties")))
    own: Counter[ox.NamedNode] = Counter()
    while True:  # the numbers of the numbers: once all their properties are counted, nothing more is added
        triples = list(_statistics(loaded, classes, _sorted(stated + own)))
        counted = Counter(triple.predicate for triple in triples)
        if counted == own:
            break
        own = counted
    loaded.add(graph, triples)


def _statistics(loaded: Loaded, classes: _Numbers, properties: _Numbers) -> Iterator[ox.Triple]:
    dataset = ox.NamedNode(loaded.config.iri)
    total = sum(number for _, number in properties)
    for name, number in (("triples", total), ("classes", len(classes)), ("properties", len(properties))):
        yield ox.Triple(dataset, ox.NamedNode(VOID + name), ox.Literal(number))
    short = Prefixes(loaded.config.prefixes)
    for kind, counted, found in (("class", "entities", classes), ("property", "triples", properties)):
        for term, number in found:
            part = ox.NamedNode(f"{loaded.config.ours}statistics/{kind}/{_slug(term.value, short)}")
            yield ox.Triple(dataset, ox.NamedNode(f"{VOID}{kind}Partition"), part)
            yield ox.Triple(part, ox.NamedNode(VOID + kind), term)
            yield ox.Triple(part, ox.NamedNode(VOID + counted), ox.Literal(number))


def _numbers(loaded: Loaded, name: str) -> _Numbers:
    answer = loaded.store.query(load(name))
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 (tells the type checker what the query is)
    return _sorted({row[0]: int(row[1].value) for row in answer})


def _sorted(numbers: Mapping[ox.NamedNode, int]) -> _Numbers:
    return sorted(numbers.items(), key=lambda pair: pair[0].value)


def _slug(iri: str, short: Prefixes) -> str:
    """Return a name for a term that no other term of the dataset has."""
    curie = short.curie(iri)
    return curie.replace(":", "-") if curie else hashlib.sha256(iri.encode()).hexdigest()[:16]


def titled(config: Config) -> Iterator[ox.Triple]:
    """Yield what a dataset.ttl would say at least, of a dataset that has none."""
    dataset = ox.NamedNode(config.iri)
    yield ox.Triple(dataset, _TYPE, ox.NamedNode(DCAT + "Dataset"))
    for tag, title in config.titles.items():
        yield ox.Triple(dataset, ox.NamedNode(DCTERMS + "title"), ox.Literal(title, language=tag))


def metadata(loaded: Loaded, version: str, content: Mapping[str, Mapping[str, Any]]) -> str:
    """Return metadata.ttl: what dataset.ttl says, the numbers, and how each file can be had."""
    stated = [
        quad.triple
        for name in (graphs.DATASET, graphs.STATISTICS)
        for quad in loaded.store.quads_for_pattern(None, None, None, ox.NamedNode(loaded.config.graph(name)))
        if quad.predicate.value != DCAT + "version"
    ]
    triples = {*stated, *_sources(loaded), *_release(loaded, version, content)}
    writer = TurtleWriter({**loaded.config.prefixes, "spdx": _SPDX})
    lines = sorted((str(t.subject), str(t.predicate), str(t.object)) for t in triples)
    return "".join([*writer.head(), *writer.body(lines)])


def _sources(loaded: Loaded) -> Iterator[ox.Triple]:
    """Yield the works that graphs were made from, told from passages by having a title."""
    if loaded.counted is not None:
        return
    derived, title = ox.NamedNode(PROV + "wasDerivedFrom"), ox.NamedNode(DCTERMS + "title")
    dataset = ox.NamedNode(loaded.config.iri)
    for source in {quad.object for quad in loaded.store.quads_for_pattern(None, derived, None, _MERGE)}:
        if isinstance(source, ox.NamedNode) and any(
            loaded.store.quads_for_pattern(source, title, None, _MERGE)
        ):
            yield ox.Triple(dataset, derived, source)


def _release(loaded: Loaded, version: str, content: Mapping[str, Mapping[str, Any]]) -> Iterator[ox.Triple]:
    dataset, base = ox.NamedNode(loaded.config.iri), loaded.config.ours
    yield ox.Triple(dataset, ox.NamedNode(DCAT + "version"), ox.Literal(version))
    for name, media_type in _MEDIA_TYPES.items():
        file = ox.NamedNode(f"{base}releases/{version}/{name}")
        checksum = ox.NamedNode(f"{file.value}#checksum")
        size = ox.Literal(str(content[name]["bytes"]), datatype=ox.NamedNode(XSD + "nonNegativeInteger"))
        yield ox.Triple(dataset, ox.NamedNode(DCAT + "distribution"), file)
        yield ox.Triple(dataset, ox.NamedNode(VOID + "dataDump"), file)
        yield ox.Triple(file, _TYPE, ox.NamedNode(DCAT + "Distribution"))
        yield ox.Triple(file, ox.NamedNode(DCTERMS + "title"), ox.Literal(name))
        yield ox.Triple(file, ox.NamedNode(DCAT + "downloadURL"), file)
        yield ox.Triple(file, ox.NamedNode(DCAT + "mediaType"), ox.NamedNode(_IANA + media_type))
        yield ox.Triple(file, ox.NamedNode(DCAT + "byteSize"), size)
        yield ox.Triple(file, ox.NamedNode(_SPDX + "checksum"), checksum)
        yield ox.Triple(checksum, _TYPE, ox.NamedNode(_SPDX + "Checksum"))
        yield ox.Triple(
            checksum, ox.NamedNode(_SPDX + "algorithm"), ox.NamedNode(_SPDX + "checksumAlgorithm_sha256")
        )
        yield ox.Triple(checksum, ox.NamedNode(_SPDX + "checksumValue"), ox.Literal(content[name]["sha256"]))
