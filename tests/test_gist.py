"""A thing in a sentence, for what nobody has described; and what sources set against each other."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.entity.gist import gist, near
from kg.explore.model import Ref, Text
from kg.explore.statements.evidence import Notes
from kg.explore.statements.tables import SHOWN
from kg.settings import Settings
from kg_web import create_app

ODD = Path(__file__).parent / "graphs" / "odd.trig"
B = "https://example.org/orchard/"
LAMP = "https://odd.example/"


@pytest.fixture(scope="module")
def orchard(small_release):
    return Explorer(LocalEngine.open(small_release.store), small_release)


def lamps(more: str = "") -> Explorer:
    """Return an explorer of the odd little graph, with more in it."""
    store = ox.Store()
    store.load(path=str(ODD), format=ox.RdfFormat.TRIG)
    prefixes = f"@base <{LAMP}> . @prefix : <{LAMP}ontology/> . @prefix kg: <https://w3id.org/linli/kg#> . "
    rdfs = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    store.load((prefixes + rdfs + more).encode(), format=ox.RdfFormat.TRIG)
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return Explorer(LocalEngine(store))


def test_figures_and_relations_of_a_thing(orchard):
    found = gist(orchard.entity(B + "id/orchard/long-ridge", "en"), orchard.schema)
    said = [(c.about.value, [f.value.value for f in c.figure.facts]) for c in found.clauses]
    assert said == [("area", ["3.5"]), ("harvest", ["12400"])]
    assert found.documents == 2, "the trees that its page tells of rest on others"


def test_what_the_breadcrumb_says_is_not_said_again(orchard):
    found = gist(orchard.entity(B + "id/tree/01", "en"), orchard.schema)
    assert [step.label.value for step in found.within] == ["North slope", "Long Ridge Orchard"]
    assert [(c.about.value, c.value.label.value) for c in found.clauses] == [("is of variety", "Snow Pear")]


def test_what_is_described_needs_no_sentence(orchard):
    assert gist(orchard.entity(B + "ontology/Tree", "en"), orchard.schema) is None


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "tree in North slope, Long Ridge Orchard: is of variety Snow Pear. From 1 document."),
        ("zh-Hans", "长岭果园北坡的果树。品种：雪梨。据 1 篇文献。"),
    ],
)
def test_the_sentence_on_the_page(small_release, language, sentence):
    app = create_app(LocalEngine.open(small_release.store), Settings(), small_release)
    page = app.test_client().get("/page/id/tree/01", headers={"Accept-Language": language}).get_data(True)
    made = re.search(r'<p class="summary made">(.*?)</p>', page, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>", "", made) == sentence


GLOWS = """
GRAPH <graph/book/p1> {{
    <shape/of> kg:show kg:Quantity .
    <shape/rival> <http://www.w3.org/ns/shacl#path> {link} .
    <id/lamp/third> a :Lamp ; rdfs:label "third lamp"@en ; :hasGlow <id/glow/a>, <id/glow/b>, <id/glow/c> .
    <id/glow/a> a :Glow ; :of <id/kind/light> ; :lumens 70 ; {link} <id/glow/b> .
    <id/glow/b> a :Glow ; :of <id/kind/heat> ; :lumens 80 ; {link} <id/glow/a> .
    <id/glow/c> a :Glow ; :of <id/kind/light>, <id/kind/heat> ; :lumens 90 .
    :differs a <http://www.w3.org/2002/07/owl#ObjectProperty> ; rdfs:subPropertyOf kg:disagreesWith .
}}
"""


@pytest.mark.parametrize(("link", "marked"), [(":differs", 2), ("kg:disagreesWith", 2), (":near", 0)])
def test_rows_that_the_data_sets_against_each_other_are_marked(link, marked):
    entity = lamps(GLOWS.format(link=link)).entity(LAMP + "id/lamp/third", "en")
    (table,) = [s.table for section in entity.sections for s in section.statements if s.table]
    assert len(table.rows) == 3
    assert sum(row.contested for row in table.rows) == marked


def test_of_many_rows_the_first_are_shown_and_those_that_sources_give_differently():
    kinds = [*(f"{number:03}" for number in range(1, SHOWN + 10)), "zzz", "zzz"]
    glows = "".join(
        f"<id/lamp/third> :hasGlow <id/glow/{place}> . "
        f"<id/glow/{place}> a :Glow ; :of <id/kind/{kind}> ; :lumens {place} . "
        for place, kind in enumerate(kinds)
    )
    graph = f"GRAPH <graph/book/p1> {{ <id/lamp/third> a :Lamp . {glows} }}"
    entity = lamps(graph).entity(LAMP + "id/lamp/third", "en")
    (statement,) = [s for section in entity.sections for s in section.statements if s.table]
    rows = [row.cells[0].facts[0].value.label.value for row in statement.table.rows]
    firsts = [f"{n:03}" for n in range(1, SHOWN - 1)]
    assert [name[-3:] for name in rows] == [*firsts, "zzz", "zzz"]
    assert [row.contested for row in statement.table.rows][-3:] == [False, True, True]
    assert statement.table.more == 11
    assert "hasGlow" in statement.sparql
    assert set(entity.evidence) == {1}


def test_a_figure_that_sources_differ_on_is_not_picked():
    explorer = lamps()
    found = gist(explorer.entity(LAMP + "id/lamp/bad", "en"), explorer.schema)
    assert found is None or not [clause for clause in found.clauses if clause.figure]


SAID_TWICE = """
GRAPH <graph/book/p1> { <id/lamp/fourth> a :Lamp ; :site <id/site/1> ;
    rdfs:label "fourth lamp"@en , "old name"@en . }
