"""Errors that teach: the place of the fault, and what would mend it."""

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.errors import QuerySyntaxError
from kg.sparql.checking.analysis import analyse
from kg.sparql.explaining.slips import explain

PREFIXES = {"o": "https://example.org/orchard/ontology/"}


def told(query: str):
    with pytest.raises(QuerySyntaxError) as caught:
        LocalEngine(ox.Store()).query(query)
    return explain(query, caught.value, PREFIXES)


@pytest.mark.parametrize(
    ("query", "line", "column", "message", "hint"),
    [
        ("SELECT *\n{ ?s ?p }", 2, 9, "before it is complete", None),
        ("SELECT *\n{ ?s ?p . ?a ?b ?c }", 2, 9, "before it is complete", None),
        ("SELECT * {\n ?里里 ?p ?o FILTR(?o) }", 2, 12, "FILTR is no word", "FILTER"),
        ("SELEC * {}", 1, 1, "SELEC is no word", "SELECT"),
        ("SELECT * WHERE { ?s ?p ?o } ORDR BY ?s", 1, 29, "ORDR", "ORDER"),
        ("SELECT * { ?s a o:Tree }", 1, 17, "prefix o:", "PREFIX o: <https://example.org/orchard/ontology/>"),
        ("SELECT * { ?s foaf:name ?o }", 1, 15, "prefix foaf:", "PREFIX foaf: <http://xmlns.com/foaf/0.1/>"),
        ("SELECT * { ?s zz:name ?o }", 1, 15, "prefix zz:", "PREFIX zz: <...>"),
        ("SELECT * { ?s label ?o }", 1, 15, "label is no word", "prefix"),
        ("SELECT * { ?s ?p ?o", 1, 10, "not closed", None),
        ("SELECT * { ?s ?p ?o ) }", 1, 21, "does not close", None),
        ("SELECT * { ?s ?p ?o } }", 1, 23, "closes nothing", None),
        ('SELECT * { ?s ?p "里里" ?x ?y ?z }', 1, 23, "missing before", None),
        ('SELECT * { ?s ?p "open }', 1, 18, "does not end", '"""'),
        ("SELECT * { ?s ?p ?o . } LIMIT x", 1, 31, "x is no word", None),
    ],
)
def test_the_place_and_the_remedy(query: str, line: int, column: int, message: str, hint: str | None):
    found = told(query)
    assert (found.line, found.column) == (line, column), found
    assert message in found.message
    if hint:
        assert hint in (found.hint or "")


def test_what_we_don_t_find_is_in_the_engine_s_words_made_short():
    found = told("SELECT ?x { ?s ?p ?o } GROUP BY ?s")
    assert "unbound" in found.message
    found = told("SELECT * { ?s <a\u00a0b> ?o . ?s ?p <a%%> BIND(1 AS ?s) }")
    assert len(found.message) < 200


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s a ?c ; }",
        "SELECT * { ?s a ?c ;; ?p 1 , 2 . }",
        "SELECT * { [] ?p [ ?q 1 ; ] . [ ?q 2 ] . (1 2) ?p () }",
        "SELECT * { ?s <p>*/^<q>|!(<r>|^<s>) ?o OPTIONAL { ?o ?p ?q FILTER(?q < 3 && ?q>2) } }",
        "SELECT (COUNT(*) AS ?n) ?g { GRAPH ?g { ?s ?p 'x'@en } } GROUP BY ?g HAVING (COUNT(*) > 1)",
        "CONSTRUCT { ?s ?p ?o . } { { SELECT * { ?s ?p ?o } LIMIT 3 } UNION { ?s ?p ?o MINUS { ?o ?p 1 } } }",
        "SELECT * { VALUES (?a ?b) { (1 2) } FILTER NOT EXISTS { ?a ?b ?c } FILTER(?a IN (1)) ?a ?b -1 }",
        "DESCRIBE ?x <x:a> { ?x ?p '''a'''^^<x:t> }",
        "SELECT * { ?s ?p <<( ?a ?b ?c )>> }",
    ],
)
def test_nothing_is_found_in_what_is_right(query: str):
    LocalEngine(ox.Store()).query(query, base_iri="http://base.example/")
    found = analyse(query)
    assert found.fault_at is None, found.fault
    assert not found.ambiguous
