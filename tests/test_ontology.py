"""The ontology keeps to its own style, says nothing twice, and is used as it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pyoxigraph as ox
import pytest

from kg import resources
from kg.engine.local import LocalEngine
from kg.make import shacl
from kg.make.loading.files import ontology_files, shape_files
from kg.release import Release
from kg.release.store import ensure_store
from kg.terms import OWL, RDF, RDFS, SH, SKOS
from tests.documents import document_text

ONTOLOGY = resources.ontology_dir()
LINLI = "https://w3id.org/linli/ontology/"
SCHEMA = "https://schema.org/"
LANGUAGES = {"en", "zh-hans", "zh-hant"}
PREFIXES = f"""PREFIX linli: <{LINLI}> PREFIX owl: <{OWL}> PREFIX rdfs: <{RDFS}> PREFIX skos: <{SKOS}>
PREFIX rdf: <{RDF}> PREFIX sh: <{SH}> PREFIX schema: <{SCHEMA}> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX kg: <https://w3id.org/linli/kg#> PREFIX graph: <https://w3id.org/linli/graph/>
"""


@cache
def ontology() -> ox.Store:
    store = ox.Store()
    for source in ontology_files(ONTOLOGY):
        store.load(path=str(source.path), format=ox.RdfFormat.from_extension(source.path.suffix[1:]))
    return store


@cache
def shape_store() -> ox.Store:
    store = ox.Store()
    for path in shape_files(ONTOLOGY):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(PREFIXES + query)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(tuple("" if t is None else t.value for t in row) for row in found)


def terms(kind: str) -> set[str]:
    found = ask(ontology(), f"SELECT ?t {{ ?t a {kind} ; rdfs:isDefinedBy ?module }}")
    return {iri for (iri,) in found}


CLASSES = terms("owl:Class")
PROPERTIES = terms("owl:ObjectProperty") | terms("owl:DatatypeProperty")
RETIRED = {iri for (iri,) in ask(ontology(), "SELECT ?t { ?t owl:deprecated true }")}


@pytest.fixture(scope="module")
def merged(release: Release) -> Iterator[ox.Store]:
    with LocalEngine.open(ensure_store(release)) as engine:
        yield engine.store


# --- style ------------------------------------------------------------------------------------


def style_shapes() -> list[shacl.Shape]:
    store = ox.Store()
    store.load(path=str(ONTOLOGY / "shapes" / "style.ttl"), format=ox.RdfFormat.TURTLE)
    return list(shacl.read(store))


def test_the_ontology_keeps_to_its_style():
    shapes = style_shapes()
    assert len(shapes) >= 10
    found = shacl.validate(shacl.Data(ontology()), shapes)
    assert [(str(v.focus), v.message) for v in found] == []


def test_it_is_small():
    assert 30 <= len(CLASSES) <= 45
    assert 50 <= len(PROPERTIES) <= 65


def test_every_term_says_in_which_module_it_stands_and_stands_there():
    for path in ONTOLOGY.glob("*.ttl"):
        if path.stem in {"linli", "alignments"}:
            continue
        for quad in ox.parse(path=str(path)):
            if quad.predicate.value == RDFS + "isDefinedBy":
                assert quad.object == ox.NamedNode(f"{LINLI}module/{path.stem}"), quad.subject
    whole = ask(ontology(), f"SELECT ?m {{ <{LINLI}> dcterms:hasPart ?m }}")
    assert {iri for (iri,) in whole} == {f"{LINLI}module/{p.stem}" for p in ONTOLOGY.glob("*.ttl")} - {
        f"{LINLI}module/linli",
        f"{LINLI}module/alignments",
    }


def test_alignments_say_how_our_terms_stand_to_others_and_nothing_else():
    links = {RDFS + "subClassOf", RDFS + "subPropertyOf", OWL + "inverseOf", SKOS + "closeMatch"}
    for quad in ox.parse(path=str(ONTOLOGY / "alignments.ttl")):
        assert quad.subject.value in CLASSES | PROPERTIES
        assert quad.predicate.value in links
        assert not quad.object.value.startswith(LINLI)


@pytest.mark.parametrize(
    ("vocabulary", "namespace"),
    [
        ("ORG", "http://www.w3.org/ns/org#"),
        ("CPOV", "http://data.europa.eu/m8g/"),
        ("schema.org", SCHEMA),
        ("GeoSPARQL", "http://www.opengis.net/ont/geosparql#"),
        ("Wikidata", "http://www.wikidata.org/entity/"),
    ],
)
def test_the_ontology_is_aligned_with(vocabulary: str, namespace: str):
    links = [q for q in ox.parse(path=str(ONTOLOGY / "alignments.ttl")) if namespace in q.object.value]
    assert links, vocabulary


def test_wikidata_is_never_said_to_mean_the_same():
    """Whoever drew its classes drew them for all the world; and an identifier has the form of one."""
    for quad in ox.parse(path=str(ONTOLOGY / "alignments.ttl")):
        if "wikidata" in quad.object.value:
            assert quad.predicate.value == SKOS + "closeMatch"
            kind = "Q" if quad.subject.value in CLASSES else "P"
            assert re.fullmatch(rf"http://www\.wikidata\.org/entity/{kind}[1-9][0-9]*", quad.object.value)


def test_no_two_terms_of_a_sort_have_one_label():
    for terms_of_a_sort in (CLASSES, PROPERTIES):
        labels = ask(ontology(), "SELECT ?t ?label (LANG(?label) AS ?language) { ?t rdfs:label ?label }")
        seen = Counter((label, language) for iri, label, language in labels if iri in terms_of_a_sort)
        assert [key for key, count in seen.items() if count > 1] == []


def test_no_property_says_backwards_what_another_says():
    names = {iri.removeprefix(LINLI) for iri in PROPERTIES}
    pairs = [
        (a, b)
        for a in names
        for b in names
        if re.fullmatch(rf"has{re.escape(b[2:-2])}", a) and b[-2:] == "Of"
    ]
    assert pairs == []


# --- classes -----------------------------------------------------------------------------------


def above(cls: str) -> set[str]:
    found = ask(ontology(), f"SELECT ?c {{ <{cls}> rdfs:subClassOf+ ?c }}")
    return {iri for (iri,) in found}


def test_disjointness_is_sane():
    pairs = ask(ontology(), "SELECT ?a ?b { ?a owl:disjointWith ?b }")
    assert len(pairs) > 100
    assert set().union(*pairs) <= CLASSES
    assert len({frozenset(pair) for pair in pairs}) == len(pairs), "a pair is said once"
    for a, b in pairs:
        assert a != b and a not in above(b) and b not in above(a), f"{a} {b}"
    # what is one thing is never of two classes that exclude each other by what they inherit
    for cls in CLASSES:
        family = above(cls) | {cls}
        assert [(a, b) for a, b in pairs if a in family and b in family] == [], cls
    # the classes at the top of each branch exclude one another
    tops = {cls for cls in CLASSES if not above(cls) & CLASSES}
    said = {frozenset(pair) for pair in pairs}
    assert {frozenset((a, b)) for a in tops for b in tops if a != b} - said == set()


def test_retired_terms_have_a_replacement_that_is_not_retired(merged: ox.Store):
    assert RETIRED, "the test would prove nothing"
    for iri in RETIRED:
        ((instead,),) = ask(ontology(), f"SELECT ?t {{ <{iri}> dcterms:isReplacedBy ?t }}")
        assert instead in CLASSES | PROPERTIES and instead not in RETIRED
        assert ask(merged, f"SELECT ?s {{ {{ ?s a <{iri}> }} UNION {{ ?s <{iri}> ?o }} }}") == []
    asked = "".join(p.read_text(encoding="utf-8") for p in (ONTOLOGY / "questions").glob("*.rq"))
    assert [iri for iri in RETIRED if re.search(rf"linli:{iri.removeprefix(LINLI)}\b", asked)] == []


def test_what_was_given_up_leads_to_what_took_its_place(merged: ox.Store):
    moved = ask(merged, "SELECT ?old ?new { ?old owl:deprecated true ; dcterms:isReplacedBy ?new }")
    things = {old: new for old, new in moved if old not in RETIRED}
    assert things, "the test would prove nothing"
    assert {new for new in things.values() if new in things} == set()
    described = {
        iri for (iri,) in ask(merged, "SELECT ?new { ?old dcterms:isReplacedBy ?new . ?new a ?class }")
    }
    assert set(things.values()) <= described


def test_the_changelog_tells_of_this_edition_and_of_what_is_retired():
    text = document_text("ontology-changes.md")
    ((version,),) = ask(ontology(), f"SELECT ?v {{ <{LINLI}> owl:versionInfo ?v }}")
    assert f"## {version}" in text
    assert [iri for iri in RETIRED if f"`{iri.removeprefix(LINLI)}`" not in text] == []
    ((iri,),) = ask(ontology(), f"SELECT ?v {{ <{LINLI}> owl:versionIRI ?v }}")
    assert iri == LINLI + version


# --- use ---------------------------------------------------------------------------------------


def test_every_term_is_used_or_says_why_it_is_kept(merged: ox.Store):
    used = {iri for (iri,) in ask(merged, "SELECT DISTINCT ?c { ?s a ?c }")}
    used |= {iri for (iri,) in ask(merged, "SELECT DISTINCT ?p { ?s ?p ?o }")}
    kept = {iri for (iri,) in ask(ontology(), "SELECT DISTINCT ?t { ?t skos:editorialNote ?why }")}
    assert (CLASSES | PROPERTIES) - used - kept - RETIRED == set()
    assert kept & used == set(), "it is in use: take the note away"


@pytest.mark.parametrize(("end", "other"), [("domain", "subject"), ("range", "object")])
def test_every_property_is_used_of_what_it_is_for(merged: ox.Store, end: str, other: str):
    """What a source calls by a class that the property isn't for is a slip of one or of the other."""
    declared: dict[str, set[str]] = {}
    for prop, cls in ask(ontology(), f"SELECT ?p ?c {{ ?p rdfs:{end}|schema:{end}Includes ?c }}"):
        declared.setdefault(prop, set()).add(cls)
    classes: dict[str, set[str]] = {}
    for iri, cls in ask(merged, "SELECT ?s ?c { ?s a ?c }"):
        classes.setdefault(iri, set()).add(cls)
    wrong = set()
    for prop in sorted(PROPERTIES & declared.keys()):
        for quad in merged.quads_for_pattern(None, ox.NamedNode(prop), None, ox.DefaultGraph()):
            node = quad.subject if other == "subject" else quad.object
            kinds = {node.datatype.value} if isinstance(node, ox.Literal) else classes.get(node.value, set())
            if not kinds & declared[prop]:
                wrong.add((prop, str(node)))
    assert sorted(wrong) == []


