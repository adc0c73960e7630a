"""The SPARQL 1.1 Protocol, through HTTP: each kind of query test of the W3C's suite, and what ours adds."""

import base64
import gzip
import hashlib
import http.client
import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
import zstandard

from kg.release import Release
from tests.servers import Served, ask, fetch, kg_serve

BASE = "https://example.org/orchard/"
P04, P09 = BASE + "graph/almanac-1931/p04", BASE + "graph/almanac-1931/p09"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
JSON = "application/sparql-results+json"
ORCHARDS = f"SELECT ?s {{ ?s a <{BASE}ontology/Orchard> }} ORDER BY ?s"
GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"


@pytest.fixture(scope="module")
def served(small_release: Release, tmp_path_factory) -> Iterator[Served]:
    environ = {"KG_QUERY_TIMEOUT": "2", "KG_WORKERS": "1"}
    with kg_serve(small_release, tmp_path_factory.mktemp("serve"), environ) as found:
        yield found


@pytest.fixture
def url(served: Served) -> str:
    return served.url + "/sparql"


def get(url: str, accept: str = JSON, **parameters: object):
    return fetch(f"{url}?{urlencode(parameters, doseq=True)}", headers={"Accept": accept})


def post(url: str, body: str | bytes, media: str | None, accept: str = JSON, **headers: str):
    data = body.encode() if isinstance(body, str) else body
    if media is None:  # urllib would add one
        host = url.split("/")[2]
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.putrequest("POST", "/" + url.split("/", 3)[3])
        connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        reply = connection.getresponse()
        status = reply.status
        connection.close()
        return status
    return fetch(url, data, {"Content-Type": media, "Accept": accept, **headers})


def values(reply, name: str = "s") -> list[str]:
    assert reply.status == 200, reply.body
    return [row[name]["value"] for row in reply.json()["results"]["bindings"]]


# The W3C suite's query tests, by their names there.


def test_query_get(url: str):
    assert get(url, query="ASK {}").json()["boolean"] is True


def test_query_post_form(url: str):
    assert post(url, urlencode({"query": "ASK {}"}), FORM).json()["boolean"] is True


def test_query_post_direct(url: str):
    assert post(url, "ASK {}", DIRECT).json()["boolean"] is True
    assert post(url, "ASK {}", DIRECT + "; charset=UTF-8").json()["boolean"] is True


def test_query_dataset_default_graph(url: str):
    assert values(get(url, query=ORCHARDS, **{"default-graph-uri": P04})) == [BASE + "id/orchard/long-ridge"]
    direct = post(url + "?" + urlencode({"default-graph-uri": P09}), ORCHARDS, DIRECT)
    assert values(direct) == [BASE + "id/orchard/stone-bridge"]


def test_query_dataset_default_graphs(url: str):
    both = {"query": ORCHARDS, "default-graph-uri": [P04, P09]}
    assert len(values(get(url, **both))) == 2
    assert len(values(post(url, urlencode(both, doseq=True), FORM))) == 2


def test_query_dataset_named_graphs(url: str):
    both = {"query": GRAPHS, "named-graph-uri": [P04, P09]}
    assert values(get(url, **both), "g") == [P04, P09]
    assert values(post(url, urlencode(both, doseq=True), FORM), "g") == [P04, P09]


def test_query_dataset_full(url: str):
    query = f"SELECT ?g ?s {{ ?s a <{BASE}ontology/Orchard> GRAPH ?g {{ ?x a <{BASE}ontology/Variety> }} }}"
    reply = get(url, query=query, **{"default-graph-uri": P04, "named-graph-uri": P09})
    assert set(values(reply, "g")) == {P09}
    assert set(values(reply, "s")) == {BASE + "id/orchard/long-ridge"}


def test_query_multiple_dataset(url: str):
    query = f"SELECT DISTINCT ?s FROM <{P09}> {{ ?s a <{BASE}ontology/Orchard> }}"
    assert values(get(url, query=query, **{"default-graph-uri": P04})) == [BASE + "id/orchard/long-ridge"]


