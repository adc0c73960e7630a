"""One server process: opens and serves what it is told to, on a socket it inherits.

Run as ``python -m kg_web.server.process`` by `kg_web.server.supervisor`, which sends commands as lines of
JSON on its stdin: first what to serve, then ``reload``; the end of stdin means stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from kg.engine import Engine
from kg.engine.local import LocalEngine
from kg.engine.pool.pool import Pool, PoolConfig
from kg.engine.pool.pooled import PooledEngine
from kg.engine.process.worker import settle_memory
from kg.engine.small_queries import Small
from kg.machine.system import limits
from kg.release import Release, open_release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web.endpoint import make_endpoint
from kg_web.protocol import Request
from kg_web.protocol.cache import Cache
from kg_web.protocol.problem import Problem
from kg_web.protocol.short import Short
from kg_web.server.ends import remote_arguments
from kg_web.server.http.bounded_http import GuardedProtocol
from kg_web.server.http.bridge import Bridge, WsgiApp
from kg_web.server.http.express import Express
from kg_web.server.http.front import Front
from kg_web.server.http.health import Health
from kg_web.server.http.state import Served, State
from kg_web.server.http.tally import Tally
from kg_web.server.instructions import settings_of
from kg_web.server.peers import Peers
from kg_web.server.warm import warm, warm_more

log = logging.getLogger("kg_web.server.process")
_SPARE, _FEWEST = 64, 4
"""File descriptors for all that isn't a connection, and the fewest connections there are in any case."""
_AFTER = 1.0
"""Seconds after which what is made beforehand for later readers may begin: the first are served before."""


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    order = json.loads(sys.stdin.readline())
    settings = settings_of(order)
    run = Path(order["run"])
    sock = socket.socket(fileno=order["socket"])
    asyncio_run = asyncio.Runner(loop_factory=_loop_factory())
    with asyncio_run as runner:
        runner.run(_Process(settings, run, sock).serve(order))


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:  # it is not made for every system
        return asyncio.new_event_loop
    return uvloop.new_event_loop