def test_what_is_said_of_a_thing_has_a_place_on_its_page(merged: ox.Store):
    """Each property that the things of a class have stands in a shape of that class or of one above it."""
    shown: dict[str, set[str]] = {}
    rows = ask(
        shape_store(), "SELECT ?c ?p { ?shape sh:targetClass ?c ; sh:property/sh:path ?p FILTER(isIRI(?p)) }"
    )
    for cls, path in rows:
        shown.setdefault(cls, set()).add(path)
    missing = []
    for cls in sorted(CLASSES - RETIRED):
        near = {cls} | above(cls) | {one for one in CLASSES if cls in above(one)}
        known = set().union(*(shown.get(one, set()) for one in near))
        said = ask(merged, f"SELECT DISTINCT ?p {{ ?s a <{cls}> ; ?p ?o }}") if known else []
        missing += [(cls, path) for (path,) in said if path in PROPERTIES - known]
    assert missing == []


def test_headings_are_in_three_languages_and_tell_properties_apart():
    unnamed = ask(
        shape_store(),
        """SELECT ?shape { ?shape sh:order ?order OPTIONAL { ?shape sh:name ?name } }
        GROUP BY ?shape HAVING(COUNT(DISTINCT LANG(?name)) != 3)""",
    )
    assert unnamed == []
    twice = ask(
        shape_store(),
        """SELECT DISTINCT ?node ?name { ?node sh:targetClass ?class ; sh:property ?one, ?other .
        ?one sh:name ?name ; sh:path ?p . ?other sh:name ?name ; sh:path ?q FILTER(?p != ?q) }""",
    )
    assert twice == []


