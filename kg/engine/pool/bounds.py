"""What bounds a pool of query processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.settings import Settings

_MB = 1024 * 1024


@dataclass(frozen=True)
class PoolConfig:
    """What the pool's processes open and what bounds them. Times in seconds, sizes in bytes.

    ``store`` is a pyoxigraph store's directory, or ``endpoint`` the arguments of `RemoteEngine`; ``prefixes``
    are for the RDF formats that have some; ``spool`` is the folder for answers too large for memory;
    ``network`` leaves the processes their network, for a SERVICE that is allowed. ``workers`` processes
    answer short queries; up to ``long`` more, and a spare, are added for queries that run long; with ``long``
    0 no query moves aside (see `kg.engine.pool.lanes`). ``all_memory`` bounds what all queries take together.
    """

    store: Path | None
    spool: Path
    endpoint: dict[str, Any] | None = None
    network: bool = False
    prefixes: dict[str, str] = field(default_factory=dict)
    workers: int = 2
    long: int = 2
    timeout: float = 30.0
    memory: int = 1024 * 1024 * 1024
    all_memory: int = 2048 * 1024 * 1024
    result_size: int = 256 * 1000 * 1000
    wait: float = 10.0
    queue: int = 64

    @classmethod
    def of(
        cls,
        settings: Settings,
        store: Path | None,
        spool: Path,
        prefixes: Mapping[str, str],
        endpoint: dict[str, Any] | None = None,
    ) -> PoolConfig:
        """Return what a deployment's settings allow."""
        return cls(
            store=store,
            spool=spool,
            endpoint=endpoint,
            network=bool(settings.service_allow),
            prefixes=dict(prefixes),
            workers=settings.query_workers,
            long=settings.query_long,
            timeout=settings.query_timeout,
            memory=settings.query_memory * _MB,
            all_memory=settings.query_memory_all * _MB,
            result_size=settings.result_size * 1_000_000,
            wait=settings.query_wait,
            queue=settings.query_queue,
        )

    @property
    def order(self) -> dict[str, Any]:
        """Return what a query process is told when it starts (except its own spool), fit for JSON."""
        return {
            "store": str(self.store) if self.store else None,
            "endpoint": self.endpoint,
            "network": self.network or self.endpoint is not None,
            "prefixes": self.prefixes,
            "memory": self.memory,
            "result_size": self.result_size,
        }
