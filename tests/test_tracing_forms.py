"""Further forms against brute force: of each row its sources are enough, and without them it isn't there."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from kg.tracing.answer import Sourced
from kg.tracing.planning.traced import TracedRow
from tests.test_tracing import (
    BUSY,
    GRAPHS,
    GROUPS,
    Told,
    known_to_fail,
    patterns,
    plain,
    rows_of,
    sourced,
    store_of,
    text_of,
    told_rows,
)

PLAIN = st.lists(patterns(), min_size=1, max_size=2).map(" ".join)
BOTH = st.one_of(PLAIN, st.tuples(PLAIN, PLAIN).map(lambda two: f"{{ {two[0]} }} UNION {{ {two[1]} }}"))


def quads_of(found: Sourced, way: Iterable[int]) -> set[Told]:
    """A way's statements, each in the graphs that it is told to stand in."""
    told: set[Told] = set()
    for number in way:
        statement = found.statements[number]
        s, p, o = (text_of(term) for term in statement.triple)
        told |= {(s, p, o, text_of(graph)) for graph in statement.graphs}
    return told


def answers(data: Iterable[Told], query: str) -> list[str]:
    """The rows or the triples of a plain answer, or whether it is yes, as texts."""
    found = plain(store_of(data), query)
    if found.kind == "select":
        return rows_of(found)
    return [str(one) for one in found.triples] if found.kind == "graph" else ["yes"] * bool(found.boolean)


def check(data: list[Told], query: str) -> None:
    """See that each way of each row is enough for it, and that without all of them it is gone."""
    if known_to_fail(query):
        return
    found = sourced(store_of(data), query)
    if found.reason is not None:
        assert "assigns a variable" in found.reason
        assert not found.rows
        return
    kind = found.result.kind
    if kind == "select":
        told = told_rows(found)
    else:
        told = [str(one) for one in found.result.triples] if kind == "graph" else ["yes"] * len(found.rows)
    assert sorted(told) == sorted(answers(data, query))
    ways: dict[str, list[TracedRow]] = {}
    for row, source in zip(told, found.rows, strict=True):
        assert source.lacking is None
        ways.setdefault(row, []).append(source)
        for way in source.ways:
            assert row in answers(quads_of(found, way), query)
    for row, sources in ways.items():
        behind = set().union(*(quads_of(found, source.statements) for source in sources))
        if behind:
            assert row not in answers([quad for quad in data if quad not in behind], query)


@BUSY
@given(data=GRAPHS, group=GROUPS)
def test_a_yes(data: list[Told], group: str) -> None:
    check(data, f"ASK {{ {group} }}")


@BUSY
@given(data=GRAPHS, group=GROUPS, template=st.sampled_from(["?x :to ?y", "?x :p ?x . ?y :of ?x"]))
def test_the_triples_of_a_construct(data: list[Told], group: str, template: str) -> None:
    check(data, f"CONSTRUCT {{ {template} }} {{ {group} }}")


@BUSY
@given(data=GRAPHS, group=BOTH, name=st.sampled_from(["?g", ":g1"]))
def test_a_graph(data: list[Told], group: str, name: str) -> None:
    check(data, f"SELECT ?g ?x ?y {{ GRAPH {name} {{ {group} }} }}")


@BUSY
@given(data=GRAPHS, group=BOTH)
def test_a_graph_beside_the_merge(data: list[Told], group: str) -> None:
    check(data, f"SELECT DISTINCT ?x ?y {{ {group} GRAPH ?g {{ ?x :p ?y }} }}")


@BUSY
@given(data=GRAPHS, group=GROUPS)
def test_the_graphs_of_from(data: list[Told], group: str) -> None:
    check(data, f"SELECT ?x ?y FROM :g1 {{ {group} }}")


@BUSY
@given(data=GRAPHS, group=GROUPS, least=st.sampled_from([1, 2]))
def test_a_group_that_having_keeps(data: list[Told], group: str, least: int) -> None:
    check(data, f"SELECT ?x (COUNT(*) AS ?k) {{ {group} }} GROUP BY ?x HAVING (COUNT(*) >= {least})")


@BUSY
@given(data=GRAPHS, group=BOTH)
def test_a_number_of_a_sub_query(data: list[Told], group: str) -> None:
    inner = f"{{ SELECT ?x (COUNT(*) AS ?k) {{ {group} }} GROUP BY ?x }}"
    check(data, f"SELECT ?x ?y ?k {{ ?x :p ?y {inner} }}")
