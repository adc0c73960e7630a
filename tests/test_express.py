"""The short way of small queries answers as the usual way does, to the byte, and leaves the rest to it."""

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from kg.engine import Result
from kg.engine.answers.results import write
from kg.engine.answers.spool import RowCounter, json_rows
from kg.engine.local import LocalEngine
from kg.engine.small_queries import MOST_LETTERS, MOST_TRIPLES, Small
from kg.mediatypes import BY_NAME, GRAPH_FORMATS, JSONLD, NTRIPLES, TURTLE, Format
from kg.release import Release
from kg.release.store import ensure_store
from kg.sparql.checking.analysis import analyse
from kg.sparql.checking.bounded import MOST, Star, graph_of, is_few, star
from kg_web.server.http.bounded_http import GuardedProtocol
from kg_web.server.http.express import query_of
from kg_web.server.http.head import read_head
from tests.servers import Served, kg_serve, slowness, wait_until

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


GRAPHS = [
    "CONSTRUCT { <http://e.org/a> ?p ?o } WHERE { <http://e.org/a> ?p ?o }",
    "construct{<http://e.org/a> a ?o. ?o <http://e.org/q> <http://e.org/b> .}{<http://e.org/a> ?p ?o}",
    "CONSTRUCT WHERE { <http://e.org/a> ?p ?o . }",
    "DESCRIBE <http://e.org/a>",
]


@pytest.mark.parametrize("text", GRAPHS)
def test_a_graph_made_of_one_thing_is_known(text: str):
    assert graph_of(text) == Star("http://e.org/a", (None,))
    assert star(text) is None
    found = analyse(text)
    assert " ".join(text.split()) == found.normal
    assert not (found.changing or found.from_graphs or found.services)


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { <http://e.org/a> ?p ?o } WHERE { <http://e.org/a> ?p ?o . ?o ?q ?r }",
        "CONSTRUCT { <http://e.org/a> ?p ?o } FROM <http://e.org/g> WHERE { <http://e.org/a> ?p ?o }",
        "CONSTRUCT { _:b ?p ?o } WHERE { <http://e.org/a> ?p ?o }",
        "CONSTRUCT { <http://e.org/a> ?p [] } WHERE { <http://e.org/a> ?p ?o }",
        "CONSTRUCT { <http://e.org/a> ?p (?o) } WHERE { <http://e.org/a> ?p ?o }",
        "CONSTRUCT { <http://e.org/a> ?p ?o } WHERE { GRAPH ?g { <http://e.org/a> ?p ?o } }",
        "CONSTRUCT { <http://e.org/a> ?p ?o } WHERE { <http://e.org/a> ?p ?o } LIMIT 5",
        "DESCRIBE <http://e.org/a> <http://e.org/b>",
        "DESCRIBE ?s WHERE { ?s ?p ?o }",
        "SELECT ?p ?o { <http://e.org/a> ?p ?o }",
        "DESCRIBE <http://e.org/a>" + " " * 1000,
    ],
)
def test_no_other_graph_is_taken_for_one(text: str):
    assert graph_of(text) is None


@given(st.text("SELECT{}<>?po.;*/ abhtp:#\\", max_size=80))
def test_whatever_is_taken_for_one_is_one_pattern_group_on_one_subject(text: str):
    found = star(f"SELECT * {{ <http://e.org/a> ?p ?o {text} }}")
    if found is not None:
        assert found.subject == "http://e.org/a"
        assert set(text) <= set(" .;?<>SELCThpotab:/*\n")
        assert "{" not in text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s WHERE { ?s a <http://e.org/c> } LIMIT 5",
        "select * {?s ?p ?o.} limit 200",
        "SELECT ?s { ?s <http://e.org/p> <http://e.org/o> . } LIMIT 00010",
        "SELECT ?s { ?s <http://e.org/p> <http://e.org/o> } LIMIT 199",
        "SELECT $o { <http://e.org/s> a $o } LIMIT 0",
    ],
)
def test_the_first_matches_of_a_pattern_are_few(text: str):
    assert is_few(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s WHERE { ?s a <http://e.org/c> }",
        "SELECT ?s WHERE { ?s a <http://e.org/c> } LIMIT 201",
        "SELECT ?s WHERE { ?s a <http://e.org/c> } LIMIT 0001000",
        "SELECT DISTINCT ?s WHERE { ?s a <http://e.org/c> } LIMIT 5",
        "SELECT ?s WHERE { ?s ?p ?s } LIMIT 5",
        "SELECT ?s WHERE { ?s $p ?p } LIMIT 5",
        "SELECT ?s WHERE { ?s <http://e.org/p>+ ?o } LIMIT 5",
        "SELECT ?s WHERE { ?s <http://e.org/p> ?o ; <http://e.org/p> ?q } LIMIT 5",
        "SELECT ?s WHERE { ?s <http://e.org/p> ?o } OFFSET 9999999 LIMIT 5",
        "SELECT ?s WHERE { ?s <http://e.org/p> ?o } ORDER BY ?s LIMIT 5",
        "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o } LIMIT 5",
        "SELECT ?s WHERE { ?s a <http://e.org/c> } LIMIT 5" + " " * 1000,
    ],
)
def test_nothing_else_is_few(text: str):
    assert not is_few(text)


