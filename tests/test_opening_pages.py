"""What pages make of data as people have it: blank nodes, lists, names, classes, hosts, and odd values."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from kg.engine.local import LocalEngine
from kg.errors import DataError
from kg.explore.browsing.overview import Counter
from kg.explore.explorer import Explorer
from kg.opening import make
from kg.opening.inputs import Inputs
from kg.opening.states import large
from kg.reading import Document, syntax_named
from kg.release import active_release
from kg.release.store import ensure_store
from tests.opened import client, opened, rows, words, write

PREFIXES = """
@prefix ex: <http://things.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix schema: <https://schema.org/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def site(folder, text, name="data.ttl", **options):
    """The pages of some Turtle."""
    return client(opened(folder, write(folder, name, PREFIXES + text), served=True, **options).release)


def html(pages, iri):
    reply = pages.get(f"/resource?iri={quote(iri, safe='')}", headers={"Accept": "text/html"})
    assert reply.status_code == 200, iri
    return reply.get_data(as_text=True)


def page(pages, iri):
    return words(html(pages, iri))


def test_class_expressions_read_as_sentences(tmp_path):
    pages = site(
        tmp_path,
        """ex:Parent a owl:Class ; rdfs:label "Parent" ; owl:equivalentClass
          [ a owl:Restriction ; owl:onProperty ex:hasChild ; owl:someValuesFrom ex:Person ] ;
          rdfs:subClassOf [ owl:unionOf ( ex:Mother ex:Father ) ] ,
          [ a owl:Restriction ; owl:onProperty ex:hasChild ; owl:minCardinality 1 ] .
        ex:Person a owl:Class ; rdfs:label "Person" .
        ex:Mother rdfs:label "Mother" . ex:Father rdfs:label "Father" .
        ex:hasChild a owl:ObjectProperty ; rdfs:label "has child" .""",
    )
    said = page(pages, "http://things.example/Parent")
    assert "has child some Person" in said
    assert "Mother or Father" in said
    assert "has child min 1" in said


def test_a_blank_node_has_a_page_that_says_what_it_is(tmp_path):
    pages = site(tmp_path, 'ex:a foaf:knows _:b . _:b foaf:name "Bea" ; foaf:age 7 .')
    said = page(pages, "https://opened.invalid/.well-known/genid/data/b")
    assert said.startswith("Bea")
    assert "Blank node _:data-b" in said
    assert "opened.invalid" not in page(pages, "http://things.example/a")


def test_lists_and_containers_show_in_order(tmp_path):
    numbers = " ".join(f'"item {n}"' for n in range(12, 0, -1))
    members = " ; ".join(f'rdf:_{n} "part {n}"' for n in range(1, 13))
    pages = site(
        tmp_path,
        f"""ex:a ex:steps ( {numbers} ) ; ex:parts _:seq . _:seq a rdf:Seq ; {members} .
        ex:seq a rdf:Seq ; {members} . ex:circle ex:steps _:c . _:c rdf:first "once" ; rdf:rest _:c .""",
    )
    said = page(pages, "http://things.example/a")
    for word in ("item", "part"):
        found = [said.index(f"{word} {n} ") for n in range(1, 13)]
        assert found == sorted(found, reverse=word == "item")
    said = page(pages, "http://things.example/seq")
    assert [said.index(f"part {n} ") for n in range(1, 13)] == sorted(
        said.index(f"part {n} ") for n in range(1, 13)
    )
    assert "once" in page(pages, "http://things.example/circle")


@pytest.mark.parametrize(
    "said",
    [
        'rdfs:label "Right"',
        'skos:prefLabel "Right"@en',
        'foaf:name "Right"',
        'schema:name "Right"@en-GB',
        '<http://schema.org/name> "Right"',
        '<http://purl.org/dc/elements/1.1/title> "Right"',
        '<http://www.w3.org/2006/vcard/ns#fn> "Right"',
        '<http://purl.obolibrary.org/obo/IAO_0000111> "Right"',
        'skosxl:prefLabel [ skosxl:literalForm "Right"@en ]',
        'skos:altLabel "Right"',
    ],
)
def test_names_are_what_any_vocabulary_calls_one(tmp_path, said):
    pages = site(tmp_path, f"ex:a a ex:Thing ; {said} . ex:b ex:to ex:a .")
    assert page(pages, "http://things.example/a").startswith("Right")
    assert "Right" in page(pages, "http://things.example/b")
    assert pages.get("/search.json?q=right").json["total"] >= 1


def test_what_has_no_name_is_called_by_the_end_of_its_iri_and_has_a_page(tmp_path):
    text = "<http://one.example/x/Lamp> a ex:Thing . ex:b ex:to <http://one.example/x/Lamp> ."
    pages = site(tmp_path, text, base="http://things.example/")
    assert "/resource?iri=http%3A%2F%2Fone.example%2Fx%2FLamp" in html(pages, "http://things.example/b")
    assert pages.get("/search.json?q=lamp").json["total"] == 1


