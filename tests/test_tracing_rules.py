"""From what rules inferred down to what was stated."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.tracing.answer import Sourced, answer
from kg.tracing.origins import Origins
from kg.tracing.planning.rules import Rule, Rules
from tests.test_tracing import BUSY, PREFIX, Told, store_of, way_of

P = PREFIX
WITHIN = Rule("1-within", P + "CONSTRUCT { ?x :w ?y } WHERE { ?x :p ?y }")
ABOVE = Rule("2-above", P + "CONSTRUCT { ?x :w ?z } WHERE { ?x :w ?y . ?y :w ?z }")
BOTH_WAYS = Rule("3-both", P + "CONSTRUCT { ?y :q ?x } WHERE { ?x :q ?y }")
NAMED = Rule(
    "4-named",
    P + 'CONSTRUCT { ?x :label ?l } WHERE { ?x :q ?y FILTER NOT EXISTS { ?x :label ?old } '
    'BIND(CONCAT("of ", STR(?y)) AS ?l) }',
)  # fmt: skip
COUNTED = Rule(
    "5-counted",
    P + "CONSTRUCT { ?x :n ?k } WHERE { { SELECT ?x (COUNT(?y) AS ?k) { ?x :p ?y } GROUP BY ?x } }",
)
KEPT_OUT = Rule("6-out", P + "CONSTRUCT { ?x :in ?y } WHERE { ?x :p ?y MINUS { ?x :q ?y } }")
NAMELESS = Rule("7-nameless", P + "CONSTRUCT { ?x :has [ :of ?y ] } WHERE { ?x :p ?y }")
CHAIN: list[Told] = [("a", "p", "b", "g1"), ("b", "p", "c", "g2")]
FORK: list[Told] = [("a", "p", "b", "g1"), ("a", "p", "c", "g1")]


def inferred(data: Sequence[Told], rules: Sequence[Rule]) -> ox.Store:
    """A store after rules ran over it as in a build: each sees what earlier ones added to their graphs."""
    store = store_of(data)
    for rule in rules:
        new = [t for t in store.query(rule.text) if ox.Quad(*t) not in store]  # type: ignore[misc, union-attr]
        for triple in new:
            store.add(ox.Quad(*triple, ox.NamedNode(f"http://e/graph/inferred/{rule.name}")))
            store.add(ox.Quad(*triple))
    return store


def deep(data: Sequence[Told], rules: Sequence[Rule], query: str) -> Sourced:
    store = inferred(data, rules)
    return answer(store, P + query, Origins(store), Rules(rules), base_iri="http://e/")


def leaves(found: Sourced, number: int) -> set[frozenset[tuple[str, str, str]]]:
    """The ways to a statement in what is stated, as texts: none where it isn't followed."""
    derivations = found.derived.get(number)
    if not derivations:
        return {way_of(found, [number])}
    ways = set()
    for way in (way for one in derivations for way in one.ways):
        parts: set[frozenset[tuple[str, str, str]]] = {frozenset()}
        for part in way:
            parts = {one | other for one in parts for other in leaves(found, part)}
        ways |= parts
    return ways


def stated(found: Sourced) -> set[str]:
    """What the only row rests on in the end, as texts."""
    (row,) = found.rows
    assert row.lacking is None
    ((number,),) = row.ways
    return {" ".join(sorted("".join(one) for one in way)) for way in leaves(found, number)}


@pytest.mark.parametrize(
    ("data", "rules", "query", "expected"),
    [
        ([("a", "p", "b", "g1")], [WITHIN], "SELECT ?x { ?x :w :b }", {"apb"}),
        (CHAIN, [WITHIN, ABOVE], "SELECT ?x { ?x :w :c FILTER(?x = :a) }", {"apb bpc"}),
        ([("a", "q", "b", "g1")], [BOTH_WAYS], "SELECT ?x { :b :q ?x }", {"aqb"}),
        ([("a", "q", "b", "g1")], [NAMED], "SELECT ?l { :a :label ?l }", {"aqb"}),
        (FORK, [COUNTED], "SELECT ?n { :a :n ?n }", {"apb apc"}),
        ([*FORK, ("a", "q", "c", "g1")], [KEPT_OUT], "SELECT ?y { :a :in ?y }", {"apb"}),
    ],
)  # fmt: skip
def test_an_inferred_statement_leads_to_what_was_stated(
    data: list[Told], rules: list[Rule], query: str, expected: set[str]
) -> None:
    assert stated(deep(data, rules, query)) == expected


def test_no_statement_is_its_own_source() -> None:
    found = deep([("a", "q", "b", "g1")], [BOTH_WAYS], "SELECT ?x ?y { ?x :q ?y }")
    told = {way_of(found, [number]): number for number in range(len(found.statements))}
    assert found.derived.get(told[frozenset({("a", "q", "b")})]) is None


def test_what_a_rule_forbids_counts_only_if_it_was_there_before() -> None:
    data = [("a", "q", "b", "g1"), ("c", "q", "b", "g1"), ("c", "label", "b", "g1")]
    found = deep(data, [NAMED], "SELECT ?x ?l { ?x :label ?l FILTER(ISLITERAL(?l)) }")
    assert stated(found) == {"aqb"}


def test_a_rule_that_is_not_covered_is_said() -> None:
    data = [("a", "p", "b", "g1")]
    found = deep(data, [NAMELESS], "SELECT ?x { ?x :has ?y }")
    assert found.state == "partial"
    assert "inferred" in (found.rows[0].lacking or "")


def test_an_inferred_number_is_weighed_by_what_it_was_inferred_from() -> None:
    store = inferred(CHAIN, [WITHIN, ABOVE])
    made = ox.NamedNode("http://www.w3.org/ns/prov#wasDerivedFrom")
    for graph in ("g1", "g2"):
        store.add(ox.Quad(ox.NamedNode(f"http://e/{graph}"), made, ox.NamedNode(f"http://e/doc-{graph}")))
    query = P + "SELECT ?x { ?x :w :c FILTER(?x = :a) }"
    shallow = answer(store, query, Origins(store))
    assert shallow.weight(shallow.rows[0]).independent == 0
    assert shallow.documents(shallow.rows[0]) == ()
    found = answer(store, query, Origins(store), Rules([WITHIN, ABOVE]))
    assert found.weight(found.rows[0]).independent == 1
    assert found.documents(found.rows[0]) == ("http://e/doc-g1", "http://e/doc-g2")


QUADS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("pq"), st.sampled_from("abc"), st.just("g1")),
    min_size=1,
    max_size=5,
    unique=True,
)


@BUSY
@given(data=QUADS)
def test_with_what_was_stated_alone_the_rules_infer_it_again(data: list[Told]) -> None:
    rules = [WITHIN, ABOVE, BOTH_WAYS, KEPT_OUT]
    found = deep(data, rules, "SELECT ?x ?v ?y { ?x ?v ?y }")
    assert found.state == "whole"
    for row, source in zip(found.result.rows, found.rows, strict=True):
        ((number,),) = source.ways
        for way in leaves(found, number):
            part = inferred([quad for quad in data if quad[:3] in way], rules)
            assert any(part.quads_for_pattern(*row, ox.DefaultGraph()))  # type: ignore[arg-type]
