"""The dataset as a whole: its page, description, files, releases and what changed between them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.export.descriptions.metadata import Links, links, metadata
from kg.make import build
from kg.mediatypes import RDF_FORMATS, Format, Kind
from kg.release import Release, open_release
from kg.release.shelf import prune
from kg.release.store import ensure_store
from kg.settings import Settings
from kg.terms import DCAT, KG, RDF, RDFS, SKOS, VOID
from kg_web import create_app
from tests.conftest import ORCHARD
from tests.test_export_rdf import READERS

B = "https://example.org/orchard/"
node = ox.NamedNode


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """Two releases side by side: in the second a tree is gone and a variety has another name."""
    out = tmp_path_factory.mktemp("releases")
    data = tmp_path_factory.mktemp("data") / "data"
    shutil.copytree(ORCHARD / "data", data)
    first = build(ORCHARD / "ontology", data, out, final=True)
    about = data / "dataset.ttl"
    about.write_text(about.read_text("utf-8").replace('"2.3.0"', '"2.4.0"'), encoding="utf-8")
    page = data / "almanac-1931" / "p09.trig"
    page.write_text(page.read_text("utf-8").replace('"Snow Pear"@en', '"White Pear"@en'), encoding="utf-8")
    trees = data / "tree-list" / "trees.ttl"
    text = trees.read_text("utf-8")
    cut = text.index("<https://example.org/orchard/id/tree/24>")
    trees.write_text(text[:cut], encoding="utf-8")
    second = build(ORCHARD / "ontology", data, out, final=True)
    ensure_store(second)
    return first, second


@pytest.fixture(scope="module")
def client(two: tuple[Release, Release]) -> Iterator[FlaskClient]:
    with LocalEngine.open(two[1].store) as engine:
        yield create_app(engine, Settings(), two[1]).test_client()


def copied(release: Release, version: str) -> Path:
    """Copy a release under another version."""
    copy = release.path.parent / version
    shutil.copytree(release.path, copy, ignore=shutil.ignore_patterns("exports", "store"))
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, "version": version}), encoding="utf-8")
    return copy


def test_a_release_is_as_of_one_day_and_issued_on_another(release: Release) -> None:
    """What the data is as of isn't called the same as the day on which it came out."""
    pages = create_app(LocalEngine.open(release.store), Settings(), release).test_client()
    told = [
        dict(re.findall(r"<dt>(As of|Issued)</dt><dd>(.*?)</dd>", pages.get(f"{address}?lang=en").text))
        for address in ("/", "/dataset")
    ]
    assert told[0] == {"As of": told[1]["As of"]}
    assert told[1]["Issued"] != told[1]["As of"]


def test_the_page_says_what_it_is_and_how_to_cite_it(client: FlaskClient) -> None:
    response = client.get("/dataset", headers={"Accept": "text/html"})
    assert response.status_code == 200
    for words in (
        "The old orchards",
        "2.4.0",
        "@dataset{",
        "[DS/OL]",
        "TY  - DATA",
        "/releases/2.4.0/stated.ttl",
        "2.3.0",
    ):
        assert words in response.text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', response.text, re.DOTALL)
    assert block
    described = json.loads(block[1])
    assert (described["@type"], described["version"]) == ("Dataset", "2.4.0")
    assert described["license"].startswith("https://creativecommons.org/")
    assert described["identifier"] == B


@pytest.mark.parametrize("address", ["/dataset", "/releases/2.4.0", "/releases/2.3.0"])
def test_signposts_of_a_landing_page(client: FlaskClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "text/html"})
    found = response.headers.getlist("Link")
    for name in ("cite-as", "type", "license", "collection", "describedby", "item"):
        assert any(f'rel="{name}"' in link for link in found), name
    for link in found:
        where = link.partition(">")[0][1:]
        if where.startswith("/"):
            assert client.get(where).status_code == 200, where