def test_classes_are_those_in_use_and_narrowed_by_what_few_values_share(tmp_path):
    things = "".join(f'ex:t{n} a ex:Thing ; ex:colour ex:c{n % 3} ; ex:serial "{n}" .\n' for n in range(12))
    pages = site(tmp_path, things)
    assert "12" in words(pages.get("/").get_data(as_text=True))
    listing = words(pages.get("/browse?class=ex:Thing").get_data(as_text=True))
    assert "colour" in listing
    assert "serial" not in listing
    chosen = pages.get("/browse?class=ex:Thing&http://things.example/colour=http://things.example/c1")
    assert "4" in words(chosen.get_data(as_text=True)).split("Narrow")[0]


def test_a_scheme_is_a_tree_and_a_concept_knows_where_it_stands(tmp_path):
    pages = site(
        tmp_path,
        """ex:s a skos:ConceptScheme ; rdfs:label "Trees" ; skos:hasTopConcept ex:a .
        ex:a a skos:Concept ; skos:prefLabel "Alpha" .
        ex:b a skos:Concept ; skos:broader ex:a ; skos:prefLabel "Beta" .
        ex:a skos:narrower ex:c . ex:c a skos:Concept ; skos:prefLabel "Gamma" .
        ex:d a skos:Concept ; skos:broader ex:b ; skos:prefLabel "Delta" .""",
    )
    said = page(pages, "http://things.example/s").partition("As a tree")[2]
    assert said.index("Alpha") < said.index("Beta") < said.index("Delta") < said.index("Gamma")
    assert page(pages, "http://things.example/d").startswith("Alpha Beta Delta")


def test_pictures_addresses_places_and_dates_look_like_what_they_are(tmp_path):
    pages = site(
        tmp_path,
        """ex:a a ex:Place ; foaf:depiction <http://pictures.example/a.jpg> ; ex:see "https://see.example/x" ;
          wgs:lat "60.1" ; wgs:long "24.9" ; ex:born "1999-12-31"^^xsd:date .
        ex:b a ex:Place ; wgs:lat "61.1" ; wgs:long "23.9" .""",
    )
    found = html(pages, "http://things.example/a")
    assert 'src="http://pictures.example/a.jpg"' in found
    assert 'href="https://see.example/x"' in found
    assert '<time datetime="1999-12-31">' in found
    assert "<svg" in found
    assert "https:" in pages.get("/").headers["Content-Security-Policy"]


def test_graphs_of_any_name_are_kept_and_the_merge_has_all(tmp_path):
    text = "ex:a ex:b 1 . <urn:g:1> { ex:a ex:b 2 } _:g { ex:a ex:b 3 }"
    found = opened(tmp_path, write(tmp_path, "data.trig", PREFIXES + text)).release
    assert len(rows(found, "SELECT * { ?s ?p ?o }")) == 3
    assert {row[0] for row in rows(found, "SELECT ?g { GRAPH ?g { ?s ?p ?o } }")} >= {
        "<urn:g:1>",
        "<https://opened.invalid/graph/data.trig>",
        "<https://opened.invalid/.well-known/genid/data/g>",
    }


def test_literals_stay_as_written_in_what_leaves(tmp_path):
    text = (
        'ex:a ex:b "01"^^xsd:integer, "1.50"^^xsd:decimal, "1e3"^^xsd:double, "x"@en-AU, "31 May"^^xsd:date .'
    )
    found = opened(tmp_path, write(tmp_path, "data.ttl", PREFIXES + text)).release
    lines = found.file("dataset.nq").read_text()
    for value in ('"01"^^', '"1.50"^^', '"1e3"^^', '"x"@en-au', '"31 May"^^'):
        assert value in lines, value


def test_odd_values_break_no_page(tmp_path):
    pages = site(
        tmp_path,
        f"""ex:long a ex:Thing ; rdfs:label "{"word " * 2000}" .
        ex:right a ex:Thing ; rdfs:label "כותרת"@he, "عنوان"@ar .
        <urn:isbn:123> a ex:Thing ; rdfs:label "A book" . <mailto:a@b.example> rdfs:label "Mail" .
        ex:a\\,b a ex:Thing . <http://things.example/%20x?y=z#w> a ex:Thing ; rdfs:label "Escaped" .""",
    )
    assert pages.get("/browse?class=ex:Thing").status_code == 200
    for iri in ("long", "right", "a,b", "%20x?y=z#w"):
        page(pages, f"http://things.example/{iri}")
    assert '<bdi lang="' in html(pages, "http://things.example/right")
    assert page(pages, "urn:isbn:123").startswith("A book")
    assert page(pages, "mailto:a@b.example").startswith("Mail")