@pytest.mark.parametrize(
    ("query", "media"),
    [
        ("SELECT (1 AS ?x) {}", JSON),
        ("ASK {}", JSON),
        ("DESCRIBE <x:a>", "text/turtle; charset=utf-8"),
        ("CONSTRUCT { <x:a> <x:b> 1 } {}", "text/turtle; charset=utf-8"),
    ],
)
def test_query_content_type(url: str, query: str, media: str):
    assert get(url, "*/*", query=query).headers["Content-Type"] == media


def test_bad_query_method(url: str):
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        reply = fetch(url + "?query=ASK%7B%7D", method=method)
        assert reply.status == 405
        assert reply.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_bad_multiple_queries(url: str):
    assert get(url, query=["ASK {}", "SELECT * {}"]).status == 400
    assert post(url, "query=ASK%7B%7D&query=ASK%7B%7D", FORM).status == 400
    assert post(url + "?query=ASK%7B%7D", "ASK {}", DIRECT).status == 400


def test_bad_query_wrong_media_type(url: str):
    reply = post(url, "ASK {}", "text/plain")
    assert reply.status == 415
    assert DIRECT in reply.headers["Accept-Post"]


def test_bad_query_missing_media_type(url: str):
    assert post(url, "query=ASK%7B%7D", None) == 415
    assert post(url, "ASK {}", None) == 415


def test_bad_query_non_utf8(url: str):
    assert post(url, "ASK {}".encode("utf-16"), DIRECT).status == 400
    assert post(url, "ASK {}".encode("utf-16"), DIRECT + "; charset=UTF-16").status == 400
    assert post(url, b"query=%ff", FORM).status == 400
    assert fetch(url + "?query=%ff").status == 400


def test_bad_query_syntax(url: str):
    assert get(url, query="ASK {").status == 400


def test_a_missing_query(url: str):
    assert post(url, "", FORM).status == 400
    assert post(url, "", DIRECT).status == 400
    assert get(url, **{"default-graph-uri": P04}).status == 400


# Formats.


@pytest.mark.parametrize(
    "media",
    [
        JSON,
        "application/sparql-results+xml",
        "text/csv; charset=utf-8",
        "text/tab-separated-values; charset=utf-8",
    ],
)
def test_every_format_of_rows(url: str, media: str):
    reply = get(url, media.partition(";")[0], query=ORCHARDS)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == media
    assert reply.headers["Row-Count"] == "2"
    assert reply.headers["Content-Length"] == str(len(reply.body))
    assert b"stone-bridge" in reply.body


