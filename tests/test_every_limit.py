"""Each limit, exceeded for real: who exceeds it is told what the registry says, and nothing else."""

import asyncio
import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from kg.errors import Busy, EngineBusy, KgError, QueryLimit, QueryRefused
from kg.limits import Limit, as_markdown
from kg.release import Release
from kg.settings import LIMITS, Settings
from kg.sparql.checking.guard import Limits, check
from kg_web.protocol.description import describe
from kg_web.protocol.problem import problem_of
from kg_web.server.http.lanes import Lane
from tests.documents import document_text
from tests.servers import Served, ask, fetch, kg_serve
from tests.test_workers import FOR_EVER, GROWING, job, run, store

__all__ = ["store"]  # a fixture

ENVIRON = {
    "KG_WORKERS": "1",
    "KG_QUERY_TIMEOUT": "2",
    "KG_QUERY_MEMORY": "64",
    "KG_QUERY_SIZE": "1",
    "KG_QUERY_DEPTH": "5",
    "KG_QUERY_PATTERNS": "9",
    "KG_RESULT_SIZE": "1",
    "KG_REQUEST_TIMEOUT": "1",
    "KG_CONNECTIONS": "30",
    "KG_CITE_RATE": "2",
    "KG_CITE_TOTAL": "1",
    "KG_CACHE_SIZE": "0",
}
DOUBLING = " ".join(f"BIND(CONCAT(?a{i}, ?a{i}, ?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(20))
ASKED = {
    "query_timeout": FOR_EVER,
    "query_memory": f"SELECT (STRLEN(?a20) AS ?n) {{ BIND('aaaaaaaaaaaaaaaa' AS ?a0) {DOUBLING} }}",
    "query_size": "SELECT * {}" + " " * 1014,
    "query_depth": "SELECT * {{{{{{ }}}}}}",
    "query_patterns": "SELECT * { ?s " + " ; ".join(f"<x:{i}> ?o{i}" for i in range(10)) + " }",
    "result_size": "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }",
    "service_allow": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "from_allow": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
}
"""What of `/sparql` exceeds which limit."""


def pattern(limit: Limit) -> re.Pattern[str]:
    """Return what a limit's sentence looks like with any values."""
    return re.compile(re.sub(r"\\\{.*?\\\}", r"\\S+", re.escape(limit.exceeded.says)))


def is_told(limit: Limit, reply: object) -> None:
    """Hold a problem as JSON against what the registry says of a limit."""
    told = limit.exceeded
    assert (reply["status"], reply["code"], reply["title"]) == (told.status, told.code, told.title)
    assert pattern(limit).fullmatch(reply["detail"]), reply["detail"]
    assert reply.get("hint") == told.hint


@pytest.fixture(scope="module")
def served(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    citations = {"KG_CITATIONS": str(folder / "citations.sqlite3")}
    with kg_serve(small_release, folder, {**ENVIRON, **citations}) as found:
        yield found


Exceeding = Callable[[Served, Path, Path], object]
"""Exceed a limit, of a server or with a store and a folder; return the problem as JSON."""


def asked(name: str) -> Exceeding:
    def exceed(served: Served, _store: Path, _folder: Path) -> object:
        reply = ask(served.url, ASKED[name])
        assert reply.json()["limit"] == LIMITS[name].variable
        return reply.json()

    return exceed


def in_a_pool(kind: type[KgError], queries: list[str], **options: object) -> Exceeding:
    """Ask a pool of its own several queries at once; the one that fails as wanted is told."""

    def exceed(_served: Served, store: Path, folder: Path) -> object:
        found: list[object] = []

        async def work(pool: object) -> None:
            asked = [
                asyncio.ensure_future(pool.answer(job(f"{query} # {at}", client=str(at))))
                for at, query in enumerate(queries)
            ]
            while not found:
                await asyncio.wait(asked, return_when=asyncio.FIRST_EXCEPTION, timeout=30)
                failed = [one.exception() for one in asked if one.done()]
                found.extend(problem_of(one).as_json() for one in failed if isinstance(one, kind))
                assert found, failed
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

        run(store, folder, work, **options)
        return found[0]

    return exceed


def late_request(served: Served, _store: Path, _folder: Path) -> object:
    body = b"query=" + b"A" * 10
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        head = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        client.sendall(f"{head}Connection: close\r\nContent-Length: 1000\r\n\r\n".encode() + body)
        return problem_in(client)


def one_connection_more(served: Served, _store: Path, _folder: Path) -> object:
    with contextlib.ExitStack() as kept:
        for _ in range(int(ENVIRON["KG_CONNECTIONS"]) + 5):
            kept.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=10))
        client = kept.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=10))
        client.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return problem_in(client)


def problem_in(client: socket.socket) -> object:
    reply = b""
    while part := client.recv(65536):
        reply += part
    return json.loads(reply.partition(b"\r\n\r\n")[2])