class _Process:
    def __init__(self, settings: Settings, run: Path, sock: socket.socket) -> None:
        self.settings, self.run, self.socket = settings, run, sock
        self.state = State(
            timeout=settings.request_timeout, proxies=settings.proxies, access_log=settings.access_log
        )
        if settings.metrics:
            self.state.tally = Tally(run)
        self.peers = Peers(run / "peers", self._stop_query)

    async def serve(self, order: dict[str, Any]) -> None:
        """Open, listen, and serve until told to stop."""
        loop = asyncio.get_running_loop()
        self.state.served = await self._open(order)
        await self.peers.start()
        settle_memory()
        config = uvicorn.Config(
            Front(self.state),
            http=GuardedProtocol.bound(
                self.settings.request_timeout, room_for(self.settings.connections), Express(self.state)
            ),
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=int(max(self.settings.request_timeout, 1)),
            timeout_graceful_shutdown=int(self.settings.stop_grace),
            backlog=2048,
        )
        server = uvicorn.Server(config)
        threading.Thread(target=self._listen, args=(loop, server), daemon=True).start()
        beat = asyncio.ensure_future(self._beat(order["alive"], server))
        stop_at = signal.getsignal(signal.SIGTERM)
        try:
            await server.serve(sockets=[self.socket])
        finally:
            signal.signal(signal.SIGTERM, stop_at)
            beat.cancel()
            self.state.stopping = True
            await self._close(self.state.served, self.settings.stop_grace)
            await self.peers.close()

    async def _beat(self, descriptor: int, server: uvicorn.Server) -> None:
        """Tell the supervisor regularly that the loop runs; end when the threads for pages hang for good."""
        os.set_blocking(descriptor, False)
        while True:
            with contextlib.suppress(OSError):
                os.write(descriptor, b".")
            served = self.state.served
            if self.state.tally is not None:
                self.state.tally.write(served.counts() if served is not None else {})
            if served is not None and served.health.is_lost():
                log.error("the threads for pages hang; this process ends, and another takes its place")
                server.should_exit = True
                return
            await asyncio.sleep(1)

    def _listen(self, loop: asyncio.AbstractEventLoop, server: uvicorn.Server) -> None:
        """Read commands from stdin, in a thread of its own."""
        for line in sys.stdin:
            asyncio.run_coroutine_threadsafe(self._reload(json.loads(line)), loop)
        loop.call_soon_threadsafe(setattr, server, "should_exit", True)

    async def _reload(self, order: dict[str, Any]) -> None:
        """Serve another release: open it, switch to it, and let requests to the old one finish."""
        try:
            fresh = await self._open(order)
        except Exception:
            log.exception("the release %s can't be served; the old one stays", order.get("release"))
            return
        old, self.state.served = self.state.served, fresh
        await self._close(old, self.settings.query_timeout + self.settings.query_wait)

    async def _close(self, served: Served | None, grace: float) -> None:
        if served is not None:
            await served.pool.close(grace)
            # Pages that threads are making may finish, but nothing waits for them.
            served.bridge.close()

    async def _open(self, order: dict[str, Any]) -> Served:
        """Open a release or an endpoint. Raises KgError, or RuntimeError when no query process starts."""
        settings = self.settings
        release = open_release(Path(order["release"])) if order.get("release") else None
        remote = remote_arguments(order["endpoint"], settings, release) if order.get("endpoint") else None
        pool = Pool(pool_config(settings, release, remote, self.run / "spool"))
        pool.start()
        engine = await asyncio.to_thread(_engine, release, remote)
        queries = PooledEngine(pool, asyncio.get_running_loop(), engine.name)
        flask, page = await asyncio.to_thread(_pages, engine, settings, release, queries)
        endpoint = make_endpoint(
            engine,
            settings,
            release,
            pool.answer,
            spool=self.run / "spool",
            remote=remote is not None,
            cache=Cache(self.run / "cache", settings.cache_size * 1_000_000)
            if settings.cache_size and release
            else None,
            page=page,
            stop=self.peers.stop,
        )
        queries.policy = endpoint.policy
        if not await pool.ready(20):
            await pool.close()
            raise RuntimeError("no query process could open the release")
        bridge = Bridge(flask, settings.page_timeout)
        short = (
            Short(endpoint, Small(engine, endpoint.limits.triples, release.prefixes if release else {}))
            if isinstance(engine, LocalEngine)
            else None
        )
        return Served(endpoint, pool, bridge, Health(pool, bridge), short)

    def _stop_query(self, id: str) -> bool:
        return self.state.served is not None and self.state.served.pool.stop(id)


def room_for(wanted: int) -> int:
    """Return how many connections this process can have: what is asked for, or what descriptors allow."""
    try:
        used = len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        used = 100
    granted = limits("NOFILE")
    if granted is None:
        return wanted
    room = max(granted[0] - used - _SPARE, _FEWEST)
    if room < wanted:
        log.warning("the system's limit of open files leaves room for %s connections, not %s", room, wanted)
    return min(wanted, room)


def _engine(release: Release | None, remote: dict[str, Any] | None) -> Engine:
    """Open what answers our own questions."""
    if remote:
        from kg.engine.remote import RemoteEngine

        return RemoteEngine(**remote)
    if release is None:
        raise RuntimeError("there is neither a release nor an endpoint to serve")
    return LocalEngine.open(ensure_store(release))


def _pages(
    engine: Engine, settings: Settings, release: Release | None, queries: Engine
) -> tuple[WsgiApp, Callable[[Problem, Request], bytes]]:
    """Return the pages' application, and what writes a problem as a page.

    Loading Flask and making a first page takes most of the time until the first answer, so it is done here,
    while the query processes start.
    """
    from kg_web.app import create_app
    from kg_web.errors import error_page

    app = create_app(engine, settings, release, queries)
    if isinstance(engine, LocalEngine):
        warm(app)
        later = threading.Timer(_AFTER, warm_more, (app,))
        later.daemon = True
        later.start()
    return app, lambda problem, request: error_page(app, problem, request)


def pool_config(
    settings: Settings, release: Release | None, remote: dict[str, Any] | None, spool: Path
) -> PoolConfig:
    """Return what bounds the query processes."""
    spool.mkdir(parents=True, exist_ok=True)
    store = release.store if release and not remote else None
    return PoolConfig.of(settings, store, spool, release.prefixes if release else {}, remote)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
    os._exit(0)  # threads that still send to clients who don't read must not hold the process
