"""The Turtle writer: any reader gets the same triples back, and equal triples give equal bytes."""

from __future__ import annotations

import io
import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from kg.terms import RDF, WELL_KNOWN, XSD
from kg.writers.turtle import ordered, ordered_quads, used_prefixes, write_trig, write_turtle

BASE = "https://example.org/garden/"
PREFIXES = {**WELL_KNOWN, "o": BASE + "ontology/", "g": BASE + "graph/", "": "http://empty.example/"}


def _iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


segment = st.text("ab09_-.~%:@éß中𠀀()'*!$&,;=+", min_size=0, max_size=6)
iris = st.one_of(
    st.lists(segment, max_size=4).map(lambda parts: BASE + "/".join(parts)),
    st.builds(lambda ns, local: ns + local, st.sampled_from(sorted(PREFIXES.values())), segment),
    st.sampled_from(
        ["urn:x:y", "mailto:a@b.example", RDF + "type", BASE, BASE + "a/../b", BASE + "./c", BASE + "/d"]
    ),
).filter(_iri)
nodes = iris.map(ox.NamedNode)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
literals = st.one_of(
    words.map(ox.Literal),
    st.builds(
        lambda value, language: ox.Literal(value, language=language),
        words,
        st.sampled_from(["en", "zh-hans", "zh-latn-pinyin"]),
    ),
    st.builds(
        lambda value, datatype: ox.Literal(value, datatype=ox.NamedNode(datatype)),
        st.sampled_from(
            [
                "1",
                "01",
                "-7",
                "+3",
                "1.50",
                ".5",
                "5.",
                "true",
                "1",
                "",
                "6.0E3",
                "NaN",
                "2025-12-31",
                "a\n\"'\\",
            ]
        ),
        st.sampled_from(
            [XSD + name for name in ("integer", "decimal", "boolean", "double", "date", "string")] + ["urn:d"]
        ),
    ),
)
triples = st.lists(st.builds(ox.Triple, nodes, nodes, st.one_of(nodes, literals)), max_size=12)


quads = st.lists(
    st.builds(
        ox.Quad, nodes, nodes, st.one_of(nodes, literals), st.one_of(nodes, st.just(ox.DefaultGraph()))
    ),
    max_size=12,
)


def turtle(items: list[ox.Triple], **options: str) -> bytes:
    out = io.BytesIO()
    write_turtle(ordered(items), out, prefixes=PREFIXES, base=BASE, **options)
    return out.getvalue()


@given(triples)
@settings(max_examples=300, deadline=None)
def test_pyoxigraph_reads_the_same_triples(items: list[ox.Triple]) -> None:
    back = [quad.triple for quad in ox.parse(turtle(items), format=ox.RdfFormat.TURTLE)]
    assert set(back) == set(items)
    assert len(back) == len(set(items)), "a triple was written twice"


@given(triples)
@settings(max_examples=150, deadline=None)
def test_rdflib_reads_the_same_triples(items: list[ox.Triple]) -> None:
    lines = "".join(f"{item} .\n" for item in items)
    assert isomorphic(
        Graph().parse(data=turtle(items), format="turtle"), Graph().parse(data=lines, format="nt")
    )


@given(triples, st.randoms())
@settings(max_examples=50, deadline=None)
def test_equal_triples_give_equal_bytes(items: list[ox.Triple], chance: random.Random) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert turtle(shuffled) == turtle(items)


@given(quads)
@settings(max_examples=100, deadline=None)
def test_trig_keeps_each_statement_in_its_graph(items: list[ox.Quad]) -> None:
    out = io.BytesIO()
    write_trig(ordered_quads(items), out, prefixes=PREFIXES, base=BASE)
    assert set(ox.parse(out.getvalue(), format=ox.RdfFormat.TRIG)) == set(items)
    named = {quad.graph_name.value for quad in items if isinstance(quad.graph_name, ox.NamedNode)}
    read = Dataset()
    read.parse(data=out.getvalue(), format="trig")
    assert {str(graph.identifier) for graph in read.graphs() if len(graph)} - {
        "urn:x-rdflib:default"
    } == named


