"""Answering jobs with an engine in this process: for tests and trusted use, as nothing bounds them here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from kg.engine import Engine
from kg.engine.answers.results import write
from kg.engine.answers.spool import Written
from kg.engine.local import LocalEngine
from kg.engine.pool.jobs import Job, Sourcing, UnfitFormat
from kg.mediatypes import BY_NAME
from kg.tracing.answer import answer
from kg.tracing.origins import Origins
from kg.tracing.planning.rules import Rules
from kg.tracing.planning.traced import untraceable
from kg.tracing.write import written


def answer_with(engine: Engine, prefixes: Mapping[str, str]) -> Callable[[Job], Awaitable[Written]]:
    """Return what answers a job by asking an engine, at once and in this thread."""

    async def answered(job: Job) -> Written:
        started = time.perf_counter()
        if job.sourcing is not None:
            return _with_sources(engine, job, job.sourcing, started)
        result = engine.query(job.asked, dataset=job.dataset, base_iri=job.base_iri, timeout=job.timeout)
        format = job.graph_format if result.kind == "graph" else job.results_format
        if format is None:
            raise UnfitFormat(result.kind)
        body = write(result, BY_NAME[format], prefixes=prefixes)
        rows = 1 if result.kind == "ask" else len(result)
        digest = hashlib.sha256(body).hexdigest()
        return Written(result.kind, format, rows, body, len(body), digest, time.perf_counter() - started)

    return answered


def _with_sources(engine: Engine, job: Job, sourcing: Sourcing, started: float) -> Written:
    if not isinstance(engine, LocalEngine):
        raise untraceable("a remote engine's answers", "ask without sources")
    rules = Rules.read(Path(sourcing.rules)) if sourcing.deep and sourcing.rules else None
    origins = Origins(engine.store, sourcing.upward)
    sourced = answer(engine.store, job.asked.text, origins, rules, dataset=job.dataset, base_iri=job.base_iri)
    kind = sourced.result.kind
    format = job.graph_format if kind == "graph" else job.results_format
    if format is None:
        raise UnfitFormat(kind)
    body = written(sourced, format)
    digest = hashlib.sha256(body).hexdigest()
    seconds = time.perf_counter() - started
    rows = 1 if kind == "ask" else len(sourced.result)
    return Written(kind, format, rows, body, len(body), digest, seconds, sourced.told)
