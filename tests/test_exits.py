"""One writer for each format at every exit: a small graph comes the same wherever it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.engine import Result
from kg.engine.answers.results import SORTED, small_graph, write
from kg.mediatypes import BY_NAME, GRAPH_FORMATS
from kg.release import Release
from tests.servers import Served, ask

BASE = "https://example.org/orchard/"
QUERY = (
    f"CONSTRUCT WHERE {{ ?s a <{BASE}ontology/Orchard> ; <http://www.w3.org/2000/01/rdf-schema#label> ?l }}"
)


@pytest.fixture(scope="module")
def served(orchard_served: Served) -> Served:
    return orchard_served


def test_turtle_has_the_prefixes_that_it_uses_sorted(served: Served):
    text = ask(served.url, QUERY, "text/turtle").body.decode()
    declared = [line.split()[1] for line in text.splitlines() if line.startswith("@prefix")]
    assert declared == sorted(declared)
    assert all(text.count(f"{prefix}") > 1 for prefix in declared), text
    assert f"<{BASE}id/orchard/long-ridge> a o:Orchard ;" in text or "long-ridge a o:Orchard ;" in text
    subjects = [line for line in text.splitlines() if " a " in line]
    assert subjects == sorted(subjects)


def test_json_ld_is_compact(served: Served):
    document = ask(served.url, QUERY, "application/ld+json").json()
    assert document["@context"]["o"] == f"{BASE}ontology/"
    assert all(node["@type"] == "o:Orchard" for node in document["@graph"])


@pytest.mark.parametrize("format", GRAPH_FORMATS, ids=lambda one: one.name)
def test_the_command_writes_what_the_endpoint_writes(
    served: Served, small_release: Release, tmp_path: Path, format
):
    file = tmp_path / "query.rq"
    file.write_text(QUERY, encoding="utf-8")
    words = ["query", str(file), "--release", str(small_release.path), "--format", format.name]
    code = "from kg.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=True)
    reply = ask(served.url, QUERY, format.media_type)
    assert done.stdout.rstrip() == reply.body.rstrip()
    assert int(reply.headers["Row-Count"]) == _count(reply.body, format.name)


def _count(body: bytes, name: str) -> int:
    return len(set(ox.parse(body, format=ox.RdfFormat.from_extension(name))))


def test_a_graph_that_is_not_small_comes_as_it_is():
    predicate = ox.NamedNode("http://e/p")
    triples = [ox.Triple(ox.NamedNode(f"http://e/{n}"), predicate, ox.Literal(n)) for n in range(SORTED + 1)]
    assert small_graph(iter(triples[:-1])) == set(triples[:-1])
    assert list(small_graph(iter(triples))) == triples
    long = [ox.Triple(ox.NamedNode("http://e/a"), predicate, ox.Literal("x" * 5_000_000))]
    assert list(small_graph(iter(long))) == long
    assert not isinstance(small_graph(iter(long)), set)
    for format in GRAPH_FORMATS:
        assert _count(write(Result("graph", triples=triples), format), format.name) == len(triples)


# Names behind a prefix: letters of many scripts, signs that Turtle escapes, dots at either end.
names = st.text("aZ9_-.~!$&'()*+,;=:@%/#?苑·é", min_size=0, max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(names, names, names), min_size=1, max_size=4))
def test_rdflib_reads_back_what_is_written(parts: list[tuple[str, str, str]]):
    prefixes = {"e": "http://e/", "o": "http://e/o/", "": "http://e/x#"}
    triples = []
    for one in parts:
        try:
            triples.append(ox.Triple(*(ox.NamedNode(f"http://e/{name}") for name in one)))
        except ValueError:
            continue
    written = write(Result("graph", triples=triples), BY_NAME["ttl"], prefixes=prefixes)
    found = rdflib.Graph().parse(data=written, format="turtle")
    assert {tuple(map(str, triple)) for triple in found} == {
        tuple(term.value for term in triple) for triple in triples
    }


def test_what_a_format_can_t_say_is_refused_openly(served: Served):
    query = "CONSTRUCT { <http://e/a> <http://e/1> 1 } {}"
    reply = ask(served.url, query, "application/rdf+xml")
    assert reply.status == 406
    assert json.loads(reply.body)["hint"]
