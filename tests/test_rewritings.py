"""What is written anew for the engine, each with the rows that the standard gives, over the quirks' own data.

The table of quirks (test_quirks.py) has an example of each; here are the further turns of a rewriting.
"""

from __future__ import annotations

import pytest

from kg.engine.door import Policy, admit
from kg.engine.local import LocalEngine
from kg.engine.quirks import of
from kg.errors import QuerySyntaxError
from tests.test_quirks import PREFIXES, rows, store_of_examples


@pytest.mark.parametrize(
    ("query", "right"),
    [
        # §18.4: an inverse turns the order of a sequence, and both halves of a negated set.
        ("SELECT ?x { :c ^(:p/(:p|:q)) ?x }", [("a",)]),
        ("SELECT ?x { :b ^(!(:q|^:label)) ?x }", [("a",), ("c",)]),
        # §18.4: a node is at the end of a path of length zero from itself, whatever the graph holds.
        ("SELECT ?g { GRAPH ?g { :absent :p* :absent } }", [("g1",), ("g2",)]),
        # §18.6: the graph's name joins what the block binds; what it leaves unbound it agrees with.
        ("SELECT ?g { GRAPH ?g { :c :p ?o OPTIONAL { :absent :p ?g } } }", [("g2",)]),
        # §18.6: a graph that isn't there has no solutions, not even a number of none.
        ("SELECT ?n { GRAPH :absent { SELECT (COUNT(*) AS ?n) { ?s :p ?o } } }", []),
        # A variable of ours takes none of the query's names.
        ("SELECT ?q1_ ?x { ?q1_ (:p|:q)/:p ?x }", [("a", "c"), ("a", "c")]),
        ("SELECT ?x { ?x (:p|:q)/:p ?o FILTER(!BOUND(?q1_)) }", [("a",), ("a",)]),
        # RDF 1.1 §3.3: tags have no case, on whichever side and in whichever function they stand.
        ('SELECT ?s { ?s :label ?l FILTER("qaa-Hans" = LANG(?l)) }', [("a",)]),
        ('SELECT ?s { ?s :label ?l FILTER("qaa-Hans" != LANG(?l)) }', []),
        ('SELECT ?s { ?s :label ?l FILTER(LANG(?l) NOT IN ("qaa-Hans")) }', []),
        ('SELECT ?s { ?s :label ?l FILTER(SAMETERM(LANG(?l), "qaa-Hans")) }', [("a",)]),
        ('SELECT ?s { ?s :label ?l FILTER(CONTAINS(LANG(?l), "a-Ha")) }', [("a",)]),
        ('SELECT ?s { ?s :label ?l FILTER(STRENDS(LANG(?l), "Hans")) }', [("a",)]),
        # §18.5.1.7: each GROUP_CONCAT of a query gives a text without a language.
        (
            "SELECT (LANG(GROUP_CONCAT(?x)) AS ?a) (LANG(GROUP_CONCAT(?y)) AS ?b) "
            '{ VALUES (?x ?y) { ("1"@en "2"@en) } }',
            [("", "")],
        ),
        # §19.8: names may hold dots, two of them too.
        ("SELECT (:1.1.1 AS ?x) {}", [("1.1.1",)]),
    ],
)
def test_a_rewriting_gives_the_standard_s_rows(query: str, right: list[tuple[str, ...]]) -> None:
    assert rows(LocalEngine(store_of_examples()).query(PREFIXES + query)) == right


def fault_behind(name: str) -> int:
    """Return how far behind a name an incomplete triple pattern is found."""
    query = f"{PREFIXES}SELECT * {{ FILTER({name} = 1) ?s ?p }}"
    with pytest.raises(QuerySyntaxError) as caught:
        LocalEngine(store_of_examples()).query(query)
    assert caught.value.line == 1
    return (caught.value.column or 0) - query.index(name) - len(name)


@pytest.mark.parametrize("name", [":1.1.1.353", ":1.1.1", "TRUE"])
def test_a_fault_behind_a_rewriting_is_placed_in_the_text_as_it_came(name: str) -> None:
    assert fault_behind(name) == fault_behind(":a1") > 0


def test_what_another_server_is_asked_is_not_looked_for_in_our_graphs() -> None:
    policy = Policy(quirks=of())
    asked = admit("SELECT * { SERVICE <http://a/> { <http://e/x> <http://e/p>* ?y } }", policy)
    assert asked.order.ends == ()
    ours = admit("SELECT * { <http://e/x> <http://e/p>* ?y }", policy)
    assert ours.order.ends == (("<http://e/x>", None),)
