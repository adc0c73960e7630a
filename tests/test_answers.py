"""Answers that were wrong under a 200, through HTTP with their right values, and refusals that say why."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pyoxigraph as ox
import pytest

from kg.release import Release
from kg.release.store import ensure_store
from kg.sparql.explaining.functions import FUNCTIONS
from kg.terms import RDF, RDFS, SKOS
from tests.servers import Served, ask, canned, kg_serve, peer

PREFIXES = """PREFIX linli: <https://w3id.org/linli/ontology/> PREFIX id: <https://w3id.org/linli/id/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
A = ox.NamedNode(RDF + "type")
CONCEPT = ox.NamedNode(SKOS + "Concept")
LABELS = (ox.NamedNode(RDFS + "label"), ox.NamedNode(SKOS + "prefLabel"))
PROJECT, CITY = (
    ox.NamedNode(f"https://w3id.org/linli/ontology/{name}") for name in ("RenewalProject", "City")
)
DEAD = "http://127.0.0.1:1/sparql"


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """The data itself, to count by hand."""
    return ox.Store.read_only(str(ensure_store(release)))


@pytest.fixture(scope="module")
def failing() -> Iterator[str]:
    with peer(canned(500, b"out of order")) as url:
        yield url


@pytest.fixture(scope="module")
def served(release: Release, failing: str, tmp_path_factory) -> Iterator[Served]:
    environ = {"KG_QUERY_TIMEOUT": "10", "KG_WORKERS": "1", "KG_SERVICE_ALLOW": f"{failing},{DEAD}"}
    with kg_serve(release, tmp_path_factory.mktemp("answers"), environ) as found:
        yield found


def value(served: Served, query: str) -> list[str]:
    """The values of a query's first column."""
    reply = ask(served.url, PREFIXES + query)
    assert reply.status == 200, reply.body
    answer = reply.json()
    first = answer["head"]["vars"][0]
    return [row[first]["value"] for row in answer["results"]["bindings"] if first in row]


def test_an_alternative_keeps_its_duplicates(served: Served, store: ox.Store):
    one = "SELECT (COUNT(*) AS ?n) { ?s a skos:Concept ; (rdfs:label|skos:prefLabel) ?l }"
    union = "{ ?s rdfs:label ?l } UNION { ?s skos:prefLabel ?l }"
    two = f"SELECT (COUNT(*) AS ?n) {{ ?s a skos:Concept {union} }}"
    ways = (
        (str(label.subject), str(predicate), str(label.object))
        for concept in store.quads_for_pattern(None, A, CONCEPT, ox.DefaultGraph())
        for predicate in LABELS
        for label in store.quads_for_pattern(concept.subject, predicate, None, ox.DefaultGraph())
    )
    assert value(served, one) == value(served, two) == [str(sum(1 for _ in ways))]


def test_a_path_in_a_graph_gives_each_pair_once(served: Served):
    place = "<https://w3id.org/linli/id/division/nbs2023-330105007000>"
    where = f"?x a linli:ResidentialCompound GRAPH ?g {{ ?x linli:isWithin+ {place} }}"
    assert value(served, f"SELECT (COUNT(*) AS ?n) {{ {where} }}") == ["7"]


def test_a_graph_s_name_takes_no_part_in_minus(served: Served, store: ox.Store):
    where = "GRAPH ?g { ?a a linli:RenewalProject MINUS { ?b a linli:Programme } }"
    projects = store.quads_for_pattern(None, A, PROJECT, None)
    named = sum(1 for quad in projects if quad.graph_name != ox.DefaultGraph())
    assert named > 60
    assert value(served, f"SELECT (COUNT(*) AS ?n) {{ {where} }}") == [str(named)]


def test_a_graph_s_name_joins(served: Served):
    where = "GRAPH ?g { ?s a linli:RenewalProject OPTIONAL { ?s a ?g } }"
    assert value(served, f"SELECT (COUNT(*) AS ?n) {{ {where} }}") == ["0"]


def test_a_graph_in_a_graph(served: Served, store: ox.Store):
    """The outer graph is every one, once for each way in which the inner pattern holds."""
    cities = store.quads_for_pattern(None, A, CITY, None)
    named = sum(1 for quad in cities if quad.graph_name != ox.DefaultGraph())
    graphs = value(served, "SELECT (COUNT(*) AS ?n) { GRAPH ?g {} }")
    query = "SELECT (COUNT(?g) AS ?n) { GRAPH ?g { GRAPH ?h { ?x a linli:City } } }"
    assert named
    assert value(served, query) == [str(int(graphs[0]) * named)]