WHITE = st.text(" \t\r\n", min_size=1, max_size=3)
NAMES = st.sampled_from(
    ["?s", "?from", "$service", "?now1", "?graph", "<http://e.org/a#now>", "<https://e.org/from>"]
)


@given(WHITE, st.lists(NAMES, min_size=3, max_size=3), st.booleans())
def test_its_normal_form_is_the_one_that_the_guard_finds(white: str, terms: list[str], star_: bool):
    subject = "<http://e.org/s>" if star_ else terms[0]
    words = ["", "SELECT", "*", "WHERE", "{", subject, f"{terms[1]} ?o.}}", "LIMIT", "7", ""]
    text = white.join(words)
    assert star(text) is not None or is_few(text) or terms[0] == terms[1]
    assert " ".join(text.split()) == analyse(text).normal


VALUES = st.one_of(
    st.sampled_from(["}},{", "}},{x", "x}},{", '"}},{"', "\\", "a\\", "},{", "[]}}", ""]), st.text(max_size=8)
)


@given(st.lists(st.lists(st.none() | VALUES, min_size=2, max_size=2), max_size=6))
def test_rows_are_counted_as_they_are(rows: list[list[str | None]]):
    terms = [[f'"{_escaped(v)}"' if v is not None else "UNDEF" for v in row] for row in rows]
    values = " ".join(f"({' '.join(row)})" for row in terms)
    answer = ox.Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }}")
    body = answer.serialize(format=ox.QueryResultsFormat.JSON)
    counter = RowCounter("json")
    counter.take(body)
    assert json_rows(body) == counter.rows(body) == len(rows)


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}" for c in text)


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


def test_a_graph_that_is_large_or_can_t_be_written_is_left_to_a_process_that_can_be_killed():
    store = ox.Store()
    few, many, long, odd, p = (ox.NamedNode(f"http://e.org/{n}") for n in ("few", "many", "long", "odd", "p"))
    store.extend(ox.Quad(few, p, ox.Literal(number)) for number in range(MOST_TRIPLES))
    store.extend(ox.Quad(many, p, ox.Literal(number)) for number in range(MOST_TRIPLES + 1))
    store.add(ox.Quad(long, p, ox.Literal("x" * (MOST_LETTERS + 1))))
    store.add(ox.Quad(odd, ox.NamedNode("http://e.org/1"), few))  # RDF/XML can't write this property
    small = Small(LocalEngine(store), prefixes={"e": "http://e.org/"})
    wait_until(lambda: small.graph(f"DESCRIBE {few}", TURTLE) is not None, 5, "the look")
    for format in GRAPH_FORMATS:
        written = small.graph(f"DESCRIBE {few}", format)
        assert written is not None and written.rows == MOST_TRIPLES
        asked = Result("graph", triples=list(store.query(f"DESCRIBE {few}")))
        assert written.body == write(asked, format, prefixes={"e": "http://e.org/"})
    assert (
        small.graph(f"CONSTRUCT {{ {few} <http://e.org/q> ?o . {few} ?p ?o }} {{ {few} ?p ?o }}", TURTLE)
        is None
    )
    assert small.graph(f"DESCRIBE {many}", TURTLE) is None
    assert small.graph(f"DESCRIBE {long}", TURTLE) is None
    assert small.graph(f"DESCRIBE {odd}", TURTLE) is not None
    assert small.graph(f"DESCRIBE {odd}", BY_NAME["rdf"]) is None
    assert small.graph(f"CONSTRUCT {{ {few} ?p ?o }}", TURTLE) is None  # no SPARQL: the usual way says so
    strict = Small(LocalEngine(store), triples=1)
    two = f"{few} <http://e.org/q> ?x ; <http://e.org/q> ?y"
    wait_until(lambda: strict.graph(f"DESCRIBE {few}", TURTLE) is not None, 5, "the look")
    assert strict.graph(f"CONSTRUCT {{ {few} ?p ?x }} {{ {two} }}", TURTLE) is None


