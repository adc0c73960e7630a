"""The description of the service for programs, against its table and against what it serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app
from kg_web.delivery.openapi import _words, described, is_json, path_of
from kg_web.delivery.resources import BY_ADDRESS, Resource
from tests.servers import wait_until

B = "https://example.org/orchard/"
RIDGE = quote(B + "id/orchard/long-ridge")
ASKED = urlencode({"query": f"SELECT ?s {{ ?s a <{B}ontology/Orchard> }} ORDER BY ?s"})
ASKS: dict[str, list[str]] = {
    "/sparql": [f"/sparql?{ASKED}", "/sparql?query=ASK%20%7B%7D"],
    "/search.json": [
        "/search.json?q=ridge",
        "/search.json?q=long%20rigde",
        "/search.json",
        "/search.json?q=x&limit=0",
    ],
    "/suggest.json": ["/suggest.json?q=ridge", "/suggest.json"],
    "/map.geojson": ["/map.geojson", f"/map.geojson?class={quote(B)}ontology/Tree"],
    "/oembed": ["/oembed?url=http://localhost/questions/harvest"],
    "/cite/<id>": ["/cite/CITATION"],
    "/cite/<id>.<style>": ["/cite/CITATION.json", "/cite/CITATION.datacite", "/cite/CITATION.csl"],
    "/cite/<id>/result.<extension>": [
        "/cite/CITATION/result.json",
        "/cite/CITATION/result.csv-metadata.json",
    ],
    "/query/examples.json": ["/query/examples.json"],
    "/query/vocabulary.json": ["/query/vocabulary.json"],
    "/query/values.json": [f"/query/values.json?q=r&property={quote(B)}ontology/standsIn"],
    "/releases/<version>/<path:name>": ["/releases/VERSION/manifest.json"],
    "/releases/<version>/tables/<file>": ["/releases/VERSION/tables/Orchard.csv-metadata.json"],
    "/result.<extension>": [f"/result.csv-metadata.json?{ASKED}"],
    "/references.<style>": [f"/references.csl?{ASKED}"],
    "/openapi.json": ["/openapi.json"],
}
POSTS: dict[str, list[Any]] = {
    "/query/labels.json": [[B + "id/orchard/long-ridge"], []],
    "/query/words.json": [[{"value": "North slope", "language": "en"}, {"value": "no"}], []],
    "/cite/<id>/check": [None],
}
LEADING = {"/releases/<version>/sparql"}
"""Of the active release they lead to the plain address."""
WRONG = [
    "/search.json?limit=-1",
    "/search.json?offset=99999999999999999999",
    "/sparql?query=SELECT",
    "/oembed",
    "/map.geojson?class=none:None",
    "/cite/none",
    "/cite/none.json",
    "/releases/0.0.0/manifest.json",
    "/result.csv?query=ASK",
]


@pytest.fixture(scope="module")
def client(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    settings = Settings(citations=str(tmp_path_factory.mktemp("cited") / "citations.sqlite3"))
    with LocalEngine.open(small_release.store) as engine:
        found = create_app(engine, settings, small_release).test_client()
        wait_until(lambda: found.get("/query/vocabulary.json").status_code == 200, 60)
        yield found


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def validate(document: dict[str, Any], schema: dict[str, Any], answer: Any) -> None:
    """Hold an answer against a schema of the document; raises where it differs."""
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(answer)


def shape(document: dict[str, Any], resource: Resource, media: str, verb: str = "get", status: str = "200"):
    return document["paths"][path_of(resource.address)][verb]["responses"][status]["content"][media]["schema"]


def test_it_is_openapi(document: dict[str, Any], small_release: Release):
    # To load it takes a quarter of a second, in each worker that collects this file.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    OpenAPIV31SpecValidator(document).validate()
    assert document["info"]["version"] == small_release.version
    assert document["info"]["license"]["url"].startswith("https://creativecommons.org/")


def test_every_resource_with_json_is_described_and_asked(document: dict[str, Any]):
    addresses = {one.address for one in described()}
    assert {path_of(address) for address in addresses} == {*document["paths"]}
    assert addresses >= {*ASKS, *POSTS}
    assert {*_words()["paths"]} <= {*BY_ADDRESS}, "described, but no resource"


CASES = [(address, asked) for address, every in ASKS.items() for asked in every]


@pytest.mark.parametrize(("address", "asked"), CASES, ids=[asked for _, asked in CASES])
def test_answers_are_as_described(
    client: FlaskClient, document: dict[str, Any], small_release: Release, address: str, asked: str
):
    if "CITATION" in asked:
        made = client.post("/cite", data=ASKED, content_type="application/x-www-form-urlencoded")
        asked = asked.replace("CITATION", made.headers["Location"].rpartition("/")[2])
    asked = asked.replace("VERSION", quote(small_release.version))
    response = client.get(asked, headers={"Accept": "application/json, */*;q=0.1"})
    assert response.status_code == 200, response.text
    media = response.content_type.partition(";")[0]
    assert is_json(media), media
    validate(document, shape(document, BY_ADDRESS[address], media), json.loads(response.data))


@pytest.mark.parametrize("address", POSTS)
def test_what_is_sent_is_as_described(client: FlaskClient, document: dict[str, Any], address: str):
    for body in POSTS[address]:
        asked = address
        if "<id>" in address:
            made = client.post("/cite", data=ASKED, content_type="application/x-www-form-urlencoded")
            asked = address.replace("<id>", made.headers["Location"].rpartition("/")[2])
        operation = document["paths"][path_of(address)]["post"]
        if body is not None:
            validate(document, operation["requestBody"]["content"]["application/json"]["schema"], body)
        response = client.post(asked, json=body) if body is not None else client.post(asked)
        media = response.content_type.partition(";")[0]
        if media in operation["responses"]["200"]["content"] and is_json(media):
            validate(document, shape(document, BY_ADDRESS[address], media, "post"), response.json)
        assert response.status_code == 200


@pytest.mark.parametrize("asked", WRONG)
def test_errors_are_as_described(client: FlaskClient, document: dict[str, Any], asked: str):
    response = client.get(asked, headers={"Accept": "application/json"})
    assert response.status_code >= 400
    assert response.content_type == "application/problem+json"
    validate(document, {"$ref": "#/components/schemas/Problem"}, json.loads(response.data))


def test_a_wrong_answer_would_be_found(document: dict[str, Any]):
    with pytest.raises(jsonschema.ValidationError):
        validate(document, shape(document, BY_ADDRESS["/search.json"], "application/json"), {"query": "x"})
    with pytest.raises(jsonschema.ValidationError):
        validate(document, {"$ref": "#/components/schemas/Problem"}, {"title": "x"})