def slow_page(_served: Served, _store: Path, _folder: Path) -> object:
    lane: Lane[None] = Lane("page", 1, 0.05, lambda _made: None)
    with pytest.raises(Busy) as caught:
        asyncio.run(lane.run(lambda: time.sleep(0.3)))
    lane.close()
    problem = problem_of(caught.value)
    assert problem.headers["Retry-After"] == str(LIMITS["page_timeout"].exceeded.retry)
    return problem.as_json()


def cited(served: Served, query: str) -> object:
    reply = fetch(
        served.url + "/cite",
        urlencode({"query": query}).encode(),
        {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
    )
    return None if reply.status == 303 else reply.json()


def too_many_citations(served: Served, _store: Path, _folder: Path) -> object:
    assert cited(served, "ASK {}") is None
    return cited(served, "ASK { ?s ?p ?o }")


def too_often(served: Served, _store: Path, _folder: Path) -> object:
    told = [cited(served, f"ASK {{ ?s ?p {number} }}") for number in range(3)]
    return told[-1]


EXCEEDING: dict[str, Exceeding] = {
    **{name: asked(name) for name in ASKED},
    "query_memory_all": in_a_pool(
        QueryLimit, [GROWING] * 2, timeout=20.0, memory=2**30, all_memory=150 * 2**20, result_size=10**9
    ),
    "query_queue": in_a_pool(EngineBusy, [FOR_EVER] * 8, queue=1, workers=1, long=1, timeout=10.0),
    "query_wait": in_a_pool(EngineBusy, [FOR_EVER] * 4, wait=0.3, workers=1, long=1, timeout=10.0),
    "request_timeout": late_request,
    "connections": one_connection_more,
    "page_timeout": slow_page,
    "cite_total": too_many_citations,
    "cite_rate": too_often,
}


@pytest.mark.parametrize("name", EXCEEDING)
def test_who_exceeds_a_limit_is_told_what_the_registry_says(
    served: Served, store: Path, tmp_path: Path, name: str
):
    is_told(LIMITS[name], EXCEEDING[name](served, store, tmp_path))


def test_every_limit_is_exceeded_here_and_no_setting_is_forgotten():
    assert {*EXCEEDING} == {*LIMITS}
    # These bound something too, and nobody is ever told of it: they end, or do without, in silence by intent.
    quiet = {
        "premade",
        "workers",
        "query_workers",
        "query_long",
        "cache_size",
        "stop_grace",
        "proxies",
        "port",
    }
    numbers = {f.name for f in fields(Settings) if type(f.default) in (int, float)}
    assert numbers - quiet <= {*LIMITS}


def test_the_docs_say_what_the_registry_says():
    assert as_markdown(LIMITS.values()) in document_text("settings.md")


def test_the_guard_keeps_what_the_settings_allow_and_each_setting_rules_it():
    settings = replace(Settings(), query_size=1, query_depth=6, query_patterns=2)
    limits = Limits.of(settings)
    assert (limits.size, limits.depth, limits.triples) == (1024, 6, 2)
    check("SELECT * { ?s ?p ?o ; ?q ?r }", limits)
    with pytest.raises(QueryRefused) as caught:
        check("SELECT * { ?s ?p ?o ; ?q ?r ; ?t ?u }", limits)
    assert caught.value.limit == "KG_QUERY_PATTERNS"


def test_a_plain_query_is_no_longer_than_allowed_either():
    small = Limits.of(replace(Settings(), query_size=1))
    check("ASK {}" + " " * 1018, small)
    for query in ("ASK {}" + " " * 1019, 'ASK { ?s ?p "' + "里" * 400 + '" }'):
        with pytest.raises(QueryRefused) as caught:
            check(query, small)
        assert caught.value.limit == "KG_QUERY_SIZE"


def test_the_service_description_has_the_limits_that_clients_should_know(small_release: Release):
    from kg.mediatypes import BY_NAME

    told = describe("http://x/sparql", Settings(), small_release, "engine", BY_NAME["nt"]).decode()
    for limit in LIMITS.values():
        assert (f"#limit-{limit.name.replace('_', '-')}>" in told) == limit.exceeded.described
        assert not limit.exceeded.described or f'"{limit.meaning}"@en' in told


def test_no_error_of_a_limit_is_written_by_hand():
    """Whoever names a limit's variable in an error would say of it what the registry doesn't know."""
    root = Path(__file__).parent.parent
    by_hand = re.compile(r'limit="KG_')
    files = [file for part in ("kg", "web") for file in (root / part).rglob("*.py")]
    assert [file for file in files if by_hand.search(file.read_text("utf-8"))] == []


def test_a_sentence_without_its_values_is_a_fault_of_the_caller():
    with pytest.raises(KeyError):
        LIMITS["query_size"].refused(found=1)
