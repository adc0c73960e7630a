"""How the dataset describes itself to catalogues (DCAT-AP 3) and to search engines (schema.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.export.descriptions.dcat import SPDX, conform, language_iri
from kg.release import Release
from kg.settings import Settings
from kg.terms import DCAT, DCTERMS, RDF
from kg_web import create_app
from tests.shared import shared

node = ox.NamedNode
DATASET = "https://example.org/set/"


@pytest.fixture(scope="module", params=["release", "small_release"])
def client(request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    release: Release = request.getfixturevalue(request.param)
    with LocalEngine.open(release.store) as engine:
        yield create_app(engine, Settings(), release).test_client()


def violations(turtle: bytes) -> set[tuple[str, str, str]]:
    """What DCAT-AP's shapes, its classes of values included, find: which rule, at which property, of what."""
    shapes = rdflib.Graph()
    for name in ("shapes.ttl", "range.ttl"):
        shapes.parse(shared(f"dcat-ap/{name}"))
    data = rdflib.Graph().parse(data=turtle, format="turtle")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    assert isinstance(report, rdflib.Graph)
    sh = rdflib.SH
    return {
        tuple(
            str(report.value(one, name))
            for name in (sh.sourceConstraintComponent, sh.resultPath, sh.focusNode)
        )
        for one in report.subjects(rdflib.RDF.type, sh.ValidationResult)
    }


def test_the_description_is_of_dcat_ap(client: FlaskClient):
    described = client.get("/dataset.ttl").data
    assert b"dcat:Distribution" in described
    assert violations(described) == set()


def test_the_shapes_find_what_is_wrong(client: FlaskClient):
    """So that none found means none there."""
    described = client.get("/dataset.ttl").data
    wrong = re.sub(rb"dcat:accessURL", b"dcat:mediaType", described)
    assert {path for _, path, _ in violations(wrong)} >= {DCAT + "accessURL", DCAT + "mediaType"}


def test_what_the_profile_wants_is_added_and_nothing_is_lost():
    file, agent = node(DATASET + "a.ttl"), node(DATASET + "agent")
    said = [
        ox.Triple(node(DATASET), node(RDF + "type"), node(DCAT + "Dataset")),
        ox.Triple(node(DATASET), node(DCTERMS + "title"), ox.Literal("Trees", language="en")),
        ox.Triple(node(DATASET), node(DCTERMS + "language"), ox.Literal("zh-hant")),
        ox.Triple(node(DATASET), node(DCTERMS + "license"), node("https://l.example/")),
        ox.Triple(node(DATASET), node(DCTERMS + "publisher"), agent),
        ox.Triple(node(DATASET), node(DCAT + "distribution"), file),
        ox.Triple(node(DATASET), node(DCAT + "hasVersion"), node(DATASET + "1")),
        ox.Triple(node(DATASET + "1"), node(RDF + "type"), node(DCAT + "Dataset")),
        ox.Triple(node(DATASET + "1"), node(DCAT + "version"), ox.Literal("1")),
        ox.Triple(file, node(RDF + "type"), node(DCAT + "Distribution")),
        ox.Triple(file, node(DCAT + "downloadURL"), file),
        ox.Triple(node(DATASET + "sum"), node(SPDX + "checksumValue"), ox.Literal("00ff")),
    ]
    found = conform(said, DATASET)
    assert conform(found, DATASET) == found
    mended = (DCTERMS + "language", SPDX + "checksumValue")
    assert {triple for triple in said if triple.predicate.value not in mended} <= {*found}
    told = {(one.subject.value, one.predicate.value, str(one.object)) for one in found}
    assert (DATASET, DCTERMS + "language", f"<{language_iri('zh')}>") in told
    assert (DATASET, "http://purl.org/dc/elements/1.1/language", '"zh-hant"') in told
    assert (DATASET + "1", DCTERMS + "title", '"Trees 1"@en') in told
    assert (file.value, DCTERMS + "license", "<https://l.example/>") in told
    assert (agent.value, "http://xmlns.com/foaf/0.1/name", f'"{agent.value}"') in told


def linked(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    described: dict[str, Any] = json.loads(found[1])
    return described


@pytest.mark.parametrize("address", ["/", "/dataset"])
def test_search_engines_read_all_of_it(release: Release, address: str):
    with LocalEngine.open(release.store) as engine:
        client = create_app(engine, Settings(public_url="https://kg.example/x/"), release).test_client()
        found = linked(client.get(address, headers={"Accept": "text/html"}).text)
        described = client.get("/dataset.ttl").data
    for name in ("name", "description", "identifier", "keywords", "creator", "publisher", "datePublished"):
        assert found[name], name
    assert found["license"].startswith("https://creativecommons.org/")
    assert found["url"] == "https://kg.example/x/dataset"
    (place,) = found["spatialCoverage"]
    south, west, north, east = map(float, place["geo"]["box"].split())
    assert south < north
    assert west < east
    assert place["name"] and not place["name"].startswith("http")
    assert re.fullmatch(r"\d{4}/\d{4}", found["temporalCoverage"][0])
    works = found["isBasedOn"]
    assert len(works) == len({*works}) > 400
    assert all(work.startswith(release.base) for work in works)
    kinds = {file["encodingFormat"] for file in found["distribution"]}
    assert {"text/turtle", "application/ld+json"} <= kinds
    assert all(
        f"/{file['contentUrl'].rpartition('/')[2]}".encode() in described for file in found["distribution"]
    )


def test_what_isnt_known_is_left_out(small_release: Release):
    with LocalEngine.open(small_release.store) as engine:
        client = create_app(engine, Settings(), small_release).test_client()
        found = linked(client.get("/").text)
    assert "temporalCoverage" not in found
    assert "isBasedOn" not in found  # its sources have no titles
    assert all(value for value in found.values())