GRAPH <graph/book/p2> { <id/lamp/fourth> a :Lamp ; rdfs:label "fourth lamp"@en ;
    :site <id/site/1> , <id/site/2> . }
GRAPH <graph/other/p1> { <id/lamp/fourth> rdfs:label "fourth lamp"@en . }
GRAPH <graph/third/p1> { <id/lamp/fourth> rdfs:label "fourth lamp"@fr . }
"""


def test_each_name_and_value_keeps_all_of_its_sources():
    """The first promise: a second source that says the same is not lost behind the first."""
    entity = lamps(SAID_TWICE).entity(LAMP + "id/lamp/fourth", "en")
    graphs = {number: one.graph.iri.removeprefix(LAMP + "graph/") for number, one in entity.evidence.items()}
    names = {fact.value.value: {graphs[n] for n in fact.sources} for fact in entity.names}
    assert names == {"fourth lamp": {"book/p1", "book/p2", "other/p1", "third/p1"}, "old name": {"book/p1"}}
    (sites,) = [s for section in entity.sections for s in section.statements]
    found = {fact.value.label.value: {graphs[n] for n in fact.sources} for fact in sites.facts}
    assert found == {"1": {"book/p1", "book/p2"}, "2": {"book/p2"}}


DIFFERENT_SITES = """
GRAPH <graph/book/p1> { <id/lamp/fifth> a :Lamp ; :site <id/site/1> . <id/site/1> rdfs:label "north"@en . }
GRAPH <graph/book/p2> { <id/lamp/fifth> :site <id/site/2> . <id/site/2> rdfs:label "south"@en . }
"""


def test_a_place_that_sources_differ_on_is_not_told_as_one():
    """A property that takes one value, with two: the sentence says neither, nor how many there are."""
    explorer = lamps(DIFFERENT_SITES)
    entity = explorer.entity(LAMP + "id/lamp/fifth", "en")
    (site,) = [s for section in entity.sections for s in section.statements]
    assert site.contested and len(site.facts) == 2
    found = gist(entity, explorer.schema)
    assert not (found and found.clauses)


def test_rows_that_the_data_sets_against_each_other_are_not_told():
    explorer = lamps(GLOWS.format(link=":differs"))
    found = gist(explorer.entity(LAMP + "id/lamp/third", "en"), explorer.schema)
    figures = [f.value.value for c in (found.clauses if found else ()) if c.figure for f in c.figure.facts]
    assert figures == ["90"]


DATED = """
GRAPH <graph/book/p1> {
    <shape/of> kg:show kg:Quantity .
    <shape/when> a <http://www.w3.org/ns/shacl#PropertyShape> ; kg:show kg:Date ;
        <http://www.w3.org/ns/shacl#path> :measured .
    <shape/measure> <http://www.w3.org/ns/shacl#property> <shape/when> .
    <id/lamp/sixth> a :Lamp ; :hasGlow <id/glow/old>, <id/glow/new>, <id/glow/rival>, <id/glow/other> .
    <id/glow/old> a :Glow ; :of <id/kind/light> ; :lumens 70 ; :measured "2010" .
    <id/glow/new> a :Glow ; :of <id/kind/light> ; :lumens 90 ; :measured "2020-12" .
    <id/glow/rival> a :Glow ; :of <id/kind/light> ; :lumens 95 ; :measured "2021" .
    <id/glow/other> a :Glow ; :of <id/kind/light> ; :lumens 96 ; :measured "2021" .
    <id/glow/rival> kg:disagreesWith <id/glow/other> . <id/glow/other> kg:disagreesWith <id/glow/rival> .
}
GRAPH <graph/book/p2> { <id/glow/old> a :Glow ; :of <id/kind/light> ; :lumens 70 ; :measured "2010" . }
"""


@pytest.mark.parametrize("others", [0, SHOWN * 2])
def test_the_latest_figure_that_sources_agree_on_stands_for_a_thing(others: int):
    """Not that which most sources give: a count of ten years ago would be told as if it were today's."""
    glows = "".join(
        f"<id/lamp/sixth> :hasGlow <id/glow/{n}> . "
        f"<id/glow/{n}> a :Glow ; :of <id/kind/a{n:02}> ; :lumens {n} . "
        for n in range(others)
    )
    explorer = lamps(f"{DATED} GRAPH <graph/book/p3> {{ {glows} }}")
    entity = explorer.entity(LAMP + "id/lamp/sixth", "en")
    (table,) = [s.table for section in entity.sections for s in section.statements if s.table]
    told = {one.quantity.iri: one.figure.facts[0].value.value for one in table.standing}
    assert told[LAMP + "id/kind/light"] == "90"
    assert len(told) == others + 1, "whether they are shown or not"


