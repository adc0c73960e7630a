"""The ASGI application: the SPARQL endpoint, health, and Flask's pages behind one door.

The endpoint is answered here, in the loop, and its queries run in processes that can be killed. So it notices
when a client leaves, and a page never waits for a query.
"""

from __future__ import annotations

import time
from typing import Any

from kg_web.server.http.exchange import Exchange, Receive, Send
from kg_web.server.http.state import State
from kg_web.server.http.whole import ClientLeft


class Front:
    """The application, with the state that its requests share."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        exchange = Exchange(self.state, scope, receive, send)
        try:
            await exchange.run_or_tell()
        except ClientLeft:
            exchange.status = 499  # for the log alone
        finally:
            seconds = time.perf_counter() - started
            if self.state.access_log is not None:
                exchange.log(self.state.access_log, seconds)
            if self.state.tally is not None:
                self.state.tally.add(scope["path"], exchange.status, seconds, exchange.seconds)
