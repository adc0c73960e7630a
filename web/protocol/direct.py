"""Answering jobs with an engine in this process: for tests and trusted use, as nothing bounds them here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping

from kg.engine import Engine
from kg.engine.jobs import Job, UnfitFormat
from kg.engine.results import write
from kg.engine.spool import Written
from kg.mediatypes import BY_NAME


def answer_with(engine: Engine, prefixes: Mapping[str, str]) -> Callable[[Job], Awaitable[Written]]:
    """Return what answers a job by asking an engine, at once and in this thread."""

    async def answer(job: Job) -> Written:
        started = time.perf_counter()
        result = engine.query(job.asked, dataset=job.dataset, base_iri=job.base_iri, timeout=job.timeout)
        format = job.graph_format if result.kind == "graph" else job.results_format
        if format is None:
            raise UnfitFormat(result.kind)
        body = write(result, BY_NAME[format], prefixes=prefixes)
        rows = 1 if result.kind == "ask" else len(result)
        digest = hashlib.sha256(body).hexdigest()
        return Written(result.kind, format, rows, body, len(body), digest, time.perf_counter() - started)

    return answer
