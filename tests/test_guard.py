"""The guard, rule by rule: each test names one thing that it must not forget. Fuzzing is in test_lexer.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.engine.door import Policy, admit
from kg.errors import QueryRefused, QuerySyntaxError
from kg.settings import Settings
from kg.sparql.checking.analysis import analyse
from kg.sparql.checking.guard import Limits, check
from kg.sparql.checking.plain import glance

G = "http://example.org/g"
LIMITS = Limits(known=lambda iri: iri == G)


def refusal(query: str, limits: Limits = LIMITS, base_iri: str | None = None) -> str | None:
    try:
        check(query, limits, base_iri=base_iri)
    except QueryRefused as error:
        return error.limit
    return None


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "now ()"])
def test_what_changes_is_never_plain_at_a_glance(call: str) -> None:
    """Else its answer would be kept, and given again."""
    query = f"SELECT ({call} AS ?x) {{ }}"
    assert glance(query, 50, 100) is None
    assert check(query, LIMITS).changing


@pytest.mark.parametrize("call", ["\\u004EOW()", "\\U00000052AND()"])
def test_what_changes_is_seen_through_escapes(call: str) -> None:
    assert check(f"SELECT ({call} AS ?x) {{ }}", LIMITS).changing


def test_what_another_server_answers_is_not_ours_to_keep() -> None:
    assert check("SELECT * { SERVICE <http://a/> { } }", replace(LIMITS, services=("http://a/",))).changing


@pytest.mark.parametrize("node", ["_:b", "[]", "(1)"])
def test_a_constructed_blank_node_is_new_each_time(node: str) -> None:
    assert analyse(f"CONSTRUCT {{ ?s ?p {node} }} WHERE {{ ?s ?p ?o }}").changing
    assert not analyse("CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p ?o }").changing


@pytest.mark.parametrize("query", ["SELECT * { ?s ?p '\0' }", "SELECT * { ?s ?p ?o } # \0", "ASK {\0}"])
def test_a_nul_is_no_part_of_a_query(query: str) -> None:
    """A short query too, though most are let through at a glance."""
    for length in (0, 5000):
        with pytest.raises(QuerySyntaxError, match="NUL"):
            check(query + " " * length, LIMITS)


def test_a_relative_graph_is_the_base_s() -> None:
    query = "SELECT * FROM <g> { ?s ?p ?o }"
    assert refusal(query, base_iri="http://example.org/") is None
    assert refusal(query, base_iri="http://elsewhere.example/") == "KG_FROM_ALLOW"
    assert refusal(f"BASE <http://example.org/> {query}", base_iri="http://elsewhere.example/") is None


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("DESCRIBE :a.b.FROM<http://127.0.0.1/>", "KG_FROM_ALLOW"),
        ("SELECT * { ?s ?p :a.b.SERVICE<http://127.0.0.1/>{} }", "KG_SERVICE_ALLOW"),
    ],
)
def test_no_keyword_hides_behind_the_dot_of_a_name(query: str, limit: str) -> None:
    assert refusal(query) == limit


@pytest.mark.parametrize("call", ["SERVICE { ?s ?p ?o }", "?s ?p SERVICE", "SERVICE SILENT { }"])
def test_a_call_whose_endpoint_is_not_seen_is_refused(call: str) -> None:
    assert refusal(f"SELECT * {{ {call} }}") == "KG_SERVICE_ALLOW"


def test_the_place_of_too_deep_is_where_it_gets_too_deep() -> None:
    with pytest.raises(QueryRefused, match="at 3:2\n"):
        check("SELECT * {\n{{\n{{ }} }} }", replace(LIMITS, depth=4))
    with pytest.raises(QueryRefused, match="at 2:11\n"):
        check("SELECT *\n{ FILTER(!!true) }", replace(LIMITS, depth=3))


def test_graphs_behind_named_are_no_part_of_the_default_graph() -> None:
    policy = Policy(LIMITS)
    assert admit(f"SELECT * FROM <{G}> {{ ?s ?p ?o }}", policy).order.sources == (G,)
    assert admit(f"SELECT * FROM NAMED <{G}> {{ ?s ?p ?o }}", policy).order.sources == ()
    both = admit(f"SELECT * FROM NAMED <{G}> FROM <{G}> {{ ?s ?p ?o }}", policy)
    assert both.order.sources == (G,)


def test_each_list_of_the_settings_rules_its_own_keyword() -> None:
    limits = Limits.of(replace(Settings(), from_allow=("http://f/",), service_allow=("http://s/",)))
    assert refusal("SELECT * FROM <http://f/> { ?s ?p ?o }", limits) is None
    assert refusal("SELECT * { SERVICE <http://s/> { } }", limits) is None
    assert refusal("SELECT * FROM <http://s/> { ?s ?p ?o }", limits) == "KG_FROM_ALLOW"
    assert refusal("SELECT * { SERVICE <http://f/> { } }", limits) == "KG_SERVICE_ALLOW"
