"""What the query editor completes from: counts, values, and what the pages give of them."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.complete import ensure, is_ready
from kg.complete.count import FEW, Use, count
from kg.complete.make import TERMS, folder
from kg.complete.sounds import sounds
from kg.complete.values import Values
from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.words import in_words
from kg.release import Release
from kg.search import ensure_index
from kg.search.index import Index
from kg.settings import Settings
from kg.terms import RDFS
from kg_web import create_app


@pytest.fixture(scope="module")
def engine(small_release: Release) -> LocalEngine:
    ensure_index(small_release)
    ensure(small_release)
    return LocalEngine.open(small_release.store)


@pytest.fixture(scope="module")
def values(small_release: Release, engine: LocalEngine) -> Values:
    return Values(
        small_release,
        engine,
        Explorer(engine, small_release).prefixes,
        Index.open(ensure_index(small_release)),
    )


@pytest.fixture
def client(small_release: Release, engine: LocalEngine) -> Iterator[FlaskClient]:
    with create_app(engine, Settings(), small_release).test_client() as found:
        yield found


def _terms(release: Release) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads((folder(release) / TERMS).read_text())
    return found


def test_counts_agree_with_the_engine(small_release: Release, engine: LocalEngine) -> None:
    found = count(small_release.file("dataset.nq"), small_release.superseded)
    for cls, number in found.classes.items():
        rows = engine.query(f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s a {cls.decode()} }}").dicts()
        assert next(iter(rows))["n"].value == str(number), cls
    for name, use in found.properties.items():
        rows = engine.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s {name.decode()} ?o }}").dicts()
        assert next(iter(rows))["n"].value == str(use.statements), name
    for cls, pairs in found.pairs.items():
        for name, number in pairs.items():
            sparql = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s a {cls.decode()} ; {name.decode()} ?o }}"
            assert next(iter(engine.query(sparql).dicts()))["n"].value == str(number)


def test_a_property_with_many_values_keeps_the_most_used() -> None:
    use = Use()
    for at in range(FEW * 2):
        use.add(b"<http://s>", f'"{at}"@en'.encode(), {})
    use.add(b"<http://s>", b'"7"@en', {})
    assert not use.is_whole
    assert use.kept()[0] == (b'"7"@en', 2)
    assert use.languages == {b"en": FEW * 2 + 1}


def test_labels_can_be_typed_as_they_sound() -> None:
    assert {"jiedao", "jd"} <= set(sounds([("街道", "zh-hans"), ("subdistrict", "en")]))
    assert sounds([("orchard", "en")]) == []


def test_the_cache_is_made_once_and_again_when_it_is_not_whole(
    small_release: Release, engine: LocalEngine
) -> None:
    ready = folder(small_release) / "ready.json"
    before = ready.stat().st_mtime_ns
    ensure(small_release)
    assert ready.stat().st_mtime_ns == before
    ready.write_text("{}")
    assert not is_ready(small_release)
    ensure(small_release)
    assert is_ready(small_release)
    assert not list(small_release.path.glob(".complete-*"))


def test_terms_have_labels_in_all_languages_and_are_this_graphs_own(
    small_release: Release, engine: LocalEngine
) -> None:
    terms = _terms(small_release)
    assert terms["classes"]
    assert all("linli/" not in str(one["iri"]) or "/kg#" in str(one["iri"]) for one in terms["classes"])
    assert any(len(one.get("labels", {})) > 1 for one in terms["classes"])  # type: ignore[arg-type]


def test_values_are_those_that_the_property_has(values: Values, small_release: Release) -> None:
    for one in _terms(small_release)["properties"]:
        found = values.find("", str(one["iri"]))
        assert found, one["iri"]
        if one.get("iris"):
            node = next((value for value in found if value.is_iri), None)
            assert node is None or values.find(next(iter(node.labels.values()), ""), str(one["iri"]))


def test_texts_are_found_by_their_words_where_the_property_has_them(
    values: Values, small_release: Release
) -> None:
    ontology = "https://example.org/orchard/ontology/"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    for text in ("tree 1", "1 号"):
        found = [value.term for value in values.find(text, label, [f"{ontology}Tree"])]
        assert found, text
        assert all(term.startswith('"') for term in found)
        assert '"Tree 1"@en' in found or '"1 号树"@zh-hans' in found
    assert values.find("tree 1", label, [f"{ontology}Plot"]) == []


@pytest.mark.parametrize("text", ['"', "\\", "\x00", "\ud800", "*" * 500, "} UNION {", "街" * 200])
def test_any_text_may_be_typed(values: Values, small_release: Release, text: str) -> None:
    one = str(_terms(small_release)["properties"][0]["iri"])
    values.find(text, one)
    values.find(text)
    values.find(text, "no iri > }", ["neither this"])


@pytest.mark.long
def test_values_come_fast(release: Release) -> None:
    """On the default release: 95 of 100 answers in less than 50 ms of processor time."""
    ensure(release)
    engine = LocalEngine.open(release.store)
    found = Values(release, engine, Explorer(engine, release).prefixes, Index.open(ensure_index(release)))
    terms = _terms(release)
    took = []
    for one in terms["properties"]:
        for text in ("", "s", "hang", "社区", "jd"):
            started = time.process_time()
            found.find(text, str(one["iri"]), [str(terms["classes"][0]["iri"])])
            took.append(time.process_time() - started)
    assert statistics.quantiles(took, n=20)[-1] < 0.05


def test_the_page_gives_terms_with_an_etag(client: FlaskClient) -> None:
    first = client.get("/query/vocabulary.json")
    assert first.status_code == 200
    assert first.get_json()["classes"]
    again = client.get("/query/vocabulary.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_terms_are_sent_compressed_to_who_can_read_that(client: FlaskClient) -> None:
    plain = client.get("/query/vocabulary.json", headers={"Accept-Encoding": "identity"})
    coded = client.get("/query/vocabulary.json", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.data) == plain.data
    assert {one.headers["Vary"] for one in (plain, coded)} >= {"Accept-Encoding"}
    again = client.get(
        "/query/vocabulary.json",
        headers={"Accept-Encoding": "gzip", "If-None-Match": coded.headers["ETag"]},
    )
    assert again.status_code == 304
    style = client.get("/static/style/query.css", headers={"Accept-Encoding": "gzip, br"})
    assert b".desk" in gzip.decompress(style.data)


def test_the_page_gives_values_and_names(client: FlaskClient, small_release: Release) -> None:
    one = next(p for p in _terms(small_release)["properties"] if p.get("iris"))
    answer = client.get("/query/values.json", query_string={"property": str(one["iri"]), "q": ""})
    found = answer.get_json()["values"]
    assert found
    iri = next(value["term"] for value in found if value["iri"])
    assert iri in client.post("/query/labels.json", json=[iri, "no iri>", 5]).get_json()
    assert client.post("/query/labels.json", data="x").status_code == 400


def test_without_a_release_there_are_no_terms(engine: LocalEngine) -> None:
    client = create_app(engine, Settings()).test_client()
    assert client.get("/query/vocabulary.json").status_code == 404
    assert b"hasRelease&#34;: false" in (page := client.get("/query").data) or b'"hasRelease": false' in page


def test_the_query_page_lets_in_one_style_by_a_fresh_word(client: FlaskClient) -> None:
    words = {client.get("/query").headers["Content-Security-Policy"].split("'nonce-")[1] for _ in range(2)}
    assert len(words) == 2
    assert "nonce" not in client.get("/").headers["Content-Security-Policy"]


def test_the_example_says_its_question_and_nothing_for_the_program(client: FlaskClient) -> None:
    found = client.get("/query/examples.json", headers={"Accept-Language": "zh-Hans"}).get_json()
    assert found
    for one in found:
        assert one["sparql"].startswith(f"# {one['question']}\n")
        assert "title@" not in one["sparql"]
        assert "about@" not in one["sparql"]
        assert "group:" not in one["sparql"]


def test_examples_come_group_by_group_in_the_reader_s_language(client: FlaskClient) -> None:
    found = client.get("/query/examples.json?lang=zh-Hans").get_json()
    page = client.get("/query?lang=zh-Hans").get_data(as_text=True)
    groups = [one["group"] for one in found]
    assert list(dict.fromkeys(groups)) == ["果树", "地块", ""]
    first = found[0]["sparql"]
    assert first.splitlines()[0] == "# 哪些树结香蕉？"
    told = [one["sparql"].splitlines()[:2] for one in found]
    assert ["# 哪些果树属于这些品种？", "# 可在花括号内换成其他品种。"] in told
    assert f">{first.splitlines()[0]}\n" in page, "the plain form begins with it too"


def _words(client: FlaskClient, language: str, *texts: tuple[str, str]) -> list[str | None]:
    sent = [{"value": value, "language": tag} if tag else {"value": value} for value, tag in texts]
    answer = client.post("/query/words.json", json=sent, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return [one and one["label"] for one in answer.get_json()]


def test_names_in_an_answer_are_the_readers(client: FlaskClient) -> None:
    north, joined = ("North slope", "en"), ("North slope; South slope", "")
    assert _words(client, "zh-Hans", north, joined, ("nothing", "en")) == ["北坡", "北坡；南坡", None]
    # A reader who has no name in the first language of the chain gets the next best.
    assert _words(client, "zh-Hant", north) == ["北坡"]
    # Who reads the original language, or asks for names in another, gets what was asked for.
    assert _words(client, "en", north, ("北坡", "zh-hans")) == [None, None]
    assert _words(client, "zh-Hans", ("北坡", "zh-hans"), ("North slope", "fr")) == [None, None]


def test_a_name_of_several_things_is_put_only_when_all_are_called_alike() -> None:
    store = Store()
    for iri, *names in (
        ("a", ("Spring", "en"), ("春", "zh-hans")),
        ("b", ("Spring", "en"), ("泉", "zh-hans")),
        ("c", ("Well", "en"), ("井", "zh-hans")),
        ("d", ("Well", "en")),
        ("e", ("Pond", "en"), ("塘", "zh-hans")),
        ("f", ("Pond", "en"), ("塘", "zh-hans")),
    ):
        for text, tag in names:
            store.add(
                Quad(NamedNode(f"http://e/{iri}"), NamedNode(RDFS + "label"), Literal(text, language=tag))
            )
    reader = Explorer(LocalEngine(store)).reader("zh-Hans")
    given = [Literal(text, language="en") for text in ("Spring", "Well", "Pond")]
    assert {str(one.value): text.value for one, text in in_words(reader, given, {}).items()} == {"Pond": "塘"}


def test_names_are_asked_for_in_one_query(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Explorer(engine).reader("zh-Hans")
    assert in_words(reader, [Literal("South slope", language="en")], {})
    asked: list[object] = []
    query = engine.query
    monkeypatch.setattr(engine, "query", lambda *given, **more: asked.append(given) or query(*given, **more))
    given = [Literal(f"North slope; tree {number}") for number in range(100)]
    assert len(in_words(reader, given, {})) == 100
    assert len(asked) == 1


@pytest.mark.parametrize("sent", [[5, None, "x", {}, {"value": 5}, {"value": "x", "language": "no tag!"}]])
def test_what_is_no_text_has_no_name(client: FlaskClient, sent: list[object]) -> None:
    assert client.post("/query/words.json", json=sent).get_json() == [None] * len(sent)
    assert client.post("/query/words.json", data="x").status_code == 400


def test_examples_come_apart_from_the_page(client: FlaskClient) -> None:
    found = client.get("/query/examples.json").get_json()
    page = client.get("/query", headers={"Accept": "text/html"}).text
    assert len(found) > 1
    assert not any(one["sparql"] in page for one in found[1:])
