"""What a build makes of the little graph: graphs, names, what rules add, the description."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg import resources, terms
from kg.engine.local import LocalEngine
from kg.make.adding.infer import about
from kg.make.adding.romanise import opencc_t2s, pinyin
from kg.release import Release
from kg.release.store import ensure_store
from tests.conftest import Project

BASE = "https://example.org/orchard/"
PREFIXES = f"""PREFIX g: <{BASE}graph/> PREFIX o: <{BASE}ontology/> PREFIX kg: <{terms.KG}>
PREFIX rdfs: <{terms.RDFS}> PREFIX skos: <{terms.SKOS}> PREFIX prov: <{terms.PROV}>
PREFIX void: <{terms.VOID}> PREFIX i: <{BASE}id/>
PREFIX dcterms: <{terms.DCTERMS}>
"""


def ask(release: Release, sparql: str) -> list[tuple[str, ...]]:
    with LocalEngine.open(ensure_store(release)) as engine:
        rows = engine.query(PREFIXES + sparql).rows
    return sorted(tuple(str(getattr(t, "value", None)).removeprefix(BASE) for t in row) for row in rows)


def test_each_statement_is_in_the_graph_that_the_conventions_say(small_release: Release):
    found = ask(small_release, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    assert [name for (name,) in found] == [
        "graph/almanac-1931",
        "graph/almanac-1931/p04",
        "graph/almanac-1931/p04/reading",
        "graph/almanac-1931/p09",
        "graph/almanac-1931/p09/reading",
        "graph/almanac-1931/p09/reading/first",
        "graph/dataset",
        "graph/derived/20-tree-count",
        "graph/derived/pinyin",
        "graph/derived/simplified",
        "graph/derived/statistics",
        "graph/inferred/10-within",
        "graph/meta",
        "graph/ontology",
        "graph/tree-list",
    ]


def test_every_graph_has_its_basis_and_every_source_graph_its_source(small_release: Release):
    found = ask(
        small_release,
        "SELECT ?g ?basis ?source { ?g kg:basis ?basis OPTIONAL { ?g prov:wasDerivedFrom ?source } }",
    )
    assert [
        (g.removeprefix("graph/"), basis.removeprefix(terms.KG), source) for g, basis, source in found
    ] == [
        ("almanac-1931", "Recorded", "source/almanac-1931"),
        ("almanac-1931/p04", "Stated", "source/almanac-1931/p04"),
        ("almanac-1931/p04/reading", "Read", "source/almanac-1931/p04"),
        ("almanac-1931/p09", "Stated", "source/almanac-1931/p09"),
        ("almanac-1931/p09/reading", "Read", "source/almanac-1931/p09"),
        ("almanac-1931/p09/reading/first", "Read", "source/almanac-1931/p09"),
        ("dataset", "Recorded", "None"),
        ("derived/20-tree-count", "Derived", "None"),
        ("derived/pinyin", "Derived", "None"),
        ("derived/simplified", "Derived", "None"),
        ("derived/statistics", "Derived", "None"),
        ("inferred/10-within", "Inferred", "None"),
        ("meta", "Recorded", "None"),
        ("ontology", "Defined", "None"),
        ("tree-list", "Tabulated", "source/tree-list"),
    ]


def test_what_the_data_says_of_a_graph_is_left_as_it_is(orchard: Project):
    orchard.change(
        "data/almanac-1931/p09.trig",
        "GRAPH <graph/meta> {",
        "GRAPH <graph/meta> { <graph/almanac-1931/p09> kg:basis kg:Derived .",
    )
    found = ask(orchard.build(), "SELECT ?b { g:almanac-1931\\/p09 kg:basis ?b }")
    assert found == [(terms.KG + "Derived",)]


def test_a_reading_of_a_whole_table(orchard: Project):
    orchard.write(
        "data/tree-list/reading.trig",
        f"@base <{BASE}> . @prefix kg: <{terms.KG}> . @prefix rdfs: <{terms.RDFS}> .\n"
        'GRAPH <graph/tree-list/reading> { <id/tree/01> rdfs:label "L\'arbre 1"@fr }\n'
        'GRAPH <graph/meta> { <graph/tree-list/reading> kg:reason "French."@en ; kg:confidence kg:High }',
    )
    found = ask(
        orchard.build(), "SELECT ?b ?s { g:tree-list\\/reading kg:basis ?b ; prov:wasDerivedFrom ?s }"
    )
    assert found == [(terms.KG + "Read", "source/tree-list")]


def test_the_default_graph_is_the_merge_without_superseded_graphs(small_release: Release):
    store = ox.Store.read_only(str(ensure_store(small_release)))
    replaced = {ox.NamedNode(iri) for iri in small_release.superseded}
    assert {node.value for node in replaced} == {f"{BASE}graph/almanac-1931/p09/reading/first"}
    merged = {q.triple for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    graphs = [g for g in store.named_graphs() if g not in replaced]
    assert merged == {q.triple for g in graphs for q in store.quads_for_pattern(None, None, None, g)}
    assert ask(small_release, 'SELECT ?s { ?s rdfs:label "Red Lamp"@en }') == []
    assert ask(small_release, 'SELECT ?s { GRAPH ?g { ?s rdfs:label "Red Lamp"@en } }') == [
        ("id/variety/red-lantern",)
    ]


def test_rules_add_what_they_entail_to_their_own_graphs(small_release: Release):
    within = ask(
        small_release,
        "SELECT ?s ?o { GRAPH <https://example.org/orchard/graph/inferred/10-within> { ?s o:isWithin ?o } }",
    )
    assert within == [
        ("id/plot/long-ridge-north", "id/orchard/long-ridge"),
        ("id/plot/long-ridge-south", "id/orchard/long-ridge"),
    ]
    counts = ask(small_release, "SELECT ?s ?n { ?s o:treeCount ?n }")
    assert counts == [("id/plot/long-ridge-north", "14"), ("id/plot/long-ridge-south", "10")]


def test_a_rule_sees_what_an_earlier_one_added_and_adds_nothing_twice(orchard: Project):
    orchard.write(
        "ontology/rules/30-again.rq",
        f"# Everything again, and something new.\n{PREFIXES}"
        "CONSTRUCT { ?s o:isWithin ?o ; skos:note ?text } WHERE { ?s o:isWithin ?o BIND('seen' AS ?text) }",
    )
    found = ask(
        orchard.build(),
        "SELECT ?s ?p { GRAPH <https://example.org/orchard/graph/inferred/30-again> { ?s ?p ?o } }",
    )
    note = terms.SKOS + "note"
    assert found == [("id/plot/long-ridge-north", note), ("id/plot/long-ridge-south", note)]


def test_a_rule_is_described_by_its_first_lines(small_release: Release):
    found = ask(
        small_release,
        "SELECT ?text { g:derived\\/20-tree-count dcterms:description ?text }",
    )
    assert found == [("How many trees of the lists stand in a plot.",)]


def test_a_rule_says_what_it_does_in_each_language_of_its_comment():
    head = "# basis: derived\n# Plots are counted.\n# One by one.\n# about@zh-Hans: 逐块。\n\nASK {}"
    assert about(head) == {"en": "Plots are counted. One by one.", "zh-hans": "逐块。"}
    assert about("ASK {}") == {}
    rules = sorted((resources.ontology_dir() / "rules").glob("*.rq"))
    assert rules
    for rule in rules:
        assert {*about(rule.read_text(encoding="utf-8"))} == {"en", "zh-hans", "zh-hant"}, rule.name


def test_names_are_derived_where_there_is_none(small_release: Release):
    found = ask(
        small_release,
        "SELECT ?s ?p ?n { GRAPH <https://example.org/orchard/graph/derived/simplified> { ?s ?p ?n } }",
    )
    assert [(s, terms.local_name(p), n) for s, p, n in found] == [
        ("id/orchard/long-ridge", "label", "长岭果园"),
        ("id/orchard/stone-bridge", "label", "石桥果园"),
        ("id/plot/long-ridge-north", "label", "北坡"),
        ("id/plot/long-ridge-south", "label", "南坡"),
        ("id/variety/red-lantern", "label", "红灯笼"),
        ("id/variety/red-lantern", "altLabel", "灯笼苹果"),
        ("id/variety/snow-pear", "label", "雪梨"),
    ]


def test_a_derived_name_is_read_by_the_next_procedure(small_release: Release):
    found = ask(
        small_release,
        'SELECT ?n { i:orchard\\/long-ridge rdfs:label ?n FILTER(lang(?n) = "zh-latn-pinyin") }',
    )
    assert found == [("Chánglǐng Guǒyuán",)]


def test_a_name_that_is_given_stays_the_only_one(orchard: Project):
    orchard.change(
        "data/almanac-1931/p04.trig",
        '"Long Ridge Orchard"@en ;',
        '"Long Ridge Orchard"@en, "长岭老果园"@zh-hans ;',
    )
    found = ask(
        orchard.build(),
        'SELECT ?n { i:orchard\\/long-ridge rdfs:label ?n FILTER(lang(?n) = "zh-hans") }',
    )
    assert found == [("长岭老果园",)]


def test_vocabulary_and_sources_are_named_by_hand(small_release: Release):
    found = ask(
        small_release, "SELECT ?s { GRAPH <https://example.org/orchard/graph/derived/pinyin> { ?s ?p ?o } }"
    )
    assert found
    assert all(s.startswith("id/") for (s,) in found)


SEARCHES = """@base <https://example.org/orchard/> .
@prefix kg: <https://w3id.org/linli/kg#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<id/search/1> a kg:Search ;
    rdfs:label "何处有梨"@zh-hans .
