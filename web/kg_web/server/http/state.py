"""What all requests to a server process share: what is served, who clients are, where requests are noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.engine.pool.pool import Pool
from kg_web.protocol.endpoint import Endpoint
from kg_web.protocol.short import Short
from kg_web.server.http.access import AccessLog
from kg_web.server.http.bridge import Bridge
from kg_web.server.http.health import Health
from kg_web.server.http.tally import Tally


@dataclass(frozen=True)
class Served:
    """What is served now; a reload replaces it, while requests to the old one finish.

    ``short`` answers small queries at once, where that can be.
    """

    endpoint: Endpoint
    pool: Pool
    bridge: Bridge
    health: Health
    short: Short | None = None

    def counts(self) -> dict[str, Any]:
        """Return how the queries' processes and kept answers are, by the names that metrics know."""
        pool, cache = self.pool, self.endpoint.cache
        return {
            "waiting": len(pool.lanes),
            "running": sum(member.ticket is not None for member in pool.members),
            "processes": len(pool.members),
            "ready": sum(member.ready for member in pool.members),
            "outcomes": dict(pool.outcomes),
            "ended": pool.crew.ended,
            "members": [member.process.pid for member in pool.members if member.process.pid],
            "cache": [cache.hits, cache.misses] if cache is not None else None,
        }


class State:
    """The state of a server process; ``served`` is None until something is.

    ``proxies`` is the number of trusted proxies before it; ``timeout`` (s) bounds slow clients.
    """

    def __init__(self, *, timeout: float, proxies: int = 0, access_log: bool = True) -> None:
        self.timeout = timeout
        self.proxies = proxies
        self.access_log = AccessLog() if access_log else None
        self.tally: Tally | None = None
        self.served: Served | None = None
        self.stopping = False

    def client(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
        """Return the client's address: the last but ``proxies`` of X-Forwarded-For, or the connection's."""
        peer = scope.get("client")
        address = str(peer[0]) if peer else ""
        if self.proxies:
            hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
            if len(hops) >= self.proxies:
                return hops[-self.proxies]
        return address
