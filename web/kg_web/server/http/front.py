"""The ASGI application: the SPARQL endpoint, health, and Flask's pages behind one door.

The endpoint is answered here, in the loop, and its queries run in processes that can be killed. So it notices
when a client leaves, and a page never waits for a query.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.engine.pool.pool import Pool
from kg_web.protocol.endpoint import Endpoint
from kg_web.protocol.short import Short
from kg_web.server.http.access import AccessLog
from kg_web.server.http.bridge import Bridge
from kg_web.server.http.exchange import Exchange, Receive, Send
from kg_web.server.http.health import Health
from kg_web.server.http.tally import Tally
from kg_web.server.http.whole import ClientLeft


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


class Front:
    """The application.

    ``proxies`` is the number of trusted proxies before it; ``timeout`` (s) bounds slow clients.
    """

    def __init__(self, *, timeout: float, proxies: int = 0, access_log: bool = True) -> None:
        self.timeout = timeout
        self.proxies = proxies
        self.access_log = AccessLog() if access_log else None
        self.tally: Tally | None = None
        self.served: Served | None = None
        self.stopping = False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        exchange = Exchange(self, scope, receive, send)
        try:
            await exchange.run_or_tell()
        except ClientLeft:
            exchange.status = 499  # for the log alone
        finally:
            seconds = time.perf_counter() - started
            if self.access_log is not None:
                exchange.log(self.access_log, seconds)
            if self.tally is not None:
                self.tally.add(scope["path"], exchange.status, seconds, exchange.seconds)

    def client(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
        """Return the client's address: the last but ``proxies`` of X-Forwarded-For, or the connection's."""
        peer = scope.get("client")
        address = str(peer[0]) if peer else ""
        if self.proxies:
            hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
            if len(hops) >= self.proxies:
                return hops[-self.proxies]
        return address