@pytest.mark.parametrize("format", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
def test_every_format_of_graphs(url: str, format: str):
    query = f"CONSTRUCT WHERE {{ <{BASE}id/orchard/stone-bridge> ?p ?o }}"
    reply = get(url, "*/*", query=query, format=format)
    quads = list(ox.parse(reply.body, format=ox.RdfFormat.from_extension(format)))
    assert len(quads) == int(reply.headers["Row-Count"]) > 2


def test_format_is_for_people(url: str):
    assert get(url, "text/html", query="ASK {}", format="csv").body == b"true"
    assert (
        get(url, "*/*", query="CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", format="json").headers["Content-Type"]
        == "application/ld+json"
    )
    assert get(url, query="ASK {}", format="docx").status == 400
    assert get(url, query="ASK {}", format="ttl").status == 406


def test_weights_decide(url: str):
    assert (
        get(url, f"{JSON};q=0.1, text/csv;q=0.8", query=ORCHARDS)
        .headers["Content-Type"]
        .startswith("text/csv")
    )
    assert (
        get(url, f"{JSON};q=0, */*;q=0.1", query=ORCHARDS).headers["Content-Type"]
        == "application/sparql-results+xml"
    )


def test_nothing_acceptable_is_406_with_the_choice(url: str):
    reply = get(url, "image/png", query=ORCHARDS)
    assert reply.status == 406
    assert JSON in reply.json()["detail"]
    assert get(url, "text/turtle", query=ORCHARDS).status == 406
    assert get(url, "text/csv", query="CONSTRUCT WHERE { ?s ?p ?o }").status == 406


def test_vary_and_cors(url: str):
    reply = fetch(url + "?query=ASK%7B%7D", headers={"Origin": "https://elsewhere.example"})
    assert {"Accept", "Accept-Encoding"} <= {name.strip() for name in reply.headers["Vary"].split(",")}
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Row-Count" in reply.headers["Access-Control-Expose-Headers"]
    faulty = fetch(url + "?query=NO", headers={"Origin": "https://elsewhere.example"})
    assert faulty.headers["Access-Control-Allow-Origin"] == "*"


def test_head_is_get_without_a_body(url: str):
    full = get(url, query=ORCHARDS)
    reply = fetch(url + "?" + urlencode({"query": ORCHARDS}), headers={"Accept": JSON}, method="HEAD")
    assert reply.status == 200
    assert reply.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Row-Count"):
        assert reply.headers[name] == full.headers[name]


def test_options(url: str):
    reply = fetch(
        url, method="OPTIONS", headers={"Origin": "https://e", "Access-Control-Request-Method": "POST"}
    )
    assert reply.status == 204
    assert reply.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in reply.headers["Access-Control-Allow-Headers"]


def test_a_base_for_relative_iris(url: str):
    assert get(url, query="ASK { <id/orchard/stone-bridge> ?p ?o }").json()["boolean"] is True


# Whole answers.


@pytest.mark.parametrize(("coding", "decode"), [("gzip", gzip.decompress), ("zstd", zstandard.decompress)])
def test_codings(url: str, coding: str, decode):
    query = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"}
    plain = get(url, **query)
    coded = fetch(f"{url}?{urlencode(query)}", headers={"Accept": JSON, "Accept-Encoding": coding})
    assert coded.headers["Content-Encoding"] == coding
    assert len(coded.body) == int(coded.headers["Content-Length"]) < len(plain.body)
    assert decode(coded.body) == plain.body
    assert coded.headers["ETag"] != plain.headers["ETag"]
    for reply in (plain, coded):
        digest = base64.b64encode(hashlib.sha256(reply.body).digest()).decode()
        assert reply.headers["Repr-Digest"] == f"sha-256=:{digest}:"


def test_a_refused_coding_is_not_used(url: str):
    query = urlencode({"query": "SELECT * { ?s ?p ?o }"})
    for header in ("identity", "gzip;q=0", "gzip;q=0.5, identity;q=0.9", "br", ""):
        reply = fetch(f"{url}?{query}", headers={"Accept": JSON, "Accept-Encoding": header})
        assert "Content-Encoding" not in reply.headers, header


def test_etags(url: str):
    first = get(url, query=ORCHARDS)
    etag = first.headers["ETag"]
    again = f"{url}?{urlencode({'query': '# the same' + chr(10) + ORCHARDS.replace(' ', '  ')})}"
    same = fetch(again, headers={"Accept": JSON, "If-None-Match": f'"other", W/{etag}'})
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", etag)
    other = fetch(again, headers={"Accept": "text/csv", "If-None-Match": etag})
    assert other.status == 200
    assert other.headers["ETag"] != etag
    graph = get(url, query=ORCHARDS, **{"default-graph-uri": P04})
    assert graph.headers["ETag"] != etag


def test_what_changes_has_no_etag(url: str):
    for call in ("NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"):
        reply = get(url, query=f"SELECT ({call} AS ?x) {{}}")
        assert reply.status == 200
        assert "ETag" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-store"
    twice = {get(url, query="SELECT (STRUUID() AS ?x) {}").body for _ in range(2)}
    assert len(twice) == 2


# Errors that teach.


def test_a_fault_has_a_place_a_caret_and_a_hint(url: str):
    reply = get(url, query="SELECT *\nWHERE { ?s a foaf:Person }")
    assert reply.status == 400
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem = reply.json()
    assert (problem["line"], problem["column"]) == (2, 14)
    assert problem["excerpt"].split("\n") == ["WHERE { ?s a foaf:Person }", " " * 13 + "^"]
    assert "PREFIX foaf: <http://xmlns.com/foaf/0.1/>" in problem["hint"]
    assert problem["code"] == "query-syntax"


def test_a_prefix_of_the_dataset_is_offered(url: str):
    assert f"PREFIX o: <{BASE}ontology/>" in get(url, query="SELECT * { ?s a o:Orchard }").json()["hint"]


def test_errors_as_text_and_as_a_page(url: str):
    text = get(url, "text/plain", query="SELEC * {}")
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"did you mean SELECT?" in text.body
    page = get(url, "text/html,application/xhtml+xml", query="SELEC <script> {}", format="json")
    assert page.status == 400
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<script>" not in page.body


def test_an_unknown_term_gets_a_hint_on_an_empty_answer(url: str):
    reply = get(url, query=f"PREFIX o: <{BASE}ontology/> SELECT * {{ ?s a o:Orchad }}")
    assert reply.headers["Row-Count"] == "0"
    assert "o:Orchad is no class or property" in reply.headers["Query-Hint"]
    assert "did you mean o:Orchard?" in reply.headers["Query-Hint"]
    known = get(url, query=f"SELECT * {{ ?s a <{BASE}ontology/Orchard> . ?s ?s ?s }}")
    assert "Query-Hint" not in known.headers


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("INSERT DATA { <x:a> <x:b> 1 }", 403, "update-refused"),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", 403, "service-refused"),
        ("SELECT * FROM <file:///etc/passwd> {}", 403, "graph-refused"),
        ("SELECT * " + "{" * 60 + "}" * 60, 400, "query-too-deep"),
        ("SELECT * { ?s " + " ; ".join(f"<p:{i}> ?o{i}" for i in range(101)) + "}", 400, "query-too-large"),
        ("SELECT * {}" + " " * 70000, 413, "query-too-long"),
    ],
)
def test_refusals(url: str, query: str, status: int, code: str):
    reply = post(url, query, DIRECT)
    assert (reply.status, reply.json()["code"]) == (status, code)
    assert reply.json()["hint"]


