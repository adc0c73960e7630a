"""The sources of answers: against brute force on small graphs, for each operator and for queries at large."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, combinations

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.engine import Result
from kg.engine.local import LocalEngine
from kg.errors import QueryError, QueryRefused
from kg.tracing.answer import Sourced, answer
from kg.tracing.origins import Origins
from kg.tracing.planning.traced import TracedRow
from kg.tracing.write import leads, written

PREFIX = "PREFIX : <http://e/>\n"
Told = tuple[str, str, str, str]
"""A quad as local names; an object may be a number."""

DATA: tuple[Told, ...] = (
    ("a", "p", "b", "g1"),
    ("a", "p", "b", "g2"),
    ("b", "p", "c", "g1"),
    ("a", "q", "c", "g1"),
    ("c", "q", "a", "g2"),
    ("b", "n", "1", "g1"),
    ("c", "n", "2", "g2"),
)


def node(name: str) -> ox.NamedNode | ox.Literal:
    return ox.Literal(int(name)) if name.isdigit() else ox.NamedNode(f"http://e/{name}")


def store_of(quads: Iterable[Told]) -> ox.Store:
    """A store laid out as a release's: named graphs, and their merge as the default graph."""
    store = ox.Store()
    for s, p, o, g in quads:
        triple = (node(s), node(p), node(o))
        store.add(ox.Quad(*triple, node(g)))  # type: ignore[arg-type]
        store.add(ox.Quad(*triple))  # type: ignore[arg-type]
    return store


def sourced(store: ox.Store, query: str, **more: int) -> Sourced:
    return answer(store, PREFIX + query, Origins(store), base_iri="http://e/", **more)


def plain(store: ox.Store, query: str) -> Result:
    return LocalEngine(store).query(PREFIX + query)


def rows_of(result: Result) -> list[str]:
    order = sorted(range(len(result.variables)), key=lambda at: result.variables[at])
    return sorted(str([str(row[at]) for at in order]) for row in result.rows)


def text_of(term: object) -> str:
    return str(getattr(term, "value", term)).removeprefix("http://e/")


def way_of(found: Sourced, way: Iterable[int]) -> frozenset[tuple[str, str, str]]:
    triples = (found.statements[number].triple for number in way)
    return frozenset((text_of(t.subject), text_of(t.predicate), text_of(t.object)) for t in triples)


def ways_of(found: Sourced, row: TracedRow) -> set[frozenset[tuple[str, str, str]]]:
    return {way_of(found, way) for way in row.ways}