def test_rows_of_one_quantity_stand_together_in_the_order_of_time():
    """A year is no number that rows are counted by: it would come before every day of every year."""
    glows = """
    GRAPH <graph/book/p3> {
        <id/lamp/sixth> :hasGlow <id/glow/heat>, <id/glow/later> .
        <id/glow/heat> a :Glow ; :of <id/kind/heat> ; :lumens 5 ; :measured "2010" .
        <id/glow/later> a :Glow ; :of <id/kind/light> ; :lumens 1 ; :measured "2022-03-01" .
    }
    """
    entity = lamps(DATED + glows).entity(LAMP + "id/lamp/sixth", "en")
    (table,) = [s.table for section in entity.sections for s in section.statements if s.table]
    when = next(n for n, column in enumerate(table.columns) if column.iri.endswith("measured"))
    rows = [
        (row.cells[0].facts[0].value.iri[-5:], row.cells[when].facts[0].value.value) for row in table.rows
    ]
    assert rows == [
        ("/heat", "2010"),
        ("light", "2010"),
        ("light", "2020-12"),
        ("light", "2021"),
        ("light", "2021"),
        ("light", "2022-03-01"),
    ]


@pytest.mark.parametrize(
    ("trail", "told"),
    [
        (["City", "Hill", "Hill Road"], ["Hill Road", "City"]),
        (["杭州市", "杭州市条例"], ["杭州市条例"]),
        (["省", "市", "区", "街"], ["街", "区"]),
    ],
)
def test_what_holds_a_thing_is_not_named_twice(trail: list[str], told: list[str]):
    steps = [Ref(LAMP + f"id/{n}", Text(name, "en")) for n, name in enumerate(trail)]
    assert [step.label.value for step in near(steps)] == told


