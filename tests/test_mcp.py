"""`kg mcp`, asked by the protocol's own client over standard input and output, and over HTTP."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg.agents import server
from kg.citations.store import QueryStore
from kg.errors import NotInstalled
from kg.release import Release
from tests.servers import ROOT, ended, free_port

if TYPE_CHECKING:  # to load it takes a second, in each worker that collects this file
    from mcp import Client
    from mcp.types import CallToolResult

Call = Callable[..., "CallToolResult"]
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
READS = {"search", "read", "schema", "questions", "answer", "query"}
DOCUMENT = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def citations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mcp") / "citations.sqlite3"


@pytest.fixture(scope="module")
def client(small_release: Release, citations: Path) -> Iterator[tuple[Client, Any]]:
    """One server for the tests of this file, with queries of a second."""
    from anyio.from_thread import start_blocking_portal
    from mcp import Client, StdioServerParameters

    limits = {"KG_QUERY_TIMEOUT": "1", "KG_CITATIONS": str(citations), "PYTHONPATH": str(ROOT)}
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from kg.cli import main; main()", "mcp", "--release", str(small_release.path)],
        env=limits,
    )
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(parameters)) as opened,
    ):
        yield opened, portal


@pytest.fixture
def call(client: tuple[Client, Any]) -> Call:
    opened, portal = client
    return lambda name, **given: portal.call(partial(opened.call_tool, name, given))  # type: ignore[no-any-return]


def text_of(found: CallToolResult) -> str:
    from mcp.types import TextContent

    (block,) = found.content
    assert isinstance(block, TextContent)
    return block.text


def told(found: CallToolResult) -> dict[str, Any]:
    """What a tool gave: the same as text and as structured content."""
    assert not found.is_error, text_of(found)
    assert json.loads(text_of(found)) == found.structured_content
    return found.structured_content or {}


def test_an_agent_learns_what_there_is(client: tuple[Client, Any]) -> None:
    opened, portal = client
    tools = {one.name: one for one in portal.call(opened.list_tools).tools}
    assert set(tools) == READS | {"cite"}
    assert all(len(one.description or "") > 60 for one in tools.values())
    assert {
        name for name, one in tools.items() if one.annotations and one.annotations.read_only_hint
    } == READS
    assert "self" not in json.dumps(tools["query"].input_schema["properties"])
    assert tools["query"].input_schema["required"] == ["sparql"]


def test_the_schema_has_the_terms_that_a_query_must_use(call: Call) -> None:
    whole = text_of(call("schema"))
    assert "o: https://example.org/orchard/ontology/" in whole
    assert re.search(r"^ {2}o:Tree \(\d+\): tree. One tree\.$", whole, re.MULTILINE)
    one = text_of(call("schema", term="o:Tree"))
    assert re.search(r"^ {2}o:standsIn \(\d+\) -> o:Plot: stands in$", one, re.MULTILINE)
    used = text_of(call("schema", term="o:standsIn"))
    assert "leads to o:Plot" in used
    assert "used by o:Tree" in used
    wrong = call("schema", term="o:Car")
    assert wrong.is_error
    assert "lists the classes" in text_of(wrong)


def test_a_thing_is_found_and_read_with_its_sources(call: Call) -> None:
    (hit, *_) = told(call("search", text="Long Ridge", classes=["o:Orchard"]))["hits"]
    assert hit["name"] == "Long Ridge Orchard"
    page = told(call("read", thing=hit["iri"]))
    (where,) = (one for one in page["says"] if one["property"]["iri"] == "o:point")
    (number,) = where["values"][0]["sources"]
    source = page["sources"][str(number)]
    assert source["confidence"]
    assert "map on the facing page" in source["reason"]
    assert source["from"][0]["name"] == "Almanac, page 4"
    figures = next(one for one in page["says"] if "rows" in one)
    assert any("3.5" in json.dumps(row) and row["sources"] for row in figures["rows"])


def test_what_is_not_there_says_what_would_help(call: Call) -> None:
    nothing = call("read", thing="https://example.org/orchard/id/none")
    assert nothing.is_error
    assert "search finds" in text_of(nothing)
    assert told(call("search", text="qqqqzzzz"))["total"] == 0
    assert call("query").is_error


def test_questions_are_listed_and_answered(call: Call) -> None:
    listed = [one for group in told(call("questions")).values() for one in group]
    assert "trees-by-plot" in {one["question"] for one in listed}
    found = told(call("answer", question="trees-by-plot"))
    assert found["answer"].endswith("trees.")
    assert found["rows"]
    assert found["whole"]
    assert "SELECT" in found["sparql"]
    assert "`questions` lists them" in text_of(call("answer", question="none"))


def test_each_row_of_a_query_leads_to_its_passages(call: Call) -> None:
    query = (
        "SELECT ?o ?kg { ?o o:hasFigure ?f . ?f o:number ?kg ; o:hasUnit ?u FILTER(?kg > 100) } ORDER BY ?kg"
    )
    found = told(call("query", sparql=query))
    assert found["columns"] == ["o", "kg"]
    assert [row[1] for row in found["rows"]] == [800, 12400]
    pages = [{found["sources"][str(n)]["name"] for n in numbers} for numbers in found["row_sources"]]
    assert pages == [{"Almanac, page 9"}, {"Almanac, page 4"}]
    plain = told(call("query", sparql=query, sources=False))
    assert plain["rows"] == found["rows"]
    assert "sources" not in plain


def test_answers_of_every_form(call: Call) -> None:
    assert told(call("query", sparql="ASK { ?t a o:Tree }"))["answer"] is True
    graph = told(call("query", sparql="CONSTRUCT { ?t a o:Plant } { ?t a o:Tree }", rows=2))
    assert graph["rows"][0][2] == "o:Plant"
    assert not graph["whole"]
    assert "LIMIT and OFFSET" in graph["note"]
    names = told(call("query", sparql='SELECT ?n { ?o rdfs:label ?n FILTER(LANG(?n) = "en") } LIMIT 1'))
    assert names["rows"][0][0].endswith('"@en')


def test_an_answer_that_cannot_be_traced_comes_and_says_so(call: Call) -> None:
    found = told(call("query", sparql="SELECT (SAMPLE(?t) AS ?one) { ?t a o:Tree } HAVING (RAND() < 2)"))
    assert found["rows"]
    assert "sources_note" in found or found["row_sources"]


def test_an_endless_query_ends_at_the_limit_and_the_next_is_answered(call: Call) -> None:
    for sources in (True, False):
        ended_ = call("query", sparql=ENDLESS, sources=sources)
        assert ended_.is_error
        assert "ran longer than 1 s" in text_of(ended_)
        assert "add LIMIT" in text_of(ended_)
    assert told(call("query", sparql="ASK {}"))["answer"] is True


@pytest.mark.parametrize(
    ("sparql", "says"),
    [
        ("SELECT ?x {\n ?x a o:Tree ", "1:11: the { that opens here"),
        ("SELECT ?x { ?x a nope:Tree }", "nope"),
        ("DELETE WHERE { ?s ?p ?o }", "ask with SELECT"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE"),
        ("", "1:1: "),
    ],
)
def test_a_wrong_query_says_what_is_wrong(call: Call, sparql: str, says: str) -> None:
    found = call("query", sparql=sparql)
    assert found.is_error
    assert says in text_of(found)


def test_a_hint_says_where_an_answer_is_not_what_was_meant(call: Call) -> None:
    found = told(call("query", sparql='SELECT ?x { ?x rdfs:label "North slope" }'))
    assert found["rows"] == []
    assert found["hints"]


def test_a_result_is_cited_and_kept(call: Call, citations: Path, small_release: Release) -> None:
    whole = told(call("cite"))
    assert small_release.version in whole["apa"]
    found = told(call("cite", sparql="SELECT ?t { ?t a o:Tree } ORDER BY ?t", title="Trees"))
    assert found["address"] in found["bibtex"]
    kept = QueryStore(citations).get(found["address"].rpartition("/")[2])
    assert kept is not None
    assert kept.title == "Trees"
    assert kept.rows == found["rows"] > 0
    assert told(call("cite", sparql="SELECT ?t { ?t a o:Tree } ORDER BY ?t"))["address"] == found["address"]


def test_without_the_sdk_the_command_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver.exceptions", None)
    with pytest.raises(NotInstalled, match="mcp") as raised:
        server.sdk()
    assert raised.value.hint == "pip install 'linli[mcp]'"


def test_nothing_of_it_is_loaded_where_it_is_not_used() -> None:
    code = "import sys, kg.cli, kg.agents.server; print(sorted({'mcp', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def test_the_documents_entry_for_a_host_starts_a_server(small_release: Release) -> None:
    from anyio.from_thread import start_blocking_portal
    from mcp import Client, StdioServerParameters

    (entry,) = json.loads(blocks("json")[0])["mcpServers"].values()
    args = [str(small_release.path) if one == "/path/to/releases/active" else one for one in entry["args"]]
    command = str(Path(sys.executable).parent / entry["command"])
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            Client(StdioServerParameters(command=command, args=args, env={"PYTHONPATH": str(ROOT)}))
        ) as opened,
    ):
        assert told(portal.call(opened.call_tool, "query", {"sparql": "ASK {}"}))["answer"] is True


def test_the_documents_program_asks_over_http(small_release: Release, tmp_path: Path) -> None:
    port = free_port()
    (shell,) = blocks("sh")
    words = shell.split()
    assert words[:2] == ["kg", "mcp"]
    command = [str(Path(sys.executable).parent / "kg"), *words[1:]]
    at = command.index("--port")
    command[at + 1] = str(port)
    (code,) = blocks("python")
    with ended(
        subprocess.Popen(
            [*command, "--release", str(small_release.path)], cwd=ROOT, stderr=subprocess.DEVNULL
        )
    ):
        program = "import time\n" + code.replace(":8100", f":{port}").replace(
            "asyncio.run(main())",
            "for attempt in range(40):\n    try:\n        asyncio.run(main())\n        break\n"
            "    except Exception:\n        time.sleep(0.25)\nelse:\n    asyncio.run(main())",
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
        )
    assert "o:Tree" in done.stdout