def ask(query: str, data: Sequence[Told] = DATA) -> dict[str, set[str]]:
    """The ways of each row, as texts, by the row's values."""
    found = sourced(store_of(data), query)
    told = {}
    for row, source in zip(found.result.rows, found.rows, strict=True):
        assert source.lacking is None
        ways = {" ".join(sorted("".join(one) for one in way)) for way in ways_of(found, source)}
        told.setdefault(" ".join(text_of(term) if term else "-" for term in row), set()).update(ways)
    return told


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?x { ?x :p ?y . ?y :p ?z }", {"a": {"apb bpc"}}),
        ("SELECT ?x { { ?x :p :b } UNION { ?x :q ?y } }", {"a": {"apb", "aqc"}, "c": {"cqa"}}),
        ("SELECT DISTINCT ?x { { ?x :p :b } UNION { ?x :q ?y } }", {"a": {"apb", "aqc"}, "c": {"cqa"}}),
        ("SELECT ?x ?n { ?x :p ?y OPTIONAL { ?y :n ?n } }", {"a 1": {"apb bn1"}, "b 2": {"bpc cn2"}}),
        ("SELECT ?x ?n { ?x :q ?y OPTIONAL { ?y :n ?n } }", {"a 2": {"aqc cn2"}, "c -": {"cqa"}}),
        ("SELECT ?x { ?x :p ?y MINUS { ?x :q ?z } }", {"b": {"bpc"}}),
        ("SELECT ?x { ?x :p ?y FILTER NOT EXISTS { ?x :q ?z } }", {"b": {"bpc"}}),
        ("SELECT ?x { ?x :p ?y FILTER EXISTS { ?x :q ?z } }", {"a": {"apb aqc"}}),
        ("SELECT (COUNT(*) AS ?k) { ?x :p ?y }", {"2": {"apb bpc"}}),
        ("SELECT ?p (COUNT(?x) AS ?k) { ?x ?p :c } GROUP BY ?p", {"p 1": {"bpc"}, "q 1": {"aqc"}}),
        ("SELECT (SUM(?n) AS ?k) { ?x :n ?n } GROUP BY (1 AS ?one)", {"3": {"bn1 cn2"}}),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING (COUNT(*) > 1)", {}),
        ("SELECT (COUNT(*) AS ?k) { ?x :none ?y }", {"0": {""}}),
        ("SELECT (COUNT(*) AS ?k) { ?x :p ?y } HAVING (COUNT(*) > 2)", {}),
        ("SELECT (COUNT(*) AS ?k) { ?x :p ?y } HAVING (COUNT(*) > 1)", {"2": {"apb bpc"}}),
        ("SELECT ?x { :a :p+ ?x }", {"b": {"apb"}, "c": {"apb bpc"}}),
        ("SELECT ?x { :a :p* ?x }", {"a": {""}, "b": {"apb"}, "c": {"apb bpc"}}),
        ("SELECT ?x { ?x :p/:p :c }", {"a": {"apb bpc"}}),
        ("SELECT ?x { ?x :p|:q :c }", {"a": {"aqc"}, "b": {"bpc"}}),
        ("SELECT ?x { ?x ^:q :a }", {"c": {"aqc"}}),
        ("SELECT ?x { :a !:p ?x }", {"c": {"aqc"}}),
        ("SELECT ?x { :a (:p/:n)|(:q/:n) ?x }", {"1": {"apb bn1"}, "2": {"aqc cn2"}}),
        ("SELECT ?x { VALUES ?x { :b :d } ?x :n ?n }", {"b": {"bn1"}}),
        ("SELECT ?m { ?x :n ?n BIND(?n + 1 AS ?m) }", {"2": {"bn1"}, "3": {"cn2"}}),
        ("SELECT (?n * 2 AS ?m) { ?x :n ?n }", {"2": {"bn1"}, "4": {"cn2"}}),
        (
            "SELECT ?x ?k { ?x :p ?y { SELECT ?x (COUNT(*) AS ?k) { ?x ?any ?z } GROUP BY ?x } }",
            {"a 2": {"apb aqc"}, "b 2": {"bn1 bpc"}},
        ),
        ("SELECT ?x { { SELECT DISTINCT ?x { ?x ?any :c } } ?x :n ?n }", {"b": {"bn1 bpc"}}),
        ("SELECT ?x { [] :p ?x }", {"b": {"apb"}, "c": {"bpc"}}),
        ("SELECT ?x { ?x :p [ :n 1 ] }", {"a": {"apb bn1"}}),
        ("SELECT ?x (EXISTS { ?x :q ?y } AS ?e) { ?x :p ?z }", {"a true": {"apb aqc"}, "b false": {"bpc"}}),
        ("SELECT ?x { ?x :n ?n FILTER(?n > 1 || EXISTS { ?x :p ?y }) }", {"b": {"bn1 bpc"}, "c": {"cn2"}}),
        ("SELECT * { ?x :p ?y } ORDER BY ?x LIMIT 1", {"a b": {"apb"}}),
        ("SELECT ?x { ?x :p ?y } ORDER BY DESC(?x) LIMIT 1", {"b": {"bpc"}}),
        ("SELECT ?n ?x { ?x :n ?n } VALUES ?n { 2 }", {"2 c": {"cn2"}}),
        (
            "SELECT ?x { ?x :p ?y OPTIONAL { ?y :n ?n FILTER EXISTS { ?x :q ?z } } }",
            {"a": {"apb aqc bn1"}, "b": {"bpc"}},
        ),
    ],
)  # fmt: skip
def test_an_operator_tells_its_statements(query: str, expected: dict[str, set[str]]) -> None:
    assert ask(query) == expected


def test_a_statement_is_told_with_each_graph_that_holds_it() -> None:
    found = sourced(store_of(DATA), "SELECT ?x { ?x :p :b }")
    assert [text_of(one) for one in found.statements[0].graphs] == ["g1", "g2"]


def test_in_graph_a_statement_is_that_graphs() -> None:
    found = sourced(store_of(DATA), "SELECT ?g { GRAPH ?g { ?x :p :b } }")
    graphs = [[text_of(graph) for graph in found.graphs(row)] for row in found.rows]
    assert [text_of(row[0]) for row in found.result.rows] == [graph for (graph,) in graphs]
    assert sorted(graphs) == [["g1"], ["g2"]]


