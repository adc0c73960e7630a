"""A pool as an `Engine`, for code in other threads, such as pages."""

from __future__ import annotations

import asyncio
import concurrent.futures
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kg.engine.answers.spool import Written
from kg.engine.base import Dataset, Engine, Result
from kg.engine.door import Admitted, Policy, admit
from kg.engine.local import as_result
from kg.engine.pool.jobs import Job, Sourcing
from kg.engine.pool.pool import Pool
from kg.engine.quirks import of
from kg.errors import EngineError
from kg.settings import LIMITS
from kg.sparql.checking.guard import Limits


class PooledEngine(Engine):
    """Answers through a pool that lives in another thread's loop, under the pool's limits."""

    def __init__(
        self, pool: Pool, loop: asyncio.AbstractEventLoop, name: str, policy: Policy | None = None
    ) -> None:
        self.pool, self.loop, self.name = pool, loop, name
        self.policy = policy or Policy(Limits(), of())

    def query(
        self,
        sparql: str | Admitted,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Answer a query; see `Engine.query`. ``timeout`` may shorten the pool's own."""
        asked = admit(sparql, replace(self.policy, base_iri=base_iri)) if isinstance(sparql, str) else sparql
        job = Job(asked, dataset=dataset, base_iri=base_iri, client="pages", timeout=timeout)
        return read_written(self._written(job))

    def sourced(self, sparql: str, sourcing: Sourcing, *, base_iri: str | None = None) -> bytes:
        """Return a query's answer with its sources as JSON. Raises what `query` does."""
        asked = admit(sparql, replace(self.policy, base_iri=base_iri))
        return body_of(self._written(Job(asked, base_iri=base_iri, client="pages", sourcing=sourcing)))

    def _written(self, job: Job) -> Written:
        answer = asyncio.run_coroutine_threadsafe(self.pool.answer(job), self.loop)
        try:
            return answer.result(self.pool.config.wait + self.pool.config.timeout + 5)
        except concurrent.futures.TimeoutError:
            answer.cancel()
            raise LIMITS["query_timeout"].ended("the query ran too long") from None

    def close(self) -> None:
        """Do nothing: whoever started the pool closes it."""


def body_of(written: Written) -> bytes:
    """Return what a query process wrote, and remove its file."""
    body = written.body
    data = body.read_bytes() if isinstance(body, Path) else body
    if isinstance(body, Path):
        body.unlink(missing_ok=True)
    return data


def read_written(written: Written) -> Result:
    """Return what a query process wrote as a result, and remove its file. Raises EngineError."""
    data = body_of(written)
    try:
        if written.kind == "graph":
            quads = ox.parse(data, format=ox.RdfFormat.N_TRIPLES)
            return Result("graph", triples=[quad.triple for quad in quads])
        return as_result(ox.parse_query_results(data, ox.QueryResultsFormat.JSON))
    except (SyntaxError, ValueError) as error:
        raise EngineError(f"the answer can't be read: {error}") from error