def test_it_reads_as_one_would_write_it() -> None:
    node = ox.NamedNode
    tree = node(BASE + "id/tree/old-oak")
    items = [
        ox.Triple(tree, node(BASE + "ontology/hasHeight"), ox.Literal("5.5", datatype=node(XSD + "decimal"))),
        ox.Triple(tree, node(WELL_KNOWN["rdfs"] + "label"), ox.Literal("old oak", language="en")),
        ox.Triple(tree, node(WELL_KNOWN["rdfs"] + "label"), ox.Literal("老橡树", language="zh-hans")),
        ox.Triple(tree, node(RDF + "type"), node(BASE + "ontology/Tree")),
        ox.Triple(
            tree, node(BASE + "ontology/plantedOn"), ox.Literal("1900-01-01", datatype=node(XSD + "date"))
        ),
    ]
    out = io.BytesIO()
    used = used_prefixes(items, PREFIXES)
    count = write_turtle(ordered(items), out, prefixes=used, base=BASE, header="Garden\n\nof trees")
    assert count == 5
    assert out.getvalue().decode() == (
        "# Garden\n#\n# of trees\n"
        "@base <https://example.org/garden/> .\n"
        "@prefix o: <https://example.org/garden/ontology/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        "\n"
        "<id/tree/old-oak> a o:Tree ;\n"
        '    rdfs:label "old oak"@en ,\n'
        '        "老橡树"@zh-hans ;\n'
        "    o:hasHeight 5.5 ;\n"
        '    o:plantedOn "1900-01-01"^^xsd:date .\n'
    )


@pytest.mark.parametrize("depth", [1, 2])
def test_triple_terms_of_rdf_12_survive(depth: int) -> None:
    node = ox.NamedNode(BASE + "ontology/says")
    item = ox.Triple(node, node, ox.Literal("x", language="en"))
    for _ in range(depth):
        item = ox.Triple(node, node, item)
    (back,) = ox.parse(turtle([item]), format=ox.RdfFormat.TURTLE)
    assert back.triple == item


def test_a_changed_value_changes_one_line() -> None:
    node = ox.NamedNode
    names = [ox.Literal(f"name {number}", language="en") for number in range(50)]
    items = [
        ox.Triple(node(BASE + f"id/{n % 5}"), node(WELL_KNOWN["rdfs"] + "label"), name)
        for n, name in enumerate(names)
    ]
    changed = [
        *items[:-1],
        ox.Triple(items[-1].subject, items[-1].predicate, ox.Literal("name 49 now", language="en")),
    ]
    before, after = (set(turtle(each).decode().splitlines()) for each in (items, changed))
    assert len(before - after) == len(after - before) == 1


def test_memory_stays_while_the_input_grows() -> None:
    import tracemalloc

    class Nowhere:
        def write(self, data: bytes) -> None:
            self.last = data

    few, many = 50_000, 200_000
    peaks = []
    verb = ox.NamedNode(BASE + "ontology/p")
    # What is made while memory is traced costs six times as much, so the input is there before: a writer that
    # kept no more of it than a place in a list would still be seen.
    triples = [
        ox.Triple(ox.NamedNode(f"{BASE}id/{number // 4:09}"), verb, ox.Literal(number))
        for number in range(many)
    ]

    def stream():  # type: ignore[no-untyped-def]
        for number, triple in enumerate(triples):
            if number == few:
                peaks.append(tracemalloc.get_traced_memory()[1])
            yield triple

    # One run tells of both, what it took until then and at the end.
    tracemalloc.start()
    assert write_turtle(stream(), Nowhere(), prefixes=PREFIXES, base=BASE) == many
    peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2 < 20_000_000


@pytest.mark.parametrize("value", ["*/", "]]>", "\\u0041", '"""', "'", "\r\n", "\u2028", "\ufeff", "\x7f"])
def test_odd_text_survives(value: str) -> None:
    item = ox.Triple(ox.NamedNode(BASE), ox.NamedNode(BASE + "ontology/p"), ox.Literal(value, language="en"))
    (back,) = ox.parse(turtle([item]), format=ox.RdfFormat.TURTLE)
    assert back.object == item.object