HILL = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
GRAPH <graph/ontology> {
    <shape/in> a sh:PropertyShape ; sh:path :in ; kg:show kg:Breadcrumb ; sh:order 4 .
    <shape/where> a sh:PropertyShape ; sh:path :at ; kg:show kg:Point ; sh:order 5 .
    <shape/held> a sh:PropertyShape ; sh:path :held ; kg:show kg:Date ; sh:name "Date"@en ; sh:order 6 .
    <shape/since> a sh:PropertyShape ; sh:path :since ; kg:show kg:Date ; sh:name "Start"@en ; sh:order 7 .
    <shape/number> a sh:PropertyShape ; sh:path :number ; sh:order 8 .
    <shape/fairs> a sh:PropertyShape ; sh:path [ sh:inversePath :of ] ; sh:name "Fairs"@en ; sh:order 9 .
    <shape/lamp> sh:property <shape/in>, <shape/where>, <shape/held>, <shape/since>, <shape/number>,
        <shape/fairs> .
    :held rdfs:subPropertyOf dcterms:date . :held a owl:DatatypeProperty . :since a owl:DatatypeProperty .
    :number a owl:DatatypeProperty ; rdfs:subPropertyOf <https://schema.org/position> .
}
GRAPH <graph/book/p1> {
    <id/lamp/country> a :Lamp ; rdfs:label "country"@en ; :at "POINT(120 30)" ; :since "1900" .
    <id/lamp/county> a :Lamp ; rdfs:label "county"@en ; :in <id/lamp/country> .
    <id/lamp/town> a :Lamp ; rdfs:label "town"@en ; :in <id/lamp/county> ; :at "POINT(119 29)" .
    <id/lamp/ahome> a :Lamp ; rdfs:label "home"@en ; :in <id/lamp/country>, <id/lamp/county> ; :since "1980" .
    <id/lamp/aformer> a :Lamp ; rdfs:label "county of before"@en ; :in <id/lamp/country> .
    <id/lamp/barn> a :Lamp ; rdfs:label "barn"@en ; :in <id/lamp/aformer>, <id/lamp/town> .
    <id/lamp/fair> a :Lamp ; rdfs:label "zeal"@en ; :of <id/lamp/ahome> ; :held "1990", "1991" ;
        :since "1991" ;
        :number 1 .
    <id/lamp/fete> a :Lamp ; rdfs:label "fete"@en ; :of <id/lamp/ahome> ; :held "1985" ; :number 2 .
}
"""


@pytest.fixture(scope="module")
def home() -> Explorer:
    return lamps(HILL)


def test_the_breadcrumb_goes_by_the_nearest_of_what_contains_a_thing(home: Explorer):
    entity = home.entity(LAMP + "id/lamp/ahome", "en")
    assert [step.label.value for step in entity.trail] == ["country", "county"]
    (within,) = [s for part in entity.sections for s in part.statements if s.property.iri.endswith("/in")]
    assert [fact.value.label.value for fact in within.facts] == ["country", "county"], "from the top"
    trail = home.entity(LAMP + "id/lamp/barn", "en").trail
    assert [step.label.value for step in trail] == ["country", "county", "town"], "not by a county of before"


def test_a_list_tells_the_nearest_of_what_contains_a_thing(home: Explorer):
    listing = home.browser.listing(LAMP + "ontology/Lamp", {}, 1, home.reader("en"))
    within = {one.ref.label.value: one.via.label.value if one.via else None for one in listing.items}
    assert within["home"] == "county"
    assert within["barn"] == "town"
    assert within["town"] == "county"
    assert within["country"] is None


def test_what_has_no_point_is_drawn_amid_the_parts_of_what_contains_it(home: Explorer):
    """The point of the country would be another county."""
    entity = home.entity(LAMP + "id/lamp/ahome", "en")
    spot = home.here(entity, "en").spots[0]
    assert spot.approximate
    assert spot.within.label.value == "county"
    town = home.here(home.entity(LAMP + "id/lamp/town", "en"), "en").spots[0]
    assert (spot.x, spot.y) == (town.x, town.y)
    county = home.here(home.entity(LAMP + "id/lamp/county", "en"), "en").spots[0]
    assert county.approximate
    assert county.within is None


def test_a_timeline_tells_each_moment_once_and_nothing_of_what_contains_the_thing(home: Explorer):
    moments = home.timeline(home.entity(LAMP + "id/lamp/ahome", "en"), "en")
    told = [
        (m.when, m.of.label.value if m.of else "", "" if m.of and m.plain else m.property.label.value)
        for m in moments
    ]
    assert told == [
        ("1980", "", "Start"),
        ("1985", "fete", ""),
        ("1990", "zeal", ""),
        ("1991", "zeal", "Start"),
    ]


def test_numbered_parts_stand_in_their_order(home: Explorer):
    entity = home.entity(LAMP + "id/lamp/ahome", "en")
    (fairs,) = [s for part in entity.sections for s in part.statements if s.told]
    assert [one.ref.label.value for one in fairs.told] == ["zeal", "fete"]


def test_side_by_side_equal_figures_stand_once_with_the_last_of_their_dates():
    more = """
    GRAPH <graph/book/p3> {
        <id/lamp/sixth> :hasGlow <id/glow/again> .
        <id/glow/again> a :Glow ; :of <id/kind/light> ; :lumens 70 ; :measured "2015" .
    }
    """
    explorer = lamps(DATED + more)
    side = explorer.comparer("en", Notes()).compare(LAMP + "ontology/Lamp", [LAMP + "id/lamp/sixth"])
    (row,) = side.figures
    (cells,) = row.cells
    told = [(cell.facts[0].value.value, cell.when, len(cell.sources)) for cell in cells]
    assert told == [("70", ("2015",), 3), ("90", ("2020-12",), 1), ("95", ("2021",), 1), ("96", ("2021",), 1)]


def test_a_facet_that_says_something_of_few_things_stands_last():
    few = "".join(f"<id/lamp/plain{n}> a :Lamp ; :site <id/site/{n % 3}> ." for n in range(40))
    explorer = lamps(
        f"GRAPH <graph/ontology> {{ <shape/site> kg:facet true }} GRAPH <graph/book/p9> {{ {few} }}"
    )
    listing = explorer.browser.listing(LAMP + "ontology/Lamp", {}, 1, explorer.reader("en"))
    assert [facet.label.label.value for facet in listing.facets] == ["site", "near"]


TAKES_PART = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
GRAPH <graph/ontology> {
    :does a owl:ObjectProperty ; rdfs:label "does"@en ; rdfs:subPropertyOf :joins .
    :joins a owl:ObjectProperty ; rdfs:label "joins"@en .
}
GRAPH <graph/book/p1> { <id/lamp/seventh> a :Lamp ; rdfs:label "seventh"@en ; :does <id/lamp/good> . }
GRAPH <graph/book/p2> { <id/lamp/eighth> a :Lamp ; rdfs:label "eighth"@en ; :joins <id/lamp/good> . }
GRAPH <graph/rule> { <id/lamp/seventh> :joins <id/lamp/good> . }
GRAPH <graph/meta> { <graph/rule> kg:basis kg:Inferred . }
"""


