"""How the answer is reached, as clients in the wild ask: each line of issue 10's second table."""

import gzip
import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

import pytest
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON as AS_JSON
from SPARQLWrapper import POST, SPARQLWrapper

from kg.release import Release
from tests.servers import Served, fetch

B = "https://example.org/orchard/"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
ORCHARDS = f"SELECT ?s {{ ?s a <{B}ontology/Orchard> }} ORDER BY ?s"
FOUND = f"CONSTRUCT {{ ?s a <x:Found> }} WHERE {{ ?s a <{B}ontology/Orchard> }}"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,application/json;q=0.45,text/n3;q=0.35,application/xml;q=0.3,"
    "image/svg+xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture(scope="module")
def served(orchard_served: Served) -> Served:
    return orchard_served


@pytest.fixture
def url(served: Served) -> str:
    return served.url + "/sparql"


# Negotiation


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        (FOUND, "text/turtle, text/html;q=0.1", "text/turtle"),
        (FOUND, COMUNICA, "application/n-quads"),
        (FOUND, "application/json, text/html;q=0.9", "application/ld+json"),
        (FOUND, "text/html, text/turtle", "text/turtle"),
        (FOUND, "text/html;q=0.5, application/sparql-results+json", None),
        (FOUND, BROWSER, None),
        (ORCHARDS, "application/json, text/html;q=0.9", "application/sparql-results+json"),
        (ORCHARDS, "text/html, application/json;q=0.9", None),
        (ORCHARDS, "text/html;q=0.2, text/turtle", None),
        (ORCHARDS, BROWSER, None),
        (ORCHARDS, "*/*", "application/sparql-results+json"),
        ("DESCRIBE <x:y>", "application/rdf+xml, text/html;q=0.99", "application/rdf+xml"),
    ],
)
def test_a_page_only_where_it_is_weighed_highest(url: str, query: str, accept: str, media: str | None):
    reply = fetch(f"{url}?{urlencode({'query': query})}", headers={"Accept": accept})
    if media is None:
        assert (reply.status, reply.headers["Location"]) == (303, f"/query?{urlencode({'query': query})}")
    else:
        assert reply.status == 200, reply.body
        assert reply.headers["Content-Type"].partition(";")[0] == media


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        (COMUNICA, "jsonld"),
        ("application/n-quads, text/turtle;q=0.2", "ttl"),
        ("application/trig, application/n-triples;q=0.5", "nt"),
        ("application/trig", "trig"),
        ("application/n-quads, */*;q=0.1", "nq"),
        ("application/trig, text/turtle;q=0", "trig"),
        ("application/json", "jsonld"),
    ],
)
def test_triples_come_before_quads(served: Served, accept: str, extension: str):
    reply = fetch(f"{served.url}/id/orchard/long-ridge", headers={"Accept": accept})
    assert reply.headers["Location"] == f"/data/id/orchard/long-ridge.{extension}"


@pytest.mark.parametrize(
    ("asked", "media"),
    [
        ("output=csv", "text/csv"),
        ("output=json", "application/sparql-results+json"),
        ("results=xml", "application/sparql-results+xml"),
        ("output=application%2Fsparql-results%2Bxml", "application/sparql-results+xml"),
        ("format=tsv&output=json&results=xml", "text/tab-separated-values"),
        ("output=text%2Fcsv", "text/csv"),
    ],
)
def test_formats_are_named_as_peers_name_them(url: str, asked: str, media: str):
    reply = fetch(f"{url}?{urlencode({'query': ORCHARDS})}&{asked}", headers={"Accept": BROWSER})
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"].partition(";")[0] == media


@pytest.mark.parametrize("asked", ["output=turtle", "results=ttl", "format=n3", "output=text%2Fturtle"])
def test_formats_of_graphs_are_too(url: str, asked: str):
    reply = fetch(f"{url}?{urlencode({'query': FOUND})}&{asked}")
    assert reply.headers["Content-Type"].partition(";")[0] == "text/turtle"


@pytest.mark.parametrize("name", ["format", "output", "results"])
def test_a_format_that_is_not_there_is_said(url: str, name: str):
    reply = fetch(f"{url}?{urlencode({'query': ORCHARDS, name: 'docx'})}")
    assert reply.status == 400
    assert "docx" in reply.json()["detail"]


# Bodies


@pytest.mark.parametrize("path", ["/sparql", "/cite", "/query/labels.json", "/releases/VERSION/sparql"])
@pytest.mark.parametrize("size", [1_100_000, 20_000_000])
def test_a_body_over_the_limit_gets_its_answer(served: Served, small_release: Release, path: str, size: int):
    for _ in range(3):
        address = served.url + path.replace("VERSION", quote(small_release.version))
        reply = fetch(address, b"query=" + b"x" * size, {"Content-Type": FORM})
        assert reply.status == 413
        assert reply.json()["hint"]


