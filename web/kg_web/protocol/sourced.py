"""Answers with their sources, or without them and the reason why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from kg.engine.answers.spool import Written
from kg.engine.pool.jobs import Job, UnfitFormat
from kg.errors import QueryLimit
from kg.tracing.planning.reasons import LIMIT
from kg.tracing.planning.traced import untraceable
from kg_web.protocol.choice import not_acceptable
from kg_web.protocol.hints.teach import displayed

TRACED = ("whole", "partial")
"""What an answer says of its sources, where it has them."""


async def answer(run: Callable[[Job], Awaitable[Written]], job: Job, *, remote: bool = False) -> Written:
    """Run a job; if its sources take too much, answer without them and say so. Raises Problem, KgError."""
    if remote and job.sourcing is not None:
        raise untraceable("a remote engine's answers", "ask without sources")
    try:
        try:
            return await run(job)
        except QueryLimit as error:
            if job.sourcing is None:
                raise
            plain = await run(replace(job, sourcing=None))
            return replace(plain, traced=LIMIT.format(reason=error.message))
    except UnfitFormat as unfit:
        raise not_acceptable(unfit.kind) from None


def headers(written: Written) -> dict[str, str]:
    """Return the headers about an answer's sources; none where they weren't asked for."""
    if written.traced is None:
        return {}
    if is_lost(written):
        return {"Sources": f"none;reason={displayed(written.traced)}"}
    return {"Sources": written.traced}


def is_lost(written: Written) -> bool:
    """Whether an answer comes without the sources that were asked for."""
    return written.traced not in (None, *TRACED)


def named(sources: str) -> tuple[str, ...]:
    """Return what the name of an answer with sources has in addition."""
    return ("sources", sources) if sources else ()
