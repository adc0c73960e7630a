"""Every RDF format says the same, or refuses to say it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from kg.errors import UsageError
from kg.mediatypes import BY_NAME, CSV, RDF_FORMATS, Format, Kind
from kg.terms import RDF
from kg.writers.rdf import chunks, serialise
from tests.test_export_turtle import BASE, PREFIXES, quads, triples

node = ox.NamedNode
READERS = {
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


@pytest.mark.parametrize("format", [BY_NAME[name] for name in ("nt", "jsonld", "rdf")], ids=lambda f: f.name)
@given(items=triples)
@settings(max_examples=200, deadline=None)
def test_triples_survive_or_are_refused(format: Format, items: list[ox.Triple]) -> None:
    try:
        text = serialise(items, format, prefixes=PREFIXES, base=BASE, header="a -- comment\nof two lines")
    except UsageError:
        assert format.name in {"rdf", "jsonld"}
        return
    assert {q.triple for q in ox.parse(text, format=READERS[format.name])} == set(items)
    lines = "".join(f"{item} .\n" for item in items)
    name = {"nt": "nt", "jsonld": "json-ld", "rdf": "xml"}[format.name]
    if format.name == "rdf":
        ET.fromstring(text)  # noqa: S314 - our own output
    assert isomorphic(Graph().parse(data=text, format=name), Graph().parse(data=lines, format="nt"))


@pytest.mark.parametrize("format", [f for f in RDF_FORMATS if f.kind is Kind.DATASET], ids=lambda f: f.name)
@given(items=quads)
@settings(max_examples=150, deadline=None)
def test_quads_keep_their_graphs(format: Format, items: list[ox.Quad]) -> None:
    try:
        text = serialise(items, format, prefixes=PREFIXES, base=BASE)
    except UsageError:
        assert format.name == "jsonld"
        return
    assert set(ox.parse(text, format=READERS[format.name])) == set(items)


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
def test_blank_nodes_stay_together(format: Format) -> None:
    blank = ox.BlankNode("a1")
    items = [
        ox.Triple(node(BASE), node(BASE + "ontology/p"), blank),
        ox.Triple(blank, node(BASE + "ontology/q"), ox.Literal("x")),
    ]
    text = serialise(items, format, prefixes=PREFIXES, base=BASE)
    back = Dataset() if format.kind is Kind.DATASET else Graph()
    kinds = {"ttl": "turtle", "nq": "nquads", "jsonld": "json-ld", "rdf": "xml"}
    back.parse(data=text, format=kinds.get(format.name, format.name))
    flat = Graph()
    for statement in back:
        flat.add(statement[:3])
    assert isomorphic(flat, Graph().parse(data="".join(f"{i} .\n" for i in items), format="nt"))


@pytest.mark.parametrize(
    ("item", "word"),
    [
        (ox.Triple(node(BASE), node(BASE + "1"), node(BASE)), BASE + "1"),
        (ox.Triple(node(BASE), node(RDF + "li"), node(BASE)), "li"),
        (ox.Triple(node(BASE), node(RDF + "Description"), node(BASE)), "Description"),
        (ox.Triple(node(BASE), node(BASE + "p"), ox.Literal("a\x01b")), "U+0001"),
        (ox.Triple(node(BASE), node(BASE + "p"), ox.Triple(node(BASE), node(BASE), node(BASE))), BASE),
    ],
)
def test_rdfxml_refuses_what_it_cannot_say(item: ox.Triple, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        serialise([item], BY_NAME["rdf"], prefixes=PREFIXES)
    assert word in caught.value.message
    assert caught.value.hint


def test_jsonld_is_compact_and_asks_nobody() -> None:
    items = [
        ox.Triple(node(BASE + "id/tree/1"), node(RDF + "type"), node(BASE + "ontology/Tree")),
        ox.Triple(node(BASE + "id/tree/1"), node(BASE + "ontology/count"), ox.Literal(7)),
        ox.Triple(node(BASE + "id/tree/1"), node(BASE + "ontology/near"), node("geo:30.2,120.1")),
    ]
    text = serialise(items, BY_NAME["jsonld"], prefixes=PREFIXES, base=BASE)
    document = json.loads(text)
    assert document == {
        "@context": {"@base": BASE, "o": BASE + "ontology/"},
        "@graph": [
            {"@id": "id/tree/1", "@type": "o:Tree", "o:count": 7, "o:near": {"@id": "geo:30.2,120.1"}}
        ],
    }


def test_jsonld_of_a_stream_refuses_an_iri_that_would_change_its_meaning() -> None:
    item = ox.Triple(node(BASE), node(BASE + "ontology/near"), node("geo:30.2,120.1"))
    with pytest.raises(UsageError, match="geo:30"):
        list(chunks([item], BY_NAME["jsonld"], prefixes=PREFIXES))


def test_rows_are_not_statements() -> None:
    with pytest.raises(UsageError):
        serialise([], CSV, prefixes={})


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
def test_nothing_is_a_whole_document_too(format: Format) -> None:
    text = serialise([], format, prefixes=PREFIXES, base=BASE, header="empty")
    assert list(ox.parse(text, format=READERS[format.name])) == []


@pytest.mark.parametrize(
    ("lexical", "native"),
    [
        ("0", True), ("-7", True), ("999999999999999", True), ("-999999999999999", True),
        ("1234567890123456", False), ("9" * 41, False), ("007", False), ("+5", False), ("-0", False),
    ],
)  # fmt: skip
def test_jsonld_holds_an_integer_as_a_number_only_where_every_reader_keeps_it(
    lexical: str, native: bool
) -> None:
    """JSON's numbers are doubles to most readers (RFC 8259 section 6): sixteen digits would change."""
    integer = node("http://www.w3.org/2001/XMLSchema#integer")
    items = [ox.Triple(node(f"{BASE}a"), node(f"{BASE}n"), ox.Literal(lexical, datatype=integer))]
    text = serialise(items, BY_NAME["jsonld"], prefixes=PREFIXES, base=BASE).decode()
    assert (lexical in re.findall(r": (-?[0-9]+)[,\s}]", text)) is native
    (read,) = ox.parse(text, format=ox.RdfFormat.JSON_LD, base_iri=BASE)
    assert read.object == ox.Literal(lexical, datatype=integer)
