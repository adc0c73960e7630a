"""A release in another engine, loaded as docs/scaling.md says: it counts as the embedded one does."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.engine.remote import RemoteEngine
from kg.errors import ReleaseError
from kg.release import Release
from kg.sparql.rewriting.one_dataset import names_graphs, within
from kg.terms import GEO
from kg_web.server.prepare import check_holds
from tests.servers import MERGE, METADATA, canned, oxigraph, peer

SCALING = Path(__file__).parent.parent / "docs" / "scaling.md"


def test_the_document_names_the_graphs_that_tests_load_into():
    text = SCALING.read_text(encoding="utf-8")
    assert f"KG_ENDPOINT_GRAPH={MERGE}" in text
    assert METADATA in text


def test_an_answer_with_a_header_for_every_graph_is_read():
    """Virtuoso 7 names each graph of the dataset so, and a release has some 500."""
    rows = b'{"head":{"vars":["n"]},"results":{"bindings":[]}}'

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for number in range(600):
            handler.send_header("X-SPARQL-named-graph", f"https://example.org/graph/{number}")
        handler.send_header("Content-Type", "application/sparql-results+json")
        handler.send_header("Content-Length", str(len(rows)))
        handler.end_headers()
        handler.wfile.write(rows)

    with peer(answer) as url, RemoteEngine(url) as remote:
        assert remote.query("SELECT ?n {}").variables == ("n",)


def test_a_remote_release_that_was_loaded_otherwise_is_refused(small_release: Release, tmp_path: Path):
    """Metadata in the merge would change every count, so that citations fail."""
    right = small_release.counts
    command = str(Path(sys.executable).parent / "oxigraph")
    load = [command, "load", "-l", str(tmp_path / "loaded"), "-f", str(small_release.file("metadata.ttl"))]
    subprocess.run(load, check=True, capture_output=True)
    with (
        oxigraph(small_release, tmp_path / "loaded") as url,
        RemoteEngine(url) as remote,
        pytest.raises(ReleaseError, match=f"in its default graph.*{right['statements']:,}") as told,
    ):
        check_holds(remote, small_release)
    assert "KG_ENDPOINT_GRAPH" in (told.value.hint or "")


def test_a_remote_endpoint_counts_as_the_embedded_engine_does(small_release: Release, tmp_path: Path):
    with (
        LocalEngine.open(small_release.store) as local,
        oxigraph(small_release, tmp_path / "oxigraph", merge=MERGE) as url,
        RemoteEngine(url, default_graph=MERGE, graphs_under=small_release.base) as remote,
    ):
        check_holds(remote, small_release)
        for query in (
            "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
            "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
            "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
            "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c",
        ):
            assert remote.query(query).rows == local.query(query).rows
        total = int(remote.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows[0][0].value)
        assert total == small_release.counts["statements"]


@pytest.mark.parametrize(
    ("query", "bounded"),
    [
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", 1),
        ("SELECT * { GRAPH <https://example.org/orchard/graph/x> { ?s ?p ?o } }", 0),
        ("SELECT * { GRAPH ?g { GRAPH ?h { ?s ?p ?o } } FILTER EXISTS { GRAPH ?g { ?s ?q ?r } } }", 3),
        ("SELECT ?g { { SELECT ?g { GRAPH ?g { ?s ?p ?o } } } } # GRAPH ?x { }", 1),
    ],
)
def test_graphs_are_bounded_in_the_query_where_naming_them_takes_long(query: str, bounded: int):
    """What a peer holds beside the release never shows, and the answer is that of a dataset without it."""
    inside = "".join(
        f'<urn:s> <urn:{name}> "1" <https://example.org/orchard/graph/{graph}> .\n'
        for name, graph in (("p", "x"), ("q", "y"))
    )
    theirs, ours = ox.Store(), ox.Store()
    theirs.load(f'{inside}<urn:s> <urn:p> "1" <urn:merge:> .\n', format=ox.RdfFormat.N_QUADS)
    ours.load(inside, format=ox.RdfFormat.N_QUADS)
    text = within(query, "https://example.org/orchard/")
    assert text is not None
    assert text.count("STRSTARTS") == bounded

    def rows(store: ox.Store, asked: str) -> list[tuple[str, ...]]:
        return sorted(tuple(map(str, row)) for row in LocalEngine(store).query(asked).rows)

    assert rows(theirs, text) == rows(ours, query)


def test_an_iri_or_a_comment_with_the_word_names_no_graph():
    assert not names_graphs("SELECT * { <https://example.org/graph/x> ?p 'GRAPH ?g' } # graph")
    assert names_graphs("SELECT * { graph ?g { ?s ?p ?o } }")


def test_a_peer_s_own_datatype_for_points_is_the_standard_s():
    """Virtuoso 7 gives back a geo:wktLiteral as its own."""
    own = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
    point = {"type": "typed-literal", "datatype": own, "value": "POINT(1 2)"}
    rows = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": point}]}})
    with peer(canned(200, rows.encode(), Content_Type="application/sparql-results+json")) as url:
        found = RemoteEngine(url).query("SELECT ?x { ?s ?p ?x }").rows
    assert str(found[0][0]) == f'"POINT(1 2)"^^<{GEO}wktLiteral>'
