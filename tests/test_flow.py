"""How documents were found stands on /coverage, where the log of the searches is data."""

from __future__ import annotations

import pyoxigraph as ox

from kg.engine.local import LocalEngine
from kg.explore.explorer import Explorer
from kg.explore.flow import flow
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web import create_app

LOG = """
@prefix : <http://example.org/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix kg: <https://w3id.org/linli/kg#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:s1 a kg:Search ; dcterms:subject "pears"@en ; dcterms:spatial :north ;
    kg:pagesFound 8 ; kg:pagesRead 3 ; kg:tookUp :d1, :d2 .
:s2 a kg:Search ; dcterms:subject "pears"@en ; kg:pagesFound 5 ; kg:pagesRead 2 ; kg:tookUp :d2 .
:s3 a kg:Search ; dcterms:subject "plums"@en ; dcterms:spatial :north ; kg:pagesFound 4 .
:d1 dcterms:issued "1931"^^xsd:gYear . :d2 dcterms:issued "1932-05-01"^^xsd:date .
:north rdfs:label "the north"@en . :double rdfs:label "told twice"@en .
:x1 a kg:Exclusion ; kg:isExclusionOf :s1 ; dcterms:type :double .
:x2 a kg:Exclusion ; kg:isExclusionOf :s3 ; dcterms:type :double .
"""


def numbers(step: object) -> tuple[int, ...]:
    return tuple(getattr(step, name) for name in ("searches", "found", "read", "taken"))


def test_the_flow_is_counted_from_the_log():
    store = ox.Store()
    store.load(LOG, format=ox.RdfFormat.TURTLE)
    engine = LocalEngine(store)
    found = flow(engine, Explorer(engine).reader("en"))
    assert found is not None
    assert numbers(found.whole) == (3, 17, 5, 2), "a document that two searches brought in counts once"
    (_, subjects), (_, places) = found.cuts
    assert {str(one.on): numbers(one) for one in subjects} == {"pears": (2, 13, 5, 2), "plums": (1, 4, 0, 0)}
    assert [(str(one.on.label), numbers(one)) for one in places] == [("the north", (2, 12, 3, 2))]  # type: ignore[union-attr] # a thing
    assert [(str(one.on), one.count) for one in found.years] == [("1931", 1), ("1932", 1)]
    assert [(str(one.on.label), one.count) for one in found.left] == [("told twice", 2)]  # type: ignore[union-attr] # a thing


def test_without_a_log_there_is_none(small_release: Release):
    with LocalEngine.open(ensure_store(small_release)) as engine:
        assert flow(engine, Explorer(engine, small_release).reader("en")) is None
        page = create_app(engine, Settings(), small_release).test_client().get("/coverage")
    assert page.status_code == 200
    assert "How the documents were found" not in page.get_data(as_text=True)


def test_the_page_shows_it_in_each_language(release: Release):
    with LocalEngine.open(ensure_store(release)) as engine:
        client = create_app(engine, Settings(), release).test_client()
        for language, words, theme in (
            ("en", "Documents taken", "governance of compounds"),
            ("zh-Hans", "采用文献", "小区治理"),
            ("zh-Hant", "採用文獻", "小區治理"),
        ):
            page = client.get(f"/coverage?lang={language}").get_data(as_text=True)
            assert words in page
            assert theme in page
            assert ("governance of compounds" in page) == (language == "en")
