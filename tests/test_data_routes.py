"""From an IRI to its page or its data, as the web of data asks it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.mediatypes import RDF_FORMATS, Format
from kg.release import Release
from kg.settings import Settings
from kg.terms import KG, RDFS
from kg_web import create_app
from kg_web.views.releases import data
from tests.test_export_rdf import READERS

B = "https://example.org/orchard/"
RIDGE = "id/orchard/long-ridge"
FIGURE = ox.NamedNode(B + "id/figure/long-ridge/area-3.5")
node = ox.NamedNode


@pytest.fixture(scope="module")
def client(small_release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        yield create_app(engine, Settings(), small_release).test_client()


def read(client: FlaskClient, address: str) -> list[ox.Quad]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return list(ox.parse(response.data, format=READERS[address.partition("?")[0].rpartition(".")[2]]))


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", f"/page/{RIDGE}"),
        (None, f"/page/{RIDGE}"),
        ("text/turtle", f"/data/{RIDGE}.ttl"),
        ("application/trig", f"/data/{RIDGE}.trig"),
        ("application/n-triples", f"/data/{RIDGE}.nt"),
        ("application/n-quads", f"/data/{RIDGE}.nq"),
        ("application/ld+json", f"/data/{RIDGE}.jsonld"),
        ("application/rdf+xml", f"/data/{RIDGE}.rdf"),
        ("text/html;q=0.3, application/ld+json;q=0.5, text/turtle;q=0.4", f"/data/{RIDGE}.jsonld"),
        ("text/html;q=0, */*;q=0.1", f"/data/{RIDGE}.ttl"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_iri_leads_to_what_is_asked_for(
    client: FlaskClient, method: str, accept: str | None, location: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    response = client.open(f"/{RIDGE}", method=method, headers=headers)
    assert (response.status_code, response.headers["Location"]) == (303, location)
    assert "Accept" in response.vary
    assert client.open(location, method=method).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "graph/almanac-1931/p04",
        "source/almanac-1931/p04",
        "ontology/Tree",
        "vocabulary/fruit/pear",
        "ontology/",
    ],
)
def test_whatever_lies_under_the_base_has_data(client: FlaskClient, path: str) -> None:
    response = client.get(f"/{path}", headers={"Accept": "text/turtle"})
    assert response.status_code == 303
    assert read(client, response.headers["Location"])


def test_no_format_that_suits_gets_the_list(client: FlaskClient) -> None:
    response = client.get(f"/{RIDGE}", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.content_type == "application/problem+json"
    assert "text/turtle" in response.json["detail"]
    assert 'type="application/ld+json"' in ", ".join(response.headers.getlist("Link"))
    assert "Accept" in response.vary


@pytest.mark.parametrize(
    "address",
    [
        "/id/orchard/nowhere",
        "/data/id/orchard/nowhere.ttl",
        f"/data/{RIDGE}.docx",
        "/data/.ttl",
        "/data?iri=x&format=ttl",
    ],
)
def test_what_the_data_does_not_know(client: FlaskClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "text/turtle"})
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.json["code"] == "unknown-thing"


def test_a_reader_gets_a_page_about_what_is_unknown(client: FlaskClient) -> None:
    response = client.get("/id/orchard/nowhere", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.mimetype == "text/html"


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
def test_a_description_has_what_its_shapes_embed(client: FlaskClient, format: Format) -> None:
    quads = read(client, f"/data/{RIDGE}.{format.name}")
    assert {
        q.object.value for q in quads if q.subject == FIGURE and q.predicate == node(B + "ontology/number")
    } == {"3.5"}
    response = client.get(f"/data/{RIDGE}.{format.name}")
    assert response.content_type == format.content_type
    assert response.headers["Content-Disposition"] == f'inline; filename="long-ridge.{format.name}"'


@pytest.mark.parametrize("name", ["trig", "nq", "jsonld"])
def test_datasets_name_the_graph_of_each_statement_and_its_evidence(client: FlaskClient, name: str) -> None:
    quads = read(client, f"/data/{RIDGE}.{name}" + ("" if name == "trig" else "?graphs=1"))
    label = node(RDFS + "label")
    english = next(
        q
        for q in quads
        if q.subject == node(B + RIDGE) and q.predicate == label and q.object.language == "en"
    )
    assert english.graph_name == node(B + "graph/almanac-1931/p04/reading")
    said = {(q.subject, q.predicate): q.object for q in quads}
    assert said[english.graph_name, node(KG + "confidence")] == node(KG + "Medium")
    assert (node(B + "source/almanac-1931/p04"), label) in said


@pytest.mark.parametrize("name", ["nq", "jsonld"])
@pytest.mark.parametrize("of", [RIDGE, "graph/tree-list", "ontology/Tree"])
def test_one_thing_stands_in_the_default_graph(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, name: str, of: str
) -> None:
    """Where Comunica, rdflib's Graph and jsonld.js look."""
    asked = {q.triple for q in read(client, f"/data/{of}.ttl")}
    assert {*read(client, f"/data/{of}.{name}")} == {ox.Quad(*triple) for triple in asked}
    graphs = {q.graph_name for q in read(client, f"/data/{of}.{name}?graphs=1")}
    assert graphs
    assert ox.DefaultGraph() not in graphs
    monkeypatch.setattr(data, "LARGE", 5)
    assert {q.triple for q in read(client, f"/data/{of}.{name}")} == asked
    assert {q.graph_name for q in read(client, f"/data/{of}.{name}")} == {ox.DefaultGraph()}
    assert {q.graph_name for q in read(client, f"/data/{of}.{name}?graphs=1")} <= graphs