def test_what_rules_make_of_a_narrower_property_is_not_told_beside_it():
    explorer = lamps(TAKES_PART)
    entity = explorer.entity(LAMP + "id/lamp/seventh", "en")
    assert [s.property.label.value for part in entity.sections for s in part.statements] == ["does"]
    pointing = {
        group.property.label.value: [link.ref.label.value for link in group.items]
        for group in explorer.entity(LAMP + "id/lamp/good", "en").incoming
    }
    assert pointing == {"does": ["seventh"], "joins": ["eighth"]}


def test_what_points_by_several_nodes_is_told_apart_by_their_names():
    glows = """
    GRAPH <graph/book/p5> {
        <id/lamp/ninth> a :Lamp ; rdfs:label "ninth"@en ; :hasGlow <id/glow/x>, <id/glow/y> .
        <id/glow/x> a :Glow ; rdfs:label "evening glow"@en ; :near <id/lamp/good> .
        <id/glow/y> a :Glow ; rdfs:label "morning glow"@en ; :near <id/lamp/good> .
        <id/lamp/tenth> a :Lamp ; rdfs:label "tenth"@en ; :hasGlow <id/glow/z> .
        <id/glow/z> a :Glow ; rdfs:label "only glow"@en ; :of <id/lamp/good> .
    }
    """
    explorer = lamps(glows)
    app = create_app(explorer.engine, Settings(), None)
    page = app.test_client().get(f"/resource?iri={LAMP}id/lamp/good&lang=en").text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition('id="incoming"')[2]))
    assert "(evening glow)" in text
    assert "(morning glow)" in text
    assert "tenth lamp (glow)" in text


def test_of_two_shapes_of_one_path_that_tells_which_says_more_and_each_thing_has_its_source():
    more = """
    GRAPH <graph/ontology> {
        <shape/lamp> <http://www.w3.org/ns/shacl#property> <shape/a-feeds>, <shape/z-feeds> .
        <shape/a-feeds> <http://www.w3.org/ns/shacl#path> :feeds .
        <shape/z-feeds> <http://www.w3.org/ns/shacl#path> :feeds ; kg:beside :site .
    }
    GRAPH <graph/book/p6> {
        <id/lamp/eleventh> a :Lamp ; rdfs:label "eleventh"@en ; :feeds <id/lamp/good>, <id/lamp/twelfth> .
        <id/lamp/twelfth> a :Lamp ; rdfs:label "twelfth"@en ; :site "north" .
    }
    """
    entity = lamps(more).entity(LAMP + "id/lamp/eleventh", "en")
    (feeds,) = [s for part in entity.sections for s in part.statements]
    told = {one.ref.label.value: (len(one.details), len(one.sources)) for one in feeds.told}
    assert told == {"good lamp": (0, 1), "twelfth": (1, 1)}
