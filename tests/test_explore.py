"""The explorer: what pages are made of, asked by SPARQL alone."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine import Engine
from kg.engine.local import LocalEngine
from kg.errors import UsageError
from kg.explore import Explorer
from kg.explore.browsing.browse import SORTED
from kg.explore.browsing.conditions import Condition, conditioned
from kg.explore.entity.page import Builder
from kg.explore.maps.places import point_of
from kg.explore.model import Datum, Ref
from kg.explore.ontology.shapes import Step
from kg.explore.statements.evidence import Notes
from kg.explore.widths import columns, shortened
from kg.sparql.bind import bind, load
from kg.terms import RDFS, SKOS

ODD = Path(__file__).parent / "graphs" / "odd.trig"
ROOT = Path(__file__).resolve().parent.parent
QUERIES = sorted(path for room in ("kg", "web/kg_web") for path in (ROOT / room).rglob("*.rq"))
B = "https://example.org/orchard/"
O = B + "ontology/"  # noqa: E741


class Counting(Engine):
    """Passes queries on and keeps them."""

    name = "counting"

    def __init__(self, engine: Engine):
        self.engine, self.asked = engine, []

    def query(self, sparql, **options):
        self.asked.append(sparql)
        return self.engine.query(sparql, **options)

    def close(self):
        self.engine.close()


@pytest.fixture(scope="module")
def orchard(small_release):
    return Explorer(LocalEngine.open(small_release.store), small_release)


@pytest.fixture(scope="module")
def odd():
    store = ox.Store()
    store.load(path=str(ODD), format=ox.RdfFormat.TRIG)
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return Explorer(LocalEngine(store))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_asks_nothing_while_it_is_laid_out(small_release, language, monkeypatch):
    """Asked, fetched, laid out: what a step needs has been read by the one before."""
    explorer = Explorer(engine := Counting(LocalEngine.open(small_release.store)), small_release)
    laid_out, asked = Builder._laid_out, []

    def counted(self, said):
        before = len(engine.asked)
        page = laid_out(self, said)
        asked.extend(engine.asked[before:])
        return page

    monkeypatch.setattr(Builder, "_laid_out", counted)
    pages = [explorer.entity(one, language) for one in things_of(small_release)]
    assert sum(len(page.evidence) for page in pages) > len(pages) > 10
    assert sum(bool(one.told) for page in pages for part in page.sections for one in part.statements) > 1
    assert asked == []


def things_of(release) -> list[str]:
    rows = LocalEngine.open(release.store).query("SELECT DISTINCT ?s { ?s a ?class FILTER(isIRI(?s)) }").rows
    return sorted(row[0].value for row in rows)


def shown(value) -> str:
    return value.label.value if isinstance(value, Ref) else value.value


# --- queries ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: "-".join(path.with_suffix("").parts[-2:]))
def test_every_query_runs_as_it_stands_and_says_what_it_is_for(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    ox.Store().query(text)


def test_two_parameters_can_stand_in_one_row():
    one, other = ox.NamedNode("https://x.example/a"), ox.NamedNode("https://x.example/b")
    text = load("kg/explore/entity/incoming-page")
    assert f"{{ ({one} {other}) }}" in bind(text, entity=one, asked=other)
    assert f"{{ (UNDEF {other}) }}" in bind(text, asked=other)
    assert bind(text) == text
    with pytest.raises(UsageError, match="takes one term"):
        bind(text, entity=[one, other], asked=other)
    with pytest.raises(UsageError, match="no parameter"):
        bind(text, entity=one, asked=other, elsewhere=one)


def test_a_parameter_can_stand_behind_what_it_narrows():
    one, other = ox.NamedNode("https://x.example/a"), ox.NamedNode("https://x.example/b")
    text = load("kg/explore/networks/ways-through")
    assert "?joining IN (?joining)" in text
    assert f"?joining IN ({one}, {other})" in bind(text, joining=[one, other])
    assert f"?joining IN ({one})" in bind(text, joining=one)


# --- the vocabulary and its shapes ------------------------------------------------------


def test_schema_reads_classes_flags_and_their_tree(orchard):
    schema = orchard.schema
    assert set(schema.primary) == {O + "Orchard", O + "Tree", O + "Variety"}
    assert schema.comparable == (O + "Orchard",)
    assert schema.above(O + "Plot") == (O + "Plot", O + "Site")
    assert set(schema.below(O + "Site")) == {O + "Site", O + "Plot", O + "Orchard"}
    assert schema.narrowest([O + "Site", O + "Plot"]) == (O + "Plot",)
    assert schema.is_dependent([O + "Figure"])
    assert not schema.is_dependent([O + "Tree"])
    assert schema.embedding == {O + "hasFigure"}


def test_shapes_are_inherited_and_ordered_by_group(orchard):
    paths = [shape.path for shape in orchard.schema.shapes_of([O + "Orchard"])]
    assert paths.index(O + "isPartOf") < paths.index(O + "hasFigure") < paths.index(O + "treeCount")


def test_paths_of_several_steps_and_inverse_ones(orchard):
    by_path = {shape.path: shape for shape in orchard.schema.shapes_of([O + "Tree"])}
    fruit = by_path[f"{O}isOfVariety/{O}hasFruit"]
    assert fruit.steps == (Step(O + "isOfVariety"), Step(O + "hasFruit"))
    assert fruit.facet and not fruit.direct
    (trees,) = [shape for shape in orchard.schema.shapes_of([O + "Variety"]) if shape.inverse]
    assert trees.path == O + "isOfVariety"


# --- entities ---------------------------------------------------------------------------


def test_an_entity_in_the_readers_language(orchard):
    entity = orchard.entity(B + "id/orchard/long-ridge", "en")
    assert entity.label.value == "Long Ridge Orchard"
    assert {name.value.value for name in entity.names} >= {"Long Ridge Orchard", "長嶺果園", "长岭果园"}
    assert [kind.label.value for kind in entity.kinds] == ["orchard"]
    assert [section.title.value for section in entity.sections if section.title] == [
        "Trees",
        "Where",
        "Figures",
    ]
    assert orchard.entity(B + "id/orchard/long-ridge", "zh-Hant").label.value == "長嶺果園"


def test_a_trail_climbs_to_the_top(orchard):
    entity = orchard.entity(B + "id/tree/01", "en")
    assert [step.label.value for step in entity.trail] == ["Long Ridge Orchard", "North slope"]


def test_a_dependent_node_stands_in_its_owner(orchard):
    entity = orchard.entity(B + "id/figure/long-ridge/area-3.5", "en")
    assert [step.label.value for step in entity.trail] == ["Long Ridge Orchard"]


def test_figures_are_laid_out_by_their_shapes(orchard):
    entity = orchard.entity(B + "id/orchard/long-ridge", "en")
    table = next(s.table for section in entity.sections for s in section.statements if s.table)
    assert [column.label.value for column in table.columns] == ["quantity", "number"]
    rows = [
        [shown(fact.value) for cell in row.cells for fact in (*cell.facts, *cell.units)] for row in table.rows
    ]
    assert rows == [["area", "3.5", "ha"], ["harvest", "12400", "kg"]]


def test_every_fact_leads_to_its_source(orchard):
    entity = orchard.entity(B + "id/orchard/long-ridge", "en")
    for section in entity.sections:
        for statement in section.statements:
            for fact in statement.facts:
                assert fact.sources
            for row in statement.table.rows if statement.table else ():
                assert row.sources
    assert list(entity.evidence) == list(range(1, len(entity.evidence) + 1))
    reading = next(e for e in entity.evidence.values() if e.basis == "Read")
    assert reading.confidence == "Medium"
    assert "read off the map" in reading.reasons[0].value
    assert reading.origins[0].ref.label.value == "Almanac, page 4"
    derived = {e.graph.label.value for e in entity.evidence.values() if e.basis == "Derived"}
    assert any("pinyin" in name for name in derived)


def test_a_source_says_what_it_belongs_to_and_when_it_was_issued(release):
    explorer = Explorer(LocalEngine.open(release.store), release)
    entity = explorer.entity(release.base + "id/compound/yangtang-xiaoqu", "en")
    stated = next(e for e in entity.evidence.values() if e.basis == "Stated")
    (origin,) = stated.origins
    assert origin.trail[0].kind.value == "document"
    assert origin.summary
    assert any(isinstance(v, Datum) and v.value.startswith("20") for d in origin.details for v in d.values)


def test_a_superseded_graph_says_nothing(orchard):
    names = {name.value.value for name in orchard.entity(B + "id/variety/red-lantern", "en").names}
    assert "Red Lantern" in names
    assert "Red Lamp" not in names


def test_an_inverse_shape_names_what_points_here(orchard):
    entity = orchard.entity(B + "id/variety/snow-pear", "en")
    (told,) = (s for section in entity.sections for s in section.statements if s.told)
    assert (told.property.label.value, len(told.told) + told.more) == ("trees", 16)
    assert [one.ref.label.value for one in told.told][:2] == ["Tree 1", "Tree 2"]
    assert entity.incoming == (), "what stands in a section isn't told again below"


def test_what_points_here_has_its_sources(orchard):
    entity = orchard.entity(B + "id/variety/snow-pear", "en")
    (told,) = (s for section in entity.sections for s in section.statements if s.told)
    assert all(one.sources for one in told.told)
    for one in told.told:
        said = f"<{one.ref.iri}> <{told.property.iri}> <{entity.iri}>"
        for number in one.sources:
            graph = entity.evidence[number].graph.iri
            assert orchard.engine.query(f"ASK {{ GRAPH <{graph}> {{ {said} }} }}").boolean


def test_incoming_links_are_paged(orchard):
    page, evidence = orchard.links(B + "id/variety/snow-pear", O + "isOfVariety", 1, "en")
    assert (page.count, len(page.items), page.more) == (16, 16, 0)
    sources = {number for item in page.items for number in item.sources or page.sources}
    assert sources == set(evidence)
    assert orchard.links(B + "id/variety/snow-pear", O + "isOfVariety", 2, "en") is None


@pytest.mark.parametrize("iri", ["", "no iri", B + "id/tree/999", "https://elsewhere.example/x", "a\nb"])
def test_unknown_things_are_none(orchard, iri):
    assert orchard.entity(iri, "en") is None


def test_sources_that_differ_are_marked(odd):
    entity = odd.entity("https://odd.example/id/lamp/bad", "en")
    statements = [s for section in entity.sections for s in section.statements]
    assert [row.contested for s in statements if s.table for row in s.table.rows] == [True, True]
    assert [s.contested for s in statements if s.property.label.value == "site"] == [True]


def test_a_page_takes_few_queries(small_release):
    engine = Counting(LocalEngine.open(small_release.store))
    explorer = Explorer(engine, small_release)
    explorer.entity(B + "id/tree/01", "en")
    engine.asked.clear()
    entity = explorer.entity(B + "id/orchard/long-ridge", "en")
    explorer.timeline(entity, "en")
    assert len(engine.asked) <= 10


# --- browsing ---------------------------------------------------------------------------

FRUIT = f"{O}isOfVariety/{O}hasFruit"
PEAR = ox.NamedNode(B + "vocabulary/fruit/pear")
NORTH = ox.NamedNode(B + "id/plot/long-ridge-north")
SOUTH = ox.NamedNode(B + "id/plot/long-ridge-south")


def counts(listing) -> dict[str, dict[str, int]]:
    return {
        facet.label.label.value: {shown(c.value): c.count for c in facet.choices} for facet in listing.facets
    }


def test_facets_of_everything(orchard):
    listing = orchard.listing(O + "Tree", {}, 1, "en")
    assert listing.count == 24
    found = counts(listing)
    assert found["stands in"] == {"North slope": 14, "South slope": 10}
    assert found["fruit"] == {"pear": 16, "apple": 8}


def test_facets_narrow_each_other_and_values_of_one_are_alternatives(orchard):
    both = orchard.listing(O + "Tree", {O + "standsIn": (NORTH, SOUTH)}, 1, "en")
    assert both.count == 24
    one = orchard.listing(O + "Tree", {O + "standsIn": (NORTH,), FRUIT: (PEAR,)}, 1, "en")
    rows = orchard.engine.query(
        f"SELECT ?t {{ ?t <{O}standsIn> {NORTH} ; <{O}isOfVariety>/<{O}hasFruit> {PEAR} }}"
    ).rows
    assert one.count == len(rows) == len(one.items)
    # what a facet offers is counted under the other facets' choices, not its own
    assert counts(one)["fruit"]["pear"] == one.count
    assert sum(counts(one)["fruit"].values()) == 14
    assert sum(counts(one)["stands in"].values()) == 16


def test_a_choice_that_nothing_has(orchard):
    listing = orchard.listing(O + "Tree", {FRUIT: (ox.NamedNode(B + "x"),)}, 1, "en")
    assert (listing.count, listing.items) == (0, ())
    assert [c.count for f in listing.facets for c in f.choices if c.chosen] == [0]


def test_things_are_listed_by_name_with_numbers_in_order(orchard):
    listing = orchard.listing(O + "Tree", {}, 1, "en")
    assert [item.ref.label.value for item in listing.items][:3] == ["Tree 1", "Tree 2", "Tree 3"]
    assert listing.items[0].via.label.value == "North slope"
    assert listing.by_name and listing.count < SORTED


def test_conditions_are_bound_not_pasted():
    evil = ox.Literal('"} ?to ?step UNION { ?x ?y ?z } #\n')
    text = conditioned(
        load("kg/explore/browsing/items"), [Condition((Step("x:a"), Step("x:b", True)), (evil,))]
    )
    ox.Store().query(text)
    assert "?item <x:a> ?via1_1 ." in text
    assert "?value1 <x:b> ?via1_1 ." in text
    assert str(evil) in text


# --- figures, comparison, coverage --------------------------------------------------------


def test_figures_across_things(orchard):
    reader, notes = orchard.reader("en"), Notes()
    quantities = orchard.figures.quantities(O + "Orchard", reader)
    assert [(q.ref.label.value, q.things) for q in quantities] == [("harvest", 2), ("area", 1)]
    (chart,) = orchard.figures.charts(O + "Orchard", quantities[0].ref.iri, reader, notes)
    assert [(g.item.label.value, g.bars[0].length) for g in chart.groups] == [
        ("Long Ridge Orchard", 1000),
        ("Stone Bridge Orchard", 65),
    ]
    assert notes.numbers


def test_coverage_counts_known_and_missing(orchard):
    covered = orchard.coverage.of(O + "Orchard", orchard.reader("en"))
    known = {k.ref.label.value: (k.known, k.missing) for k in covered.known}
    assert known["point"] == (1, 1)
    axes = orchard.coverage.axes(orchard.release)
    assert set(axes) == {O + "isWithin", O + "isOfVariety"}


# --- what graphs and terms say --------------------------------------------------------------


def test_a_graph_and_what_was_made_from_a_page(orchard):
    content = orchard.graph(B + "graph/almanac-1931/p09", 1, "en")
    assert content.evidence.basis == "Stated"
    assert sum(len(d.values) for said in content.said for d in said.details) == content.count
    made = orchard.made_from(B + "source/almanac-1931/p04", "en")
    assert [one.evidence.basis for one in made] == ["Stated", "Read"]
    assert orchard.graph(B + "id/tree/01", 1, "en") is None


def test_terms_and_their_use(orchard):
    used = orchard.class_page(O + "Tree", "en")
    assert used.count.count == 24
    assert {use.property.label.value: use.items for use in used.uses}["stands in"] == 24
    applied = orchard.property_page(O + "isOfVariety", "en")
    assert applied.count == 24
    assert [c.ref.label.value for c in applied.classes] == ["tree"]
    assert orchard.class_page(B + "id/tree/01", "en") is None
    assert orchard.property_page(O + "Tree", "en") is None


def test_examples_of_the_release_come_first(orchard):
    found = orchard.examples("zh-Hans")
    assert {"哪些果树属于这些品种？", "各地块有多少棵果树？"} <= {one.question.value for one in found[:4]}
    assert [one.group.value for one in found[:5]] == ["果树", "果树", "地块", "地块", ""]
    assert len(found) > 3


def test_what_was_likely_meant(orchard):
    assert orchard.likely(B + "id/apple/snow-pear", "en")[0].iri == B + "id/variety/snow-pear"
    assert orchard.likely(B + "source/almanac-1931/p99", "en")[0].iri == B + "source/almanac-1931"
    assert orchard.likely(B + "id/variety/red lantern", "en")[0].label.value == "Red Lantern"
    assert orchard.likely("", "en") == ()


# --- small things -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT(120.15 30.28)", (120.15, 30.28)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> Point ( -1 2.5 )", (-1.0, 2.5)),
        ("POINT Z (1 2 3)", (1.0, 2.0)),
        ("POINT(500 3)", None),
        ("POINT EMPTY", None),
        ("POINT(1.2.3 4)", None),
        ("LINESTRING(1 2, 3 4)", None),
        ("", None),
    ],
)
def test_points(wkt, expected):
    assert point_of(wkt) == expected


def test_wide_characters_take_two_columns():
    assert columns("a中b") == 4
    assert shortened("中文字", 6) == "中文字"
    assert shortened("中文字", 5) == "中…"
    assert shortened("abcdef", 4) == "abc…"


def test_without_a_release_the_engine_tells_all(odd):
    assert odd.overview("en").classes[0].count == 2
    assert odd.entity("https://odd.example/id/lamp/good", "zh-Hans").kinds[0].label.value == "灯"
    assert isinstance(odd.entity("https://odd.example/id/lamp/good", "en").names[0].value, Datum)


def test_names_in_the_reader_s_language_come_first():
    store = ox.Store()
    thing = ox.NamedNode("https://odd.example/id/well/one")
    for name, text, tag in (
        ("label", "The old well", "en"),
        ("label", "老井", "zh-hans"),
        ("label", "Lǎo jǐng", "zh-latn-pinyin"),
        ("altLabel", "Village well", "en"),
        ("altLabel", "村井", "zh-hans"),
        ("altLabel", "村裡的井", "zh-hant"),
    ):
        space = RDFS if name == "label" else SKOS
        told = thing, ox.NamedNode(space + name), ox.Literal(text, language=tag)
        store.extend([ox.Quad(*told), ox.Quad(*told, ox.NamedNode("https://odd.example/graph/wells"))])
    explorer = Explorer(LocalEngine(store))
    for language, order in (
        ("zh-Hans", ["老井", "村井", "村裡的井", "The old well", "Village well", "Lǎo jǐng"]),
        ("en", ["The old well", "Village well"]),
    ):
        entity = explorer.entity(thing.value, language)
        assert entity is not None
        names = [name.value.value for name in entity.names]
        assert names[: len(order)] == order