def test_inferred_statements_come_only_when_asked_for(client: FlaskClient) -> None:
    plot, within = "id/plot/long-ridge-north", node(B + "ontology/isWithin")
    assert within not in {q.predicate for q in read(client, f"/data/{plot}.ttl")}
    assert "inferred by rules are left out (?inferred=1 adds them)" in client.get(f"/data/{plot}.ttl").text
    assert within in {q.predicate for q in read(client, f"/data/{plot}.ttl?inferred=1")}


def test_what_was_replaced_no_longer_describes_but_its_graph_can_be_had(client: FlaskClient) -> None:
    lamp = ox.Literal("Red Lamp", language="en")
    assert lamp not in {q.object for q in read(client, "/data/id/variety/red-lantern.trig")}
    assert lamp in {q.object for q in read(client, "/data/graph/almanac-1931/p09/reading/first.ttl")}


def test_a_graph_is_its_content_and_nothing_else(client: FlaskClient, small_release: Release) -> None:
    graph = node(B + "graph/almanac-1931/p09")
    stated = {q.triple for q in ox.parse(path=str(small_release.file("dataset.nq"))) if q.graph_name == graph}
    assert {q.triple for q in read(client, "/data/graph/almanac-1931/p09.nt")} == stated


def test_a_graph_too_large_for_memory_is_the_same(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {q.triple for q in read(client, "/data/graph/tree-list.ttl")}
    monkeypatch.setattr(data, "LARGE", 5)
    assert {q.triple for q in read(client, "/data/graph/tree-list.ttl")} == small
    assert len(small) > 5


def test_the_ontology_is_whole(client: FlaskClient) -> None:
    subjects = {q.subject for q in read(client, "/data/ontology.ttl")}
    assert {node(B + "ontology/Tree"), node(B + "ontology/planted")} <= subjects


def test_a_file_of_the_ontology_is_of_one_ontology(client: FlaskClient) -> None:
    """Its graph declares the program's vocabulary too, which readers of OWL took for it."""
    declared = (
        ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        ox.NamedNode("http://www.w3.org/2002/07/owl#Ontology"),
    )

    def ontologies(path: str) -> set[str]:
        return {q.subject.value for q in read(client, path) if (q.predicate, q.object) == declared}

    assert ontologies("/data/ontology.ttl") == {B + "ontology/"}
    assert len(ontologies("/data/graph/ontology.ttl")) > 1


def test_a_file_of_the_ontology_declares_with_what_its_terms_are_annotated(client: FlaskClient) -> None:
    """A reader of OWL takes a definition for a fact about an individual where its property isn't declared."""
    owl, kind = "http://www.w3.org/2002/07/owl#", node("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    quads = read(client, "/data/ontology.ttl")
    declared = {(q.subject, q.object) for q in quads if q.predicate == kind}
    terms = {s for s, o in declared if o in {node(owl + "Class"), node(owl + "ObjectProperty")}}
    own = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#", owl)
    used = {q.predicate for q in quads if q.subject in terms and not q.predicate.value.startswith(own)}
    assert used <= {s for s, _ in declared}
    annotates = {s.value for s, o in declared if o == node(owl + "AnnotationProperty")}
    assert "http://www.w3.org/2004/02/skos/core#definition" in annotates
    assert not any(iri.startswith(own) for iri in annotates)


def test_other_iris_are_asked_by_parameter(client: FlaskClient) -> None:
    iri = KG + "Stated"
    response = client.get("/resource", query_string={"iri": iri}, headers={"Accept": "text/turtle"})
    assert response.status_code == 303
    assert "Accept" in response.vary
    turtle = client.get(response.headers["Location"])
    assert turtle.mimetype == "text/turtle"
    assert {q.subject.value for q in ox.parse(turtle.data, format=ox.RdfFormat.TURTLE)} == {iri}
    assert client.get(
        "/data", query_string={"iri": iri}, headers={"Accept": "application/n-triples"}
    ).mimetype == ("application/n-triples")
    assert client.get("/data", query_string={"iri": iri, "format": "doc"}).status_code == 400


def test_a_client_that_has_it_already_is_told_so(client: FlaskClient) -> None:
    first = client.get(f"/data/{RIDGE}.ttl")
    etag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert client.get(f"/data/{RIDGE}.ttl", headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"/data/{RIDGE}.ttl", headers={"If-Modified-Since": date}).status_code == 304
    assert client.get(f"/data/{RIDGE}.nt").headers["ETag"] != etag
    assert client.head(f"/data/{RIDGE}.ttl").headers["Content-Length"] == str(len(first.data))


def test_signposts(client: FlaskClient) -> None:
    for address in (f"/data/{RIDGE}.ttl", f"/page/{RIDGE}"):
        links = ", ".join(client.get(address).headers.getlist("Link"))
        assert f'<{B}{RIDGE}>; rel="cite-as"' in links
        assert f'</data/{RIDGE}.jsonld>; rel="alternate"; type="application/ld+json"' in links
        assert f'<{B}>; rel="collection"' in links


def test_each_file_says_what_it_is(client: FlaskClient, small_release: Release) -> None:
    text = client.get(f"/data/{RIDGE}.ttl").text
    for line in (
        "# The old orchards",
        "# Cite as: ",
        f"# Version: {small_release.version}",
        small_release.digest,
        "# Licence: https://creativecommons.org/",
        f"# Rights in <{B}source/almanac-1931>: In the public domain.",
    ):
        assert line in text
    assert "tree-list" not in text.partition("@base")[0]


@pytest.mark.parametrize(
    "path", ["id/a>b", "id/%3E", "id/%00", "id/..%2F..", "id/a b", "%F0%9F", "id/\u202e"]
)
def test_odd_addresses_are_refused_not_failed(client: FlaskClient, path: str) -> None:
    for address in (f"/{path}", f"/data/{path}.ttl", f"/resource?iri={path}"):
        assert client.get(address, headers={"Accept": "text/turtle"}).status_code in {303, 400, 404}


def test_a_context_is_never_fetched(client: FlaskClient) -> None:
    context = json.loads(client.get(f"/data/{RIDGE}.jsonld").data)["@context"]
    assert isinstance(context, dict)
    # What maps to null is no term.
    assert all(isinstance(value, str) for name, value in context.items() if name != "about")
    assert context["about"] is None
