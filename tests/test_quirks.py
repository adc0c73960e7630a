"""The table of quirks, walked: the engine is wrong there, and through our door right or refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.parsers import expat

import pyoxigraph as ox
import pytest

from kg.engine import Result
from kg.engine.answers import results
from kg.engine.answers.results import RDF_FORMAT, RESULTS_FORMAT
from kg.engine.door import Policy, admit
from kg.engine.local import LocalEngine, as_result
from kg.engine.pool.jobs import Job
from kg.engine.pool.pool import Pool, PoolConfig
from kg.engine.pool.pooled import body_of, read_written
from kg.engine.quirks import (
    DATA,
    PEERS,
    QUIRKS,
    WRITING,
    Document,
    Example,
    Fault,
    Peer,
    Quirk,
    Reply,
    WritingFault,
    as_markdown,
    of,
)
from kg.engine.remote import RemoteEngine
from kg.errors import QueryLimit, QueryRefused
from kg.mediatypes import BY_NAME
from kg.notebook import Notebook
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg.sparql.checking.suspects import suspicious
from kg.sparql.reading import tree
from kg.sparql.rewriting.edits import Writing
from kg.sparql.rewriting.graphs import Writer
from kg_web import old_releases as elsewhere
from tests.commands import kg
from tests.servers import ROOT, fetch, kg_serve, peer
from tests.servers import ask as ask_http

PREFIXES = "PREFIX : <http://e/> "
EXAMPLES = [
    pytest.param(quirk, example, id=f"{quirk.id}: {example.query}")
    for quirk in QUIRKS
    for example in quirk.examples
]


def store_of_examples(path: Path | None = None) -> ox.Store:
    store = ox.Store(str(path)) if path else ox.Store()
    store.load(DATA, format=ox.RdfFormat.N_QUADS)
    store.flush() if path else None
    return store


def rows(result: Result) -> list[tuple[str, ...]]:
    """A result as the table writes it."""
    if result.kind == "ask":
        return [(str(result.boolean).lower(),)]
    order = sorted(range(len(result.variables)), key=lambda i: result.variables[i])

    def short(term: object) -> str:
        return "" if term is None else term.value.removeprefix("http://e/")

    return sorted(tuple(short(row[i]) for i in order) for row in result.rows)


@pytest.mark.parametrize(("quirk", "example"), EXAMPLES)
def test_the_engine_as_it_is(quirk: Quirk, example: Example):
    """A version that has mended a quirk is taken out of its entry, and is written around no more."""
    try:
        said = rows(as_result(store_of_examples().query(PREFIXES + example.query)))
    except (SyntaxError, RuntimeError):
        said = None
    right = said == sorted(example.rows)
    assert right == (ox.__version__ not in quirk.versions), (said, example.rows)


@pytest.mark.parametrize(("quirk", "example"), EXAMPLES)
def test_through_the_door(quirk: Quirk, example: Example):
    engine = LocalEngine(store_of_examples())
    if quirk.refused and quirk.id in of():
        with pytest.raises(QueryRefused) as caught:
            engine.query(PREFIXES + example.query)
        assert caught.value.limit == "engine"
        assert caught.value.hint
        return
    if quirk.id in of():
        admitted = admit(PREFIXES + example.query, Policy(quirks=of()))
        assert admitted.met or admitted.order.ends
    assert rows(engine.query(PREFIXES + example.query)) == sorted(example.rows)


def test_a_query_process_answers_them_too(tmp_path: Path):
    store_of_examples(tmp_path / "store")

    async def ask_all() -> None:
        pool = Pool(PoolConfig(tmp_path / "store", tmp_path, workers=1))
        pool.start()
        try:
            for quirk in QUIRKS:
                for example in quirk.examples:
                    if not quirk.refused:
                        asked = admit(PREFIXES + example.query, Policy(quirks=of()))
                        result = read_written(await pool.answer(Job(asked)))
                        assert rows(result) == sorted(example.rows), example.query
        finally:
            await pool.close()

    asyncio.run(ask_all())


def test_another_version_is_asked_as_it_is():
    assert of("0.5.14") == of("1.0") == frozenset()
    query = "SELECT * { ?s <a>|<b> ?o }"
    assert admit(query, Policy(quirks=of("0.5.14"))).order.sparql == query


def test_a_job_is_made_of_nothing_but_what_was_admitted():
    with pytest.raises(TypeError):
        Job("SELECT * {}")


def own_queries() -> list[Path]:
    return sorted(
        [
            *(ROOT / "kg").rglob("*.rq"),
            *(ROOT / "web" / "kg_web").rglob("*.rq"),
            *(ROOT / "ontology").rglob("*.rq"),
        ]
    )


def test_our_own_queries_hold_no_quirk():
    """Those of the program don't come through the door each time, so a test brings them."""
    met = {}
    for file in own_queries():
        admitted = admit(file.read_text(encoding="utf-8"), Policy(quirks=of()))
        assert not admitted.order.unread, file
        if "ontology" not in file.relative_to(ROOT).parts[0] and (admitted.met or admitted.order.ends):
            met[file.name] = set(admitted.met)
    assert len(own_queries()) > 140
    assert met == {}