def test_one_faulty_file_stops_all_unless_the_rest_is_asked_for(tmp_path):
    good = write(tmp_path, "in/good.ttl", PREFIXES + "ex:a ex:b 1 .")
    write(tmp_path, "in/broken.ttl", PREFIXES + "ex:a ex:b 2 .\nex:a ex:b .")
    with pytest.raises(DataError) as raised:
        opened(tmp_path, tmp_path / "in")
    (fault,) = raised.value.faults
    assert (fault.file.name, fault.line) == ("broken.ttl", 14)
    assert "--partly" in str(raised.value)
    found = opened(tmp_path, good.parent, partly=True)
    assert found.release.counts["statements"] == 2
    assert found.faults[0].file.name == "broken.ttl"
    assert opened(tmp_path, good.parent, partly=True).faults == found.faults


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path, monkeypatch):
    path = write(tmp_path, "data.ttl", PREFIXES + "ex:a ex:b 1 .")
    read = make.gather

    def meanwhile(*arguments):
        found = read(*arguments)
        write(tmp_path, "data.ttl", PREFIXES + "ex:a ex:b 1, 2 .")
        return found

    monkeypatch.setattr(make, "gather", meanwhile)
    with pytest.raises(DataError, match="changed while it was read"):
        opened(tmp_path, path)
    monkeypatch.setattr(make, "gather", read)
    assert opened(tmp_path, path).release.counts["statements"] == 2


def test_what_a_killed_process_left_is_removed(tmp_path):
    path = write(tmp_path, "data.ttl", PREFIXES + "ex:a ex:b 1 .")
    folder = opened(tmp_path, path).release.path.parent
    left = write(folder, ".opening-x/lines.nq", "half").parent
    write(tmp_path, "data.ttl", PREFIXES + "ex:a ex:b 2 .")
    opened(tmp_path, path)
    assert not left.exists()


def test_the_last_states_are_kept_and_one_can_go_back(tmp_path):
    path, versions = tmp_path / "data.ttl", []
    for number in range(5):
        write(tmp_path, "data.ttl", PREFIXES + f"ex:a ex:b {number} .")
        versions.append(opened(tmp_path, path).release.version)
    folder = tmp_path / "cache"
    assert {one.name for one in folder.glob("*/0.0.0+dev.*")} == set(versions[-3:])
    write(tmp_path, "data.ttl", PREFIXES + "ex:a ex:b 3 .")
    again = opened(tmp_path, path).release
    assert again.version == versions[3]
    assert active_release(again.path.parent).version == versions[3]


def test_an_empty_file_opens_and_says_so(tmp_path):
    pages = site(tmp_path, "")
    assert "All statements 0" in words(pages.get("/").get_data(as_text=True))


def test_title_base_and_prefixes_are_found_or_given(tmp_path):
    text = 'ex: a owl:Ontology ; rdfs:label "My things"@en . ex:a a ex:T . ex:b a ex:T .'
    path = write(tmp_path, "data.ttl", PREFIXES + text)
    found = opened(tmp_path, path).release
    assert found.titles == {"en": "My things"}
    assert found.base == "http://things.example/"
    assert found.prefixes["ex"] == "http://things.example/"
    given = opened(tmp_path, path, title="Other", base="http://other.example/").release
    assert given.titles == {"en": "Other"}
    assert given.base == "http://other.example/"


def test_what_takes_long_is_told_before(tmp_path):
    path = tmp_path / "big.nt"
    with path.open("wb") as out:
        out.seek(3 * 2**30)
        out.write(b"\n")
    told = large(Inputs((Document(path, "big.nt", syntax_named("nt")),), ()))
    assert "about 26 million statements" in told
    assert "--endpoint" in told
    small = write(tmp_path, "a.nt", "")
    assert large(Inputs((Document(small, "a.nt", syntax_named("nt")),), ())) is None


def test_classes_are_counted_once_while_they_are_opened(tmp_path):
    path = write(
        tmp_path,
        "sizes.trig",
        PREFIXES
        + """ex:one a ex:Tree . ex:two a ex:Tree , ex:Oak . [] a ex:Tree .
        ex:g { ex:one a ex:Tree . ex:three a ex:Tree }
        ex:Oak a owl:Class ; rdfs:subClassOf ex:Plant . ex:Plant a owl:Class . ex:four a ex:Plant .""",
    )
    release = opened(tmp_path, path).release
    sizes = {iri.rpartition("/")[2]: count for iri, count in release.opened["sizes"].items()}
    assert sizes == {"Tree": 4, "Oak": 1, "Plant": 1, "owl#Class": 2}
    with LocalEngine.open(ensure_store(release)) as engine:
        counted = Explorer(engine, release).counter
        asked = Counter(engine, counted.schema)
        for iri in release.opened["sizes"]:
            assert counted.members(iri) == asked.members(iri)
        assert counted.members("http://things.example/Plant") == 2
        assert counted._members.keys() == {"http://things.example/Plant"}  # the others weren't asked for
