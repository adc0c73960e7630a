"""The door: what was admitted once is not read again, but for what depends on more than the text."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace

import pytest

from kg.engine import door
from kg.engine.door import Order, Policy, admit
from kg.engine.quirks import of
from kg.errors import QueryRefused
from kg.sparql.checking.guard import Limits
from kg.sparql.checking.suspects import suspicious


def test_what_was_admitted_once_is_kept_and_no_more_than_some():
    policy = Policy(Limits(), of())
    one = admit("SELECT ?x { ?x a|a ?y }", policy)
    assert admit("SELECT ?x { ?x a|a ?y }", policy) is one
    assert admit("SELECT ?x { ?x a|a ?y }", Policy(Limits(), frozenset())) is not one
    for number in range(3 * door._KEPT):
        admit(f"SELECT ?x {{ ?x a {number} }}", policy)
    assert len(door._kept) <= door._KEPT


@pytest.mark.parametrize("limits", [None, Limits()])
def test_a_byte_order_mark_is_no_part_of_a_query(limits: Limits | None):
    marked = admit("\ufeffSELECT ?x { ?x a|a ?y }", Policy(limits, of()))
    assert marked.text == "SELECT ?x { ?x a|a ?y }"
    assert "\ufeff" not in marked.order.sparql


def test_which_graphs_may_be_named_is_asked_each_time():
    known = {"http://e/g"}
    policy = Policy(Limits(known=known.__contains__), of())
    query = "SELECT * FROM <http://e/g> { ?s ?p ?o }"
    admit(query, policy)
    known.clear()
    with pytest.raises(QueryRefused, match="FROM"):
        admit(query, policy)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT  DISTINCT * { ?s ?p ?o }",
        "SELECT (?a * 2 AS ?b) { ?s ?p ?a }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?a FILTER(3 * ?a > ?a*?a) }",
        "# Which are there?\nDESCRIBE * { ?s ?p ?o }",
    ],
)
def test_a_sign_that_is_no_path_s_raises_no_suspicion(query: str):
    assert not suspicious(query)


@pytest.mark.parametrize(
    "path", [":p*", ":p *", "<http://e/p>*", ":1*", "ex:a1 ?", "(:p)*", "a*", ":p2*", "ex:a-1*", "_:x :p?"]
)
def test_a_sign_of_a_path_does(path: str):
    assert suspicious(f"SELECT * {{ :s {path} ?o }}")


def test_an_order_with_anything_but_a_text_is_not_plain():
    """A field that `plain` forgot would be lost on the way to the query process."""
    bare = Order("ASK {}")
    assert bare.plain
    for field in fields(Order):
        if field.default is not MISSING:
            other = not field.default if isinstance(field.default, bool) else ("x",)
            assert not replace(bare, **{field.name: other}).plain, field.name