def test_what_looks_harmless_at_a_glance_is():
    """What `suspicious` passes over would not have been changed either."""
    for _, example in [param.values for param in EXAMPLES]:
        assert suspicious(PREFIXES + example.query)
    for file in own_queries():
        text = file.read_text(encoding="utf-8")
        if not suspicious(text):
            writing = Writing(text, of(), strict=True)
            assert Writer(writing).query(tree.read(text)) == text, file


WRONG = "SELECT ?o { <https://example.org/orchard/id/orchard/long-ridge> a|a ?o }"
"""Asked as it is, the engine gives half of the rows."""
REFUSED = "SELECT * { GRAPH ?g { SELECT ?x { ?x ?p ?o } LIMIT 1 } }"


def test_each_way_in_comes_through_the_door(small_release: Release, tmp_path: Path):
    """Library, notebook, command line, old releases, pages, endpoint: the same rows, the same refusal."""
    settings = Settings()
    local = LocalEngine.open(ensure_store(small_release))
    right = len(local.query(WRONG.replace("a|a", "a"))) * 2
    assert right > 0

    def command(query: str) -> tuple[int, str]:
        file = tmp_path / "query.rq"
        file.write_text(query, encoding="utf-8")
        ran = kg("query", file, "--release", small_release.path)
        return len(ran.stdout.splitlines()) - 1, ran.stderr

    with Notebook.open(small_release.path) as notebook:
        ways = [local.query, notebook.ask, lambda query: elsewhere.ask(small_release, query, settings)]
        for ask in (*ways, elsewhere.Elsewhere(small_release, settings).query):
            assert len(ask(WRONG)) == right
            with pytest.raises(QueryRefused, match="engine"):
                ask(REFUSED)
    assert command(WRONG)[0] == right
    assert "isn't asked" in command(REFUSED)[1]
    with kg_serve(small_release, tmp_path, {"KG_WORKERS": "1"}) as served:
        assert len(ask_http(served.url, WRONG).json()["results"]["bindings"]) == right
        assert ask_http(served.url, REFUSED).json()["code"] == "engine-gap"
        page = fetch(f"{served.url}/query?{urlencode({'query': REFUSED})}", headers={"Accept": "text/html"})
        csv = fetch(f"{served.url}/result.csv?{urlencode({'query': WRONG})}")
        assert len(csv.body.decode().splitlines()) == right + 1
        assert page.status in (200, 501)


DOCUMENTS = [
    pytest.param(fault, example, id=f"{fault.id}: {example.query}")
    for fault in WRITING
    for example in fault.examples
]


