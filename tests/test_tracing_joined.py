"""An EXISTS that is joined into the traced query: against brute force, and which are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.tracing.planning.plan import plan
from tests.test_tracing import (
    BUSY,
    DATA,
    GRAPHS,
    PREFIX,
    Told,
    ask,
    brute_force,
    known_to_fail,
    least,
    patterns,
    plain,
    rows_of,
    sourced,
    store_of,
    told_rows,
    way_of,
    ways_of,
)

AROUND = ["?x :p ?y", "?x :q ?x", "?x ?y :a", "VALUES (?x ?y) { (:a :b) (:b :b) } ?x :p ?y"]
MORE = ["", "FILTER NOT EXISTS { ?z :p :c }", "FILTER(?x != :b)"]
INSIDE = st.lists(patterns(), min_size=1, max_size=2).map(" ".join)
BOTH = st.tuples(INSIDE, st.sampled_from(["?x :p ?y", "?y :q ?x", "?x :p|:q/:p ?y", "?x !:p ?y"])).map(
    " ".join
)


def joined(query: str) -> bool:
    """Whether a query's EXISTS is joined to it: none is left to ask by itself."""
    return not plan(PREFIX + query, "http://e/").parts.exists


@BUSY
@given(
    data=GRAPHS,
    around=st.sampled_from(AROUND),
    inside=st.one_of(INSIDE, BOTH),
    head=st.sampled_from(["?x", "?x ?z", "*"]),
    more=st.sampled_from(MORE[::2]),
)
def test_the_ways_of_a_row_with_an_exists_are_those_of_brute_force(
    data: list[Told], around: str, inside: str, head: str, more: str
) -> None:
    query = f"SELECT DISTINCT {head} {{ {around} FILTER EXISTS {{ {inside} }} {more} }}"
    if known_to_fail(query):
        return
    found = sourced(store_of(data), query)
    assert found.reason is None
    assert rows_of(found.result) == rows_of(plain(store_of(data), query))
    expected = brute_force(data, query)
    for row, source in zip(told_rows(found), found.rows, strict=True):
        assert least(ways_of(found, source)) == expected[row]


@BUSY
@given(
    data=GRAPHS,
    around=st.sampled_from(AROUND),
    inside=BOTH,
    key=st.sampled_from(["", "?x"]),
    more=st.sampled_from(MORE),
)
def test_a_number_behind_an_exists_is_that_of_its_sources_alone_and_another_without(
    data: list[Told], around: str, inside: str, key: str, more: str
) -> None:
    grouping = f"GROUP BY {key}" if key else ""
    query = f"SELECT {key} (COUNT(*) AS ?k) {{ {around} FILTER EXISTS {{ {inside} }} {more} }} {grouping}"
    assert joined(query)
    found = sourced(store_of(data), query)
    assert found.reason is None
    for row, source in zip(told_rows(found), found.rows, strict=True):
        way = way_of(found, source.statements)
        assert row in rows_of(plain(store_of(quad for quad in data if quad[:3] in way), query))
        if way:
            assert row not in rows_of(plain(store_of(quad for quad in data if quad[:3] not in way), query))


@pytest.mark.parametrize(
    ("query", "is_joined"),
    [
        ("SELECT DISTINCT ?x { ?x :n ?n FILTER EXISTS { ?y ?x ?n } }", True),
        ("ASK { ?x :n 1 FILTER EXISTS { ?x :p ?z } }", True),
        ("CONSTRUCT { ?x :is :a } { ?x :n 1 FILTER EXISTS { ?x :p ?z } }", True),
        ("SELECT ?x { { SELECT ?x { ?x :n 1 FILTER EXISTS { ?x :p ?z } } } }", True),
        # Its rows are counted: one that has two ways stays one row.
        ("SELECT ?x { ?x :n 1 FILTER EXISTS { ?x :p ?z } }", False),
        # What is bound beside it would be told again with each of its ways.
        ("SELECT DISTINCT ?x { ?x :n ?n FILTER EXISTS { ?x :p ?z } }", False),
        ("SELECT DISTINCT ?x { ?x :n [] FILTER EXISTS { ?x :p ?z } }", False),
        ("SELECT DISTINCT ?x { ?x :n/:p 1 FILTER EXISTS { ?x :p ?z } }", False),
        # What is not bound would be, by the join.
        ("SELECT DISTINCT * { ?x :n 1 OPTIONAL { ?x :q ?y } FILTER EXISTS { ?x :p ?y } }", False),
        ("SELECT DISTINCT * { VALUES (?x ?y) { (:a UNDEF) } FILTER EXISTS { ?x :p ?y } }", False),
        # Two at once would be multiplied.
        ("SELECT DISTINCT ?x { ?x :n 1 FILTER EXISTS { ?x :p ?z } FILTER EXISTS { ?x :q ?z } }", False),
        ("SELECT DISTINCT ?x { ?x :n 1 FILTER EXISTS { ?x :p ?z FILTER(?z != :a) } }", False),
        ("SELECT DISTINCT ?x { ?x :n 1 FILTER(EXISTS { ?x :p ?z } || ?x = :a) }", False),
    ],
)
def test_which_exists_is_joined(query: str, is_joined: bool) -> None:
    inner = plan(PREFIX + query, "http://e/").parts.inner
    found = not inner[0].plan.parts.exists if inner else joined(query)
    assert found == is_joined


def test_what_an_exists_calls_by_a_name_of_the_query_is_not_that() -> None:
    query = "SELECT DISTINCT ?y { { SELECT ?x { ?x :n 1 FILTER EXISTS { ?x :p ?y } } } ?y :n 2 }"
    assert ask(query, DATA) == {"c": {"bn1 bpc cn2"}}
    query = "SELECT DISTINCT ?y { ?y :n 2 { SELECT ?x { ?x :p :b FILTER EXISTS { ?x :q ?y . ?x :p ?z } } } }"
    assert ask(query, DATA) == {"c": {"apb aqc cn2"}}


def test_a_row_that_an_exists_leaves_once_is_told_once() -> None:
    data = [("a", "n", "1", "g1"), ("a", "p", "b", "g1"), ("a", "p", "c", "g1")]
    query = "SELECT {} ?x {{ ?x :n 1 FILTER EXISTS {{ ?x :p ?z }} }}"
    for head in ("", "DISTINCT"):
        assert ask(query.format(head), data) == {"a": {"an1 apb", "an1 apc"}}