def test_updates_are_refused_in_every_form(url: str):
    update = "INSERT DATA { <x:a> <x:b> 1 }"
    replies = [
        get(url, update=update),
        post(url, urlencode({"update": update}), FORM),
        post(url, update, "application/sparql-update"),
        get(url, query=update),
    ]
    for reply in replies:
        assert (reply.status, reply.json()["code"]) == (403, "update-refused")


def test_an_unknown_graph_in_the_dataset_is_said(url: str):
    assert get(url, query="ASK {}", **{"default-graph-uri": "http://elsewhere.example/g"}).status == 403
    assert get(url, query="ASK {}", **{"named-graph-uri": "file:///etc/passwd"}).status == 403


def test_no_header_can_be_injected(url: str):
    reply = get(
        url,
        query="SELECT * { ?s a <x:\r\nSet-Cookie: a=b> }",
        **{"default-graph-uri": "x:\r\nSet-Cookie: a=b"},
    )
    assert reply.status == 400 or reply.status == 403
    assert "Set-Cookie" not in reply.headers


# Description, graphs.


def test_the_service_describes_itself(url: str):
    reply = fetch(url, headers={"Accept": "text/turtle"})
    assert reply.status == 200
    told = {
        (q.subject.value, q.predicate.value): q.object
        for q in ox.parse(reply.body, format=ox.RdfFormat.TURTLE)
    }
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert told[(url, sd + "endpoint")] == ox.NamedNode(url)
    assert told[(url, sd + "defaultDataset")] == ox.NamedNode(BASE)
    assert (BASE, "http://rdfs.org/ns/void#triples") in told
    assert told[(url + "#limit-query-timeout", "https://schema.org/value")].value == "2"
    assert (
        fetch(url, headers={"Accept": "application/ld+json"}).headers["Content-Type"] == "application/ld+json"
    )
    assert fetch(url, headers={"Accept": "image/png"}).status == 406


