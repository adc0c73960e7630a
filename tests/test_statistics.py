"""The numbers that a release says of itself are those that a query finds (VoID §4)."""

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.release import Release

PREFIXES = "PREFIX void: <http://rdfs.org/ns/void#> "
FOUND = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}


@pytest.fixture(params=["small_release", "release"])
def engine(request: pytest.FixtureRequest):
    of: Release = request.getfixturevalue(request.param)
    with LocalEngine.open(of.store) as opened:
        yield opened, of


def number(engine: LocalEngine, query: str) -> int:
    ((found,),) = engine.query(PREFIXES + query).rows
    return int(found.value)


@pytest.mark.parametrize("name", FOUND)
def test_the_dataset_s_own_numbers(engine, name: str):
    opened, of = engine
    said = number(opened, f"SELECT ?n {{ <{of.dataset}> void:{name} ?n }}")
    assert said == number(opened, FOUND[name])
    if name == "triples":
        assert said == of.counts["statements"]


def test_each_part_s_numbers(engine):
    opened, _ = engine
    parts = opened.query(
        PREFIXES + "SELECT ?p ?n { [] void:propertyPartition [ void:property ?p ; void:triples ?n ] }"
    )
    said = {row[0]: int(row[1].value) for row in parts.rows}
    counted = opened.query("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    assert said == {row[0]: int(row[1].value) for row in counted.rows}
    assert ox.NamedNode("http://rdfs.org/ns/void#propertyPartition") in said
