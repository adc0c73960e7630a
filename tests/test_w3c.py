"""The W3C's suites of queries, SPARQL 1.0 to 1.2, through HTTP with each test's own data.

Each passes, or is refused openly, or stands in `w3c_known` with its reason; one that stands there and passes
is a fault of the list.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import uvicorn

from kg.engine.door import Policy
from kg.engine.local import as_result
from kg.engine.pool.pool import Pool, PoolConfig
from kg.engine.quirks import of
from kg.sparql.checking.guard import Limits
from kg_web.protocol.endpoint import Endpoint
from kg_web.server.http.front import Front
from kg_web.server.http.state import Served, State
from tests import w3c
from tests.servers import Reply, fetch
from tests.shared import shared
from tests.w3c_known import FORMS, OTHERWISE

pytestmark = pytest.mark.long

OPENLY = {"engine-gap", "unknown-function", "service-refused", "graph-refused", "update-refused"}
"""Codes of refusals that say what is not answered here."""
ROWS = {".srx": "application/sparql-results+xml", ".csv": "text/csv", ".tsv": "text/tab-separated-values"}


class Server:
    """A server whose data may be changed; its queries run in a process of their own, as the public's do."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.state = State(timeout=20, access_log=False)
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.sock.getsockname()[1]}"
        self.loop = asyncio.new_event_loop()
        config = uvicorn.Config(Front(self.state), lifespan="off", log_level="warning", interface="asgi3")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve(sockets=[self.sock]))

    def load(self, case: w3c.Case | None) -> None:
        """Serve a test's data in place of what was served."""
        self.count += 1
        path = self.folder / str(self.count)
        store = ox.Store(str(path))
        if case is not None:
            w3c.load(case, store)
        store.flush()
        graphs = {graph.value for graph in store.named_graphs()}
        del store
        future = asyncio.run_coroutine_threadsafe(self._serve(path, graphs), self.loop)
        future.result(30)

    async def _serve(self, path: Path, graphs: set[str]) -> None:
        """Let the pool's next query process, which its nursery forks, open the new store."""
        config = PoolConfig(path, self.folder, workers=1, long=0, timeout=20)
        if self.state.served is None:
            pool = Pool(config)
            pool.start()
            assert await pool.ready(30)
        else:
            pool = self.state.served.pool
            pool.crew.config, old = config, list(pool.members)
            for member in old:
                member.kill()
            while not any(member.ready for member in pool.members if member not in old):
                await asyncio.sleep(0.002)
        endpoint = Endpoint(
            answer=pool.answer,
            policy=Policy(Limits(known=lambda iri: iri in graphs), of()),
            engine="",
            digest=str(path),
            spool=self.folder,
            describe=lambda _format: b"",
        )
        self.state.served = Served(endpoint, pool, None, None)  # type: ignore[arg-type] # there are no pages

    async def _close(self) -> None:
        if self.state.served is not None:
            await self.state.served.pool.close()
        self.server.should_exit = True


@contextlib.contextmanager
def server(folder: Path) -> Iterator[Server]:
    found = Server(folder)
    found.thread.start()
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(found._close(), found.loop).result(30)
        found.thread.join(30)


def asked(url: str, case: w3c.Case) -> Reply:
    graph = "application/n-triples"
    rows = ROWS.get(case.result.suffix if case.result else "", "application/sparql-results+json")
    return fetch(
        f"{url}/sparql?{urlencode({'query': case.text})}", headers={"Accept": f"{rows}, {graph};q=0.9"}
    )


def verdict(case: w3c.Case, reply: Reply) -> str:
    """``passed``, ``refused``, ``form`` (right but for the writing of literals) or what is wrong."""
    problem = json.loads(reply.body) if reply.status != 200 else {}
    if problem.get("code") in OPENLY:
        return "refused"
    if case.kind == "bad":
        return "passed" if problem.get("code") == "query-syntax" else f"accepted, {reply.status}"
    if reply.status != 200:
        return f"{reply.status} {problem.get('detail')}"
    return "passed" if case.kind == "good" else _answered(case, reply)


def _answered(case: w3c.Case, reply: Reply) -> str:
    assert case.result is not None
    media = reply.headers["Content-Type"].partition(";")[0]
    if media == "text/csv":
        return "passed" if w3c.same_csv(case.result.read_bytes(), reply.body) else "another CSV"
    expected = w3c.expected(case)
    if media == "application/n-triples":
        triples = [quad.triple for quad in ox.parse(reply.body, format=ox.RdfFormat.N_TRIPLES)]
        got = w3c.Result("graph", triples=triples)
    else:
        got = as_result(ox.parse_query_results(reply.body, ox.QueryResultsFormat.from_media_type(media)))
    if w3c.same(got, expected, lax=case.lax):
        return "passed"
    if w3c.same(w3c.in_form(got), w3c.in_form(expected), lax=case.lax):
        return "form"
    return f"{len(got)} rows for {len(expected)}"


def test_each_passes_or_is_refused_openly(tmp_path: Path):
    root = w3c.unpack(shared("w3c-tests/sparql.tar.gz"), tmp_path / "suites")
    cases = w3c.cases(root)
    assert len(cases) > 1000
    wrong, last = {}, None
    with server(tmp_path) as running:
        for case in sorted(cases, key=lambda case: (repr(case.dataset), case.name)):
            data = (case.dataset, tuple(w3c.from_names(case)))
            if data != last:
                running.load(case if case.kind == "answer" else None)
                last = data
            found = verdict(case, asked(running.url, case))
            listed = "form" if case.name in FORMS else OTHERWISE.get(case.name)
            fine = found in ("passed", "refused") if listed is None else found not in ("passed", "refused")
            if not fine or (found == "form" and case.name in OTHERWISE):
                wrong[case.name] = found
    assert not wrong, json.dumps(wrong, indent=1)
