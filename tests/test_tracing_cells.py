"""Terms as texts: each the engine's own, each leading back to its term, and as JSON the plain answer's."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.answers.results import term_as_json, write
from kg.engine.local import LocalEngine
from kg.errors import QueryLimit
from kg.mediatypes import BY_NAME
from kg.terms import XSD
from kg.tracing.answer import answer
from kg.tracing.following.cells import Rows, as_json_texts, cell_of, cells_of, read, term_of, values
from kg.tracing.origins import Origins
from tests.test_tracing import BUSY, DATA, PREFIX, store_of, way_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.sampled_from(["0", "-1", "12", "+7", "01", "1.50", ".5", "1.", "1e3", "1.5E0", "INF", "x"])
TYPES = st.sampled_from(["boolean", "integer", "decimal", "double", "string", "date", "gYear"])
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    st.booleans().map(ox.Literal),
    st.tuples(TEXTS, st.sampled_from(["en", "zh-hans"])).map(lambda two: ox.Literal(two[0], language=two[1])),
    TEXTS.map(lambda text: ox.Literal(text, language="en", direction=ox.BaseDirection.RTL)),
    st.tuples(NUMBERS, TYPES).map(lambda two: ox.Literal(two[0], datatype=ox.NamedNode(XSD + two[1]))),
)
NODES = st.one_of(st.just(ox.NamedNode("http://e/山?a=1#b")), st.just(ox.BlankNode("b1")))
SIMPLE = st.one_of(LITERALS, NODES)
TERMS = st.one_of(
    SIMPLE, SIMPLE.map(lambda term: ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), term))
)


def asked(store: ox.Store) -> Rows:
    from kg.engine.door import Order

    return cells_of(read(store.query("SELECT ?o ?none { ?s ?p ?o }"), Order("")))


@BUSY
@given(term=TERMS)
def test_a_cell_is_what_the_engine_writes_and_leads_back_to_its_term(term: ox.Literal) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://e/a"), ox.NamedNode("http://e/p"), term))
    (kept,) = (quad.object for quad in store)  # the store has its own way to write numbers
    ((cell, none),) = asked(store).keys(["o", "none"])
    assert cell == cell_of(kept)
    assert term_of(cell) == kept
    assert (none, term_of(none)) == ("", None)
    assert json.loads(as_json_texts()[cell]) == term_as_json(kept)


@BUSY
@given(term=LITERALS)
def test_a_cell_stands_in_values_for_its_term(term: ox.Literal) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://e/a"), ox.NamedNode("http://e/p"), term))
    ((cell, _),) = asked(store).keys(["o", "none"])
    query = f"SELECT ?s {{ {values(['o'], [(cell,)])} ?s ?p ?o }}"
    assert len(list(store.query(query))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x ?n { ?x :p ?y OPTIONAL { ?y :n ?n } } ORDER BY ?x",
        "SELECT ?x (COUNT(*) AS ?k) { ?x ?v ?y } GROUP BY ?x ?v ORDER BY DESC(?k) ?x LIMIT 3",
        "SELECT (COUNT(*) AS ?k) { ?x ?v ?y } GROUP BY ?x HAVING (COUNT(*) > 1) ORDER BY ?x",
        "SELECT * { :a :p :b }",
        "SELECT ?x { ?x :none ?y }",
        "ASK { ?x :p ?y }",
    ],
)
def test_the_json_is_the_plain_answers_to_the_byte(query: str) -> None:
    from kg.tracing.write import written

    store = store_of(DATA)
    plain = write(LocalEngine(store).query(PREFIX + query), BY_NAME["json"]).decode()
    told = written(answer(store, PREFIX + query, Origins(store), base_iri="http://e/"), "json").decode()
    start, end = told.index(',"sources":'), told.index(',"boolean":' if "ASK" in query else ',"results":')
    assert told[:start] + told[end:] == plain


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT (COUNT(*) AS ?k) { ?x ?v ?y } GROUP BY ?y HAVING (COUNT(*) > 1)", {"aqc", "bpc"}),
        ("SELECT ?x (COUNT(*) AS ?k) { ?x ?v ?y } GROUP BY ?x ORDER BY ?x LIMIT 1", {"apb", "aqc"}),
        ("SELECT DISTINCT ?x { ?x ?v ?y } ORDER BY DESC(?x) LIMIT 1", {"cn2", "cqa"}),
    ],
)
def test_what_no_shown_row_rests_on_is_not_told(query: str, expected: set[str]) -> None:
    store = store_of(DATA)
    found = answer(store, PREFIX + query, Origins(store), base_iri="http://e/")
    (row,) = found.rows
    assert row.statements == frozenset(range(len(found.statements)))
    assert {"".join(one) for one in way_of(found, row.statements)} == expected


def test_more_solutions_than_can_be_looked_at_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.tracing.following.cells._LARGEST", 100)
    with pytest.raises(QueryLimit, match="more than"):
        answer(store_of(DATA), PREFIX + "SELECT ?x ?y { ?x ?v ?y }", Origins(store_of(DATA)))
