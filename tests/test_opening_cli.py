"""Files through the commands: served, followed, asked, exported, checked, and begun as a dataset."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib

from tests import commands
from tests.opened import write
from tests.servers import Served, answers, ask, ended, fetch, free_port, wait_until
from tests.shared import shared

KG = str(Path(sys.executable).parent / "kg")
PEOPLE = """@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix ex: <http://people.example/> .
ex:ada a foaf:Person ; foaf:name "Ada" ; foaf:knows [ foaf:name "Karl" ] .
"""


def kg(*words: str | Path, stdin: str = "", code: int = 0, cwd: Path | None = None):
    """Run a command; what it wrote."""
    return commands.kg(*words, stdin=stdin, code=code, cwd=cwd)


@contextlib.contextmanager
def serving(folder: Path, *words: str | Path, stdin: str | None = None) -> Iterator[Served]:
    """``kg serve`` over files, ready to answer."""
    port, log = free_port(), folder / "serve.log"
    command = [KG, "serve", *map(str, words), "--port", str(port), "--cache", str(folder / "cache")]
    environ = {**os.environ, "KG_WORKERS": "1", "KG_QUERY_WORKERS": "1"}
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stderr=stream, stdout=stream, stdin=subprocess.PIPE, env=environ)
        if stdin is not None:
            process.stdin.write(stdin.encode())
        process.stdin.close()
    with ended(process):
        served = Served(f"http://127.0.0.1:{port}", port, process, log)

        def ready() -> bool:
            assert process.poll() is None, log.read_text()
            return answers(served.url + "/readyz")

        wait_until(ready, 120, "kg serve")
        yield served


def count(served: Served) -> str:
    reply = ask(served.url, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
    return reply.body.decode().split()[1] if reply.status == 200 else str(reply.status)


def test_a_file_is_served_and_followed_and_a_faulty_state_is_not(tmp_path):
    path = write(tmp_path, "people.ttl", PEOPLE)
    with serving(tmp_path, path, "--watch") as served:
        assert count(served) == "4"
        page = fetch(f"{served.url}/page/ada", headers={"Accept": "text/html"}).body.decode()
        assert "<bdi>Ada</bdi>" in page
        assert "<bdi>Karl</bdi>" in page
        assert fetch(f"{served.url}/search.json?q=karl").json()["total"] == 1
        (made,) = (tmp_path / "cache").glob("*/0.0.0+dev.*")
        turtle = fetch(f"{served.url}/releases/{made.name}/stated.ttl").body
        assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == 4
        write(tmp_path, "people.ttl", PEOPLE + "ex:ada foaf:age 36 .\n")
        wait_until(lambda: count(served) == "5", 60, "the change")
        write(tmp_path, "people.ttl", PEOPLE + "ex:ada foaf:age .\n")
        wait_until(lambda: "the state before stays" in served.log.read_text(), 60, "the fault")
        assert "people.ttl:4" in served.log.read_text()
        assert count(served) == "5"
        write(tmp_path, "people.ttl", PEOPLE + "ex:ada foaf:age 36, 37 .\n")
        wait_until(lambda: count(served) == "6", 60, "the mended file")


def test_standard_input_is_served_when_it_is_said_what_it_is(tmp_path):
    with serving(tmp_path, "-", "--format", "ttl", stdin=PEOPLE) as served:
        assert count(served) == "4"
    refused = kg("serve", "-", stdin=PEOPLE, code=2)
    assert "--syntax ttl" in refused.stderr


def test_an_unknown_file_and_a_missing_one_say_what_to_do(tmp_path):
    path = write(tmp_path, "people.doc", PEOPLE)
    assert "--format" in kg("serve", path, code=2).stderr
    assert "doesn't exist" in kg("serve", tmp_path / "nowhere.ttl", code=2).stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "nothing here can be read" in kg("serve", empty, code=1).stderr
    assert "files go alone" in kg("serve", path, "--endpoint", "http://x.example/", code=2).stderr


def test_files_are_asked(tmp_path):
    path = write(tmp_path, "data/people.ttl", PEOPLE)
    write(tmp_path, "data/notes.txt", "nothing")
    query = write(tmp_path, "q.rq", "SELECT ?name { ?p foaf:name ?name } ORDER BY ?name")
    cache = ("--cache", tmp_path / "cache")
    assert kg("query", query, path, *cache, "--format", "csv").stdout.split() == ["name", "Ada", "Karl"]
    same = kg("query", "-", "--data", path, *cache, "--format", "csv", stdin=query.read_text())
    assert same.stdout.split() == ["name", "Ada", "Karl"]
    folder = path.parent
    told = kg("query", query, folder, *cache, "--format", "csv")
    assert told.stdout.split() == ["name", "Ada", "Karl"]
    assert f"{folder / 'notes.txt'} isn't read: .txt is no syntax of RDF" in told.stderr


def test_files_are_exported_and_blank_nodes_are_blank_again(tmp_path):
    path = write(tmp_path, "people.ttl", PEOPLE)
    cache = ("--cache", tmp_path / "cache")
    for name, format in (("nt", "nt"), ("ttl", "turtle"), ("rdf", "xml"), ("jsonld", "json-ld")):
        out = kg("export", path, "--format", name, *cache).stdout
        graph = rdflib.Graph().parse(data=out, format=format)
        assert len(graph) == 4, name
        assert [s for s in graph.subjects() if isinstance(s, rdflib.BNode)], name
        assert "opened.invalid" not in out, name
    one = kg("export", path, "http://people.example/ada", *cache).stdout
    assert len(rdflib.Graph().parse(data=one, format="turtle")) == 4


def test_a_check_says_what_a_careful_reader_would(tmp_path):
    path = write(
        tmp_path,
        "odd.ttl",
        """@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix ex: <http://people.example/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:ada a foaf:Person ; foaf:nme "Ada" .
