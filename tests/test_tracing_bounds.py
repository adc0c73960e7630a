"""Where the sources of an answer end: very many statements, what most rows rest on, engines elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.engine.remote import RemoteEngine
from kg.errors import QueryRefused
from kg.notebook import sourced as asked
from kg.release import Release
from kg.terms import PROV
from kg.tracing.answer import answer
from kg.tracing.following.solutions import TOO_MANY
from kg.tracing.following.statements import MOST
from kg.tracing.origins import Origins
from kg.tracing.planning.reasons import read
from kg.tracing.write import as_json, written
from tests.servers import MERGE, Served, fetch, kg_serve, oxigraph

ROOT = Path(__file__).parent.parent
MORE = 50
E = "http://e/"


@pytest.fixture(scope="module")
def large() -> ox.Store:
    """A store with more statements than one answer's sources tell."""
    store = ox.Store()
    graph, of = ox.NamedNode(E + "g"), ox.NamedNode(E + "of")
    things = [ox.NamedNode(f"{E}{number}") for number in range(MOST + MORE)]
    store.bulk_extend(
        ox.Quad(one, of, graph, where) for one in things for where in (graph, ox.DefaultGraph())
    )
    return store


def test_of_more_statements_than_are_told_the_first_are_and_the_answer_is_whole(large: ox.Store) -> None:
    found = answer(large, f"SELECT ?x {{ ?x <{E}of> <{E}g> }}", Origins(large))
    assert len(found.result) == MOST + MORE
    assert len(found.statements) == MOST == 100_000
    assert found.state == "partial"
    assert sum(row.lacking == TOO_MANY for row in found.rows) == MORE
    assert all(row.lacking or row.ways[0] for row in found.rows)
    told = json.loads(written(found, "json"))
    assert len(told["results"]["bindings"]) == MOST + MORE
    assert told["sources"]["complete"] is False


def test_a_number_of_more_statements_than_are_told_says_so(large: ox.Store) -> None:
    found = answer(large, f"SELECT (COUNT(*) AS ?n) {{ ?x <{E}of> <{E}g> }}", Origins(large))
    (row,) = found.rows
    assert str(found.result.rows[0][0]).startswith(f'"{MOST + MORE}"')
    assert (len(row.ways[0]), row.lacking, found.state) == (MOST, TOO_MANY, "partial")


def test_the_document_that_most_rows_rest_on_is_told_with_their_number() -> None:
    store = ox.Store()
    of, derived = ox.NamedNode(E + "of"), ox.NamedNode(PROV + "wasDerivedFrom")
    for number in range(20):
        article = "a" if number < 17 else f"b{number}"
        triple = (ox.NamedNode(f"{E}x{number}"), of, ox.NamedNode(E + "y"))
        for graph in (ox.NamedNode(f"{E}g{article}"), ox.DefaultGraph()):
            store.add(ox.Quad(*triple, graph))
        store.add(ox.Quad(ox.NamedNode(f"{E}g{article}"), derived, ox.NamedNode(f"{E}{article}")))
    query = f"SELECT ?x {{ ?x <{E}of> ?y }}"
    told = as_json(answer(store, query, Origins(store)))
    assert [one["document"] for one in told["documents"]] == [f"{E}{n}" for n in ("a", "b17", "b18", "b19")]
    assert told["summary"] == {"rows": 20, "documents": 4, "most": {"document": 0, "rows": 17}}
    few = as_json(answer(store, f"SELECT ?x {{ ?x <{E}of> ?y FILTER(?x > 'x') }}", Origins(store)))
    assert "most" not in few["summary"]
    even = query[:-1] + f"VALUES ?x {{ <{E}x19> <{E}x18> }} }}"
    assert as_json(answer(store, even, Origins(store)))["summary"]["most"] == {"document": 0, "rows": 1}


# A remote engine

REFUSED = "the sources of a remote engine's answers can't be traced"
QUERY = "SELECT ?x { ?x ?y ?z } LIMIT 1"


@pytest.fixture(scope="module")
def endpoint(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(small_release, tmp_path_factory.mktemp("loaded") / "store", merge=MERGE) as url:
        yield url


@pytest.fixture(scope="module")
def served(
    small_release: Release, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    environ = {"KG_WORKERS": "1", "KG_ENDPOINT_GRAPH": MERGE}
    with kg_serve(small_release, tmp_path_factory.mktemp("serve"), environ, endpoint) as found:
        yield found


def test_a_remote_engine_is_refused_with_the_reason_and_what_mends_it(served: Served) -> None:
    at = f"{served.url}/sparql?"
    json_of = {"Accept": "application/sparql-results+json"}
    reply = fetch(at + urlencode({"query": QUERY, "sources": "1"}), headers=json_of)
    assert reply.status == 403, reply.body
    assert (reply.json()["detail"], reply.json()["hint"]) == (REFUSED, "ask without sources")
    assert fetch(at + urlencode({"query": QUERY}), headers=json_of).status == 200


@pytest.mark.parametrize(
    ("language", "reason"), [("en", REFUSED), ("zh-Hans", "无法追溯来源：远程引擎的答案")]
)
def test_a_question_of_a_remote_engine_is_answered_and_says_why(
    served: Served, language: str, reason: str
) -> None:
    page = fetch(f"{served.url}/questions/harvest?sources=1&lang={language}").body.decode()
    assert reason in page.replace("&#39;", "'")
    assert re.search(r"<td[ >]", page)


def test_the_command_line_and_the_notebook_refuse_it(
    small_release: Release, endpoint: str, tmp_path: Path
) -> None:
    file = tmp_path / "any.rq"
    file.write_text(QUERY)
    done = CliRunner().invoke(cli, ["query", str(file), "--sources", "--endpoint", endpoint])
    assert REFUSED in str(done.exception)
    with RemoteEngine(endpoint) as remote, pytest.raises(QueryRefused, match="remote engine"):
        asked(remote, QUERY, small_release, deep=False)
    assert read(REFUSED) is not None


def test_the_documents_say_so() -> None:
    for name in ("sources-of-answers.md", "scaling.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert re.search(r"remote\s+engine", text), name
