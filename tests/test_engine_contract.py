"""What every engine promises, run on each; and what the remote one does with peers that err."""

import time
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.engine import Dataset, Engine
from kg.engine.local import LocalEngine
from kg.engine.remote import RemoteEngine
from kg.errors import EngineBusy, EngineError, QueryLimit, QueryRefused, QuerySyntaxError, UsageError
from kg.release import Release
from tests.servers import canned, oxigraph, peer

BASE = "https://example.org/orchard/"
P04 = BASE + "graph/almanac-1931/p04"
P09 = BASE + "graph/almanac-1931/p09"
PREFIXES = f"PREFIX o: <{BASE}ontology/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
JSON = "application/sparql-results+json"


@pytest.fixture(scope="module", params=["local", "remote"])
def engine(request: pytest.FixtureRequest, small_release: Release, tmp_path_factory) -> Iterator[Engine]:
    if request.param == "local":
        with LocalEngine.open(small_release.store) as found:
            yield found
    else:
        with oxigraph(small_release, tmp_path_factory.mktemp("oxigraph")) as url, RemoteEngine(url) as found:
            yield found


def test_select(engine: Engine):
    result = engine.query(
        PREFIXES + "SELECT ?plot ?name { ?plot a o:Plot ; rdfs:label ?name } ORDER BY ?name"
    )
    assert result.kind == "select"
    assert result.variables == ("plot", "name")
    rows = list(result.dicts())
    assert {
        "plot": ox.NamedNode(BASE + "id/plot/long-ridge-north"),
        "name": ox.Literal("北坡", language="zh-hant"),
    } in rows
    assert len(result) == len(rows) > 3


def test_values_of_each_kind_come_back_as_they_are(engine: Engine):
    result = engine.query(PREFIXES + "SELECT ?n { ?f o:number ?n } ORDER BY ?n")
    decimal = ox.Literal("3.5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))
    assert (decimal,) in result.rows
    assert (ox.Literal(12400),) in result.rows


def test_unbound_is_none(engine: Engine):
    result = engine.query("SELECT ?a ?b { VALUES (?a ?b) { (UNDEF 1) } }")
    assert list(result.rows) == [(None, ox.Literal(1))]


def test_ask(engine: Engine):
    assert engine.query(PREFIXES + "ASK { ?s a o:Orchard }").boolean is True
    assert engine.query(PREFIXES + "ASK { ?s a o:Castle }").boolean is False


def test_construct_gives_each_triple_once(engine: Engine):
    result = engine.query(PREFIXES + "CONSTRUCT { ?s a o:Thing } WHERE { ?s a o:Orchard ; rdfs:label ?name }")
    assert result.kind == "graph"
    assert len(result) == len(set(result.triples)) == 2


def test_describe(engine: Engine):
    result = engine.query(f"DESCRIBE <{BASE}id/orchard/stone-bridge>")
    assert result.kind == "graph"
    assert len(result) > 1


def test_the_merge_is_the_default_graph(engine: Engine):
    query = PREFIXES + 'SELECT ?s { ?s rdfs:label "Red Lamp"@en }'
    assert len(engine.query(query)) == 0  # superseded
    assert len(engine.query(PREFIXES + 'SELECT ?s { GRAPH ?g { ?s rdfs:label "Red Lamp"@en } }')) == 1


def test_the_dataset_of_the_call_wins_over_from(engine: Engine):
    query = PREFIXES + f"SELECT DISTINCT ?s FROM <{P09}> {{ ?s a o:Orchard }}"
    in_p09 = engine.query(query)
    in_p04 = engine.query(query, dataset=Dataset(default=(P04,)))
    assert [str(row[0]) for row in in_p09.rows] == [f"<{BASE}id/orchard/stone-bridge>"]
    assert [str(row[0]) for row in in_p04.rows] == [f"<{BASE}id/orchard/long-ridge>"]


def test_a_dataset_has_no_other_graphs(engine: Engine):
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert len(engine.query(graphs, dataset=Dataset(default=(P04,)))) == 0
    assert [str(r[0]) for r in engine.query(graphs, dataset=Dataset(named=(P09,))).rows] == [f"<{P09}>"]
    assert len(engine.query("SELECT * { ?s ?p ?o }", dataset=Dataset(named=(P09,)))) == 0


def test_two_default_graphs_are_merged(engine: Engine):
    found = engine.query(PREFIXES + "SELECT ?s { ?s a o:Orchard }", dataset=Dataset(default=(P04, P09)))
    assert len(found) == 2


def test_a_base_resolves_relative_iris(engine: Engine):
    assert engine.query("ASK { <id/orchard/stone-bridge> ?p ?o }", base_iri=BASE).boolean is True


def test_a_query_that_is_none_has_a_place(engine: Engine):
    with pytest.raises(QuerySyntaxError) as caught:
        engine.query("SELECT *\n{ ?s ?p }")
    assert caught.value.line == 2
    assert caught.value.column is not None


def test_unicode_goes_there_and_back(engine: Engine):
    text = 'a "b" \\ é 里 😀'
    literal = str(ox.Literal(text))
    assert list(engine.query(f"SELECT ?x {{ VALUES ?x {{ {literal} }} }}").rows) == [(ox.Literal(text),)]


# Peers that err.


def refused(kind: type[Exception], answer, query: str = "SELECT * { ?s ?p ?o }", **options) -> Exception:
    with peer(answer) as url, pytest.raises(kind) as caught:
        RemoteEngine(url, **{"timeout": 2, **options}).query(query)
    return caught.value


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("text/html", b"<html>busy</html>"),
        (JSON, b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://e/'),
        (JSON, b'{"head":{"vars":["s"]},"results":{"bindings":[]}} error: timeout'),
        (JSON, b""),
        (JSON, b'{"head":{},"boolean":true}'),
        ("text/csv", b"s\r\nhttp://e/\r\n"),
        ("application/sparql-results+xml", b"<sparql>"),
    ],
)
def test_a_reply_that_is_no_whole_answer_is_an_error(media: str, body: bytes):
    refused(EngineError, canned(200, body, Content_Type=media))


