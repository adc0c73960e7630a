"""IRIs beyond Latin-1: every page, file and address of a thing, a graph and a term whose IRI is Chinese."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

from kg.release import Release
from tests.conftest import ORCHARD, Project
from tests.servers import Reply, Served, fetch, kg_serve
from tests.test_export_rdf import READERS

B = "https://example.org/orchard/"
TREE = "id/tree/青梨-1"
NAMES = ["id/tree/青梨-1", "id/tree/𠮷梨,2", "graph/梨树名录", "id/tree/poirier-d-été"]
TREES = """
@prefix id: <https://example.org/orchard/id/plot/> .
@prefix o: <https://example.org/orchard/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@base <https://example.org/orchard/id/tree/> .
<青梨-1> a o:Tree ; rdfs:label "青梨一号"@zh-hans ; o:standsIn id:long-ridge-north .
<𠮷梨,2> a o:Tree ; rdfs:label "second"@en ; o:standsIn id:long-ridge-north .
<poirier-d-été> a o:Tree ; rdfs:label "third"@en ; o:standsIn id:long-ridge-north .
"""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The little graph, with trees and a graph whose IRIs are Chinese."""
    root = tmp_path_factory.mktemp("grown")
    shutil.copytree(ORCHARD, root / "orchard")
    project = Project(root / "orchard")
    (project.data / "tree-list").rename(project.data / "梨树名录")
    source = project.data / "梨树名录" / "source.ttl"
    source.write_text(source.read_text(encoding="utf-8").replace("tree-list", "梨树名录"), encoding="utf-8")
    (project.data / "梨树名录" / "more.ttl").write_text(TREES, encoding="utf-8")
    return project.build()


@pytest.fixture(scope="module")
def served(grown: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with kg_serve(grown, tmp_path_factory.mktemp("serve"), {"KG_WORKERS": "1"}) as found:
        yield found


def followed(served: Served, path: str, accept: str) -> Reply:
    reply = fetch(served.url + path, headers={"Accept": accept})
    if reply.status == 303:
        assert reply.headers["Location"].isascii()
        reply = fetch(served.url + reply.headers["Location"], headers={"Accept": accept})
    return reply


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/ld+json", "application/n-quads"])
def test_an_iri_leads_to_its_page_and_its_data(served: Served, name: str, accept: str):
    reply = followed(served, "/" + quote(name), accept)
    assert reply.status == 200, reply.body
    assert all(value.isascii() for value in reply.headers.values())
    assert f'<{B}{quote(name, safe="/,")}>; rel="cite-as"' in ", ".join(reply.headers.get_all("Link"))
    assert name.rpartition("/")[2] in reply.body.decode() or quote(name) in reply.body.decode()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("extension", ["ttl", "nt", "nq", "trig", "jsonld", "rdf"])
def test_every_file_holds_the_iri(served: Served, name: str, extension: str):
    for address in (
        f"/data/{quote(name)}.{extension}",
        "/data?" + urlencode({"iri": B + name, "format": extension}),
    ):
        reply = fetch(served.url + address)
        assert reply.status == 200, reply.body
        quads = list(ox.parse(reply.body, format=READERS[extension]))
        terms = {term.value for quad in quads for term in quad if isinstance(term, ox.NamedNode)}
        # The graph is described by what it says, so its own IRI need not be among it.
        assert {B + name, B + TREE} & terms


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("page", ["resource", "changes"])
def test_pages_that_take_an_iri(served: Served, name: str, page: str):
    for query in (urlencode({"iri": B + name}), "iri=" + B + quote(name)):
        reply = followed(served, f"/{page}?{query}", "text/html")
        assert reply.status == 200, reply.body


@pytest.mark.parametrize("accept", ["text/turtle", "image/png", "text/html", "application/problem+json"])
def test_what_is_not_there(served: Served, accept: str):
    for path in (
        "/id/tree/没有",
        "/data/id/tree/没有.ttl",
        "/page/id/tree/没有",
        "/没有",
        "/resource?iri=http://x/没有",
    ):
        reply = fetch(served.url + quote(path, safe="/?=:"), headers={"Accept": accept})
        assert reply.status in (404, 406, 303), (path, reply.body)


def test_the_endpoint_and_its_problems(served: Served):
    iri = B + TREE
    found = fetch(f"{served.url}/sparql?{urlencode({'query': f'SELECT ?l {{ <{iri}> ?p ?l }}'})}")
    assert "青梨一号" in found.body.decode()
    graph = fetch(f"{served.url}/sparql/graphs?{urlencode({'graph': B + 'graph/梨树名录'})}")
    assert graph.status == 200
    assert "青梨" in graph.body.decode()
    for query in ("SELECT * { ?没有 ?p }", f"SELECT * FROM <{B}没有> {{ ?s ?p ?o }}"):
        refused = fetch(f"{served.url}/sparql?{urlencode({'query': query})}")
        assert refused.status in (400, 403)
        assert refused.json()["detail"]


def test_a_page_of_a_browser_for_a_query_in_chinese(served: Served):
    query = urlencode({"query": f"SELECT ?l {{ <{B}{TREE}> ?p ?l }}"})
    reply = fetch(f"{served.url}/sparql?{query}", headers={"Accept": "text/html"})
    assert (reply.status, reply.headers["Location"]) == (303, f"/query?{query}")
    assert fetch(served.url + reply.headers["Location"]).status == 200


def test_files_of_the_release(served: Served, grown: Release, tmp_path: Path):
    page = fetch(f"{served.url}/releases/{quote(grown.version)}/tables/Tree.csv")
    assert page.status == 200
    assert B + TREE in page.body.decode()
