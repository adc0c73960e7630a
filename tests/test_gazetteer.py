"""The gazetteer in data/: what the lists say, on one set of nodes, in the form that all engines keep."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import resources
from kg.engine.local import LocalEngine
from kg.release import Release
from kg.sources import EVERYTHING, list_sources, refresh

DATA = resources.data_dir()
TABLES = ("nbs-2023", "mca-2025", "nbs-2020", "hangzhou-divisions-2021", "geonames")
L = "https://w3id.org/linli/ontology/"
PREFIXES = {
    "l": L,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    for name in TABLES:
        graph = ox.NamedNode(f"https://w3id.org/linli/graph/{name}")
        for file in (DATA / name).glob("*.ttl"):
            store.load(path=file, format=ox.RdfFormat.TURTLE, to_graph=graph)
        for file in (DATA / name).glob("*.trig"):
            store.load(path=file, format=ox.RdfFormat.TRIG)
    return store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    head = "".join(f"PREFIX {p}: <{n}>\n" for p, n in PREFIXES.items())
    rows = store.query(head + query, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    return [tuple("" if value is None else value.value for value in row) for row in rows]


def test_the_counts_are_those_of_the_lists(store: ox.Store) -> None:
    found = ask(store, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    assert {c.removeprefix(L): int(n) for c, n in found} == {
        "Country": 1,
        "Province": 1,
        "City": 1,
        "District": 13,
        "Subdistrict": 196,
        "Community": 3320,
        "AdministrativeDivision": 6 + 2,
        "Identifier": 3531 + 206 + 6,
        "Document": 5,
        "Agency": 2,
        "Body": 1,
        "http://www.opengis.net/ont/geosparql#Geometry": 122,
    }


def test_every_division_but_the_country_has_one_parent_of_the_level_above(store: ox.Store) -> None:
    above = {
        "Province": "Country",
        "City": "Province",
        "District": "City",
        "Subdistrict": "District",
        "Community": "Subdistrict",
    }
    for level, parent in above.items():
        query = (
            f"SELECT DISTINCT ?s ?p {{ ?s a l:{level} OPTIONAL {{ ?s l:isPartOf ?p . ?p a l:{parent} }} }}"
        )
        pairs = ask(store, query)
        assert all(p for _, p in pairs), level
        assert len({s for s, _ in pairs}) == len(pairs), level
    everything = ask(store, "SELECT DISTINCT ?s ?p { ?s l:isPartOf ?p }")
    assert len(everything) == 1 + 1 + 13 + 196 + 3320


def test_names_and_identifiers_are_on_every_division(store: ox.Store) -> None:
    complete = "?s rdfs:label ?n ; l:hasIdentifier/skos:notation ?c"
    bare = f"SELECT ?s {{ ?s l:isPartOf ?p FILTER NOT EXISTS {{ {complete} }} }}"
    assert ask(store, bare) == []
    shared = "SELECT ?i { ?s l:hasIdentifier ?i } GROUP BY ?i HAVING (COUNT(DISTINCT ?s) > 1)"
    assert ask(store, shared) == []
    names = """SELECT ?s { ?s l:isPartOf ?p ; rdfs:label ?n FILTER(lang(?n) = "zh-hans") }
        GROUP BY ?s HAVING (COUNT(DISTINCT ?n) > 1)"""
    assert ask(store, names) == [], "the lists agree on the name of a node"


CODES = """SELECT ?s ?nbs ?mca {
  GRAPH <https://w3id.org/linli/graph/nbs-2023> { ?s a l:Subdistrict ; l:hasIdentifier/skos:notation ?nbs }
  GRAPH <https://w3id.org/linli/graph/mca-2025> { ?s l:hasIdentifier/skos:notation ?mca }
}"""


def test_down_to_the_districts_every_page_can_be_read_in_each_script(release: Release) -> None:
    """And what a curator made of a Traditional name stands so in a name that a passage gives."""
    lacking = """
        SELECT ?place ?tag WHERE {
            VALUES ?class { l:Country l:Province l:City l:District }
            VALUES ?tag { "en" "zh-hans" "zh-hant" }
            ?place a ?class .
            FILTER NOT EXISTS { ?place l:isReplacedBy ?other }
            FILTER NOT EXISTS { ?place rdfs:label ?name FILTER(LANG(?name) = ?tag) }
        }"""
    written = """
        SELECT DISTINCT ?name ?within WHERE {
            GRAPH <https://w3id.org/linli/graph/nbs-2023/reading/traditional> { ?place rdfs:label ?name }
            OPTIONAL {
                GRAPH ?graph { ?thing rdfs:label|skos:altLabel ?within }
                FILTER(LANG(?within) = "zh-hant" && CONTAINS(?within, SUBSTR(?name, 1, 2)))
                FILTER(?graph != <https://w3id.org/linli/graph/nbs-2023/reading/traditional>)
            }
        }"""
    head = "".join(f"PREFIX {p}: <{n}>\n" for p, n in PREFIXES.items())
    with LocalEngine.open(release.store) as engine:
        assert list(engine.query(head + lacking).dicts()) == []
        found = list(engine.query(head + written).dicts())
    assert len({row["name"] for row in found}) == 4
    assert all(row.get("within") for row in found)


def test_the_lists_meet_on_names_and_not_on_codes(store: ox.Store) -> None:
    rows = ask(store, CODES)
    assert len(rows) == 191
    assert sum(nbs != mca for _, nbs, mca in rows) == 49
    by_nbs = {nbs: s for s, nbs, _ in rows}
    by_mca = {mca: s for s, _, mca in rows}
    assert by_nbs["330110012"] != by_mca["330110012"], "仓前 in one list, 余杭街道 in the other"


def test_units_without_a_counterpart_are_listed(store: ox.Store) -> None:
    alone = """SELECT ?code ?name { GRAPH <https://w3id.org/linli/graph/nbs-2023> {
        ?s a l:Subdistrict ; rdfs:label ?name ; l:hasIdentifier/skos:notation ?code }
      FILTER NOT EXISTS { GRAPH <https://w3id.org/linli/graph/mca-2025> { ?s rdfs:label ?any } } }"""
    with (DATA / "mca-2025" / "unlinked.csv").open(encoding="utf-8") as file:
        listed = {(row["code"], row["name"]) for row in csv.DictReader(file)}
    assert set(ask(store, alone)) == listed
    assert len(listed) == 5


def test_links_name_the_codes_that_differ(store: ox.Store) -> None:
    differing = {mca: nbs for _, nbs, mca in ask(store, CODES) if nbs != mca}
    with (DATA / "mca-2025" / "links.csv").open(encoding="utf-8") as file:
        noted = {
            r["code"]: r["note"].removeprefix("NBS 2023 has ") for r in csv.DictReader(file) if r["note"]
        }
    assert noted == differing


def test_successions_are_what_the_editions_show(store: ox.Store) -> None:
    stated = ask(store, "SELECT DISTINCT ?new ?old { ?new l:succeeds ?old }")
    shown = ask(store, "SELECT DISTINCT ?new ?old { ?old l:covers ?part . ?part l:isPartOf ?new }")
    assert set(stated) == set(shown)
    assert len(stated) == 9
    moved = """SELECT DISTINCT ?part { ?old l:covers ?part ; rdfs:label ?was . ?part l:isPartOf/rdfs:label ?is
        FILTER(lang(?was) = "zh-hans" && lang(?is) = "zh-hans" && ?was != ?is) }"""
    assert len(ask(store, moved)) == 31


def test_former_units_have_an_end_and_no_place_in_the_present_tree(store: ox.Store) -> None:
    former = ask(store, "SELECT DISTINCT ?s ?end { ?s l:covers ?part OPTIONAL { ?s l:endDate ?end } }")
    assert {end for _, end in former} == {"2021"}
    assert len(former) == 6
    assert (
        ask(store, "SELECT ?s { ?s l:covers ?part . { ?s l:isPartOf ?p } UNION { ?c l:isPartOf ?s } }") == []
    )


def test_points_lie_in_the_region_and_are_used_once(store: ox.Store) -> None:
    query = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
        SELECT DISTINCT ?s ?wkt { ?s a l:Subdistrict ; geo:hasDefaultGeometry/geo:asWKT ?wkt }"""
    points = ask(store, query)
    assert len({s for s, _ in points}) == len({wkt for _, wkt in points}) == len(points) == 121
    for _, wkt in points:
        lon, lat = (float(number) for number in wkt.removeprefix("POINT(").removesuffix(")").split())
        assert 118.3 < lon < 120.8
        assert 29.1 < lat < 30.65


def test_every_subdistrict_has_a_point_or_is_listed_without(store: ox.Store) -> None:
    query = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
        SELECT ?s { ?s a l:Subdistrict FILTER NOT EXISTS { ?s geo:hasDefaultGeometry ?g } }"""
    with (DATA / "geonames" / "unlinked.csv").open(encoding="utf-8") as file:
        assert {row["node"] for row in csv.DictReader(file)} == {s for (s,) in ask(store, query)}


def test_nothing_is_anonymous_and_every_literal_is_canonical(store: ox.Store) -> None:
    for quad in store:
        assert isinstance(quad.subject, ox.NamedNode)
        assert not isinstance(quad.object, ox.BlankNode)
        if isinstance(quad.object, ox.Literal) and quad.object.language:
            assert quad.object.language in {"en", "zh-hans", "zh-hant"}
    for name in TABLES:
        for file in (DATA / name).glob("*.ttl"):
            # The parser keeps what is written; the store gives back the canonical form.
            for triple in ox.parse(path=file, format=ox.RdfFormat.TURTLE):
                assert any(store.quads_for_pattern(triple.subject, triple.predicate, triple.object))


@pytest.mark.long
@pytest.mark.parametrize("source", list_sources(DATA))
def test_made_again_it_is_byte_for_byte_what_is_committed(source: str, tmp_path: Path) -> None:
    made = refresh(DATA, source, out=tmp_path)
    assert made.path.read_bytes() == (DATA / source / made.path.name).read_bytes()


@pytest.mark.long
def test_the_whole_list_comes_out_of_the_same_mapping(tmp_path: Path) -> None:
    made = refresh(DATA, "nbs-2023", scope=EVERYTHING, out=tmp_path)
    # Less what the package fills in: three cities stand as their own district, a county as town and village.
    assert made.rows == 31 + 342 + (2978 - 3) + (41_352 - 1) + (620_573 - 1)
    assert made.statements == 8 * made.rows + 2
    province = refresh(DATA, "nbs-2023", scope="33", out=tmp_path)
    assert province.rows == 1 + 11 + 90 + 1387 + 25_547
