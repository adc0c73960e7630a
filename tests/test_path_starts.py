"""A path that is asked once of each node it begins at gives what it gave, and only where that can be told."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import DataError
from kg.make import check
from kg.sparql.rewriting.path_starts import each_once
from tests.conftest import Project

NODES = [ox.NamedNode(f"http://e/{letter}") for letter in "abcde"]
VERBS = [ox.NamedNode(f"http://e/{letter}") for letter in "pqr"]
graphs = st.lists(
    st.builds(ox.Quad, st.sampled_from(NODES), st.sampled_from(VERBS), st.sampled_from(NODES)), max_size=14
)

WRITTEN = [
    "{ ?x :p ?y . ?y :q+ ?z }",
    "{ ?x :p ?y . ?y (:q|:r)+ ?z }",
    "{ ?x :p ?y ; :r ?w . ?y (^:q/:r)+ ?z . ?z :p ?v }",
    "{ ?y :q+ ?z ; :p ?w . ?w :r ?u . ?u :p ?z }",
    "{ ?x ?verb ?y . ?y :q+ ?z . ?v :r ?v }",
    "{ $x :p $y . ?y :q+ ?z }",
    "{ :a :p ?y . ?y !:q+ ?z . ?x :p/:q ?y }",
]
LEFT = [
    "{ ?y :q+ ?z }",
    "{ ?x :p ?y . ?y :q ?z }",
    "{ ?x :p ?y . ?y :q* ?z }",
    "{ ?x :p ?y . ?y (:q?)+ ?z }",
    "{ ?x :p ?y . ?y :q+ ?y }",
    "{ ?x :p ?y . ?y :q+ :a }",
    "{ ?y :p ?z . ?y :q+ ?z }",
    "{ ?x :p ?y . ?y :q+ ?z . ?z :q+ ?w }",
    "{ ?x :p _:b . _:b :r ?y . ?y :q+ ?z }",
    "{ ?x :p [ :r ?y ] . ?y :q+ ?z }",
    "{ ?x :p ?y . ?y :q+ ?z FILTER(?x != ?z) }",
    "{ GRAPH ?g { ?x :p ?y . ?y :q+ ?z } }",
    "{ { ?x :p ?y . ?y :q+ ?z } UNION { ?x :p ?y } }",
]


def query(pattern: str) -> str:
    return f"PREFIX : <http://e/> SELECT * {pattern}"


def rows(store: ox.Store, text: str) -> Counter[frozenset[tuple[str, str]]]:
    """Return the rows as a bag, each with its variables by name."""
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(frozenset((n, str(v)) for n, v in zip(names, row, strict=True)) for row in found)


@settings(max_examples=150, deadline=None)
@given(graphs, st.sampled_from(WRITTEN))
def test_the_answer_is_the_same_duplicates_included(quads: list[ox.Quad], pattern: str):
    store, text = ox.Store(), query(pattern)
    store.extend(quads)
    assert rows(store, each_once(text)) == rows(store, text)


@pytest.mark.parametrize("pattern", WRITTEN)
def test_a_path_is_asked_of_the_nodes_that_other_patterns_find(pattern: str):
    assert "SELECT DISTINCT ?y {" in each_once(query(pattern))


@pytest.mark.parametrize("pattern", LEFT)
def test_any_other_query_stays_as_it_is(pattern: str):
    assert each_once(query(pattern)) == query(pattern)


@pytest.mark.parametrize("text", ["", "SELECT", "ASK {", "DESCRIBE <http://e/a>"])
def test_what_isnt_read_stays_as_it_is(text: str):
    assert each_once(text) == text


def test_a_fault_in_a_rule_is_told_at_its_place_in_the_file(orchard: Project):
    text = "CONSTRUCT { ?x <http://e/w> ?z }\nWHERE {\n    ?x <http://e/p> ?y .\n    ?y nowhere:q+ ?z .\n}\n"
    path = orchard.write("ontology/rules/99.rq", text)
    with pytest.raises(DataError) as raised:
        check(orchard.ontology, orchard.data)
    (fault,) = raised.value.faults
    assert (fault.file, fault.line) == (path, 4)
