"""``kg serve``: a supervisor that binds the address and keeps several server processes on it.

SIGTERM and SIGINT stop gracefully; SIGHUP takes the active release, without a lost request. The supervisor
itself opens nothing and stays small.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import FrameType

import kg
from kg.errors import KgError, ReleaseError, SettingsError
from kg.machine.system import CAN_SUPERVISE, limit, limits
from kg.release import STORE_READY, Release, active_release, open_release
from kg.resources import PACKAGES
from kg.settings import Settings
from kg_web.server.child import Child
from kg_web.server.instructions import order
from kg_web.server.premaker import Premaker

log = logging.getLogger("kg_web.server.supervisor")

_TOO_SOON = 2.0
_PAUSE = 5.0
_LOOK = 0.5
"""Seconds between two looks at the processes."""
_ALONE = 20.0
"""Seconds that the first process has for itself at most."""
_BACKLOG = 2048


def serve(settings: Settings, release: Release | Path | None = None, endpoint: str | None = None) -> None:
    """Serve a release, or a remote endpoint, until a signal says stop.

    Raises SettingsError when the address can't be had, ReleaseError when the release can't be opened,
    EngineError when the endpoint doesn't hold the release.
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if not CAN_SUPERVISE:
        from kg_web.server.single import serve_alone

        return serve_alone(settings, release, endpoint)
    if isinstance(release, Path):
        release = open_release(release)
    use_all_descriptors()
    listeners = bind(settings.host, settings.port, settings.workers)
    port = listeners[0].getsockname()[1]
    settings = replace(settings, port=port)
    if release is not None and endpoint is None:
        prepare(release)
    if release is not None and endpoint is not None:
        compare(release, endpoint, settings)
    run = Path(tempfile.mkdtemp(prefix="kg-run-"))
    end = None
    try:
        supervisor = _Supervisor(settings, release, endpoint, listeners, run)
        if settings.metrics:
            from kg_web.server.metrics import (  # imported only if it is wanted, as it is slow
                Collector,
                start,
            )

            end = start(settings.metrics, Collector(run, supervisor.alive, supervisor.told))
        supervisor.supervise()
    finally:
        if end is not None:
            end()
        for listener in listeners:
            listener.close()
        shutil.rmtree(run, ignore_errors=True)


def use_all_descriptors() -> None:
    """Raise the limit of open files to what the system grants; processes that are started have it too."""
    granted = limits("NOFILE")
    with contextlib.suppress(OSError, ValueError):
        if granted is not None:
            limit("NOFILE", granted[1], granted[1])


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """Return sockets on one address, one for each server process.

    Where the kernel spreads connections over sockets that share a port, each process has a socket of its own,
    since on a shared one the process that wakes first takes all waiting connections. Elsewhere all share one.
    The first socket listens at once, to claim the address; the others when their process can answer. Raises
    SettingsError when the address is taken or not ours.
    """
    try:
        # First bind without SO_REUSEPORT: only then the kernel refuses an address that another server shares.
        alone = _bound(host, port, shared=False)
        alone.listen(_BACKLOG)
        if count == 1 or not sys.platform.startswith("linux"):
            return [alone] * count
        port = alone.getsockname()[1]
        alone.close()
        sockets = [_bound(host, port, shared=True) for _ in range(count)]
        sockets[0].listen(_BACKLOG)
        return sockets
    except OSError as error:
        raise SettingsError(
            f"can't listen on {host}:{port}: {os.strerror(error.errno or 0).lower()}",
            hint="stop what listens there, or choose another with --port or KG_PORT",
        ) from None


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """Return a socket that has an address. Raises OSError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def prepare(release: Release) -> None:
    """Make the release's store and index in a process of its own, so that the supervisor stays small.

    Raises ReleaseError when they can't be made.
    """
    if _prepared(release):
        return
    _helper(str(release.path))


def compare(release: Release, endpoint: str, settings: Settings) -> None:
    """Check that a remote endpoint holds the release. Raises ReleaseError when it doesn't, or errs."""
    environ = {"KG_ENDPOINT_AUTH": settings.endpoint_auth, "KG_ENDPOINT_GRAPH": settings.endpoint_graph}
    _helper("--compare", endpoint, str(release.path), environ=environ)


