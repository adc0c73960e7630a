"""Every route of the application against the one table of resources, through the server."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app
from kg_web.delivery.resources import BY_ADDRESS, NEVER, TABLE, Resource, as_markdown
from kg_web.protocol.coding import WORTHWHILE
from tests.servers import Reply, Served, fetch, kg_serve, wait_until

B = "https://example.org/orchard/"
RIDGE = "id/orchard/long-ridge"
ORCHARDS = f"SELECT ?s {{ ?s a <{B}ontology/Orchard> }} ORDER BY ?s"
ASKED = urlencode({"query": ORCHARDS})
POINTED = urlencode({"iri": f"{B}id/plot/long-ridge-north", "property": f"{B}ontology/standsIn"})
SAMPLES = {
    "/sparql": f"/sparql?{ASKED}",
    "/sparql/<path:rest>": "/sparql/graphs?default",
    "/releases/<version>/sparql": "",  # of the active one it leads to /sparql
    "/result.<extension>": f"/result.csv?{ASKED}",
    "/search.json": "/search.json?q=ridge",
    "/<path:path>": f"/{RIDGE}",
    "/references.<style>": "/references.ris?" + urlencode({"query": f"SELECT * {{ <{B}{RIDGE}> ?p ?o }}"}),
    "/page/<path:path>": f"/page/{RIDGE}",
    "/resource": f"/resource?iri={quote(B + RIDGE)}",
    "/data/<path:name>": f"/data/{RIDGE}.ttl",
    "/data": f"/data?iri={quote(B + RIDGE)}&format=jsonld",
    "/releases/<version>/page/<path:rest>": f"/releases/VERSION/page/{RIDGE}",
    "/releases/<version>/resource": f"/releases/VERSION/resource?iri={quote(B + RIDGE)}",
    "/releases/<version>/data/<path:rest>": f"/releases/VERSION/data/{RIDGE}.nt",
    "/releases/<version>/data": f"/releases/VERSION/data?iri={quote(B + RIDGE)}&format=rdf",
    "/releases/<version>/links": f"/releases/VERSION/links?{POINTED}",
    "/releases/<version>/browse": f"/releases/VERSION/browse?class={quote(B)}ontology/Orchard",
    "/": "/",
    "/questions": "/questions",
    "/questions/<name>": "/questions/harvest",
    "/questions/<name>/embed": "/questions/harvest/embed",
    "/questions/<name>.svg": "/questions/harvest.svg",
    "/diagram.svg": f"/diagram.svg?iri={quote(B + RIDGE)}",
    "/links": f"/links?{POINTED}",
    "/browse": f"/browse?class={quote(B)}ontology/Orchard",
    "/compare": "/compare",
    "/coverage": "/coverage",
    "/quality": "/quality",
    "/ontology/": "/ontology/",
    "/map": "/map",
    "/map.geojson": "/map.geojson",
    "/network": "/network",
    "/network.<extension>": "/network.gexf",
    "/search": "/search?q=ridge",
    "/changes": f"/changes?iri={quote(B + RIDGE)}",
    "/releases/<before>/changes/<after>": "/releases/VERSION/changes/VERSION",
    "/dataset": "/dataset",
    "/dataset.<extension>": "/dataset.ttl",
    "/.well-known/void": "/.well-known/void",
    "/releases": "/releases",
    "/releases/<version>": "/releases/VERSION",
    "/releases/<version>/<path:name>": "/releases/VERSION/dataset.ttl",
    "/releases/<version>/tables": "/releases/VERSION/tables",
    "/releases/<version>/tables/<file>": "/releases/VERSION/tables/Orchard.csv",
    "/releases/<version>/part": f"/releases/VERSION/part?class={quote(B)}ontology/Orchard&format=nq",
    "/cite": "/cite",
    "/cite/<id>": "/cite/CITATION",
    "/cite/<id>.<style>": "/cite/CITATION.datacite",
    "/cite/<id>/check": "/cite/CITATION/check",
    "/cite/<id>/result.<extension>": "/cite/CITATION/result.csv",
    "/reconcile": "/reconcile",
    "/reconcile/view": f"/reconcile/view?id={RIDGE}",
    "/reconcile/preview": f"/reconcile/preview?id={RIDGE}",
    "/reconcile/flyout/<kind>": f"/reconcile/flyout/entity?id={RIDGE}",
    "/reconcile/properties": "/reconcile/properties?type=ontology/Orchard",
    "/reconcile/suggest/entity": "/reconcile/suggest/entity?prefix=ridge",
    "/reconcile/suggest/type": "/reconcile/suggest/type?prefix=o",
    "/reconcile/suggest/property": "/reconcile/suggest/property?prefix=s",
    "/query": "/query",
    "/query/examples.json": "/query/examples.json",
    "/query/words.json": "/query/words.json",
    "/query/vocabulary.json": "/query/vocabulary.json",
    "/query/values.json": f"/query/values.json?q=r&property={quote(B)}ontology/standsIn",
    "/query/labels.json": "/query/labels.json",
    "/static/<path:filename>": "/static/style/tokens.css",
    "/languages.css": "/languages.css",
    "/ontology.css": "/ontology.css",
    "/robots.txt": "/robots.txt",
    "/sitemap.xml": "/sitemap.xml",
    "/sitemap/<int:number>-<int:part>.xml": "/sitemap/0-0.xml",
    "/favicon.ico": "/favicon.ico",
    "/llms.txt": "/llms.txt",
    "/openapi.json": "/openapi.json",
    "/opensearch.xml": "/opensearch.xml",
    "/suggest.json": "/suggest.json?q=ridge",
    "/releases.atom": "/releases.atom",
    "/oembed": "/oembed?url=SERVER/questions/harvest",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
}
POSTED = {
    "/cite": (urlencode({"query": "ASK {}"}).encode(), "application/x-www-form-urlencoded"),
    "/cite/<id>/check": (b"", "application/x-www-form-urlencoded"),
    "/query/labels.json": (b'["%s"]' % (B + RIDGE).encode(), "application/json"),
    "/query/words.json": (b"[]", "application/json"),
    "/reconcile": (urlencode({"queries": "{}"}).encode(), "application/x-www-form-urlencoded"),
    "/sparql": (b"ASK {}", "application/sparql-query"),
}
ROWS = pytest.mark.parametrize("resource", TABLE, ids=lambda one: one.address)


@pytest.fixture(scope="module")
def served(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    environ = {"KG_WORKERS": "1", "KG_CITATIONS": str(folder / "citations.sqlite3")}
    with kg_serve(small_release, folder, environ) as found:
        # What completes queries is counted when it is first asked for.
        wait_until(lambda: fetch(f"{found.url}/query/vocabulary.json").status == 200, 30)
        yield found


@pytest.fixture(scope="module")
def citation(served: Served) -> str:
    made = fetch(f"{served.url}/cite", ASKED.encode())
    assert made.status == 303, made.body
    return made.headers["Location"].rpartition("/")[2]


@pytest.fixture(scope="module")
def address(served: Served, small_release: Release, citation: str):
    values = {
        "VERSION": quote(small_release.version),
        "CITATION": citation,
    }

    def of(resource: Resource) -> str:
        found = SAMPLES[resource.address]
        for name, value in values.items():
            found = found.replace(name, value)
        return served.url + found.replace("SERVER", quote(served.url))

    return of


def test_the_table_has_every_route_and_no_other(small_release: Release):
    with LocalEngine.open(small_release.store) as engine:
        routes = {rule.rule for rule in create_app(engine, Settings(), small_release).url_map.iter_rules()}
    assert {*BY_ADDRESS} == routes | {"/readyz"}  # which the server answers alone
    assert {*BY_ADDRESS} == {*SAMPLES}
    assert len(BY_ADDRESS) == len(TABLE)


def test_the_routes_take_the_methods_that_the_table_names(small_release: Release):
    with LocalEngine.open(small_release.store) as engine:
        app = create_app(engine, Settings(), small_release)
    taken: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        taken.setdefault(rule.rule, set()).update(rule.methods or ())
    for address, methods in taken.items():
        if not address.startswith("/sparql"):  # the endpoint says itself which it refuses
            assert methods == {*BY_ADDRESS[address].methods}, address


def get(url: str, **headers: str) -> Reply:
    return fetch(url, headers={"Origin": "https://elsewhere.example", **headers})


def answer(resource: Resource, url: str, **headers: str) -> Reply:
    if "GET" in resource.methods:
        return get(url, **headers)
    body, media = POSTED[resource.address]
    return fetch(url, body, {"Content-Type": media, "Origin": "https://elsewhere.example", **headers})


@ROWS
def test_formats_and_caching(resource: Resource, address):
    reply = answer(resource, address(resource))
    if not resource.formats:
        assert reply.status == 303
        return
    if resource.address == "/releases/<version>/sparql":
        reply = get(address(Resource("/releases/<version>", ())) + f"/sparql?{ASKED}")
        assert reply.status == 307
        return
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"].partition(";")[0] in resource.formats
    assert reply.headers["Cache-Control"] == resource.caching
    assert reply.body


@ROWS
def test_other_origins(resource: Resource, address):
    method = "GET" if "GET" in resource.methods else "POST"
    reply = answer(resource, address(resource))
    assert reply.headers.get("Access-Control-Allow-Origin") == ("*" if method in resource.shared else None)
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-odd, authorization",
    }
    before = fetch(address(resource), method="OPTIONS", headers={"Origin": "https://e.example", **asked})
    assert before.status == 204
    assert before.body == b""
    if method in resource.shared:
        assert before.headers["Access-Control-Allow-Origin"] == "*"
        assert method in before.headers["Access-Control-Allow-Methods"]
        assert {"*", "Authorization"} <= {*before.headers["Access-Control-Allow-Headers"].split(", ")}
        exposed = reply.headers["Access-Control-Expose-Headers"]
        assert {"ETag", "Link", "Row-Count"} <= {*exposed.split(", ")}
    else:
        assert "Access-Control-Allow-Origin" not in before.headers


@ROWS
def test_coding(resource: Resource, address):
    plain = answer(resource, address(resource))
    squeezed = answer(resource, address(resource), **{"Accept-Encoding": "gzip"})
    if not resource.formats or resource.address == "/releases/<version>/sparql":
        return
    if resource.coded:
        assert "Accept-Encoding" in plain.headers["Vary"]
    if resource.coded and len(plain.body) >= WORTHWHILE:
        assert squeezed.headers["Content-Encoding"] == "gzip"
        assert len(squeezed.body) == int(squeezed.headers["Content-Length"]) < len(plain.body)
        if resource.tagged:
            assert gzip.decompress(squeezed.body) == plain.body
    head = fetch(address(resource), headers={"Accept-Encoding": "gzip"}, method="HEAD")
    if "GET" in resource.methods and resource.tagged:
        assert head.headers.get("Content-Length") == squeezed.headers.get("Content-Length")
        assert head.headers.get("ETag") == squeezed.headers.get("ETag")


@ROWS
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_nothing_changed(resource: Resource, coding: str, address):
    if not resource.tagged or "GET" not in resource.methods or not SAMPLES[resource.address]:
        assert resource.caching == NEVER or not resource.formats or not SAMPLES[resource.address]
        return
    first = get(address(resource), **{"Accept-Encoding": coding})
    again = get(address(resource), **{"Accept-Encoding": coding, "If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    changed = get(address(resource), **{"Accept-Encoding": coding, "If-None-Match": '"other"'})
    assert changed.status == 200


@ROWS
def test_other_methods_are_refused(resource: Resource, address):
    for method in ("PUT", "PATCH"):
        reply = fetch(address(resource), b"x", method=method)
        assert reply.status == 405
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "address_", [one.address for one in TABLE if "POST" in one.methods and SAMPLES[one.address]]
)
def test_a_body_that_is_too_large_or_coded(address_: str, address):
    resource = BY_ADDRESS[address_]
    if address_ == "/sparql/<path:rest>":
        return  # reads alone
    _, media = POSTED[address_]
    large = fetch(address(resource), b"x" * (resource.size + 1), {"Content-Type": media})
    assert large.status == 413
    coded = fetch(address(resource), gzip.compress(b"x"), {"Content-Type": media, "Content-Encoding": "gzip"})
    assert coded.status == 415
    assert coded.headers["Content-Type"] == "application/problem+json"
    assert coded.headers["Accept-Encoding"] == "identity"


def test_the_docs_say_what_the_table_says():
    assert as_markdown() in (Path(__file__).parent.parent / "docs" / "resources.md").read_text(
        encoding="utf-8"
    )
