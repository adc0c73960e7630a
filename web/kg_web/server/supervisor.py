"""``kg serve``: a supervisor that binds the address and keeps several server processes on it.

SIGTERM and SIGINT stop gracefully; SIGHUP takes the active release, without a lost request. The supervisor
itself opens nothing and stays small.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType

import kg
from kg.errors import KgError, ReleaseError
from kg.machine.system import CAN_SUPERVISE, limit, limits, readable
from kg.release import Release, active_release, open_release
from kg.settings import Settings
from kg_web.server.children.child import Child
from kg_web.server.children.helper import compare, prepare
from kg_web.server.children.premaker import Premaker
from kg_web.server.instructions import order
from kg_web.server.sockets import bind

log = logging.getLogger("kg_web.server.supervisor")

_TOO_SOON = 2.0
_PAUSE = 5.0
_LOOK = 0.5
"""Seconds between two looks at the processes."""
_ALONE = 20.0
"""Seconds that the first process has for itself at most."""


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
                readable((wakeup, *first), _LOOK)
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
