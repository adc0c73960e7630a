"""What rules and names add to a graph and to the merge."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.make.adding.lacking import states_what_lacks
from kg.make.loading.config import Config, read_config
from kg.make.loading.load import Loaded
from tests.conftest import ORCHARD

GRAPH = ox.NamedNode("https://example.org/graph/inferred/rule")
MERGE = ox.DefaultGraph()


@pytest.fixture(scope="module")
def config() -> Config:
    return read_config(ORCHARD / "data")[0]


def added(config: Config, known: str, lines: str) -> tuple[list[str], list[str], set[str]]:
    """Return what stands in the graph and in the merge afterwards, and which graphs there are."""
    loaded = Loaded(config, ox.Store())
    loaded.store.load(input=known, format=ox.RdfFormat.N_TRIPLES)
    loaded.add_bytes(GRAPH.value, lines.encode())
    there = [
        sorted(str(q.triple) for q in loaded.store.quads_for_pattern(None, None, None, g))
        for g in (GRAPH, MERGE)
    ]
    return there[0], there[1], {g.value for g in loaded.store.named_graphs()}


def test_a_graph_gets_what_the_merge_lacks(config: Config):
    known = "<http://a> <http://p> <http://b> .\n"
    here, merged, _ = added(config, known, known + '<http://a> <http://p> "c" .\n')
    assert here == ['<http://a> <http://p> "c"']
    assert merged == ['<http://a> <http://p> "c"', "<http://a> <http://p> <http://b>"]


def test_the_same_line_twice_is_one_statement(config: Config):
    here, merged, _ = added(config, "", '<http://a> <http://p> "c" .\n' * 2)
    assert here == merged == ['<http://a> <http://p> "c"']


def test_a_graph_is_there_though_the_merge_said_all_of_it(config: Config):
    known = "<http://a> <http://p> <http://b> .\n"
    assert added(config, known, known) == ([], ["<http://a> <http://p> <http://b>"], {GRAPH.value})
    assert added(config, known, "")[2] == set()


def test_a_blank_node_is_the_same_one_in_the_graph_and_in_the_merge(config: Config):
    here, merged, _ = added(config, "", "<http://a> <http://p> _:b .\n_:b <http://p> <http://c> .\n")
    assert here == merged
    assert len(here) == 2


def test_what_is_no_iri_is_refused(config: Config):
    with pytest.raises(SyntaxError):
        added(config, "", "<http://a> <http://p> <http://b c> .\n")


A, P = ox.NamedNode("http://a"), ox.NamedNode("http://p")


@pytest.mark.parametrize(
    "value", [ox.NamedNode("http://c"), ox.Literal('a\n"b"\\', language="en"), ox.BlankNode("b")]
)
@pytest.mark.parametrize("apart", [False, True])
def test_statements_are_added_as_lines_are(config: Config, value: ox.NamedNode, apart: bool):
    loaded = Loaded(config, ox.Store(), apart=frozenset([GRAPH.value] if apart else []))
    known, new = ox.Triple(A, P, ox.Literal("known")), ox.Triple(A, P, value)
    loaded.store.add(ox.Quad(*known))
    assert loaded.add(GRAPH.value, [known, new, new]) == 1
    assert {q.triple for q in loaded.store.quads_for_pattern(None, None, None, GRAPH)} == {new}
    merged = {q.triple for q in loaded.store.quads_for_pattern(None, None, None, MERGE)}
    assert merged == ({known} if apart else {known, new})


THINGS = "".join(f"<http://t/{n:03}> <http://p> <http://b> .\n" for n in range(300))
NAMES = "".join(f'<http://t/{n:03}> <http://name> "{n}"@en .\n' for n in range(300))
SOME = "<http://t/007> <http://p> <http://b> .\n<http://t/007> <http://p> <http://c> .\n"
NAMED = '<http://t/008> <http://name> "8"@en .\n<http://t/008> <http://name> "008"@en .\n'
ELSEWHERE = '<http://t/007> <http://q> <http://b> .\n<http://b> <http://p> "b" .\n'


@pytest.mark.parametrize("known", ["", ELSEWHERE, SOME, NAMED, SOME + NAMED, THINGS, THINGS + NAMES + SOME])
def test_of_many_statements_a_graph_gets_those_alone_that_the_merge_lacks(config: Config, known: str):
    lines = THINGS + NAMES + NAMED
    here, merged, _ = added(config, known, lines)
    written = [set(text.replace(" .\n", "\n").splitlines()) for text in (known, lines)]
    assert here == sorted(written[1] - written[0])
    assert merged == sorted(written[0] | written[1])


NAMES_A_THING = "PREFIX : <http://e/> CONSTRUCT { ?x :name ?n } WHERE { ?x :code ?n "


@pytest.mark.parametrize(
    "rule",
    [
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :name ?given } }",
        NAMES_A_THING + "filter not exists { ?x :name ?n } }",
        NAMES_A_THING + "FILTER NOT EXISTS { $x :name $n . } OPTIONAL { ?x :part ?y } }",
        NAMES_A_THING.replace(":name ?n }", "a ?n . }") + "FILTER NOT EXISTS { ?x a ?any } # FROM\n}",
    ],
)
def test_a_rule_may_say_that_it_states_what_the_merge_lacks(rule: str):
    assert states_what_lacks(rule)


@pytest.mark.parametrize(
    "rule",
    [
        NAMES_A_THING + "}",
        NAMES_A_THING + "FILTER EXISTS { ?x :name ?given } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :label ?given } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?n :name ?given } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :name ?given . ?given :is ?good } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :name ?given FILTER(LANG(?given) = 'en') } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :name ?given } OPTIONAL { ?x :part ?given } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :name 'x' } }",
        NAMES_A_THING + "FILTER NOT EXISTS { ?x :name/:of ?given } }",
        NAMES_A_THING + "FILTER NOT EXISTS { GRAPH ?g { ?x :name ?given } } }",
        NAMES_A_THING + "FILTER(true || NOT EXISTS { ?x :name ?given }) }",
        NAMES_A_THING + "OPTIONAL { ?x :part ?y FILTER NOT EXISTS { ?x :name ?given } } }",
        NAMES_A_THING + "{ FILTER NOT EXISTS { ?x :name ?given } } UNION { ?x :part ?y } }",
        NAMES_A_THING.replace("?n }", "?n ; :is ?n }") + "FILTER NOT EXISTS { ?x :name ?given } }",
        NAMES_A_THING.replace("WHERE", "FROM :g WHERE") + "FILTER NOT EXISTS { ?x :name ?given } }",
        "SELECT * WHERE { ?x :code ?n FILTER NOT EXISTS { ?x :code ?n } }",
        "no SPARQL, NOT EXISTS {",
    ],
)
def test_of_other_rules_it_is_looked_up(rule: str):
    assert not states_what_lacks(rule)
