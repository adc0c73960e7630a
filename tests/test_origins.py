"""Where statements come from: graphs, passages, documents, texts. No source may be lost."""

from __future__ import annotations

from itertools import permutations

import pytest

from kg.terms import DCTERMS
from kg.tracing.answer import answer
from kg.tracing.excerpt import passages
from kg.tracing.origins import Origin, Origins
from kg.tracing.planning.rules import Rules
from kg.tracing.weight import independent
from tests.test_tracing import KG, PREFIX, PROV, Told, about, sourced, store_of, text_of
from tests.test_tracing_rules import WITHIN, inferred

E = "http://e/"


@pytest.mark.parametrize("levels", [0, 1, 2, 3])
def test_a_passage_leads_to_its_document_as_far_up_as_its_breadcrumbs(levels: int) -> None:
    store = store_of(())
    for level in range(levels):
        about(store, f"{E}{level}", E + "partOf", f"{E}{level + 1}")
    assert Origins(store, [E + "partOf"]).document(E + "0") == f"{E}{levels}"
    assert Origins(store, []).document(E + "0") == E + "0"


def test_breadcrumbs_in_a_circle_end() -> None:
    store = store_of(())
    about(store, E + "a", E + "partOf", E + "b")
    about(store, E + "b", E + "partOf", E + "a")
    assert Origins(store, [E + "partOf"]).document(E + "a") == E + "b"


@pytest.mark.parametrize("many", [1, 5, 40])
def test_a_second_source_is_told_however_many_statements_are_looked_up(many: int) -> None:
    """Few are looked up by the engine, many of one property and value are read together."""
    data = [(f"x{number}", "p", "b", graph) for number in range(many) for graph in ("g1", "g2")]
    found = sourced(store_of(data), "SELECT ?x { ?x :p :b }")
    assert len(found.rows) == many
    assert {tuple(map(text_of, found.graphs(row))) for row in found.rows} == {("g1", "g2")}


@pytest.mark.parametrize("many", [1, 40])
def test_a_graph_that_was_replaced_is_no_source(many: int) -> None:
    data = [(f"x{number}", "p", "b", graph) for number in range(many) for graph in ("old", "new")]
    store = store_of(data)
    about(store, E + "old", DCTERMS + "isReplacedBy", E + "new")
    found = answer(store, PREFIX + "SELECT ?x { ?x :p :b }", Origins(store))
    assert {tuple(map(text_of, found.graphs(row))) for row in found.rows} == {("new",)}


@pytest.mark.parametrize("order", [*permutations([("t1", "a"), ("t1", "b"), ("t2", "b"), ("t2", "c")])])
def test_reposts_of_reposts_are_one_text(order: tuple[tuple[str, str], ...]) -> None:
    texts = independent([Origin("g", documents=tuple("abcd"), marks=order)])
    assert texts == {"a": 0, "b": 0, "c": 0, "d": 1}


def test_the_surest_of_the_graphs_that_hold_a_statement_says_how_surely_it_was_read() -> None:
    store = store_of([("a", "p", "b", graph) for graph in ("g1", "g2", "g3")])
    for graph, confidence in (("g1", "Low"), ("g2", "High"), ("g3", "Medium")):
        about(store, E + graph, PROV + "wasDerivedFrom", f"{E}doc-{graph}")
        about(store, E + graph, KG + "confidence", KG + confidence)
    found = answer(store, PREFIX + "SELECT ?x { ?x :p :b }", Origins(store))
    assert (found.weight(found.rows[0]).independent, found.weight(found.rows[0]).confidence) == (
        3,
        KG + "High",
    )


@pytest.mark.parametrize(
    ("one", "other"), [("a", "z"), ("z", "a"), ("b", "z"), ("z", "b")], ids=lambda name: name
)
def test_a_disagreement_is_told_of_either_side_as_subject_or_as_value(one: str, other: str) -> None:
    store = store_of([("a", "p", "b", "g1")])
    about(store, E + one, KG + "disagreesWith", E + other)
    found = answer(store, PREFIX + "SELECT ?x ?y { ?x :p ?y }", Origins(store))
    told = one if other == "z" else other
    assert found.contradicted(found.rows[0]) == ((E + told, E + "z"),)


def test_rows_whose_inferences_are_not_all_followed_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    data: list[Told] = [("a", "p", "b", "g1"), ("b", "p", "c", "g1")]
    store = inferred(data, [WITHIN])
    query = PREFIX + "SELECT ?x ?y { ?x :w ?y }"
    assert answer(store, query, Origins(store), Rules([WITHIN])).state == "whole"
    monkeypatch.setattr("kg.tracing.following.derive.MOST_FOLLOWED", 1)
    found = answer(store, query, Origins(store), Rules([WITHIN]))
    assert found.state == "partial"
    assert sorted(row.lacking is None for row in found.rows) == [False, True]


def test_a_page_shows_the_passages_of_all_graphs_ways_and_inferences() -> None:
    told = {
        "graphs": [{"graph": f"g{n}", "from": [{"passage": f"p{n}", "document": 0}]} for n in range(5)],
        "statements": [
            {"graphs": [0, 1]},  # two sources of one statement
            {"graphs": [], "from": [{"rule": 0, "ways": [[2]]}]},  # inferred,
            {"graphs": [2], "from": [{"rule": 0, "ways": [[3]]}]},  # and what it was inferred from, too
            {"graphs": [3]},
            {"graphs": [4]},
        ],
        "rows": [{"ways": [[0], [1]], "others": [4]}],
    }
    assert [passage for passage, _ in passages(told, 0)] == ["p0", "p1", "p2", "p3", "p4"]