def is_xml(document: bytes) -> bool:
    """Whether a reader in use takes a document, names with prefixes included."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(document, True)
    except expat.ExpatError:
        return False
    return True


@pytest.mark.parametrize(("fault", "example"), DOCUMENTS)
def test_the_engine_writes_as_it_does(fault: WritingFault, example: Document):
    format = RESULTS_FORMAT.get(example.format) or RDF_FORMAT[example.format]
    written = ox.Store().query(PREFIXES + example.query).serialize(format=format)
    right = is_xml(written) if example.right is None else example.right in written
    assert right == (ox.__version__ not in fault.versions), written


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("fault", "example"), DOCUMENTS)
def test_we_write_it_rightly(
    fault: WritingFault, example: Document, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small graph is written by our own writers, a large one by the engine, looked at as it streams by."""
    if large:
        monkeypatch.setattr(results, "SORTED", 0)
    result = LocalEngine(ox.Store()).query(PREFIXES + example.query)
    if example.right is None:
        with pytest.raises(QueryRefused) as caught:
            results.write(result, BY_NAME[example.format])
        assert caught.value.limit == "format"
        assert caught.value.hint
    else:
        assert example.right in results.write(result, BY_NAME[example.format])


def test_a_query_process_writes_it_rightly_too(tmp_path: Path):
    store_of_examples(tmp_path / "store")

    async def ask_all() -> None:
        pool = Pool(PoolConfig(tmp_path / "store", tmp_path, workers=1))
        pool.start()
        try:
            for example in (one for fault in WRITING for one in fault.examples):
                job = Job(admit(PREFIXES + example.query, Policy()), example.format, example.format)
                if example.right is None:
                    with pytest.raises(QueryRefused):
                        await pool.answer(job)
                else:
                    assert example.right in body_of(await pool.answer(job)), example.query
        finally:
            await pool.close()

    asyncio.run(ask_all())


REPLIES = [
    pytest.param(fault, example, id=f"{fault.id}: {example.query}")
    for fault in PEERS
    for example in fault.examples
]


@pytest.mark.parametrize(("fault", "example"), REPLIES)
def test_a_peer_that_does_so_is_understood(fault: Peer, example: Reply):
    """Virtuoso itself is asked by the long tests (test_other_engines.py)."""
    asked: list[str] = []

    def answer(handler: Any) -> None:
        asked.append(handler.body.decode())
        told = example.sent and "query=ASK" in asked[-1]  # which server is it?
        body = ('{"head":{},"boolean":true}' if told else example.body).encode()
        handler.server_version = f"{fault.server.title()}/07.20"
        handler.send_response(200)
        for name, value in {"Content-Type": "application/sparql-results+json", **example.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    own = {"default_graph": "urn:merge", "graphs_under": "http://e/"} if example.sent else {}
    with peer(answer) as url, RemoteEngine(url, **own) as remote:
        if example.rows is None:
            with pytest.raises(QueryLimit) as caught:
                remote.query(example.query)
            assert fault.cut in str(caught.value)
            return
        result = remote.query(example.query)
    typed = [tuple(f"{shown} {end}" for shown, end in row) for row in _typed(result)]
    assert example.rows in (tuple(rows(result)), tuple(typed))
    assert example.sent in asked[-1]
    assert not example.sent or fault.id in (remote.quirks or ())


def _typed(result: Result) -> list[list[tuple[str, str]]]:
    return [
        [(term.value, term.datatype.value.partition("#")[2]) for term in row if isinstance(term, ox.Literal)]
        for row in result.rows
    ]


def test_the_docs_say_what_the_tables_say():
    text = (ROOT / "docs" / "quirks.md").read_text(encoding="utf-8")
    faults: tuple[Fault, ...] = (*QUIRKS, *WRITING, *PEERS)
    assert len({fault.id for fault in faults}) == len(faults)
    for table in (QUIRKS, WRITING, PEERS):
        assert as_markdown(table) in text
    for fault in faults:
        assert f'"{fault.id}"' in (ROOT / fault.met).read_text(encoding="utf-8"), fault.id
        assert fault.versions and fault.about
