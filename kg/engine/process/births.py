"""How a pool gets its query processes: forked by a nursery where the system can, else each started anew."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from typing import IO, Protocol

from kg.engine.process.nursery import REQUEST
from kg.machine.system import KILLED
from kg.resources import PACKAGES

log = logging.getLogger("kg.births")

PATIENCE = 10.0
"""Seconds that the nursery has to bear a process. A stopped one never does."""
_FIRST = 60.0
"""Seconds that it has for the first, for which it loads the engine."""
CAN_FORK = sys.platform.startswith("linux") and hasattr(os, "pidfd_open")


class Process(Protocol):
    """A query process: ``pid`` is 0 until it is known, ``poll()`` its exit code once it has ended."""

    @property
    def pid(self) -> int:
        """The system's number of the process."""

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""

    def kill(self) -> None:
        """End it at once."""


def start_anew(theirs: socket.socket, errors: IO[bytes]) -> Process:
    """Start a query process from nothing."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "kg.engine.process.worker", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": PACKAGES},
    )


class Child:
    """A query process that the nursery forked, or is about to.

    It is held by a descriptor, not by its number, which another process may have once this one has ended.
    ``orphaned`` says that it ended because the nursery did.
    """

    def __init__(self, on_exit: Callable[[], None]) -> None:
        self.pid = 0
        self.orphaned = False
        self.on_exit = on_exit
        self._handle = -1
        self._code: int | None = None
        self._unwanted = False

    def born(self, pid: int, handle: int) -> None:
        """Record the process id and its descriptor, once it has been forked."""
        self.pid, self._handle = pid, handle
        if self._unwanted:
            self.kill()

    def ended(self, code: int) -> None:
        """Record the exit code."""
        self._code = code
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        self.on_exit()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._code

    def kill(self) -> None:
        """End it at once, or as soon as it is born."""
        self._unwanted = True
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._handle, KILLED)


class Nursery:
    """The pool's side of `kg.engine.process.nursery`: made in the pool's loop, closed with it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._expected: deque[Child] = deque()
        self._living: dict[int, Child] = {}
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._has_borne = False

    def start(self, theirs: socket.socket, errors: IO[bytes], on_exit: Callable[[], None]) -> Process:
        """Ask for a query process on the other end of a socket; ``on_exit`` is called when it has ended.

        Raises OSError when no process can be had.
        """
        child = Child(on_exit)
        try:
            self._ask(theirs, errors)
        except OSError:
            self.close()  # the nursery has died: try once more with a new one
            self._ask(theirs, errors)
        self._expected.append(child)
        self.loop.call_later(PATIENCE if self._has_borne else _FIRST, self._overdue, child)
        return child

    def _overdue(self, child: Child) -> None:
        """End a nursery that hasn't forked a child in time; the next request starts another."""
        if child in self._expected:
            log.error("the process that query processes are born of hangs: it is replaced")
            self.close()

    def _ask(self, theirs: socket.socket, errors: IO[bytes]) -> None:
        if self._socket is None:
            self._socket = self._open()
        socket.send_fds(self._socket, [REQUEST], [theirs.fileno(), errors.fileno()])

    def _open(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kg.engine.process.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": PACKAGES},
            )
        ours.setblocking(False)
        self.loop.add_reader(ours.fileno(), self._readable, ours)
        return ours

    def _readable(self, ours: socket.socket) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(ours, 256, 1)
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        if not message:
            self.close()
            return
        told = json.loads(message)
        if "born" in told:
            self._has_borne = True
            child = self._expected.popleft()
            self._living[told["born"]] = child
            child.born(told["born"], descriptors[0])
        elif (ended := self._living.pop(told["ended"], None)) is not None:
            ended.ended(told["code"])

    def close(self) -> None:
        """End the nursery, and with it all processes that it forked."""
        if self._socket is not None:
            self.loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._has_borne = False
        orphans = [*self._expected, *self._living.values()]
        self._expected.clear()
        self._living.clear()
        for child in orphans:
            child.orphaned = True
            child.ended(-KILLED)