def test_what_must_be_absent_is_named_and_no_source() -> None:
    found = sourced(
        store_of(DATA), "SELECT ?x { ?x :p ?y MINUS { ?x :q ?z } FILTER NOT EXISTS { ?x :r ?z } }"
    )
    assert found.rows[0].absent == ("{ ?x :q ?z }", "{ ?x :r ?z }")
    assert ways_of(found, found.rows[0]) == {frozenset({("b", "p", "c")})}


def test_a_true_answer_has_all_its_ways_and_a_false_one_none() -> None:
    found = sourced(store_of(DATA), "ASK { ?x :p ?y }")
    assert found.result.boolean is True
    assert ways_of(found, found.rows[0]) == {frozenset({("a", "p", "b")}), frozenset({("b", "p", "c")})}
    assert not sourced(store_of(DATA), "ASK { ?x :none ?y }").rows


def test_a_constructed_triple_has_its_ways() -> None:
    found = sourced(store_of(DATA), "CONSTRUCT { ?x :to ?z . ?x :lone ?none } { ?x :p/:p|:q ?z }")
    told = {
        text_of(t.subject) + text_of(t.object): ways_of(found, row)
        for t, row in zip(found.result.triples, found.rows, strict=True)
    }
    assert told == {
        "ac": {frozenset({("a", "p", "b"), ("b", "p", "c")}), frozenset({("a", "q", "c")})},
        "ca": {frozenset({("c", "q", "a")})},
    }
    turtle = ox.parse(written(found, "nt"), format=ox.RdfFormat.N_TRIPLES)
    reified = [quad for quad in turtle if quad.predicate.value.endswith("#reifies")]
    assert len(reified) == 3
    assert {str(quad.object) for quad in reified} == {str(triple) for triple in found.result.triples}


def test_from_asks_its_graphs_alone() -> None:
    found = sourced(store_of(DATA), "SELECT ?x FROM :g2 { ?x :p :b }")
    assert [text_of(graph) for graph in found.graphs(found.rows[0])] == ["g2"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("DESCRIBE :a", "DESCRIBE"),
        ("CONSTRUCT { ?x :has [ :of ?y ] } { ?x :p ?y }", "new each time"),
        ("SELECT (RAND() AS ?r) { ?x :p ?y }", "new each time"),
        ("SELECT ?x { GRAPH ?g { SELECT ?x { ?x :p ?y } } }", "sub-query"),
        ("SELECT ?x { ?x :p ?y LATERAL { ?y :n ?n } }", "LATERAL"),
        ("SELECT ?x { << ?x :p ?y >> :q ?z }", "reifiers"),
    ],
)
def test_what_is_not_covered_is_refused_with_the_reason(query: str, word: str) -> None:
    with pytest.raises(QueryRefused, match=word):
        sourced(store_of(DATA), query)


def test_more_statements_than_are_told_are_bounded_and_said() -> None:
    data = [("a", "p", f"x{number}", "g1") for number in range(30)]
    found = sourced(store_of(data), "SELECT ?x { :a :p ?x }", most=20)
    assert found.state == "partial"
    assert len(found.statements) == 20
    assert sum(row.lacking is None for row in found.rows) == 20
    assert sourced(store_of(data), "SELECT (COUNT(*) AS ?n) { :a :p ?x }", most=20).rows[0].lacking


KG, PROV = "https://w3id.org/linli/kg#", "http://www.w3.org/ns/prov#"


def about(store: ox.Store, subject: str, predicate: str, value: str | ox.Literal) -> None:
    """Say something in the default graph, as a release's merge has what is said of graphs."""
    term = ox.NamedNode(value) if isinstance(value, str) else value
    store.add(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term))


def test_a_repost_counts_once_and_what_disagrees_is_named() -> None:
    store = store_of([("a", "p", "b", graph) for graph in ("g1", "g2", "g3")])
    for number, text in (("1", "same"), ("2", "same"), ("3", "other")):
        about(store, f"http://e/g{number}", PROV + "wasDerivedFrom", f"http://e/d{number}/p1")
        about(store, f"http://e/d{number}/p1", "http://e/partOf", f"http://e/d{number}")
        about(store, f"http://e/d{number}/p1", KG + "textDigest", ox.Literal(text))
    about(store, "http://e/c", KG + "disagreesWith", "http://e/b")
    found = answer(store, PREFIX + "SELECT ?x { ?x :p :b }", Origins(store, ["http://e/partOf"]))
    (row,) = found.rows
    assert found.documents(row) == ("http://e/d1", "http://e/d2", "http://e/d3")
    assert found.weight(row).independent == 2
    assert found.contradicted(row) == (("http://e/b", "http://e/c"),)


