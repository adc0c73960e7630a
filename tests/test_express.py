"""The short way of small queries answers as the usual way does, to the byte, and leaves the rest to it."""

import http.client
import os
import signal
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.engine.small import Small
from kg.release import Release
from kg.sparql.bounded import MOST, Star, star
from kg.store import ensure_store
from tests.servers import Served, kg_serve, wait_until

VARYING = {"server-timing", "date"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?p ?o WHERE { <http://e.org/a> ?p ?o }", Star("http://e.org/a", (None,))),
        ("select distinct * {<http://e.org/a> ?p ?o.} limit 5", Star("http://e.org/a", (None,))),
        (
            "SELECT ?l ?t { <http://e.org/a> <http://e.org/l> ?l ; <http://e.org/t> ?t }",
            Star("http://e.org/a", ("http://e.org/l", "http://e.org/t")),
        ),
    ],
)
def test_a_star_is_known(text: str, expected: Star):
    assert star(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?p ?o WHERE { ?s ?p ?o }",
        "SELECT ?p ?o WHERE { <http://e.org/a> ?p ?o . ?o ?q ?r }",
        "SELECT ?p ?o WHERE { <http://e.org/a> ?p ?o FILTER(?o > 1) }",
        "SELECT ?o WHERE { <http://e.org/a> <http://e.org/p>+ ?o }",
        "SELECT ?o WHERE { <http://e.org/a> <http://e.org/p>/<http://e.org/q> ?o }",
        "SELECT ?p WHERE { GRAPH ?g { <http://e.org/a> ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) WHERE { <http://e.org/a> ?p ?o }",
        "SELECT ?p ?o FROM <http://e.org/g> WHERE { <http://e.org/a> ?p ?o }",
        "SELECT ?p ?o WHERE { <http://e.org/a> ?p ?o } ORDER BY ?o",
        "SELECT ?p ?o WHERE { <relative> ?p ?o }",
        "SELECT ?p ?o WHERE { <http://e.org/a> ?p ?o } LIMIT 5 # \n SERVICE",
        "CONSTRUCT WHERE { <http://e.org/a> ?p ?o }",
        "DELETE WHERE { <http://e.org/a> ?p ?o }",
        "SELECT ?p ?o WHERE { <http://e.org/a> ?p ?o }" + " " * 2000,
    ],
)
def test_nothing_else_is_taken_for_one(text: str):
    assert star(text) is None


@given(st.text("SELECT{}<>?po.;*/ abhtp:#\\", max_size=80))
def test_whatever_is_taken_for_one_is_one_pattern_group_on_one_subject(text: str):
    found = star(f"SELECT * {{ <http://e.org/a> ?p ?o {text} }}")
    if found is not None:
        assert found.subject == "http://e.org/a"
        assert set(text) <= set(" .;?<>SELCThpotab:/*\n")
        assert "{" not in text


def test_a_subject_that_much_is_said_of_is_left_to_a_process_that_can_be_killed():
    store = ox.Store()
    a, b, p = (ox.NamedNode(f"http://e.org/{name}") for name in "abp")
    store.extend(ox.Quad(a, p, ox.Literal(number)) for number in range(MOST + 1))
    store.extend(ox.Quad(b, p, ox.Literal(number)) for number in range(40))
    engine = LocalEngine(store)
    small = Small(engine)
    wait_until(lambda: small.answer("SELECT * { <http://e.org/b> ?p ?o }") is not None, 5, "the look")
    written = small.answer("SELECT * { <http://e.org/b> ?p ?o }")
    assert written is not None
    assert written.rows == 40
    assert small.answer("SELECT * { <http://e.org/a> ?p ?o }") is None
    pair = "<http://e.org/p> ?x ; <http://e.org/p> ?y"
    assert small.answer(f"SELECT * {{ <http://e.org/b> {pair} }}") is None  # 1,600 solutions
    assert small.answer("SELECT * { <http://e.org/b> <http://e.org/p> ?x }") is not None
    assert small.answer("SELECT ?x ?x { <http://e.org/b> ?p ?o ; ?p }") is None


@pytest.fixture(scope="module")
def served(release: Release, tmp_path_factory) -> Iterator[Served]:
    with kg_serve(release, tmp_path_factory.mktemp("serve"), {"KG_ACCESS_LOG": "yes"}) as found:
        yield found


def fetch(connection: http.client.HTTPConnection, query: str, *, post: bool, **headers: str):
    headers = {"Accept": "application/sparql-results+json", **headers}
    if post:
        headers["Content-Type"] = "application/sparql-query"
        connection.request("POST", "/sparql", query.encode(), headers)
    else:
        connection.request("GET", f"/sparql?query={quote(query)}", headers=headers)
    reply = connection.getresponse()
    body = reply.read()
    return (
        reply.status,
        {name.lower(): value for name, value in reply.getheaders() if name.lower() not in VARYING},
        body,
    )


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_both_ways_answer_alike(served: Served, release: Release, coding: str):
    store = ox.Store.read_only(str(ensure_store(release)))
    subjects = sorted(
        {str(quad.subject) for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    )
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    for subject in subjects[:: len(subjects) // 60]:
        query = f"SELECT ?p ?o WHERE {{ {subject} ?p ?o }}"
        given = {"Accept-Encoding": coding}
        assert fetch(connection, query, post=False, **given) == fetch(connection, query, post=True, **given)
    connection.close()


def test_a_small_query_needs_no_query_process(served: Served):
    query = "SELECT ?p ?o WHERE { <https://w3id.org/linli/ontology/Facility> ?p ?o }"
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
    wait_until(lambda: fetch(connection, query, post=False)[0] == 200, 5, "an answer")
    processes = served.query_processes()
    assert len(processes) >= 4
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        status, _, body = fetch(connection, query, post=False)
        assert status == 200
        assert "设施".encode() in body
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)
    connection.close()


def test_requests_in_a_row_and_a_connection_to_close(served: Served):
    """Two requests sent at once on one connection get their answers in order; HTTP/1.0 and close are kept."""
    import socket

    star_ = quote("SELECT ?p ?o WHERE { <http://www.w3.org/2002/07/owl#Class> ?p ?o }")
    slow = quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")

    def head(query: str, more: str = "") -> bytes:
        accept = "Accept: application/sparql-results+json"
        return f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n{accept}\r\n{more}\r\n".encode()

    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as sock:
        sock.sendall(head(slow) + head(star_) + head(slow, "Connection: close\r\n"))
        received = b""
        while part := sock.recv(65536):
            received += part
    bodies = [piece for piece in received.split(b"HTTP/1.1 200 OK\r\n") if piece]
    assert len(bodies) == 3
    assert b'"n"' in bodies[0] and b'"n"' in bodies[2]
    assert b'"n"' not in bodies[1]


def test_what_the_usual_way_says_of_unfit_requests_is_said(served: Served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    star_ = "SELECT ?p ?o WHERE { <http://www.w3.org/2002/07/owl#Class> ?p ?o }"
    status, headers, _ = fetch(connection, star_, post=False, Accept="text/nothing")
    assert status == 406
    status, headers, _ = fetch(connection, star_, post=False, Accept="text/csv")
    assert headers["content-type"].startswith("text/csv")
    connection.request("GET", "/sparql?query=" + quote(star_), headers={"Accept": "text/html"})
    reply = connection.getresponse()
    reply.read()
    assert reply.status == 303
    connection.close()