def test_a_body_over_the_limit_from_clients(url: str):
    text = "ASK { FILTER(?x = '" + "x" * 20_000_000 + "') }"
    wrapper = SPARQLWrapper(url)
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(AS_JSON)
    wrapper.setQuery("ASK {}")
    wrapper.queryString = text  # `setQuery` looks through it for its kind, for seconds
    with pytest.raises(urllib.error.HTTPError) as told:
        wrapper.query()
    assert told.value.code == 413
    told = SPARQLStore(url, method="POST").query(text)
    assert told[0] == 413  # rdflib gives the status back in place of an answer


def test_a_body_over_the_limit_is_refused_before_it_comes(served: Served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\nExpect: 100-continue\r\n\r\n"
        )
        began = time.monotonic()
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")
        assert time.monotonic() - began < 5


def test_an_endless_body_is_dropped_within_a_bound(served: Served):
    from kg_web.server.http.exchange import DROPPED

    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        with pytest.raises(OSError):
            while sent < 4 * DROPPED:
                connection.sendall(piece)
                sent += 0x100000
                time.sleep(0.001)
        assert DROPPED / 2 < sent < 3 * DROPPED


@pytest.mark.parametrize(
    "charset", ["ISO-8859-1", "iso-8859-15", '"windows-1252"', "US-ASCII", "GBK", "UTF-8"]
)
@pytest.mark.parametrize("media", [FORM, DIRECT])
def test_ascii_is_read_whatever_it_is_called(url: str, media: str, charset: str):
    body = urlencode({"query": 'SELECT ("里" AS ?a) {}'}).encode() if media == FORM else b"ASK {}"
    reply = fetch(url, body, {"Content-Type": f"{media}; charset={charset}"})
    assert reply.status == 200, reply.body


@pytest.mark.parametrize("charset", ["ISO-8859-1", "UTF-16", "utf-7", "klingon"])
def test_what_is_not_ascii_must_be_utf_8(url: str, charset: str):
    body = 'SELECT ("é" AS ?a) {}'.encode()
    assert fetch(url, body, {"Content-Type": f"{DIRECT}; charset={charset}"}).status == 400


def test_a_coded_body_is_refused_by_its_coding(url: str):
    for coding in ("gzip", "br", "zstd"):
        headers = {"Content-Type": DIRECT, "Content-Encoding": coding}
        reply = fetch(url, gzip.compress(b"ASK {}"), headers)
        assert (reply.status, reply.headers["Accept-Encoding"]) == (415, "identity")
        assert reply.json()["code"] == "body-coding"
    assert fetch(url, b"ASK {}", {"Content-Type": DIRECT, "Content-Encoding": "identity"}).status == 200


def test_a_byte_order_mark_before_a_query(url: str):
    marked = "\ufeff" + ORCHARDS
    assert fetch(f"{url}?{urlencode({'query': marked})}").status == 200
    assert fetch(url, marked.encode(), {"Content-Type": DIRECT}).status == 200
    assert fetch(url, urlencode({"query": marked}).encode(), {"Content-Type": FORM}).status == 200
    assert fetch(f"{url}?{urlencode({'query': 'SELECT' + chr(0xFEFF) + ' * {}'})}").status == 400


# Addresses as they are typed


def _raw(served: Served, *parts: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.02)
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        return reply.status, reply.read()


def test_an_address_with_chinese_in_it(served: Served):
    line = "GET /search.json?q=老果园 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    status, body = _raw(served, line)
    assert (status, json.loads(body)["query"]) == (200, "老果园")
    # And again on a connection that is kept, with a head that comes in pieces.
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        for _ in range(2):
            connection.sendall(line)
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            assert json.loads(reply.read())["query"] == "老果园"


def test_a_body_is_never_taken_for_an_address(url: str, served: Served):
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {DIRECT}\r\nAccept: text/csv\r\n"
    query = 'SELECT ("里" AS ?a) {}'.encode()
    whole = head.encode() + b"Content-Length: %d\r\n\r\n" % len(query)
    for parts in ((whole + query,), (whole, query), (whole + query[:9], query[9:])):
        assert _raw(served, *parts) == (200, "a\r\n里\r\n".encode())


def test_what_is_no_http_gets_a_problem(served: Served):
    for line in (b"GET /a b HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n"):
        status, body = _raw(served, line)
        assert status == 400
        assert json.loads(body)["code"] == "bad-request"
