"""The further documents in data/: each is recorded, and adds cases and figures that its passages state."""

from __future__ import annotations

import re
from collections import Counter

import pyoxigraph as ox
import pytest

from kg import resources
from tests.documents import document_text

DATA = resources.data_dir()
BASE = "https://w3id.org/linli/"
FOUNDING = "hangzhou-2021-best-cases"
LISTS = {"nbs-2023", "mca-2025", "nbs-2020", "hangzhou-divisions-2021", "geonames"}
TABLES = LISTS | {"search-log", "panel", "retired"}
LIST = (resources.ontology_dir() / "vocabularies" / "document-kind.ttl").read_text(encoding="utf-8")
KINDS = set(re.findall(r"^:([a-z-]+) a skos:Concept", LIST, flags=re.MULTILINE)) - {"table"}
FORMATS = {".ttl": ox.RdfFormat.TURTLE, ".trig": ox.RdfFormat.TRIG}
PREFIXES = {
    "l": BASE + "ontology/",
    "v": BASE + "vocabulary/",
    "id": BASE + "id/",
    "graph": BASE + "graph/",
    "kg": BASE + "kg#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The documents, the founding one among them, without the gazetteer."""
    store = ox.Store()
    for folder in sorted(p for p in DATA.iterdir() if p.is_dir() and p.name not in TABLES):
        for file in sorted(p for p in folder.iterdir() if p.suffix in FORMATS):
            graph = None if file.suffix == ".trig" else ox.NamedNode(f"{BASE}graph/{folder.name}")
            store.load(path=file, format=FORMATS[file.suffix], base_iri=BASE, to_graph=graph)
    return store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    head = "".join(f"PREFIX {p}: <{n}>\n" for p, n in PREFIXES.items())
    rows = store.query(head + query, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    return [tuple("" if value is None else value.value.removeprefix(BASE) for value in row) for row in rows]


def slugs(store: ox.Store) -> set[str]:
    found = ask(store, "SELECT DISTINCT ?d { ?d a l:Document . ?p l:isPassageOf ?d }")
    return {d.removeprefix("source/") for (d,) in found} - {FOUNDING}


# --- documents ----------------------------------------------------------------------------


def test_there_are_at_least_ten_further_documents(store: ox.Store) -> None:
    assert len(slugs(store)) >= 40


def test_every_document_has_a_date_a_kind_a_language_and_says_how_it_was_read(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT ?d (SAMPLE(?issued) AS ?date) (COUNT(DISTINCT ?issued) AS ?dates) (SAMPLE(?k) AS ?kind)
        (SAMPLE(?l) AS ?language) (SAMPLE(?how) AS ?read)
        { ?d a l:Document . FILTER EXISTS { ?p l:isPassageOf ?d }
          OPTIONAL { ?d dcterms:issued ?issued } OPTIONAL { ?d l:hasKind ?k }
          OPTIONAL { ?d dcterms:language ?l }
          OPTIONAL { ?d dcterms:provenance ?how FILTER(LANG(?how) = "en") } } GROUP BY ?d""",
    )
    ours = [row for row in rows if row[0] != "source/" + FOUNDING]
    assert len(ours) == len(slugs(store))
    for document, date, dates, kind, language, read in ours:
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", date) and dates == "1", document
        assert kind.removeprefix("vocabulary/document-kind/") in KINDS, document
        assert language in {"en", "zh-hans", "zh-hant"}, document
        assert read.startswith(("Read whole", "Read as an excerpt")), document


def test_addresses_of_reposts_are_printed_and_of_others_linked(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT ?d ?kind ?printed ?link { ?d a l:Document ; l:hasKind ?kind .
        FILTER EXISTS { ?p l:isPassageOf ?d }
        OPTIONAL { ?d dcterms:identifier ?printed } OPTIONAL { ?d rdfs:seeAlso ?link } }""",
    )
    for document, kind, printed, link in rows:
        if kind.endswith("repost"):
            assert not link, document
        else:
            assert link == printed, document


def test_every_passage_is_recorded_with_its_checksum_and_summarised_in_three_languages(
    store: ox.Store,
) -> None:
    rows = ask(
        store,
        """SELECT ?p ?sha (COUNT(DISTINCT LANG(?summary)) AS ?n) (SAMPLE(?length) AS ?long)
        { ?p a l:Passage ; l:sha256 ?sha ; l:length ?length . OPTIONAL { ?p l:summary ?summary } }
        GROUP BY ?p ?sha""",
    )
    ours = [row for row in rows if f"/{FOUNDING}/" not in row[0]]
    assert len(ours) >= 150
    for passage, sha, languages, length in ours:
        assert re.fullmatch("[0-9a-f]{64}", sha) and int(length) > 0, passage
        assert languages == "3", passage


def test_every_graph_of_a_passage_has_its_passage(store: ox.Store) -> None:
    passages = {p for (p,) in ask(store, "SELECT ?p { ?p a l:Passage }")}
    for graph in store.named_graphs():
        found = re.match(re.escape(BASE) + r"graph/([^/]+)/(p\d\d+)", graph.value)
        if found:
            assert f"source/{found[1]}/{found[2]}" in passages, graph


def test_every_reading_has_a_reason_and_a_confidence(store: ox.Store) -> None:
    rows = ask(store, 'SELECT ?g { ?g kg:confidence ?c ; kg:reason ?r FILTER(LANG(?r) = "en") }')
    said = {graph for (graph,) in rows}
    readings = {g.value.removeprefix(BASE) for g in store.named_graphs() if "/reading" in g.value}
    assert readings <= said


# --- cases ---------------------------------------------------------------------------------

CASES = """SELECT ?case ?document
(COUNT(DISTINCT ?figure) AS ?figures)
{ GRAPH ?g { ?case a l:RenewalProject } ?case l:covers ?place .
  FILTER NOT EXISTS { GRAPH ?founding { ?case ?any ?thing }
    FILTER(CONTAINS(STR(?founding), "/hangzhou-2021-best-cases/")) }
  BIND(REPLACE(STR(?g), "^.*/graph/([^/]+)/.*$", "$1") AS ?document)
  OPTIONAL { { ?case l:hasMeasurement ?figure } UNION { ?place l:hasMeasurement ?figure } } }
GROUP BY ?case ?document"""


def test_there_are_at_least_twelve_further_cases_with_their_sources(store: ox.Store) -> None:
    rows = ask(store, CASES)
    cases = {case for case, _, _ in rows}
    assert len(cases) >= 40
    assert {document for _, document, _ in rows} <= slugs(store)


def test_at_least_twelve_of_them_have_figures_of_their_own(store: ox.Store) -> None:
    figures = Counter({case: int(n) for case, _, n in ask(store, CASES)})
    assert len([case for case, n in figures.items() if n]) >= 12


def test_cases_lie_in_most_districts_and_counties(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT DISTINCT ?district { ?case a l:RenewalProject .
        { ?case l:isLocatedIn ?where } UNION { ?case l:covers ?where }
        UNION { ?case l:covers/l:isLocatedIn ?where }
        UNION { ?case l:covers/l:isLocatedIn/l:isLocatedIn ?where }
        BIND(REPLACE(STR(?where), "^.*/id/division/nbs2023-(3301[0-9][0-9]).*$", "$1") AS ?district)
        FILTER(STRLEN(?district) = 6) }""",
    )
    assert len(rows) >= 10


def test_a_question_about_2020_finds_the_districts_of_2020(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT DISTINCT ?case
        { ?case a l:RenewalProject ; l:isLocatedIn <https://w3id.org/linli/id/division/former-jianggan> }""",
    )
    assert len(rows) >= 5


def test_each_change_of_the_districts_is_an_event_of_april_2021(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT ?former ?district ?date { ?district l:succeeds ?former .
        ?event a l:Event ; l:concerns ?former, ?district ; l:isPartOf ?plan .
        ?plan l:date ?date }""",
    )
    successions = ask(store, "SELECT ?former ?district { ?district l:succeeds ?former }")
    # the two that go on under their names are the lists' to tell
    assert {row[:2] for row in rows} == set(successions) and len(successions) == 7
    assert {row[2] for row in rows} == {"2021-04-09"}


# --- figures -------------------------------------------------------------------------------


def test_every_figure_has_a_unit_a_quantity_a_subject_a_passage_and_its_place_in_the_text(
    store: ox.Store,
) -> None:
    stated = ask(
        store,
        """SELECT ?figure ?passage
        { GRAPH ?g { ?figure a l:Measurement ; l:hasUnit ?unit ; l:hasQuantity ?quantity .
            { ?figure l:value ?value } UNION { ?figure l:minimum ?low ; l:maximum ?high } }
        # whose it is, the passage says, or a reading of it
        GRAPH ?r { ?thing l:hasMeasurement ?figure }
        FILTER(?r = ?g || STRSTARTS(STR(?r), CONCAT(STR(?g), "/reading")))
        BIND(IRI(REPLACE(STR(?g), "/graph/", "/source/")) AS ?passage) ?passage a l:Passage }""",
    )
    # a sum that a reading reckons stands on the figures that it is reckoned from
    every = ask(
        store,
        """SELECT ?figure ?g { GRAPH ?g { ?figure a l:Measurement
        FILTER NOT EXISTS { ?figure <http://www.w3.org/ns/prov#wasDerivedFrom> ?part } } }""",
    )
    assert {(f, p.replace("source/", "graph/")) for f, p in stated} == set(every)
    assert len(every) >= 300
    spans = ask(
        store,
        """SELECT ?figure ?passage
        { ?span l:isSpanOf ?passage ; l:supports ?figure . ?figure a l:Measurement }""",
    )
    assert set(stated) <= set(spans)


def test_passages_that_agree_share_a_figure(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT ?figure (COUNT(DISTINCT ?g) AS ?graphs) { GRAPH ?g { ?figure a l:Measurement } }
        GROUP BY ?figure HAVING(COUNT(DISTINCT ?g) > 1)""",
    )
    assert int(dict(rows)["id/measurement/hangzhou/lifts-cumulative-5338"]) >= 2


def test_no_figure_has_two_values_or_two_hedges(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT ?figure { ?figure a l:Measurement . OPTIONAL { ?figure l:value ?v }
        OPTIONAL { ?figure l:hasQualifier ?q } OPTIONAL { ?figure l:hasUnit ?u } }
        GROUP BY ?figure
        HAVING(COUNT(DISTINCT ?v) > 1 || COUNT(DISTINCT ?q) > 1 || COUNT(DISTINCT ?u) > 1)""",
    )
    assert rows == []


@pytest.mark.parametrize(
    ("quantity", "value", "end"),
    [
        ("compounds-renewed", "302", "2020-11-20"),
        ("compounds-renewed", "132", "2021-06"),
        ("compounds-renewed", "201", "2021-10"),
        ("compounds-renewed", "211", "2021"),
        ("compounds-begun", "1057", "2022-12"),
        ("compounds-renewed", "124", "2024-05"),
        ("households-benefiting", "410000", "2022-12"),
        ("households-benefiting", "70000", "2021"),
        ("floor-area-planned", "12000000", "2020"),
        ("parking-berths", "9655", "2020-10"),
        ("lifts", "1001", "2022-10"),
        ("lifts", "4220", "2022-10"),
        ("lifts", "5338", "2023-10"),
    ],
)
def test_the_citys_figures_are_there_by_year(store: ox.Store, quantity: str, value: str, end: str) -> None:
    rows = ask(
        store,
        """SELECT ?quantity ?value ?end
        { id:division\\/nbs2023-330100000000 l:hasMeasurement ?figure .
          ?figure l:hasQuantity ?quantity ; l:value ?value .
          { ?figure l:date ?end } UNION { ?figure l:endDate ?end } }""",
    )
    assert (f"vocabulary/quantity/{quantity}", value, end) in rows


def test_quantities_and_units_that_the_lists_lack_are_defined(store: ox.Store) -> None:
    listed = (resources.ontology_dir() / "vocabularies" / "quantity.ttl").read_text(encoding="utf-8")
    known = set(re.findall(r"^:([\w-]+) a skos:Concept", listed, flags=re.MULTILINE))
    used = {q.rsplit("/", 1)[1] for (q,) in ask(store, "SELECT DISTINCT ?q { ?figure l:hasQuantity ?q }")}
    rows = ask(
        store,
        """SELECT ?q { ?q skos:prefLabel ?name ; skos:definition ?definition }
        GROUP BY ?q HAVING(COUNT(DISTINCT LANG(?name)) = 3 && COUNT(DISTINCT LANG(?definition)) = 3)""",
    )
    named = {quantity.rsplit("/", 1)[1] for (quantity,) in rows}
    assert used <= known | named
    assert known.isdisjoint(named), "moved to the lists: take them out of data/further-sources"


# --- what is ours and what is the source's ------------------------------------------------------


def test_spans_lie_in_their_passage_and_are_as_long_as_the_name_they_are_for(store: ox.Store) -> None:
    rows = ask(
        store,
        """SELECT ?span ?start ?end ?length (GROUP_CONCAT(STR(STRLEN(STR(?name))); separator=" ") AS ?names)
        { ?span l:isSpanOf ?passage ; l:start ?start ; l:end ?end ; l:hasKind ?kind ; l:supports ?thing .
          ?passage l:length ?length ; dcterms:language ?language .
          FILTER(!CONTAINS(STR(?passage), "hangzhou-2021-best-cases"))
          OPTIONAL { FILTER(STRENDS(STR(?kind), "/name"))
            GRAPH ?g { ?thing rdfs:label|skos:altLabel ?name }
            # an English name isn't what a Chinese page writes
            FILTER((LANG(?name) = "en") = (?language = "en")) } }
        GROUP BY ?span ?start ?end ?length ?kind""",
    )
    assert len(rows) >= 600
    for span, start, end, length, names in rows:
        assert 0 <= int(start) < int(end) <= int(length), span
        if names:
            assert str(int(end) - int(start)) in names.split(), span


def test_a_passages_graph_holds_names_not_sentences(store: ox.Store) -> None:
    for quad in store:
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        assert not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode)
        stated = re.search(r"/graph/(?!hangzhou-2021-best-cases)[^/]+/p\d\d+$", graph)
        if stated and isinstance(quad.object, ox.Literal):
            assert len(quad.object.value) <= 70, quad.object.value
            assert "。" not in quad.object.value, quad.object.value


def test_the_list_of_sources_names_every_document(store: ox.Store) -> None:
    text = document_text("sources.md")
    for slug in slugs(store):
        assert f"`{slug}`" in text, slug