# --- lists -------------------------------------------------------------------------------------


def test_every_entry_lies_in_its_list_and_under_an_entry_of_the_same():
    assert (
        ask(ontology(), "SELECT ?c { ?c skos:inScheme ?s FILTER NOT EXISTS { ?s a skos:ConceptScheme } }")
        == []
    )
    across = "SELECT ?c { ?c skos:broader ?b ; skos:inScheme ?s FILTER NOT EXISTS { ?b skos:inScheme ?s } }"
    assert ask(ontology(), across) == []
    assert ask(ontology(), "SELECT ?c { ?c skos:broader+ ?c }") == []


def test_names_of_entries_are_told_apart_within_a_list():
    labels = ask(
        ontology(), "SELECT ?s ?label (LANG(?label) AS ?l) { ?c skos:inScheme ?s ; skos:prefLabel ?label }"
    )
    assert [label for label, count in Counter(labels).items() if count > 1] == []


def test_the_files_of_lists_are_called_after_them():
    for path in (ONTOLOGY / "vocabularies").glob("*.ttl"):
        schemes = {
            quad.object.value
            for quad in ox.parse(path=str(path))
            if quad.predicate.value == SKOS + "inScheme" and isinstance(quad.object, ox.NamedNode)
        }
        own = {f"https://w3id.org/linli/vocabulary/{path.stem}"}
        assert schemes == (set() if path.stem == "alignments" else own), path.name