def _helper(*arguments: str, environ: Mapping[str, str] | None = None) -> None:
    """Run ``kg_web.server.prepare``; raise ReleaseError with what it says when it fails."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kg_web.server.prepare", *arguments],
        env={**os.environ, "PYTHONPATH": PACKAGES, **(environ or {})},
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise ReleaseError(done.stderr.strip() or "the release can't be opened")


def _prepared(release: Release) -> bool:
    """Whether the store is there, by its stamp alone; the server processes look closer."""
    try:
        stamp = json.loads((release.store / STORE_READY).read_text(encoding="utf-8"))
        return bool(
            stamp["digest"] == release.digest
            and stamp["engine"] == f"pyoxigraph {metadata.version('pyoxigraph')}"
        )
    except (OSError, ValueError, KeyError):
        return False


class _Supervisor:
    def __init__(
        self,
        settings: Settings,
        release: Release | None,
        endpoint: str | None,
        listeners: list[socket.socket],
        run: Path,
    ) -> None:
        self.settings, self.listeners = settings, listeners
        self.order = order(settings, release.path if release else None, endpoint, run)
        self.children: list[Child] = []
        self.waiting: list[tuple[float, socket.socket]] = []
        self.rest: list[socket.socket] = []
        self.lived = False
        self.signals: list[int] = []
        self.early_deaths = self.replaced = 0
        self.premaker = Premaker(settings.premade if endpoint is None else 0)

    def supervise(self) -> None:
        """Keep the processes running until told to stop."""
        wakeup, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)
        # One process first, until it answers: started all at once, the first answer would come later.
        self.children, self.rest = [Child(self.order, self.listeners[0])], self.listeners[1:]
        self._premake()
        log.info("serving at http://%s:%s/ (pid %s)", self.settings.host, self.settings.port, os.getpid())
        try:
            while True:
                first = [child.alive for child in self.children if self.rest]
                select.select([wakeup, *first], [], [], _LOOK)
                with contextlib.suppress(BlockingIOError):
                    os.set_blocking(wakeup, False)
                    os.read(wakeup, 1024)
                if self._handle_signals():
                    return
                self._replace_the_dead()
                self._begin_the_rest()
                self.premaker.look()
        finally:
            self._stop()

    def alive(self) -> list[int]:
        """Return the ids of the server processes."""
        return [child.process.pid for child in list(self.children)]

    def told(self) -> tuple[str, str, int]:
        """Return the program's version, the release's, and how many processes were replaced."""
        release = Path(self.order["release"]) if self.order["release"] else None
        return kg.__version__, release.resolve().name if release else "", self.replaced

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.signals.append(number)

    def _handle_signals(self) -> bool:
        """Act on the signals that came; return whether to stop."""
        noted, self.signals = self.signals, []
        if any(number in (signal.SIGTERM, signal.SIGINT) for number in noted):
            return True
        if signal.SIGHUP in noted:
            self._reload()
        return False

    def _reload(self) -> None:
        """Tell the processes to serve the active release; on any fault the old one stays."""
        try:
            release = active_release(self.settings.releases)
            prepare(release)
        except KgError as error:
            log.error("no reload, the old release stays: %s", error)
            return
        self.order["release"] = str(release.path)
        log.info("reloading: release %s", release.version)
        self._premake()
        for child in self.children:
            child.tell(self.order)

    def _premake(self) -> None:
        if self.order["release"]:
            self.premaker.begin(Path(self.order["release"]))

    def _replace_the_dead(self) -> None:
        for child in [c for c in self.children if c.process.poll() is None and c.hangs()]:
            log.error("the server process %s gives no sign of life: it is replaced", child.process.pid)
            child.process.kill()
            child.process.wait()
        for child in [c for c in self.children if c.process.poll() is not None]:
            self.children.remove(child)
            child.forget()
            soon = time.monotonic() - child.born < _TOO_SOON
            self.early_deaths = self.early_deaths + 1 if soon else 0
            self.lived |= child.silent is not None
            self.replaced += 1
            log.error("a server process ended with code %s", child.process.returncode)
            if self.early_deaths > 2 * self.settings.workers and not self.lived:
                raise ReleaseError("the server processes end as soon as they start", hint="see the log above")
            self._begin(child.listener, pause=_PAUSE if self.early_deaths > self.settings.workers else 0.0)
        for moment, listener in self.waiting[:]:
            if time.monotonic() >= moment:
                self.waiting.remove((moment, listener))
                self._begin(listener)

    def _begin_the_rest(self) -> None:
        """Start the other processes once the first answers, has ended, or takes too long."""
        alone = [child for child in self.children if child.silent is None and not self.replaced]
        if not self.rest or any(time.monotonic() - child.born < _ALONE for child in alone):
            return
        rest, self.rest = self.rest, []
        for listener in rest:
            self._begin(listener)

    def _begin(self, listener: socket.socket, pause: float = 0.0) -> None:
        """Start a process on a socket; after a pause where the system had no room for the one before it.

        A process that has answered once is always started again: a full disk or a want of memory pass.
        """
        try:
            if not pause:
                self.children.append(Child(self.order, listener))
        except OSError as error:
            log.error("no server process can be started now: %s", error)
            pause = _PAUSE
        if pause:
            self.waiting.append((time.monotonic() + pause, listener))

    def _stop(self) -> None:
        """Let the processes finish what runs, then end those that don't."""
        self.premaker.end()
        for child in self.children:
            child.stop()
        deadline = time.monotonic() + self.settings.stop_grace + 2
        for child in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(deadline - time.monotonic(), 0.1))
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()
