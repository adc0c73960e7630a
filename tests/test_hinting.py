"""What hints must learn of the data is asked once, though the first answers can't wait for it."""

from __future__ import annotations

import asyncio
import hashlib
import threading

import pytest

from kg.engine import Result
from kg.engine.answers.spool import Written
from kg.errors import EngineError
from kg_web.protocol.hints import hinting
from kg_web.protocol.hints.hinting import Hinter

QUERY = 'SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> "oak" }'
TAGGED = 'SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> "oak"@en }'


def empty() -> Written:
    body = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
    return Written("select", "json", 0, body, len(body), hashlib.sha256(body).hexdigest(), 0.0)


async def nothing(_sparql: str) -> Result:
    return Result("select", ("s",), [])


async def asked(hinter: Hinter, query: str) -> None:
    await hinter.hints(query, empty(), nothing, base_iri=None, dataset=())


def test_what_takes_long_to_learn_is_asked_once(monkeypatch):
    monkeypatch.setattr(hinting, "PATIENCE", 0.05)
    go, calls = threading.Event(), []

    def ours(sparql: str) -> Result:
        calls.append(sparql)
        go.wait(30)
        return Result("select", ("tag",), [])

    async def main() -> None:
        hinter = Hinter(ours=ours)
        for query in (QUERY, TAGGED, QUERY):
            await asked(hinter, query)  # each gives up, and none begins anew
        assert len(calls) == 1
        go.set()
        await asyncio.gather(*hinter._learning.values())
        await asked(hinter, QUERY)
        assert len(calls) == len(set(calls))

    try:
        asyncio.run(main())
    finally:
        go.set()


@pytest.mark.parametrize("query", [QUERY, TAGGED])
def test_what_could_not_be_learnt_is_asked_again(query):
    calls: list[str] = []

    def ours(sparql: str) -> Result:
        calls.append(sparql)
        raise EngineError("not now")

    async def main() -> None:
        hinter = Hinter(ours=ours)
        await asked(hinter, query)
        await asyncio.sleep(0)
        assert calls
        assert not hinter._learning

    asyncio.run(main())


def test_what_was_found_first_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(hinting, "_KEPT", 2)
    hinter = Hinter(ours=lambda _sparql: Result("select", ("tag",), []))
    queries = [QUERY.replace("oak", tree) for tree in ("oak", "elm", "ash")]

    async def main() -> None:
        for query in queries:
            await asked(hinter, query)

    asyncio.run(main())
    assert [text for text, *_ in hinter._kept] == queries[1:]
