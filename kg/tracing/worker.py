"""Answering a query process' jobs with their sources."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import pyoxigraph as ox

from kg.engine.answers.spool import Spool
from kg.engine.base import Dataset
from kg.errors import UsageError
from kg.machine.room import no_room
from kg.tracing.answer import answer
from kg.tracing.origins import Origins
from kg.tracing.planning.rules import Rules
from kg.tracing.planning.traced import untraceable
from kg.tracing.write import written


def answer_job(
    store: ox.Store, job: dict[str, Any], dataset: Dataset | None, path: Path, limit: int
) -> tuple[dict[str, Any], Spool]:
    """Answer a job's query with what each row rests on, into a spool. Raises QueryError, UsageError."""
    asked = job["sources"]
    origins = _origins(store, tuple(asked["upward"]))
    rules = _rules(asked["rules"]) if asked["deep"] else None
    sourced = answer(store, asked["text"], origins, rules, dataset=dataset, base_iri=job.get("base"))
    kind = sourced.result.kind
    format = job["graph_format"] if kind == "graph" else job["results_format"]
    if format is None:
        raise UsageError(kind)
    spool = Spool(path, limit)
    try:
        spool.write(written(sourced, format))
        spool.finish()
    except OSError as error:
        spool.discard()
        raise no_room("the answer can't be written", error) or error from error
    rows = 1 if kind == "ask" else len(sourced.result)
    return {"kind": kind, "format": format, "rows": rows, "traced": sourced.told}, spool


def refuse_job() -> NoReturn:
    """Refuse to tell the sources of what a remote engine answers. Raises QueryRefused."""
    raise untraceable("a remote engine's answers", "ask without sources")


@lru_cache(maxsize=1)
def _origins(store: ox.Store, upward: tuple[str, ...]) -> Origins:
    """Return the origins of graphs in a process' one store; kept."""
    return Origins(store, upward)


@lru_cache(maxsize=1)
def _rules(folder: str | None) -> Rules:
    """Return the rules of its release; kept."""
    return Rules.read(Path(folder) if folder is not None else None)