def test_the_weakest_statement_of_the_best_way_gives_the_weight() -> None:
    store = store_of([("a", "p", "b", "g1"), ("a", "p", "b", "g2"), ("a", "q", "b", "g2")])
    for number in "12":
        about(store, f"http://e/g{number}", PROV + "wasDerivedFrom", f"http://e/d{number}")
    about(store, "http://e/g2", KG + "confidence", KG + "Low")
    joined = answer(store, PREFIX + "SELECT ?x { ?x :p ?y ; :q ?y }", Origins(store))
    assert (joined.weight(joined.rows[0]).independent, joined.weight(joined.rows[0]).confidence) == (
        1,
        KG + "Low",
    )
    either = answer(store, PREFIX + "SELECT DISTINCT ?x { ?x :p|:q ?y }", Origins(store))
    assert (either.weight(either.rows[0]).independent, either.weight(either.rows[0]).confidence) == (2, None)


def test_a_graph_of_which_nothing_is_said_is_told_itself() -> None:
    found = sourced(store_of(DATA), "SELECT ?x { ?x :p :c }")
    (row,) = found.rows
    assert (found.passages(row), found.documents(row)) == ((), ())
    assert leads(found, row) == ["http://e/g1"]
    assert found.weight(row).independent == 0


# Against brute force: a row's ways are the sets of statements that each by itself give it.

NAMES = st.sampled_from("abc")
VARIABLES = st.sampled_from(["?x", "?y", "?z"])
PROPERTIES = st.sampled_from([":p", ":q"])
END = st.one_of(VARIABLES, NAMES.map(lambda name: f":{name}"))
QUADS = st.tuples(NAMES, st.sampled_from("pq"), NAMES, st.sampled_from(["g1", "g2"]))


@st.composite
def patterns(draw: st.DrawFn) -> str:
    verb = draw(
        st.one_of(
            PROPERTIES,
            PROPERTIES,
            st.just("?v"),
            st.tuples(PROPERTIES, st.sampled_from("/|"), PROPERTIES).map("".join),
            PROPERTIES.map(lambda name: f"^{name}"),
            PROPERTIES.map(lambda name: f"!{name}"),
        )
    )
    return f"{draw(END)} {verb} {draw(END)} ."


GROUPS = st.recursive(
    st.lists(patterns(), min_size=1, max_size=2).map(" ".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"{{ {two[0]} }} UNION {{ {two[1]} }}"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} {{ {two[1]} }}"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} FILTER EXISTS {{ {two[1]} }}"),
        inner.map(lambda one: f"{one} FILTER(?x != :a)"),
        inner.map(lambda one: f"{{ SELECT DISTINCT ?x {{ {one} }} }}"),
        inner.map(lambda one: f"{one} BIND(STR(?y) AS ?{'t'})"),
        inner.map(lambda one: f"{one} VALUES ?x {{ :a :b }}"),
    ),
    max_leaves=3,
)
NEGATIVE = st.one_of(
    st.tuples(GROUPS, patterns()).map(lambda two: f"{two[0]} OPTIONAL {{ {two[1]} }}"),
    st.tuples(GROUPS, patterns()).map(lambda two: f"{two[0]} MINUS {{ {two[1]} }}"),
    st.tuples(GROUPS, patterns()).map(lambda two: f"{two[0]} FILTER NOT EXISTS {{ {two[1]} }}"),
)
GRAPHS = st.lists(QUADS, min_size=1, max_size=6, unique=True)
BUSY = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def subsets(triples: Sequence[tuple[str, str, str]]) -> Iterable[frozenset[tuple[str, str, str]]]:
    return map(frozenset, chain.from_iterable(combinations(triples, n) for n in range(len(triples) + 1)))


def least(ways: Iterable[frozenset[tuple[str, str, str]]]) -> set[frozenset[tuple[str, str, str]]]:
    found = set(ways)
    return {way for way in found if not any(other < way for other in found)}


def brute_force(data: Sequence[Told], query: str) -> dict[str, set[frozenset[tuple[str, str, str]]]]:
    """The least sets of statements that give each row, found by asking each part of the data."""
    triples = sorted({quad[:3] for quad in data})
    found: dict[str, set[frozenset[tuple[str, str, str]]]] = {}
    for part in subsets(triples):
        for row in set(rows_of(plain(store_of(quad for quad in data if quad[:3] in part), query))):
            found.setdefault(row, set()).add(part)
    return {row: least(ways) for row, ways in found.items()}


