"""Clients in Python and on the command line: each reads a thing, a CONSTRUCT and a SELECT alike."""

import csv
import io
import json
import shutil
import subprocess

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON, TURTLE, SPARQLWrapper

from kg.release import Release
from tests.reading import FOUND, TREES, Addresses, Numbers, numbers
from tests.servers import Served


@pytest.fixture(scope="module")
def at(orchard_served: Served) -> Addresses:
    return Addresses(orchard_served.url)


@pytest.fixture(scope="module")
def right(small_release: Release) -> Numbers:
    found = numbers(small_release)
    assert min(found.thing, found.graph, found.rows) > 2
    return found


def test_rdflib_s_graph(at: Addresses, right: Numbers):
    assert len(Graph().parse(at.thing)) == right.thing
    assert len(Graph().parse(at.graph)) == right.graph
    for extension, format in (("ttl", "turtle"), ("nq", "nquads"), ("jsonld", "json-ld"), ("rdf", "xml")):
        address = at.thing.replace("/id/", "/data/id/") + f".{extension}"
        assert len(Graph().parse(address, format=format)) == right.thing, extension
    assert len(Graph().query(f"SELECT * {{ SERVICE <{at.endpoint}> {{ {TREES} }} }}")) == right.rows


def test_rdflib_s_store(at: Addresses, right: Numbers):
    graph = Graph(SPARQLStore(at.endpoint, returnFormat="xml"))
    assert len(graph.query(TREES)) == right.rows
    assert len(graph.query(FOUND).graph or ()) == right.graph
    assert len(graph.query("DESCRIBE <https://example.org/orchard/id/orchard/long-ridge>").graph or ()) > 2


def test_sparqlwrapper(at: Addresses, right: Numbers):
    wrapper = SPARQLWrapper(at.endpoint)
    wrapper.setQuery(TREES)
    wrapper.setReturnFormat(JSON)
    assert len(wrapper.query().convert()["results"]["bindings"]) == right.rows
    wrapper.setQuery(FOUND)
    wrapper.setReturnFormat(TURTLE)
    assert len(Graph().parse(data=wrapper.query().convert(), format="turtle")) == right.graph


def test_curl(at: Addresses, right: Numbers):
    curl = shutil.which("curl")
    assert curl, "install curl: apt-get install curl"

    def get(*arguments: str) -> bytes:
        return subprocess.run([curl, "-sfL", *arguments], check=True, capture_output=True).stdout

    triples = list(ox.parse(get("-H", "Accept: text/turtle", at.thing), format=ox.RdfFormat.TURTLE))
    assert len(triples) == right.thing
    squeezed = get("--compressed", "-H", "Accept: application/n-triples", at.graph)
    assert len(squeezed.splitlines()) == right.graph
    assert len(json.loads(get(at.rows))["results"]["bindings"]) == right.rows
    assert len([*csv.reader(io.StringIO(get(at.table).decode()))]) == right.rows + 1
