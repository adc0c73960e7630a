"""Reconciliation: names of a table to things of the graph, held against the API's schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from benchmarks import messy
from benchmarks import reconcile as quality
from kg.engine.local import LocalEngine
from kg.reconcile import score
from kg.release import Release
from kg.search import Name, Thing, ensure_index
from kg.search.index import Index
from kg.search.names import folding
from kg.settings import Settings
from kg_web import create_app
from kg_web.views.reconcile import BATCH, COLUMNS
from kg_web.views.reconcile.reading import LONGEST
from tests.shared import shared

SCHEMAS = shared("reconciliation/0.2/schemas")


def valid(name: str, answer: object) -> None:
    """Hold an answer against a schema of the API."""
    read = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    resources = [(one["$id"], DRAFT7.create_resource(one)) for one in read.values() if "$id" in one]
    registry: Registry[Any] = Registry().with_resources(resources)
    faults = list(Draft7Validator(read[f"{name}.json"], registry=registry).iter_errors(answer))
    assert faults == []


@pytest.fixture(scope="module")
def client(small_release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        yield create_app(engine, Settings(), small_release).test_client()


@pytest.fixture(scope="module")
def default(release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(release.store) as engine:
        yield create_app(engine, Settings(), release).test_client()


def query(**members: object) -> str:
    """A batch of one query."""
    return json.dumps({"q0": members})


def planted(value: object) -> list[dict[str, object]]:
    return [{"pid": "ontology/planted", "v": value}]


def asked(client: FlaskClient, **queries: object) -> dict[str, Any]:
    reply = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert reply.status_code == 200, reply.text
    valid("reconciliation-result-batch", reply.json)
    return {key: found["result"] for key, found in reply.json.items()}


def test_the_service_says_what_it_is(client: FlaskClient) -> None:
    reply = client.get("/reconcile")
    valid("manifest", reply.json)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.json["identifierSpace"] == "https://example.org/orchard/"


# What people have in their tables, and the compound or division that it stands for.
MESSY = {
    "翠苑四区": "id/compound/cuiyuan-siqu",
    "翠苑四區": "id/compound/cuiyuan-siqu",
    "cuiyuan siqu": "id/compound/cuiyuan-siqu",
    "杭州市西湖区翠苑街道": "id/division/nbs2023-330106005000",
    "330106": "id/division/nbs2023-330106000000",
    "临安区": "id/division/nbs2023-330112000000",
    "臨安區": "id/division/nbs2023-330112000000",
}


@pytest.mark.parametrize("name", MESSY)
def test_a_name_in_any_writing_leads_to_its_thing(default: FlaskClient, name: str) -> None:
    (first, *_) = asked(default, q0={"query": name})["q0"]
    assert first["id"] == MESSY[name]
    assert first["score"] >= 90


def test_a_type_and_hints_decide_between_namesakes(default: FlaskClient) -> None:
    query = {"query": "西湖", "type": "ontology/Subdistrict"}
    district = {"pid": "ontology/isLocatedIn", "v": "西湖区"}
    found = asked(default, plain=query, hinted=query | {"properties": [district]})
    assert {one["id"] for one in found["plain"]} & {one["id"] for one in found["hinted"]}
    for key in found:
        assert all(any(kind["id"] == "ontology/Subdistrict" for kind in one["type"]) for one in found[key])
    assert "Xihu District" in found["hinted"][0]["description"]
    assert max(one["score"] for one in found["hinted"]) <= max(one["score"] for one in found["plain"])


def test_only_what_is_sure_and_alone_is_a_match(default: FlaskClient) -> None:
    found = asked(default, sure={"query": "翠苑四区"}, part={"query": "翠苑"}, none={"query": "qqqqzzzz"})
    assert found["sure"][0]["match"] is True
    assert not any(one["match"] for one in found["part"])
    assert found["none"] == []
    assert all(sum(one["match"] for one in each) <= 1 for each in found.values())


def test_a_hint_that_disagrees_takes_the_match_away(default: FlaskClient) -> None:
    other = [
        {"pid": "ontology/isLocatedIn", "v": {"id": "id/division/nbs2023-330112000000", "name": "临安区"}}
    ]
    (first, *_) = asked(default, q={"query": "翠苑四区", "properties": other})["q"]
    assert first["id"] == "id/compound/cuiyuan-siqu"
    assert first["match"] is False
    assert first["score"] < 90


def test_suggestions_and_their_schemas(default: FlaskClient) -> None:
    for kind, prefix, expected in (
        ("entities", "翠苑四", "id/compound/cuiyuan-siqu"),
        ("types", "compound", "ontology/ResidentialCompound"),
        ("properties", "located in", "ontology/isLocatedIn"),
    ):
        singular = {"entities": "entity", "types": "type", "properties": "property"}[kind]
        reply = default.get(
            f"/reconcile/suggest/{singular}?prefix={prefix}", headers={"Accept-Language": "en"}
        )
        valid(f"suggest-{kind}-response", reply.json)
        assert "Accept-Language" in reply.headers["Vary"]
        assert expected in [one["id"] for one in reply.json["result"]], kind


def test_a_suggestion_says_in_a_few_words_what_it_is(default: FlaskClient) -> None:
    for kind, id, words in (
        ("entity", "id/compound/cuiyuan-siqu", "<strong>翠苑四区</strong>"),
        ("type", "ontology/ResidentialCompound", "</p>"),
        ("property", "ontology/isLocatedIn", "</p>"),
    ):
        path = default.get("/reconcile").json["suggest"][kind]["flyout_service_path"].replace("${id}", id)
        reply = default.get(f"/reconcile{path}", headers={"Accept-Language": "zh-CN"})
        assert reply.json["id"] == id
        assert words in reply.json["html"]
        assert reply.json["html"].count("<p>") >= 2, kind
    assert default.get("/reconcile/flyout/entity?id=id/no/such").status_code == 404
    assert default.get("/reconcile/flyout/unicorn?id=x").status_code == 404


def test_columns_come_with_types_and_their_sources(default: FlaskClient) -> None:
    proposed = default.get("/reconcile/properties?type=ontology/ResidentialCompound&limit=30").json
    valid("data-extension-property-proposal", proposed)
    assert {"ontology/isLocatedIn", "ontology/isLocatedIn|sources"} <= {
        one["id"] for one in proposed["properties"]
    }
    extend = {
        "ids": ["id/compound/cuiyuan-siqu", "id/compound/no-such"],
        "properties": [{"id": "ontology/isLocatedIn"}, {"id": "ontology/isLocatedIn|sources"}],
    }
    valid("data-extension-query", extend)
    reply = default.post("/reconcile", data={"extend": json.dumps(extend)})
    valid("data-extension-response", reply.json)
    row = reply.json["rows"]["id/compound/cuiyuan-siqu"]
    assert all(cell["id"].startswith("id/division/") and cell["name"] for cell in row["ontology/isLocatedIn"])
    assert any(cell["id"].startswith("source/") for cell in row["ontology/isLocatedIn|sources"])
    assert not any(reply.json["rows"]["id/compound/no-such"].values())


def test_a_card_may_stand_in_a_frame_and_an_id_leads_to_its_page(default: FlaskClient) -> None:
    card = default.get("/reconcile/preview?id=id/compound/cuiyuan-siqu", headers={"Accept-Language": "zh-CN"})
    assert card.status_code == 200
    assert "翠苑四区" in card.text
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    page = default.get("/reconcile/view?id=id/compound/cuiyuan-siqu")
    assert (page.status_code, page.headers["Location"]) == (303, "/page/id/compound/cuiyuan-siqu")
    assert default.get("/reconcile/preview?id=id/no/such").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "status", "words"),
    [
        ("queries", "{", 400, "no JSON"),
        ("queries", "[]", 400, "no JSON object"),
        ("queries", "[" * 100_000, 400, "no JSON"),
        ("queries", json.dumps({str(n): {"query": "x"} for n in range(10_000)}), 413, f"takes {BATCH} names"),
        ("queries", '{"q0": "x"}', 400, "a query is an object"),
        ("queries", '{"q0": {"query": 3}}', 400, "query is a text"),
        ("queries", '{"q0": {"query": "x", "type": "Unicorn"}}', 400, "No class goes by"),
        ("queries", '{"q0": {"query": "x", "limit": -1}}', 400, "limit"),
        (
            "queries",
            '{"q0": {"query": "x", "properties": [{"pid": "p", "v": 1}]}}',
            400,
            "No property goes by",
        ),
        ("queries", '{"q0": {"query": "x", "properties": [{"v": 1}]}}', 400, "has a pid"),
        ("queries", '{"q0": {"query": "x", "properties": [{"pid": "ontology/planted"}]}}', 400, "a value v"),
        ("queries", query(query="x" * (LONGEST + 1)), 400, f"at most {LONGEST} characters, this one has 401"),
        ("queries", query(query="x", type=["ontology/Tree"] * 21), 400, "a list of at most 20"),
        ("queries", query(query="x", properties=planted(["1893"] * 21)), 400, "at most 20 values"),
        ("queries", query(query="x", properties=planted("1" * 401)), 400, "at most 400 characters"),
        ("queries", query(query="x", properties=planted(None)), 400, "a value is a text, a number"),
        ("queries", query(query="x", properties=planted({"name": "x"})), 400, "an object with an id"),
        ("queries", query(query="x", properties=planted("1893") * 11), 400, "at most 10"),
        ("queries", query(query="x", type_strict="never"), 400, "any, all or should"),
        ("queries", query(query="x", limit=1.5), 400, "limit is a whole number"),
        ("queries", query(query="x", limit=True), 400, "limit is a whole number"),
        ("queries", query(query="x", props=[]), 400, "but no props"),
        ("queries", query(limit=3), 400, "neither a query nor a property"),
        ("extend", '{"ids": []}', 400, "properties"),
        ("extend", '{"ids": [1], "properties": [{"id": "x"}]}', 400, "No property goes by"),
        ("extend", json.dumps({"ids": [], "properties": [{}] * (COLUMNS + 1)}), 413, "takes 200 things"),
    ],
)
def test_what_can_t_be_read_is_refused_with_the_reason(
    client: FlaskClient, field: str, value: str, status: int, words: str
) -> None:
    reply = client.post("/reconcile", data={field: value}, headers={"Accept": "application/json"})
    assert reply.status_code == status
    assert words in reply.json["detail"]


def test_a_refusal_speaks_the_reader_s_language(client: FlaskClient) -> None:
    headers = {"Accept": "application/json", "Accept-Language": "zh-CN"}
    data = {"queries": query(query="x" * 401)}
    assert "至多 400 个字符" in client.post("/reconcile", data=data, headers=headers).json["detail"]
    headers["Accept-Language"] = "zh-TW"
    assert "至多 400 個字元" in client.post("/reconcile", data=data, headers=headers).json["detail"]


@pytest.mark.parametrize("given", ["prefix=" + "x" * 401, "prefix=x&cursor=y", "prefix=x&limit=-1"])
def test_suggestions_that_can_t_be_given_are_refused(client: FlaskClient, given: str) -> None:
    for kind in ("entity", "type", "property"):
        assert client.get(f"/reconcile/suggest/{kind}?{given}").status_code == 400


def test_what_the_api_s_schema_forbids_is_refused(client: FlaskClient) -> None:
    folder = SCHEMAS.parent / "examples" / "reconciliation-query-batch" / "invalid"
    faulty = sorted(folder.glob("*.json"))
    assert faulty
    for path in faulty:
        reply = client.post("/reconcile", data={"queries": path.read_text()})
        assert reply.status_code == 400, path.name


def test_a_thing_is_found_by_what_is_said_of_it_alone(client: FlaskClient) -> None:
    year, count = planted(1893), [{"pid": "ontology/treeCount", "v": "14.0"}]
    found = asked(
        client, tree={"properties": year, "type": "ontology/Tree"}, none={"properties": planted(-1893)}
    )
    assert [one["id"] for one in found["tree"]] == ["id/tree/01"]
    assert found["tree"][0]["match"] is True
    assert found["none"] == []
    both = asked(client, q={"properties": [*year, {"pid": "ontology/isOfVariety", "v": "雪梨"}], "query": ""})
    assert both["q"][0]["id"] == "id/tree/01"
    assert both["q"][0]["score"] == 100 > both["q"][1]["score"]
    assert asked(client, q={"properties": planted("1893"), "type": "ontology/Variety"})["q"] == []
    assert [one["id"] for one in asked(client, q={"properties": count})["q"]] == ["id/plot/long-ridge-north"]


def test_what_the_api_s_examples_ask_is_read(client: FlaskClient) -> None:
    folder = SCHEMAS.parent / "examples" / "reconciliation-query-batch" / "valid"
    for path in sorted(folder.glob("*.json")):
        queries = json.loads(path.read_text())
        queries = queries.get("queries", queries)
        for one in queries.values():  # types and properties are another graph's
            one.pop("type", None)
            if "query" in one:
                one.pop("properties", None)
            else:
                one["properties"] = planted("1893")
        reply = client.post("/reconcile", data={"queries": json.dumps(queries)})
        assert reply.status_code == 200, path.name
        valid("reconciliation-result-batch", reply.json)


def test_cells_of_every_property_are_as_the_schema_has_them(default: FlaskClient) -> None:
    ids = ["id/compound/cuiyuan-siqu", "id/project/cuiyuan-siqu", "id/division/nbs2023-330106000000"]
    listed = default.get("/reconcile/properties?limit=50").json["properties"]
    wanted = [one["id"] for one in listed if not one["id"].endswith("|sources")]
    for start in range(0, len(wanted), COLUMNS):
        columns = [{"id": one} for one in wanted[start : start + COLUMNS]]
        extend = json.dumps({"ids": ids, "properties": columns})
        valid("data-extension-response", default.post("/reconcile", data={"extend": extend}).json)


@pytest.mark.parametrize("character", ["x", "里"])
def test_long_names_that_begin_alike_are_not_the_same(character: str) -> None:
    assert score.word(character * 200) != score.word(character * 200 + "y")
    assert score.word(character * 200) != score.word(character * 201)


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_share_and_whole_only_of_the_same(one: str, other: str) -> None:
    share = score.alike(one, other)
    assert 0 <= share <= 1
    assert (share == 1) == (one == other != "")


@given(st.floats(0, 100), st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=5))
def test_hints_take_away_and_never_add(name: float, agree: list[float]) -> None:
    assert 0.6 * name - 1e-9 <= score.with_hints(name, agree) <= name + 1e-9


def test_names_count_by_what_they_are() -> None:
    names = (
        Name("小营巷", "zh-hans"),
        Name("旧名", "zh-hans", is_alias=True),
        Name("Xiaoyingxiang", "zh-latn-pinyin"),
    )
    thing = Thing("x:1", names, (), ("330102",), 1, None)
    for word, worth in (("小營巷", 100), ("330102", 100), ("旧名", 95), ("xiaoyingxiang", 90)):
        assert score.of_name(score.word(word), thing) == worth
    assert score.of_name(score.word("小营里"), thing) < 88


# --- messy names ------------------------------------------------------------------------------------------


def test_the_messy_names_mean_things_that_there_are(release: Release) -> None:
    rows, index = messy.read(), Index.open(ensure_index(release))
    assert len(rows) == len({(row.name, row.type, row.district) for row in rows}) == 200
    assert [row for row in rows if row.right and not index.look_up(release.base + row.right)] == []
    nothing = [row.name for row in rows if not row.right]
    assert len(nothing) == 20
    assert [name for name in nothing if index.named(folding.word(name))] == []


def test_messy_names_are_matched_surely_and_better_than_by_search(
    default: FlaskClient, release: Release
) -> None:
    answers = quality.measured(default, release)
    assert [one for one in answers if one.match and not one.row.right] == []
    assert quality.precision(answers) >= 0.98
    assert quality.recall(answers) >= 0.9
    assert quality.recall(answers) - quality.recall(answers, search=True) >= 0.2