<id/tree/1> rdfs:label "枇杷"@zh-hans .
"""


def test_the_words_of_a_search_are_no_name(orchard: Project):
    orchard.write("data/tree-list/searches.ttl", SEARCHES)
    pinyin_graph = "<https://example.org/orchard/graph/derived/pinyin>"
    names = dict(ask(orchard.build(), f"SELECT ?s ?n {{ GRAPH {pinyin_graph} {{ ?s ?p ?n }} }}"))
    assert names["id/tree/1"] == "Pípá"
    assert "id/search/1" not in names


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("长岭果园", "Chánglǐng Guǒyuán"),
        ("石桥", "Shíqiáo"),
        ("西安", "Xī'ān"),
        ("绿江", "Lǜjiāng"),
        ("第3号（东）", "Dì 3 Hào (Dōng)"),
        ("“甲”、乙", "“Jiǎ”, Yǐ"),
        ("国家统计局", "Guójiā Tǒngjìjú"),
        ("紫霞村老年活动", "Zǐxiácūn Lǎonián Huódòng"),
        ("加梯与提升", "Jiātī Yǔ Tíshēng"),
        ("电厂二宿舍", "Diànchǎng Èr Sùshè"),
        ("2019年建成", "2019 Nián Jiànchéng"),
        ("abc 12", "abc 12"),
        ("", ""),
    ],
)
def test_romanising(name: str, written: str):
    assert pinyin({"果园": "Guǒyuán", "长岭": "Chánglǐng", "长": "Zhǎng"})(name) == written


def test_simplifying():
    convert = opencc_t2s({"乾": "乾"})
    assert [convert(name) for name in ("長嶺果園", "采", "余", "乾")] == ["长岭果园", "采", "余", "乾"]


def test_the_numbers_are_in_the_graph(small_release: Release):
    found = ask(small_release, "SELECT ?n { ?part void:class o:Tree ; void:entities ?n }")
    assert found == [("24",)]
    found = ask(small_release, "SELECT ?n { ?part void:property o:standsIn ; void:triples ?n }")
    assert found == [("24",)]


def test_the_description_names_the_files_with_their_checksums(small_release: Release):
    store = ox.Store()
    store.load(path=str(small_release.file("metadata.ttl")), format=ox.RdfFormat.TURTLE)
    answer = store.query(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#> "
        "SELECT ?version ?sum ?size { ?d a dcat:Dataset ; dcat:version ?version ; dcat:distribution ?f . "
        "?f dcat:mediaType <https://www.iana.org/assignments/media-types/application/n-quads> ; "
        "dcat:byteSize ?size ; spdx:checksum/spdx:checksumValue ?sum }"
    )
    assert isinstance(answer, ox.QuerySolutions)
    (row,) = answer
    size = small_release.file("dataset.nq").stat().st_size
    assert [term.value for term in row] == [small_release.version, small_release.digest, str(size)]


def test_the_pretty_turtle_is_the_merge(small_release: Release):
    store = ox.Store.read_only(str(ensure_store(small_release)))
    merge = {q.triple for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    path = str(small_release.file("dataset.ttl"))
    assert {q.triple for q in ox.parse(path=path, format=ox.RdfFormat.TURTLE)} == merge


def test_the_shapes_survive(small_release: Release, orchard: Project):
    def canonical(path: str) -> set[str]:
        dataset = ox.Dataset(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return {str(quad) for quad in dataset}

    written = canonical(str(small_release.file("shapes.ttl")))
    assert written == canonical(str(orchard.ontology / "shapes" / "orchard.ttl"))


def test_dataset_nq_is_its_own_canonical_form(small_release: Release):
    path = small_release.file("dataset.nq")
    dataset = ox.Dataset(ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    canonical = sorted(ox.serialize(iter(dataset), format=ox.RdfFormat.N_QUADS).splitlines(keepends=True))
    assert path.read_bytes() == b"".join(canonical)


def test_the_questions_come_along_and_are_answered(small_release: Release):
    text = small_release.file("questions/trees-by-plot.rq").read_text(encoding="utf-8")
    with LocalEngine.open(ensure_store(small_release)) as engine:
        rows = engine.query(text).rows
    assert [row[2].value for row in rows] == ["14", "10"]