@pytest.mark.parametrize(
    "condition",
    [
        r'REGEX("西西", "(.)\\1")',
        r'REGEX("杭州", "\\p{IsCJKUnifiedIdeographs}")',
        r'REGEX("a:b", "^\\i\\c*$")',
        'REGEX("b", "[a-z-[aeiou]]") && !REGEX("a", "[a-z-[aeiou]]")',
        r'REPLACE("西湖区", "(西)(湖)", "$2$1x") = "湖西x区"',
    ],
)
def test_regular_expressions_are_xpath_s(served: Served, condition: str):
    assert ask(served.url, f"ASK {{ FILTER({condition}) }}").json()["boolean"] is True


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("(?i)a", "flags"), (r"\\ba", "\\b"), ("a(", "unterminated"), ("[b-a]", "range"), ("a{2,1}", "")],
)
def test_a_pattern_that_can_t_be_used_is_refused(served: Served, pattern: str, told: str):
    reply = ask(served.url, f'SELECT * {{ ?s ?p ?o\nFILTER(REGEX(?o, "{pattern}")) }}')
    problem = reply.json()
    assert (reply.status, problem["line"], problem["column"]) == (400, 2, 18)
    assert "regular expression" in problem["detail"]
    assert told in problem["detail"]
    assert problem["hint"]


def test_tags_are_compared_without_regard_to_case(served: Served):
    one = 'SELECT (COUNT(*) AS ?n) { ?s rdfs:label ?l FILTER(LANG(?l) = "%s") }'
    assert value(served, one % "zh-Hans") == value(served, one % "zh-hans") != ["0"]
    hint = unquote(ask(served.url, PREFIXES + one % "zh-Hans").headers["Query-Hint"])
    assert '"zh-Hans" was read as "zh-hans"' in hint


def test_a_filter_on_the_name_inside_of_its_graph_is_explained(served: Served):
    reply = ask(served.url, "SELECT * { GRAPH ?g { ?s ?p ?o FILTER(BOUND(?g)) } } LIMIT 1")
    assert reply.json()["results"]["bindings"] == []
    assert "behind the closing brace" in unquote(reply.headers["Query-Hint"])


def test_legal_spellings(served: Served):
    query = "PREFIX ec: <http://example.org/> SELECT (ec:1.1.1.353 AS ?x) { FILTER(TRUE) }"
    assert value(served, query) == ["http://example.org/1.1.1.353"]
    problem = ask(served.url, "PREFIX ec: <http://e/>\nSELECT * { ec:1.1.1.353 a ec:a.b.c ; }}").json()
    assert (problem["line"], problem["column"]) == (2, 39)


@pytest.mark.parametrize(
    ("call", "column", "hint"),
    [
        ("xsd:intger(?o)", 12, "xsd:integer"),
        ("<http://example.org/f>(?o)", 12, "SPARQL's own"),
        ("xsd:integer(?o, 1)", 12, "number of arguments"),
    ],
)
def test_an_unknown_function(served: Served, call: str, column: int, hint: str):
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
    reply = ask(served.url, f"{prefix}SELECT * {{ ?s ?p ?o\n    FILTER({call}) }}")
    problem = reply.json()
    assert (reply.status, problem["code"]) == (400, "unknown-function")
    assert (problem["line"], problem["column"]) == (3, column)
    assert hint in problem["hint"]


def test_the_functions_that_we_suggest_are_there():
    import pyoxigraph as ox

    for iri in FUNCTIONS:
        found = []
        for arguments in ("1", "1, 2", "1, 2, 3"):
            try:
                found.append(list(ox.Store().query(f"SELECT (<{iri}>({arguments}) AS ?x) {{}}")))
            except RuntimeError:
                continue
        assert found, iri


@pytest.mark.parametrize("which", ["failing", "dead"])
def test_a_service_that_fails(served: Served, failing: str, which: str):
    url = failing if which == "failing" else DEAD
    reply = ask(served.url, f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
    problem = reply.json()
    assert (reply.status, problem["code"]) == (502, "service-failed")
    assert url in problem["detail"]
    assert ask(served.url, f"ASK {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}").json()["boolean"] is True


def test_a_form_that_can_t_be_answered_rightly_is_refused(served: Served):
    where = "GRAPH ?g { SELECT ?x { ?x ?p ?o } LIMIT 1 }"
    reply = ask(served.url, f"SELECT * {{ {where} }}")
    assert (reply.status, reply.json()["code"]) == (501, "engine-gap")
    assert "put GRAPH into the sub-query" in reply.json()["hint"]