def told_rows(found: Sourced) -> list[str]:
    order = sorted(range(len(found.result.variables)), key=lambda at: found.result.variables[at])
    return [str([str(row[at]) for at in order]) for row in found.result.rows]


@cache
def known_to_fail(query: str) -> bool:
    """Whether the plain query is refused or no SPARQL: BIND of a variable that is in use, for instance."""
    try:
        plain(store_of(()), query)
    except QueryError:
        return True
    return False


def untraced(found: Sourced, query: str) -> bool:
    """Whether a query has the one form of these that isn't traced, and the plain answer alone was given."""
    if found.reason is None:
        return False
    assert "assigns a variable" in found.reason
    assert re.search(r"EXISTS \{.*BIND", query)
    return True


@BUSY
@given(data=GRAPHS, group=GROUPS, distinct=st.booleans())
def test_the_ways_of_a_row_are_those_of_brute_force(data: list[Told], group: str, distinct: bool) -> None:
    query = f"SELECT {'DISTINCT' if distinct else ''} ?x ?y {{ {group} }}"
    if known_to_fail(query):
        return
    found = sourced(store_of(data), query)
    assert rows_of(found.result) == rows_of(plain(store_of(data), query))
    if untraced(found, query):
        return
    expected = brute_force(data, query)
    told: dict[str, set[frozenset[tuple[str, str, str]]]] = {}
    for row, source in zip(told_rows(found), found.rows, strict=True):
        assert source.lacking is None
        assert not source.others
        told.setdefault(row, set()).update(ways_of(found, source))
    assert {row: least(ways) for row, ways in told.items()} == {row: expected[row] for row in told}


@BUSY
@given(data=GRAPHS, group=NEGATIVE)
def test_with_a_rows_sources_alone_it_is_there(data: list[Told], group: str) -> None:
    query = f"SELECT ?x ?y {{ {group} }}"
    if known_to_fail(query):
        return
    found = sourced(store_of(data), query)
    assert rows_of(found.result) == rows_of(plain(store_of(data), query))
    if untraced(found, query):
        return
    for row, source in zip(told_rows(found), found.rows, strict=True):
        for way in ways_of(found, source):
            assert row in rows_of(plain(store_of(quad for quad in data if quad[:3] in way), query))


@BUSY
@example(
    data=[("a", "p", "a", "g1")],
    group="?x ?v ?x BIND(STR(?y) AS ?t) FILTER EXISTS { ?x ?v ?x BIND(STR(?y) AS ?t) }",
    key="",
)
@given(data=GRAPHS, group=GROUPS, key=st.sampled_from(["", "?x", "?y"]))
def test_a_number_is_the_same_of_its_sources_alone_and_another_without(
    data: list[Told], group: str, key: str
) -> None:
    query = f"SELECT {key} (COUNT(*) AS ?k) {{ {group} }} {'GROUP BY ' + key if key else ''}"
    if known_to_fail(query):
        return
    store = store_of(data)
    found = sourced(store, query)
    assert rows_of(found.result) == rows_of(plain(store, query))
    if untraced(found, query):
        return
    for row, source in zip(told_rows(found), found.rows, strict=True):
        way = way_of(found, source.statements)
        assert row in rows_of(plain(store_of(quad for quad in data if quad[:3] in way), query))
        if way:
            assert row not in rows_of(plain(store_of(quad for quad in data if quad[:3] not in way), query))


REPEATED = st.tuples(
    END, st.sampled_from([":p+", ":p*", "(:p|:q)+", "(:p/:q)+", "^:p+", ":p?", ":p/:q*", "(!:p)+"]), END
).map(" ".join)


@BUSY
@given(data=GRAPHS, pattern=REPEATED)
def test_a_paths_way_is_enough_and_none_is_shorter(data: list[Told], pattern: str) -> None:
    query = f"SELECT DISTINCT ?x ?y {{ {pattern} }}"
    found = sourced(store_of(data), query)
    assert found.reason is None
    for row, source in zip(told_rows(found), found.rows, strict=True):
        for way in filter(None, ways_of(found, source)):  # a way of length zero needs no statement
            assert row in rows_of(plain(store_of(quad for quad in data if quad[:3] in way), query))
        if frozenset() in ways_of(found, source):
            continue
        shortest = min(map(len, brute_force(data, query)[row]))
        assert min(map(len, ways_of(found, source))) == shortest