def test_a_browser_goes_to_the_query_page(url: str):
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    assert fetch(url, headers=browser).headers["Location"] == "/query"
    reply = fetch(url + "?query=ASK%20%7B%7D", headers=browser)
    assert (reply.status, reply.headers["Location"]) == (303, "/query?query=ASK%20%7B%7D")


def test_graph_store_reads(url: str):
    reply = fetch(f"{url}/graphs?graph={quote(P04, safe='')}", headers={"Accept": "application/n-triples"})
    assert reply.status == 200
    assert reply.body.count(b"\n") == int(reply.headers["Row-Count"]) > 5
    default = fetch(f"{url}/graphs?default", headers={"Accept": "application/n-triples"})
    assert default.body.count(b"\n") > reply.body.count(b"\n")
    assert fetch(f"{url}/graphs?graph=x:none").status == 404
    assert fetch(f"{url}/graphs").status == 400
    assert fetch(f"{url}/graphs?default&graph=x:a").status == 400
    for method in ("PUT", "POST", "DELETE"):
        refused = fetch(f"{url}/graphs?default", b"", method=method)
        assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_there_is_nothing_else(url: str):
    assert fetch(url + "/nothing").status == 404
    assert fetch(url + "/").status == 200


# Clients.


def test_sparqlwrapper_as_a_client(url: str):
    from SPARQLWrapper import JSON as WRAPPED
    from SPARQLWrapper import POST, TURTLE, SPARQLWrapper

    for method in ("GET", POST):
        client = SPARQLWrapper(url)
        client.setMethod(method)
        client.setReturnFormat(WRAPPED)
        client.setQuery(ORCHARDS)
        assert len(client.queryAndConvert()["results"]["bindings"]) == 2
    client.setReturnFormat(TURTLE)
    client.setQuery("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3")
    assert client.queryAndConvert()


def test_rdflib_s_store_as_a_client(url: str):
    from rdflib import Graph, URIRef
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = Graph(SPARQLStore(url))
    assert len(list(graph.query(ORCHARDS))) == 2
    assert len(list(graph.triples((URIRef(BASE + "id/orchard/stone-bridge"), None, None)))) > 2


def test_curl_as_a_client(url: str):
    import subprocess

    command = [
        "curl",
        "-s",
        "--compressed",
        "--data-urlencode",
        f"query={ORCHARDS}",
        "-H",
        f"Accept: {JSON}",
        url,
    ]
    assert (
        len(
            json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["results"]["bindings"]
        )
        == 2
    )


def test_what_the_engine_would_answer_wrongly_is_right_or_refused_and_named(served: Served):
    graphs = len(ask(served.url, GRAPHS).json()["results"]["bindings"])
    for query, rows in (
        ("SELECT DISTINCT ?g { GRAPH ?g { SELECT ?s { ?s ?p ?o } } }", graphs),
        ("SELECT * { GRAPH ?g { VALUES ?s { 1 } } }", graphs),
        ("SELECT * { <x:absent> <x:p>* ?o }", 1),
    ):
        assert len(ask(served.url, query).json()["results"]["bindings"]) == rows
    for query in (
        "SELECT * { GRAPH ?g { SELECT ?s { ?s ?p ?o } LIMIT 1 } }",
        'SELECT (BNODE("k") AS ?x) {}',
    ):
        reply = ask(served.url, query)
        assert (reply.status, reply.json()["code"]) == (501, "engine-gap"), query
        assert reply.json()["hint"]
