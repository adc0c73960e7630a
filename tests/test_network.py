"""Networks: which relations a class has, the links of one, their drawing, and files for other programs."""

from __future__ import annotations

import math
import time
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.explore import Explorer, Ref, Text
from kg.explore.layout import LINKED, WIDTH, laid_out
from kg.explore.network import DRAWN, Way
from kg.export.network import Graph, Thing, gexf, graphml
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app

B = "https://example.org/orchard/"
O = B + "ontology/"  # noqa: E741 # as the orchard's own prefix
TREE, ORCHARD = O + "Tree", O + "Orchard"
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
VARIETIES = {"class": TREE, "relation": O + "isOfVariety", "end": O + "Variety"}


@pytest.fixture(scope="module")
def explorer(small_release: Release) -> Explorer:
    return Explorer(LocalEngine.open(small_release.store), small_release)


@pytest.fixture(scope="module")
def client(small_release: Release):
    return create_app(LocalEngine.open(small_release.store), Settings(), small_release).test_client()


def offers(explorer: Explorer, cls: str) -> dict[Way, int]:
    return {one.way: one.count for one in explorer.networks.offers(cls, explorer.reader("en"))}


def test_relations_are_counted_by_what_they_lead_to(explorer: Explorer):
    found = offers(explorer, TREE)
    assert found[Way(O + "isOfVariety", O + "Variety")] == 24
    assert found[Way(O + "standsIn", O + "Plot")] == 24
    assert all(way.relation.startswith(O) for way in found), "no rdf:type, nothing without a name"


def test_what_only_joins_two_is_passed_through(explorer: Explorer):
    through = [way for way in offers(explorer, ORCHARD) if way.via == O + "hasFigure"]
    assert through, "a figure is no thing: what it leads to is"
    assert not [way for way in offers(explorer, ORCHARD) if way.end == O + "Figure"]


def test_the_links_of_a_relation_by_facet(explorer: Explorer):
    reader = explorer.reader("en")
    (offer,) = [one for one in explorer.networks.offers(TREE, reader) if one.way.end == O + "Variety"]
    every = explorer.networks.network(TREE, offer, {}, reader)
    assert len(every.edges) == 24
    assert every.whole
    rows = explorer.engine.query(every.sparql).rows
    assert {(e.source.iri, e.target.iri) for e in every.edges} == {(a.value, b.value) for a, b in rows}


@LANGUAGES
def test_the_page_works_as_it_is(client, language: str):
    page = client.get("/network", query_string={**VARIETIES, "lang": language})
    assert page.status_code == 200
    assert page.text.count("<circle") >= 26
    assert page.text.count("<tr><td>") == 24, "each link stands in the table"
    assert len(page.data) < 150_000
    assert client.get(f"/network?lang={language}").status_code == 200


def test_a_facet_narrows_the_network(client):
    plot = B + "id/plot/long-ridge-north"
    page = client.get("/network", query_string={**VARIETIES, O + "standsIn": plot})
    found = page.text.count("<tr><td>")
    assert 0 < found < 24
    assert "chosen" in page.text
    file = client.get("/network.graphml", query_string={**VARIETIES, O + "standsIn": plot})
    assert file.text.count("<edge ") == found


@pytest.mark.parametrize(
    "query",
    [
        "class=nothing",
        f"class={TREE}&relation=x",
        f"class={TREE}&relation={O}isOfVariety&end={O}Plot",
        f"class={TREE}&relation=%3E%7D&end=%22&via=%0A",
    ],
)
def test_what_is_no_relation_is_not_found(client, query: str):
    for path in ("/network", "/network.gexf", "/network.svg"):
        assert client.get(f"{path}?{query}").status_code == 404


def test_no_other_format(client):
    assert client.get("/network.exe").status_code == 404


def test_a_class_without_links_says_so(client):
    assert client.get("/network", query_string={"class": O + "Page", "lang": "en"}).status_code == 200


def test_the_files_are_what_other_programs_read(client):
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = ET.fromstring(client.get("/network.graphml", query_string=VARIETIES).data)  # noqa: S314 # our own
    ids = {node.get("id") for node in root.iter(f"{space}node")}
    assert B + "id/tree/01" in ids
    ends = [(edge.get("source"), edge.get("target")) for edge in root.iter(f"{space}edge")]
    assert len(ends) == 24
    assert all(one in ids and other in ids for one, other in ends)
    space = "{http://gexf.net/1.3}"
    other = ET.fromstring(client.get("/network.gexf", query_string=VARIETIES).data)  # noqa: S314 # our own
    assert {node.get("id") for node in other.iter(f"{space}node")} == ids
    assert "The old orchards" in client.get("/network.gexf", query_string={**VARIETIES, "lang": "en"}).text
    picture = client.get("/network.svg", query_string={**VARIETIES, "lang": "en"})
    ET.fromstring(picture.data)  # noqa: S314 # our own
    assert "The old orchards" in picture.text
    assert "/network?class=" in picture.text
    assert "style=" not in picture.text


@given(st.text(max_size=40), st.text(max_size=40))
@settings(deadline=None)
def test_any_name_makes_a_file_that_is_xml(name: str, kind: str):
    things = [Thing("x:a", name, kind), Thing("x:b", kind, name)]
    graph = Graph(name, kind, name, "x:r", things, [("x:a", "x:b")])
    for write in (graphml, gexf):
        root = ET.fromstring(write(graph))  # noqa: S314 # our own
        assert len(list(root.iter())) > 4


def ref(name: object) -> Ref:
    return Ref(f"x:{name}", Text(f"Thing number {name} " + "改" * 60, "zh-hans"))


EDGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=120)


@given(EDGES)
@settings(deadline=None)
def test_each_thing_has_a_place_of_its_own_within_the_drawing(pairs: list[tuple[int, int]]):
    made = laid_out([(ref(a), ref(b)) for a, b in pairs])
    spots = {one.ref.iri: (one.x, one.y) for one in made.spots}
    assert set(spots) == {f"x:{n}" for pair in pairs for n in pair}
    assert len(set(spots.values())) == len(spots)
    assert all(0 <= x <= WIDTH and 0 <= y <= made.height for x, y in spots.values())
    named = [one for one in made.spots if one.name]
    boxes = [(s.x - 4 * 22, s.y, s.name) for s in named]
    assert len({box[:2] for box in boxes}) == len(boxes)
    assert all(math.isfinite(v) for spot in spots.values() for v in spot)


def test_a_body_with_two_hundred_members_is_drawn_in_rings():
    made = laid_out([(ref("hub"), ref(n)) for n in range(200)])
    assert made.height < 1_000
    leaves = [(one.x, one.y) for one in made.spots if one.ref.iri != "x:hub"]
    assert min(math.dist(a, b) for a, b in combinations(leaves, 2)) > 6


def test_a_thousand_links_are_drawn_quickly_and_weigh_little():
    pairs = [(ref(f"a{n % 60}"), ref(f"b{n * 7919 % 700}")) for n in range(DRAWN)]
    started = time.process_time()
    made = laid_out(pairs)
    assert time.process_time() - started < 2
    assert len(made.spots) == LINKED
    assert len(made.lines) + len(made.starts) + len(made.ends) < 40_000
    assert laid_out(pairs) == made, "the same each time"
