"""A pool's face as an `Engine`, for code in other threads, such as pages."""

from __future__ import annotations

import asyncio
import concurrent.futures
from pathlib import Path

import pyoxigraph as ox

from kg.engine.base import Dataset, Engine, Result
from kg.engine.jobs import Job
from kg.engine.local import as_result
from kg.engine.spool import Written
from kg.engine.workers import Pool
from kg.errors import EngineError, QueryLimit
from kg.sparql.analysis import Analysis
from kg.sparql.guard import Limits, check


class PooledEngine(Engine):
    """Answers through a pool that lives in another thread's loop, under the pool's limits."""

    def __init__(
        self, pool: Pool, loop: asyncio.AbstractEventLoop, name: str, limits: Limits | None = None
    ) -> None:
        self.pool, self.loop, self.name = pool, loop, name
        self.limits = limits or Limits()

    def query(
        self,
        sparql: str,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Answer a query; see `Engine.query`. ``timeout`` may shorten the pool's own."""
        found: Analysis = check(sparql, self.limits, base_iri=base_iri)
        checks = bool(found.path_ends or found.selects_in_graph or found.values_in_graph)
        job = Job(
            sparql, dataset=dataset, base_iri=base_iri, client="pages", timeout=timeout,
            checks=checks and self.pool.config.endpoint is None,
        )  # fmt: skip
        asked = asyncio.run_coroutine_threadsafe(self.pool.answer(job), self.loop)
        try:
            written = asked.result(self.pool.config.wait + self.pool.config.timeout + 5)
        except concurrent.futures.TimeoutError:
            asked.cancel()
            raise QueryLimit("the query ran too long", limit="KG_QUERY_TIMEOUT") from None
        return read_written(written)

    def close(self) -> None:
        """Do nothing: whoever started the pool closes it."""


def read_written(written: Written) -> Result:
    """Return what a query process wrote as a result, and remove its file. Raises EngineError."""
    body = written.body
    data = body.read_bytes() if isinstance(body, Path) else body
    if isinstance(body, Path):
        body.unlink(missing_ok=True)
    try:
        if written.kind == "graph":
            quads = ox.parse(data, format=ox.RdfFormat.N_TRIPLES)
            return Result("graph", triples=[quad.triple for quad in quads])
        return as_result(ox.parse_query_results(data, ox.QueryResultsFormat.JSON))
    except (SyntaxError, ValueError) as error:
        raise EngineError(f"the answer can't be read: {error}") from error
