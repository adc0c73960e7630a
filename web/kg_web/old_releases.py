"""Querying another release than the active one, in a query process of its own, which is killed afterwards.

Old releases are queried seldom, so nothing is kept open for them; opening takes some 0.2 s. The limits are
those of /sparql.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from kg.engine import Engine, Result
from kg.engine.answers.spool import Written
from kg.engine.door import Admitted, Policy, admit
from kg.engine.pool.jobs import Job
from kg.engine.pool.pool import Pool, PoolConfig
from kg.engine.pool.pooled import read_written
from kg.engine.quirks import of
from kg.errors import EngineBusy
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg.sparql.checking.guard import Limits

AT_ONCE = 2
"""How many questions to other releases a server process answers at a time."""

_turns = threading.BoundedSemaphore(AT_ONCE)
_MB = 1024 * 1024


def limits(settings: Settings) -> Limits:
    """Return the policy for queries, by the settings; they may reach nothing outside of the release."""
    return replace(Limits.of(settings), services=(), graphs=())


def ask(release: Release, sparql: str | Admitted, settings: Settings) -> Result:
    """Answer a stranger's query on a release. Raises QueryError; EngineBusy when too many ask at once."""
    asked = sparql
    if isinstance(asked, str):
        asked = admit(asked, Policy(limits(settings), of(), release.base))
    job = Job(asked, base_iri=release.base, client="elsewhere")
    with tempfile.TemporaryDirectory() as spool:
        return read_written(answer(release, job, settings, Path(spool)))


def answer(release: Release, job: Job, settings: Settings, spool: Path) -> Written:
    """Answer a job on a release; a large answer lies in ``spool``. Raises as `ask` does."""
    if not _turns.acquire(timeout=settings.query_wait):
        raise EngineBusy("other releases are being asked", retry_after=5)
    try:
        return asyncio.run(_answer(release, job, settings, spool))
    finally:
        _turns.release()


async def _answer(release: Release, job: Job, settings: Settings, spool: Path) -> Written:
    config = PoolConfig(
        store=ensure_store(release),
        spool=spool,
        prefixes=dict(release.prefixes),
        workers=1,
        long=0,
        timeout=settings.query_timeout,
        memory=settings.query_memory * _MB,
        result_size=settings.result_size * 1_000_000,
        wait=settings.query_wait,
        queue=2,
    )
    pool = Pool(config)
    pool.start()
    try:
        return await pool.answer(job)
    finally:
        await pool.close()


class Elsewhere(Engine):
    """Another release as an engine."""

    def __init__(self, release: Release, settings: Settings) -> None:
        self.release, self.settings = release, settings
        self.name = f"release {release.version}"

    def query(self, sparql: str | Admitted, **_: object) -> Result:
        """Answer a query; see `ask`."""
        return ask(self.release, sparql, self.settings)

    def close(self) -> None:
        """Do nothing: nothing stays open after a query."""
