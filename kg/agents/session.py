"""What an agent works with: a release, its explorer and index of names, and query processes with limits."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Coroutine
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pyoxigraph as ox

from kg.engine import Engine, Result
from kg.engine.door import Admitted, Policy
from kg.engine.local import LocalEngine
from kg.engine.pool.bounds import PoolConfig
from kg.engine.pool.jobs import Sourcing
from kg.engine.pool.pool import Pool
from kg.engine.pool.pooled import PooledEngine
from kg.engine.quirks import of
from kg.explore import Explorer
from kg.release import Release
from kg.release.store import ensure_store
from kg.search import ensure_index
from kg.search.index import Index
from kg.settings import Settings
from kg.sparql.checking.guard import Limits
from kg.tracing.origins import rules_of, upward

T = TypeVar("T")
HINTING = 2.0
"""Seconds that a question may take which only a hint needs."""


class Brief(Engine):
    """An engine whose questions must be answered soon, or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.name = engine, engine.name

    def query(self, sparql: str | Admitted, *, base_iri: str | None = None, **_: Any) -> Result:
        """Answer a query; see `Engine.query`."""
        return self.engine.query(sparql, base_iri=base_iri, timeout=HINTING)

    def close(self) -> None:
        """Do nothing: whoever opened the engine closes it."""


class Session:
    """An open release. Close it, or use it as a context manager.

    Our own questions are asked in this process, an agent's queries in processes that are killed at their
    limits, those of `Settings` that rule at /sparql too.
    """

    def __init__(self, release: Release, settings: Settings) -> None:
        self.release = release
        self.settings = settings
        self.engine = LocalEngine.open(ensure_store(release))
        self.explorer = Explorer(self.engine, release)
        self.index = Index.open(ensure_index(release))
        self._spool = tempfile.TemporaryDirectory(prefix="kg-mcp-")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="queries", daemon=True)
        self._thread.start()
        self._pool = self._in_loop(self._started(ensure_store(release)))
        self.queries = PooledEngine(self._pool, self._loop, self.engine.name, self._policy())
        self.brief = Brief(self.queries)

    async def _started(self, store: Path) -> Pool:
        pool = Pool(PoolConfig.of(self.settings, store, Path(self._spool.name), self.release.prefixes))
        pool.start()
        return pool

    def _policy(self) -> Policy:
        return Policy(Limits.of(self.settings, self._known), of(), self.release.base)

    def _known(self, iri: str) -> bool:
        try:
            return self.engine.store.contains_named_graph(ox.NamedNode(iri))
        except ValueError:
            return False

    def expanded(self, name: str) -> str:
        """Return the full IRI of one that may be compact, or stand in angle brackets."""
        name = name.strip()
        if name.startswith("<") and name.endswith(">"):
            return name[1:-1]
        prefix, _, local = name.partition(":")
        table = self.explorer.prefixes.table
        return table[prefix] + local if prefix in table and not local.startswith("//") else name

    @cached_property
    def sourcing(self) -> Sourcing:
        """How the sources of an answer are told."""
        return Sourcing(upward(self.release), rules_of(self.release))

    def close(self) -> None:
        """End the query processes and close the store. A second call does nothing."""
        if self._loop.is_closed():
            return
        self._in_loop(self._pool.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._spool.cleanup()
        self.engine.close()

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