def test_there_is_nothing_in_the_folder_that_is_not_read():
    kinds = {p.suffix for p in ONTOLOGY.rglob("*") if p.is_file() and p.parent.name != "templates"}
    assert kinds == {".ttl", ".rq", ".csv"}  # .csv: what the questions' columns are called


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        (
            "linli:value 6500 ; linli:hasUnit localUnit:person",
            {"residents: 6,500 people", "常住人口：6,500 人"},
        ),
        ("linli:value 1 ; linli:hasUnit localUnit:person", {"residents: 1 person", "常住人口：1 人"}),
        ("linli:value 120000000000 ; linli:hasUnit unit:NUM", {"residents: 120,000,000,000"}),
        ("linli:value 1821.0345 ; linli:hasUnit unit:M2", {"residents: 1,821.0345 square metres"}),
        ("linli:value 60.5 ; linli:hasUnit unit:PERCENT", {"residents: 60.5%"}),
        (
            "linli:minimum 400000 ; linli:maximum 1600000 ; linli:hasUnit unit:CCY_CNY",
            {"residents: 400,000–1,600,000 yuan", "常住人口：400,000–1,600,000 元"},
        ),
    ],
)
def test_figures_are_called_with_thousands_apart_and_the_right_plural(stated: str, names: set[str]):
    said = names_of_figure("residents", stated)
    assert said >= names
    assert len(said) >= 2


@pytest.mark.parametrize(
    ("quantity", "unit", "names"),
    [
        ("households", "localUnit:household", {"households: at least 3,800", "户数：至少 3,800 户"}),
        ("parking-berths", "localUnit:berth", {"parking berths: at least 3,800"}),
        ("age-of-buildings", "unit:YR", {"age of buildings: at least 3,800 years"}),
    ],
)
def test_a_unit_that_the_quantity_names_is_not_said_again(quantity: str, unit: str, names: set[str]):
    stated = f"linli:value 3800 ; linli:hasUnit {unit} ; linli:hasQualifier qualifier:at-least"
    assert names_of_figure(quantity, stated) >= names


def names_of_figure(quantity: str, stated: str) -> set[str]:
    """Return what a figure is called by the rule."""
    base = "https://w3id.org/linli/"
    store = ox.Store()
    for name in ("unit", "quantity", "qualifier"):
        path = resources.ontology_dir() / "vocabularies" / f"{name}.ttl"
        store.load(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    prefixes = {
        "linli": f"{base}ontology/",
        "localUnit": f"{base}vocabulary/unit/",
        "qualifier": f"{base}vocabulary/qualifier/",
        "quantity": f"{base}vocabulary/quantity/",
        "unit": "http://qudt.org/vocab/unit/",
    }
    told = "".join(f"PREFIX {short}: <{long}>\n" for short, long in prefixes.items())
    figure = f"<{base}id/f> a linli:Measurement ; linli:hasQuantity quantity:{quantity} ; {stated} ."
    store.update(f"{told}INSERT DATA {{ {figure} }}")
    rule = (resources.ontology_dir() / "rules" / "measurement-labels.rq").read_text(encoding="utf-8")
    found = store.query(rule)
    assert isinstance(found, ox.QueryTriples)
    return {triple.object.value for triple in found if isinstance(triple.object, ox.Literal)}


def test_every_unit_says_how_a_number_of_it_is_said():
    """In each language, but for plain counts and shares, which stand alone; English has a plural of each."""
    store = ox.Store()
    path = resources.ontology_dir() / "vocabularies" / "unit.ttl"
    store.load(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    kind = ox.NamedNode("http://qudt.org/schema/qudt/Unit")
    counted = ox.NamedNode("https://w3id.org/linli/kg#counted")
    alone = {"http://qudt.org/vocab/unit/NUM", "http://qudt.org/vocab/unit/PERCENT"}
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), kind):
        said = [one.object for one in store.quads_for_pattern(quad.subject, counted, None)]
        patterns = {one.language: one.value for one in said if isinstance(one, ox.Literal)}
        if quad.subject.value not in alone:
            assert patterns.keys() == {"en", "zh-hans", "zh-hant"}, quad.subject
            assert re.fullmatch(r"\{n, plural, one \{.*#.*\} other \{.*#.*\}\}", patterns["en"]), quad.subject


def test_what_has_an_english_name_has_a_chinese_one(merged: ox.Store):
    """But for searches and what they left out: a search is called by the words that it was made with."""
    found = merged.query(
        """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX kg: <https://w3id.org/linli/kg#>
        SELECT DISTINCT ?thing {
          ?thing rdfs:label ?english FILTER(LANG(?english) = "en")
          FILTER NOT EXISTS { ?thing rdfs:label ?chinese FILTER(LANG(?chinese) IN ("zh-hans", "zh-hant")) }
          FILTER NOT EXISTS { ?thing a kg:Search } FILTER NOT EXISTS { ?thing a kg:Exclusion }
        }"""
    )
    assert isinstance(found, ox.QuerySolutions)
    assert [str(row["thing"]) for row in found] == []