ex:bea a foaf:Person ; foaf:name "Bea" ; foaf:knows ex:nobody .
ex:bea ex:born "31 May"^^xsd:date ; foaf:homepage <htp:/people.example> , <http:people.example> .
""",
    )
    found = kg("check", path)
    for words in (
        f"{path}:4: the property foaf:nme is in no vocabulary that is known here",
        "is foaf:name meant?",
        f"{path}:4: 1 of 2 foaf:Person have no name",
        f"{path}:5: <http://people.example/nobody> is used, but nothing describes it",
        f"{path}:6: '31 May' is no xsd:date",
        f"{path}:6: <http:people.example> has no host",
    ):
        assert words in found.stderr, words
    assert "8 statements in 1 file can be read" in found.stdout
    broken = write(tmp_path, "broken.ttl", "ex:a ex:b ex:c .")
    refused = kg("check", broken, code=1)
    assert f"{broken}:1:1: the prefix ex: is unknown" in refused.stderr


@pytest.mark.parametrize("name", ["skos-hierarchy.ttl", "csiro-dap.rdf", "gist-graphs.trig"])
def test_a_dataset_is_begun_with_a_file_and_builds(tmp_path, name):
    begun = kg("init", shared(f"graphs/{name}"), "--into", tmp_path / "mine")
    assert "go on with: kg build" in begun.stderr
    folders = ("--ontology", "mine/ontology", "--data", "mine/data")
    kg("check", *folders, cwd=tmp_path)
    built = kg("build", *folders, "--out", "releases", cwd=tmp_path)
    manifest = json.loads((tmp_path / built.stdout.strip() / "manifest.json").read_text())
    assert manifest["version"].startswith("0.1.0+dev.")
    again = kg("init", shared(f"graphs/{name}"), "--into", tmp_path / "mine", code=2)
    assert "is there already" in again.stderr


def test_an_empty_dataset_is_begun(tmp_path):
    kg("init", "--into", "mine", "--base", "https://example.org/mine/", cwd=tmp_path)
    kg("build", "--ontology", "mine/ontology", "--data", "mine/data", "--out", "r", cwd=tmp_path)
    assert "doesn't end in /" in kg("init", "--base", "https://example.org/x", cwd=tmp_path, code=2).stderr


def test_opening_again_takes_what_was_made(tmp_path):
    path = write(tmp_path, "people.ttl", PEOPLE)
    query = write(tmp_path, "q.rq", "ASK { ?s ?p ?o }")
    kg("query", query, path, "--cache", tmp_path / "cache")
    (made,) = (tmp_path / "cache").glob("*/0.0.0+dev.*")
    before = made.stat().st_mtime_ns
    time.sleep(0.01)
    os.utime(path)
    kg("query", query, path, "--cache", tmp_path / "cache")
    assert [one.stat().st_mtime_ns for one in (tmp_path / "cache").glob("*/0.0.0+dev.*")] == [before]
