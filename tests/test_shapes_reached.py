"""What shapes say of a node that no change reaches is what they said before."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kg.make import shacl
from tests.test_build_shacl import DATES, HEAD, MIXED, cases, data_graphs


def store_of(text: str) -> ox.Store:
    store = ox.Store()
    store.load(HEAD + text, ox.RdfFormat.TURTLE)
    return store


def shapes_of(text: str) -> list[shacl.Shape]:
    return shacl.read(store_of(text))


def verdicts(store: ox.Store, shapes: list[shacl.Shape]) -> dict[shacl.Term, bool]:
    """Return the nodes that shapes aim at, and whether each conforms."""
    data = shacl.Data(store)
    nodes = shacl.targets(data, shapes)
    wrong = set(shacl.unfit(shacl.Compiler(data), nodes))
    return {node: place not in wrong for place, (node, _) in enumerate(nodes)}


def reached(before: ox.Store, now: ox.Store, shapes: list[shacl.Shape]) -> frozenset[shacl.Term] | None:
    changed = {quad.triple for quad in set(before) ^ set(now)}
    return shacl.reached(shacl.Data(now), shapes, changed)


@settings(max_examples=500, deadline=None)
@given(cases, st.one_of(data_graphs(MIXED), data_graphs(DATES)), st.data())
def test_a_verdict_on_what_no_change_reaches_stands(case: tuple[str, str], more: str, data: st.DataObject):
    lines = case[0].splitlines(keepends=True)
    kept = [line for line in lines if not data.draw(st.sampled_from([False, False, True]))]
    added = data.draw(st.lists(st.sampled_from(more.splitlines(keepends=True)), max_size=3))
    before, now, shapes = store_of(case[0]), store_of("".join(kept + added)), shapes_of(case[1])
    found = reached(before, now, shapes)
    assume(found is not None)
    assert found is not None
    told = verdicts(before, shapes)
    for node, conforms in verdicts(now, shapes).items():
        assert node in found or told[node] is conforms


@settings(max_examples=300, deadline=None)
@given(cases)
def test_the_shapes_of_some_nodes_are_those_they_have_among_all(case: tuple[str, str]):
    store, shapes = store_of(case[0]), shapes_of(case[1])
    data = shacl.Data(store)
    nodes = {term for quad in store for term in (quad.subject, quad.object)}
    nodes |= {node for node, _ in shacl.targets(data, shapes)}
    assert dict(shacl.aimed(data, shapes, nodes)) == dict(shacl.targets(data, shapes))  # type: ignore[arg-type]


NESTED = """:S a sh:NodeShape ; sh:targetClass :Oak ; sh:property [ sh:path :p ; sh:class :Plant ;
    sh:node [ sh:property [ sh:path ( :q :r ) ; sh:minCount 1 ] ] ] ."""
TREES = ":a a :Oak ; :p :b . :b a :Moss ; :q :c . :c :r 1 . :Moss rdfs:subClassOf :Plant . :d a :Oak . "


@pytest.mark.parametrize(
    ("more", "nodes"),
    [
        ("", ""),
        (":b :r 1 .", ""),  # a property that nothing reads so deep
        (":a :q 1 .", ""),
        (":a :p :d .", "a"),
        (":b a :Tree .", "ab"),
        (":c :r 2 .", "a"),
        (":d :p 1 .", "d"),
        (":x a :Oak .", "x"),
        (":Oak rdfs:subClassOf :Tree .", None),
    ],
)
def test_a_change_reaches_what_reads_it(more: str, nodes: str | None):
    found = reached(store_of(TREES), store_of(TREES + more), shapes_of(NESTED))
    names = None if found is None else {node.value.rpartition("/")[2] for node in found}  # type: ignore[union-attr]
    assert names == (None if nodes is None else set(nodes))


def test_a_path_without_end_reaches_anything():
    path = "[ sh:zeroOrMorePath :p ]"
    shape = f":S a sh:NodeShape ; sh:targetClass :Oak ; sh:property [ sh:path {path} ; sh:maxCount 3 ] ."
    assert reached(store_of(TREES), store_of(TREES + ":d :q 1 ."), shapes_of(shape)) is None