def test_links_to_others_are_counted_as_linksets(two: tuple[Release, Release]) -> None:
    store = ox.Store()
    for name, target in (("a", "https://other.example/1"), ("b", "https://other.example/2"), ("c", B + "a")):
        store.add(ox.Quad(node(B + name), node(SKOS + "closeMatch"), node(target)))
    store.add(ox.Quad(node("https://other.example/1"), node(SKOS + "closeMatch"), node("https://x.example/")))
    found = links(LocalEngine(store), B)
    assert found == [Links(SKOS + "closeMatch", "https://other.example/", 2)]
    said: dict[str, dict[str, str]] = {}
    for triple in metadata(two[1], [], found):
        said.setdefault(triple.subject.value, {})[triple.predicate.value] = triple.object.value
    (linkset,) = [one for one in said.values() if one.get(RDF + "type") == VOID + "Linkset"]
    assert (linkset[VOID + "subjectsTarget"], linkset[VOID + "triples"]) == (B, "2")
    assert linkset[VOID + "linkPredicate"] == SKOS + "closeMatch"
    assert said[linkset[VOID + "objectsTarget"]][VOID + "uriSpace"] == "https://other.example/"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(
    "path", ["/dataset", "/releases", "/releases/2.3.0", "/releases/2.3.0/changes/2.4.0"]
)
def test_pages_speak_the_readers_language(client: FlaskClient, path: str, language: str) -> None:
    response = client.get(path, query_string={"lang": language}, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.text


@pytest.mark.parametrize("address", ["/dataset", "/", "/.well-known/void"])
def test_programs_are_led_to_the_description(client: FlaskClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, "/dataset.ttl")
    triples = {q.triple for q in ox.parse(client.get("/dataset.ttl").data, format=ox.RdfFormat.TURTLE)}
    said = {(t.subject.value, t.predicate.value) for t in triples}
    assert {(B, DCAT + "version"), (B, DCAT + "hasVersion"), (B, VOID + "sparqlEndpoint")} <= said
    link = ox.Triple(node(B + "releases/2.4.0"), node(DCAT + "previousVersion"), node(B + "releases/2.3.0"))
    assert link in triples


def test_each_distribution_described_can_be_had(client: FlaskClient) -> None:
    triples = [q.triple for q in ox.parse(client.get("/dataset.ttl").data, format=ox.RdfFormat.TURTLE)]
    addresses = {t.object.value for t in triples if t.predicate.value == DCAT + "downloadURL"}
    assert len(addresses) >= 6
    for address in addresses:
        assert client.get("/" + address.removeprefix(B)).status_code == 200, address


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("stem", ["all", "stated"])
def test_the_whole_dataset_in_every_format(
    client: FlaskClient, two: tuple[Release, Release], format: Format, stem: str
) -> None:
    response = client.get(f"/releases/2.4.0/{stem}.{format.name}")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(response.data))
    assert (
        response.headers["Content-Disposition"] == f"attachment; filename=orchard-2.4.0-{stem}.{format.name}"
    )
    assert response.content_type.partition(";")[0] == format.media_type
    found = set(ox.parse(response.data, format=READERS[format.name]))
    quads = set(ox.parse(path=str(two[1].file("dataset.nq"))))
    inferred = {
        q.subject for q in quads if q.predicate == node(KG + "basis") and q.object == node(KG + "Inferred")
    }
    assert inferred
    if stem == "stated":
        quads = {q for q in quads if q.graph_name not in inferred}
    quads = {q for q in quads if q.graph_name.value not in two[1].superseded}
    if format.kind is Kind.DATASET:
        assert found == quads
    else:
        assert {q.triple for q in found} == {q.triple for q in quads}


def test_a_sealed_file_is_sent_as_it_was_sealed(client: FlaskClient, two: tuple[Release, Release]) -> None:
    for name, entry in two[0].manifest["files"].items():
        if "/" not in name:
            body = client.get(f"/releases/2.3.0/{name}").data
            assert hashlib.sha256(body).hexdigest() == entry["sha256"], name


