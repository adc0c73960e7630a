"""The report on quality: every number is what its query gives of the release, and the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.quality import FILE, Report, read_report
from kg.quality.measure import METRICS, query
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web import create_app
from tests.documents import document_text

TERMS = "https://example.org/orchard/ontology/"
DQV = "http://www.w3.org/ns/dqv#"


@pytest.fixture(params=["small_release", "release"], scope="module")
def built(request: pytest.FixtureRequest) -> Release:
    found: Release = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def report(built: Release) -> Report:
    return read_report(built.file(FILE))


@pytest.fixture(scope="module")
def engine(built: Release) -> Iterator[LocalEngine]:
    with LocalEngine.open(ensure_store(built)) as engine:
        yield engine


def test_every_number_is_what_its_query_gives(report: Report, engine: LocalEngine) -> None:
    again = 0
    for one in report.measurements:
        if not one.sparql:
            continue
        rows = list(engine.query(one.sparql).dicts())
        if rows and "value" in rows[0]:
            values = [
                row["value"].value
                for row in rows
                if one.of or not one.on or one.on == _text(row.get("on"), one.on)
            ]
            found = Decimal(values[0])
        else:
            found = Decimal(len(rows))
        assert abs(found - one.value) < Decimal("0.0001"), one
        again += 1
    assert again > 10


def _text(term: object, default: str | None) -> str | None:
    return str(getattr(term, "value", default))


def test_nothing_about_the_world_lacks_a_source(report: Report) -> None:
    assert [one.value for one in report.of("sourceless")] == [0]


def test_every_statement_about_the_world_is_in_a_graph_with_a_source(engine: LocalEngine) -> None:
    rows = engine.query(
        """PREFIX kg: <https://w3id.org/linli/kg#> PREFIX prov: <http://www.w3.org/ns/prov#>
        SELECT (COUNT(*) AS ?n) {
          { SELECT DISTINCT ?graph { ?graph kg:basis ?basis
            FILTER(?basis IN (kg:Stated, kg:Read, kg:Tabulated))
            FILTER NOT EXISTS { ?graph prov:wasDerivedFrom ?source } } }
          GRAPH ?graph { ?s ?p ?o } }"""
    ).dicts()
    assert next(iter(rows))["n"].value == "0"


def test_each_metric_is_described_in_three_languages_and_has_a_query(report: Report) -> None:
    assert len(report.metrics) >= 8
    for name, metric in report.metrics.items():
        assert {"en", "zh-hans", "zh-hant"} == set(metric.labels) == set(metric.definitions), name
        if name not in ("checked", "agreement", "kappa"):
            assert "SELECT" in query(name)


def test_the_report_is_dqv_with_iris(built: Release) -> None:
    store = ox.Store()
    store.load(path=str(built.file(FILE)), format=ox.RdfFormat.TURTLE)
    kinds = list(store.quads_for_pattern(None, None, ox.NamedNode(DQV + "QualityMeasurement"), None))
    assert len(kinds) > 10
    for quad in kinds:
        assert isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(
            built.base + "quality/"
        )
        said = {q.predicate.value for q in store.quads_for_pattern(quad.subject, None, None, None)}
        assert {DQV + "isMeasurementOf", DQV + "computedOn", DQV + "value"} <= said
    assert not any(isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode) for q in store)
    assert METRICS.is_file()


def test_coverage_of_the_orchard(small_release: Release) -> None:
    report = read_report(small_release.file(FILE))
    assert {one.on: one.value for one in report.of("instances")}[TERMS + "Tree"] == 24
    shares = {one.of: one.value for one in report.coverage(TERMS + "Tree")}
    assert shares[TERMS + "isOfVariety"] == 1


def test_narrower_classes_count_and_a_share_is_whole_only_when_nothing_lacks(small_release: Release) -> None:
    report = read_report(small_release.file(FILE))
    assert {one.on: one.value for one in report.of("instances")}[TERMS + "Site"] > 1
    shares = {one.of: one.value for one in report.coverage(TERMS + "Site")}
    assert 0 < shares[TERMS + "point"] < 1


def test_a_graph_without_a_source_is_counted(small_release: Release) -> None:
    store = ox.Store()
    store.load(path=str(small_release.file("dataset.nq")), format=ox.RdfFormat.N_QUADS)
    world, thing = ox.NamedNode("https://example.org/orchard/graph/nowhere"), ox.NamedNode(TERMS + "x")
    store.add(ox.Quad(thing, thing, thing, world))
    store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in list(store))
    assert [row["graph"].value for row in store.query(query("sourceless"))] == [world.value]


def test_the_disagreements_are_those_that_the_list_of_sources_names(release: Release) -> None:
    found = read_report(release.file(FILE)).of("disagreements")[0]
    listed = document_text("sources.md").partition("## Where documents disagree")[2]
    rows = [line for line in listed.partition("\nSome pages")[0].splitlines() if line.startswith("| ")]
    assert found.value == len(rows) - 1 == 15


# --- the page ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(built: Release, engine: LocalEngine) -> FlaskClient:
    return create_app(engine, Settings(), built).test_client()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "graphs without a source"), ("zh-Hans", "无来源的图"), ("zh-Hant", "無來源的圖")],
)
def test_the_page_shows_each_number_with_its_query(client: FlaskClient, language: str, words: str) -> None:
    answer = client.get(f"/quality?lang={language}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert words in page
    assert page.count('class="behind"') > 10
    assert FILE in page


def test_a_release_without_a_report_has_no_such_page(small_release: Release) -> None:
    manifest = {
        **small_release.manifest,
        "files": {k: v for k, v in small_release.manifest["files"].items() if k != FILE},
    }
    with LocalEngine.open(ensure_store(small_release)) as engine:
        app = create_app(engine, Settings(), Release(small_release.path, manifest))
        assert app.test_client().get("/quality").status_code == 404