@pytest.fixture(scope="module")
def served(release: Release, tmp_path_factory) -> Iterator[Served]:
    with kg_serve(release, tmp_path_factory.mktemp("serve"), {"KG_ACCESS_LOG": "yes"}) as found:
        yield found


@pytest.fixture(scope="module")
def subjects(release: Release) -> list[str]:
    """All that the default release speaks of, as SPARQL writes it."""
    store = ox.Store.read_only(str(ensure_store(release)))
    answer = store.query("SELECT DISTINCT ?subject { ?subject ?property ?value }")
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(str(subject) for (subject,) in answer)


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
def test_both_ways_answer_alike(served: Served, subjects: list[str], coding: str):
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    given = {"Accept-Encoding": coding}
    queries = [f"SELECT ?p ?o WHERE {{ {subject} ?p ?o }}" for subject in subjects[:: len(subjects) // 60]]
    few = "SELECT ?s WHERE {  ?s\n a <http://www.w3.org/2002/07/owl#Class> } LIMIT "
    named = "SELECT * WHERE { <http://www.w3.org/2002/07/owl#Class> ?from ?service }"
    for query in [*queries, f"{few} 1", f"{few} 100", named]:
        at_once = fetch(connection, query, post=False, **given)
        assert at_once == fetch(connection, query, post=True, **given)
        status, headers, body = fetch(
            connection, query, post=False, **given, **{"If-None-Match": at_once[1]["etag"]}
        )
        assert (status, headers["etag"], body) == (304, at_once[1]["etag"], b"")
    connection.close()


@pytest.mark.parametrize("format", GRAPH_FORMATS, ids=lambda one: one.name)
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_both_ways_make_the_same_graph(served: Served, subjects: list[str], format: Format, coding: str):
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    given = {"Accept-Encoding": coding, "Accept": format.media_type}
    for subject in subjects[:: len(subjects) // 12]:
        for query in (
            f"CONSTRUCT {{ {subject} ?p ?o }} WHERE {{ {subject} ?p ?o }}",
            f"CONSTRUCT WHERE {{ {subject} ?p ?o }}",
            f"DESCRIBE {subject}",
        ):
            at_once = fetch(connection, query, post=False, **given)
            assert at_once == fetch(connection, query, post=True, **given)
            assert at_once[0] == 200
            matched = fetch(connection, query, post=False, **given, **{"If-None-Match": at_once[1]["etag"]})
            assert (matched[0], matched[1]["etag"]) == (304, at_once[1]["etag"])
    connection.close()


def at_once(served: Served, call: Callable[[], object]) -> bool:
    """Whether something is answered while no query process is at work."""
    stopped: set[int] = set()
    wait_until(lambda: len(served.query_processes()) >= 4, 30, "query processes")
    while more := set(served.query_processes()) - stopped:  # one may be born while others are stopped
        for pid in more:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= more
        time.sleep(0.3)
    try:
        call()
        return True
    except TimeoutError:
        return False
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


CLASSES = quote("SELECT ?s WHERE { ?s a <http://www.w3.org/2002/07/owl#Class> } LIMIT 3")
GRAPH = quote("DESCRIBE <https://w3id.org/linli/ontology/Facility>")
JSON_WANTED = "Accept: application/sparql-results+json\r\n"


@pytest.mark.parametrize(
    ("address", "more", "expected"),
    [
        (f"query={CLASSES}", JSON_WANTED, True),
        (f"query={CLASSES}", "Accept: */*\r\nUser-Agent: x\r\n", True),
        (f"format=json&query={CLASSES}&output=json", "Accept: text/csv\r\n", True),
        (f"query={CLASSES}&format=csv", JSON_WANTED, False),
        (f"query={CLASSES}&timeout=30", JSON_WANTED, False),
        (f"query={CLASSES}", JSON_WANTED + "Query-Id: 0123456789abcdef\r\n", False),
        (f"query={CLASSES}", JSON_WANTED + "Content-Length: 0\r\n", False),
        (f"query={CLASSES}", "Accept: text/csv\r\n", False),
        (f"query=PREFIX%20a:%20%3Chttp://e.org/%3E%20{CLASSES}", JSON_WANTED, False),
        (f"query=%0a%20+{CLASSES}", JSON_WANTED, True),
        (f"query={GRAPH}", "Accept: text/turtle\r\n", True),
        (f"query={GRAPH}", "Accept: */*\r\n", True),
        (f"query={GRAPH}&format=nt", JSON_WANTED, True),
        (f"query={GRAPH}&format=nt&output=ttl", JSON_WANTED, False),
    ],
)
def test_which_requests_are_answered_at_once(served: Served, address: str, more: str, expected: bool):
    request = f"GET /sparql?{address} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode()
    with socket.create_connection(("127.0.0.1", served.port), timeout=1) as sock:

        def call() -> None:
            sock.sendall(request)
            assert sock.recv(65536).startswith(b"HTTP/1.1 200")

        assert at_once(served, call) is expected


@pytest.mark.parametrize(
    "more", ["default-graph-uri=x", "query=ASK{}", "format=csv", "format=json&output=nt", "x", "format=%zz"]
)
def test_what_stands_beside_a_query_takes_the_usual_way(more: str):
    head = read_head(b"Host: x\r\nAccept: */*\r\n\r\n")
    assert head is not None and head.json and head.keep
    assert query_of("query=ASK%7B%7D", head) == ("ASK{}", True, TURTLE)
    assert query_of("query=ASK%7B%7D&format=json", head) == ("ASK{}", True, JSONLD)
    assert query_of("query=ASK%7B%7D&format=nt", head) == ("ASK{}", False, NTRIPLES)
    assert query_of(f"query=ASK%7B%7D&{more}", head) is None


@pytest.mark.parametrize(
    "block",
    [
        b"Host: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"Host: x\r\n",
        b"Host: x\r\nHost: y\r\n\r\n",
        b"Host: x\r\nContent-Length: 3\r\n\r\n",
        b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Host : x\r\n\r\n",
        b"Host: x\x00\r\n\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"Accept: text/html\r\n\r\n",
        b"X: " + b"x" * 5000 + b"\r\n\r\n",
    ],
)
def test_heads_that_must_be_read_with_care_take_the_usual_way(block: bytes):
    assert read_head(block) is None


def test_who_wants_a_page_rather_than_rows_or_a_graph_takes_the_usual_way():
    for accept, json, graph in (
        ("text/html, text/turtle", False, TURTLE),
        ("text/html, application/sparql-results+json, text/turtle;q=0.5", True, None),
    ):
        head = read_head(f"Host: x\r\nAccept: {accept}\r\n\r\n".encode())
        assert head is not None and (head.json, head.graph) == (json, graph)


def test_a_connection_that_was_answered_at_once_is_left_after_its_time(
    small_release: Release, tmp_path: Path
):
    """Whether nothing comes any more, or empty lines, or half a head."""
    request = f"GET /sparql?query={CLASSES} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with kg_serve(small_release, tmp_path, {"KG_WORKERS": "1", "KG_REQUEST_TIMEOUT": "2"}) as served:
        for more in (b"", b"\r\n", request[:30]):
            with socket.create_connection(("127.0.0.1", served.port), timeout=20) as sock:
                for _ in range(4):  # longer than the time, but never silent for so long
                    sock.sendall(request)
                    assert sock.recv(65536).startswith(b"HTTP/1.1 200")
                    time.sleep(0.8)
                sock.sendall(more)
                began = time.monotonic()
                while sock.recv(65536):
                    pass
                assert 1 < time.monotonic() - began < 5 * slowness()


class Wire(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Ready:
    """Answers all at once."""

    def answer(self, data: bytes, peer: object, every: bytes) -> tuple[bytes, bool]:
        return b"HTTP/1.1 200 OK", True


def test_who_asks_and_never_reads_isn_t_answered_at_once():
    """The usual way waits for its client; what was sent at once to one who doesn't read would pile up."""

    async def main() -> None:
        async def app(scope: object, receive: object, send: object) -> None:
            await asyncio.sleep(60)

        config = uvicorn.Config(app, ws="none", lifespan="off")
        protocol = GuardedProtocol.bound(20, 10, Ready())(config, ServerState(), {})
        wire = Wire()
        protocol.connection_made(wire)
        request = f"GET /sparql?query={CLASSES} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        protocol.data_received(request)
        protocol.pause_writing()
        assert len(wire.written) == 1
        protocol.data_received(request)
        assert len(wire.written) == 1
        assert protocol.cycle is not None and not protocol.cycle.response_complete
        protocol.resume_writing()
        protocol.data_received(request)  # nor before the one that waits
        assert len(wire.written) == 1
        protocol.connection_lost(None)

    asyncio.run(main())


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
    graph = "DESCRIBE <http://www.w3.org/2002/07/owl#Class>"
    unfit = ((star_, "text/nothing"), (star_, "text/turtle"), (graph, "text/csv"), (graph, "text/nothing"))
    assert [fetch(connection, query, post=False, Accept=one)[0] for query, one in unfit] == [406] * 4
    _, headers, _ = fetch(connection, star_, post=False, Accept="text/csv")
    assert headers["content-type"].startswith("text/csv")
    connection.request("GET", "/sparql?query=" + quote(star_), headers={"Accept": "text/html"})
    reply = connection.getresponse()
    reply.read()
    assert reply.status == 303
    connection.close()