def test_squeezed_is_the_same_and_a_range_is_kept(client: FlaskClient) -> None:
    plain = client.get("/releases/2.4.0/stated.nt")
    squeezed = client.get("/releases/2.4.0/stated.nt", headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert len(squeezed.data) < len(plain.data) / 3
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in squeezed.vary
    for refusing in ("gzip;q=0", "br", "gzip;q=0.5, identity"):
        asis = client.get("/releases/2.4.0/stated.nt", headers={"Accept-Encoding": refusing})
        assert "Content-Encoding" not in asis.headers, refusing
    part = client.get(
        "/releases/2.4.0/stated.nt", headers={"Range": "bytes=100-199", "Accept-Encoding": "gzip"}
    )
    assert (part.status_code, part.data) == (206, plain.data[100:200])
    etag = plain.headers["ETag"]
    assert client.get("/releases/2.4.0/stated.nt", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("stem", ["all", "stated"])
def test_a_file_carries_what_it_is(
    client: FlaskClient, two: tuple[Release, Release], format: Format, stem: str
) -> None:
    text = client.get(f"/releases/2.4.0/{stem}.{format.name}").text
    for words in (
        "The old orchards",
        "Version: 2.4.0",
        "Licence: ",
        "Cite as: ",
        two[1].digest,
        "all statements" + (" but those inferred by rules" if stem == "stated" else ""),
        f"Rights in <{B}source/tree-list>: CC0.",
    ):
        assert words in text


@pytest.mark.parametrize(
    "address",
    [
        "/releases/9.9.9",
        "/releases/..",
        "/releases/2.4.0/passwd",
        "/releases/2.4.0/%2e%2e",
        "/releases/active",
        "/dataset.doc",
    ],
)
def test_what_there_never_was(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_changed(client: FlaskClient) -> None:
    text = client.get("/releases/2.3.0/changes/2.4.0", query_string={"format": "text"}).text
    pear = f"<{B}id/variety/snow-pear> <{RDFS}label>"
    assert f'+ {pear} "White Pear"@en' in text
    assert f'- {pear} "Snow Pear"@en' in text
    page = client.get("/releases/2.3.0/changes/2.4.0?lang=en").text
    assert "id/tree/24" in page
    assert "Tree" in page
    one = client.get("/releases/2.3.0/changes/2.4.0", query_string={"entity": B + "id/tree/24"}).text
    assert "1962" in one
    assert "White Pear" not in one
    assert "Nothing changed" in client.get("/releases/2.4.0/changes/2.4.0?lang=en").text


def test_what_changed_about_a_thing_from_release_to_release(client: FlaskClient) -> None:
    pear = B + "id/variety/snow-pear"
    assert f'href="/changes?{urlencode({"iri": pear})}"' in client.get("/page/id/variety/snow-pear").text
    page = client.get("/changes", query_string={"iri": pear, "lang": "en"}).text
    assert "2.3.0 → 2.4.0" in page
    assert "White Pear" in page
    assert "Snow Pear" in page
    assert "Nothing changed" in client.get("/changes", query_string={"iri": B + "x", "lang": "en"}).text
    assert client.get("/changes").status_code == 404


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
def test_the_changes_as_rdf_lead_from_one_release_to_the_next(
    client: FlaskClient, two: tuple[Release, Release], format: Format
) -> None:
    def statements(release: Release) -> set[ox.Quad]:
        return set(ox.parse(path=str(release.file("dataset.nq")), format=ox.RdfFormat.N_QUADS))

    old, new = map(statements, two)
    sides: dict[str, set[ox.Quad]] = {}
    for side in ("added", "removed"):
        query = {"format": format.name, "side": side}
        response = client.get("/releases/2.3.0/changes/2.4.0", query_string=query)
        assert response.status_code == 200
        assert response.mimetype == format.media_type
        sides[side] = set(ox.parse(response.data, format=READERS[format.name]))
    if format.kind is Kind.DATASET:
        assert (old - sides["removed"]) | sides["added"] == new
    else:
        assert sides["added"] == {ox.Quad(*quad.triple) for quad in new - old}
        assert sides["removed"] == {ox.Quad(*quad.triple) for quad in old - new}


@pytest.mark.parametrize("query", ["format=ttl", "format=csv&side=added", "format=ttl&side=both", "format="])
def test_changes_in_no_such_form(client: FlaskClient, query: str) -> None:
    assert client.get(f"/releases/2.3.0/changes/2.4.0?{query}").status_code == 400


def test_a_damaged_release_is_never_served(
    client: FlaskClient, two: tuple[Release, Release], tmp_path: Path
) -> None:
    copy = copied(two[0], "2.3.1")
    try:
        target = copy / "dataset.nq"
        body = target.read_bytes()
        target.write_bytes(body.replace(b"Snow Pear", b"Snow Bear"))
        for address in ("/releases/2.3.1/dataset.nq", "/releases/2.3.1/stated.ttl", "/releases/2.3.1"):
            response = client.get(address)
            assert response.status_code == 503
            assert response.json["code"] == "release-altered"
            assert "Snow Bear" not in response.text
    finally:
        shutil.rmtree(copy)


def test_a_release_of_a_newer_program_is_said_to_be_one(
    client: FlaskClient, two: tuple[Release, Release]
) -> None:
    copy = copied(two[0], "2.3.2")
    try:
        manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
        (copy / "manifest.json").write_text(json.dumps({**manifest, "format": 99}), encoding="utf-8")
        for address in (
            "/releases/2.3.2",
            "/releases/2.3.2/dataset.nq",
            "/releases/2.3.2/sparql?query=ASK{}",
        ):
            response = client.get(address)
            assert response.status_code == 503
            assert "newer version of this program" in response.json["detail"]
        assert client.get("/releases").status_code == 200
    finally:
        shutil.rmtree(copy)


def test_a_removed_release_leaves_a_tombstone(client: FlaskClient, two: tuple[Release, Release]) -> None:
    folder = two[0].path.parent
    copy = copied(two[0], "2.2.0")
    digest = open_release(copy).digest
    prune(folder, "2.2.0", reason="A <b>rights</b> holder asked.", on="2026-01-02")
    response = client.get("/releases/2.2.0")
    assert response.status_code == 410
    assert "A &lt;b&gt;rights&lt;/b&gt; holder asked." in response.text
    assert digest in response.text
    assert client.get("/releases/2.2.0/dataset.nq").status_code == 410
    told = client.get("/releases/2.2.0/sparql?query=ASK{}", headers={"Accept": "application/json"})
    assert (told.status_code, told.json["code"]) == (410, "release-removed")
    assert digest in told.json["detail"]
    assert "2.2.0" in client.get("/releases").text


COUNT = f"SELECT (COUNT(?t) AS ?n) WHERE {{ ?t a <{B}ontology/Tree> }}"


@pytest.mark.parametrize(("version", "trees"), [("2.3.0", "24"), ("2.4.0", "23")])
def test_every_release_answers_queries(client: FlaskClient, version: str, trees: str) -> None:
    address = f"/releases/{version}/sparql"
    query, accept = {"query": COUNT}, {"Accept": "text/csv"}
    for response in (
        client.get(address, query_string=query, headers=accept, follow_redirects=True),
        client.post(address, data=query, headers=accept, follow_redirects=True),
    ):
        assert response.status_code == 200, response.text
        assert response.text.split() == ["n", trees]


def test_another_release_keeps_the_limits_of_the_endpoint(client: FlaskClient) -> None:
    for query, status in (
        ("SELECT * { ?s ?p ", 400),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        ("DELETE WHERE { ?s ?p ?o }", 403),
        ("ASK {" * 200 + "}" * 200, 400),
    ):
        response = client.get("/releases/2.3.0/sparql", query_string={"query": query})
        assert response.status_code == status, (query[:40], response.text)


def test_a_query_that_never_ends_on_another_release_is_ended(two: tuple[Release, Release]) -> None:
    with LocalEngine.open(two[1].store) as engine:
        slow = create_app(engine, Settings(query_timeout=0.5), two[1]).test_client()
        cross = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
        response = slow.get("/releases/2.3.0/sparql", query_string={"query": cross})
        assert response.status_code == 504
        assert response.json["code"] == "query-timeout"


def test_every_release_has_its_pages(client: FlaskClient) -> None:
    for address in ("/releases/2.3.0/page/id/tree/24", "/releases/2.3.0/data/id/tree/24.ttl"):
        assert client.get(address).status_code == 200
        assert client.get(address.replace("2.3.0", "2.4.0")).status_code == 404
    page = client.get("/releases/2.3.0/page/id/tree/24?lang=en")
    assert "2.3.0" in page.text
    assert 'href="/releases/2.3.0/page/id/plot/long-ridge-south"' in page.text
    pear = "id/variety/snow-pear"
    assert "Snow Pear" in client.get(f"/releases/2.3.0/data/{pear}.ttl").text
    assert "White Pear" in client.get(f"/data/{pear}.ttl").text
    assert client.get("/releases/2.3.0/resource", query_string={"iri": B + pear}).status_code == 200