def test_an_answer_that_breaks_off_is_an_error():
    body = b'{"head":{"vars":[]},"results":{"bindings":[]}}'
    refused(EngineError, canned(200, body, Content_Type=JSON, Content_Length="9999"))


def test_a_doctype_is_not_read():
    body = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    query = "CONSTRUCT WHERE { ?s ?p ?o }"
    refused(EngineError, canned(200, body, Content_Type="application/rdf+xml"), query)


def test_an_answer_that_the_peer_cut_is_an_error():
    body = b'{"head":{"vars":[]},"results":{"bindings":[]}}'
    refused(QueryLimit, canned(200, body, Content_Type=JSON, X_SPARQL_MaxRows="10000"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, QuerySyntaxError),
        (401, QueryRefused),
        (403, QueryRefused),
        (404, EngineError),
        (500, EngineError),
        (504, QueryLimit),
        (302, EngineError),
    ],
)
def test_a_peer_s_error_becomes_ours(status: int, kind: type[Exception]):
    error = refused(kind, canned(status, b"no such thing", Content_Type="text/plain"))
    assert "no such thing" in str(error) or status == 302


def test_a_busy_peer_is_asked_again():
    asked = []

    def busy_once(handler):
        asked.append(handler.body)
        if len(asked) == 1:
            canned(503, b"later", Retry_After="0")(handler)
        else:
            canned(200, b'{"head":{},"boolean":true}', Content_Type=JSON)(handler)

    with peer(busy_once) as url:
        assert RemoteEngine(url, timeout=5).query("ASK {}").boolean is True
    assert len(asked) == 2


def test_a_peer_that_stays_busy_is_left_in_time():
    started = time.monotonic()
    refused(EngineBusy, canned(503, b"later", Retry_After="1"), timeout=1)
    assert time.monotonic() - started < 2


def test_time_is_bounded_also_when_bytes_drip():
    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    started = time.monotonic()
    refused(QueryLimit, drip, timeout=0.6)
    assert time.monotonic() - started < 2


def test_bytes_are_bounded():
    refused(QueryLimit, canned(200, b" " * 300_000, Content_Type=JSON), limit=100_000)


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:application/json,{}"])
def test_a_redirect_leads_to_http_or_nowhere(to: str):
    refused(EngineError, canned(302, Location=to))


def test_the_password_stays_with_the_endpoint():
    seen = []

    def note(handler):
        seen.append(handler.headers.get("Authorization"))
        canned(200, b'{"head":{},"boolean":true}', Content_Type=JSON)(handler)

    with peer(note) as second:
        with peer(note) as first:
            RemoteEngine(first, auth="ada:secret").query("ASK {}")
        with peer(canned(302, Location=second)) as first:
            RemoteEngine(first, auth="ada:secret").query("ASK {}")
    assert seen == ["Basic YWRhOnNlY3JldA==", None]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://e/", "sparql", "http:///x", "javascript:alert(1)"]
)
def test_an_endpoint_is_http_or_https(url: str):
    with pytest.raises(UsageError):
        RemoteEngine(url)


def test_nobody_there_is_a_clear_error():
    with pytest.raises(EngineError, match="can't be reached"):
        RemoteEngine("http://ada:secret@127.0.0.1:1/sparql").query("ASK {}")


def test_no_secret_in_a_message():
    with pytest.raises(EngineError) as caught:
        RemoteEngine("http://ada:secret@127.0.0.1:1/sparql?key=secret").query("ASK {}")
    assert "secret" not in str(caught.value)
