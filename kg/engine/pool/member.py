"""One query process as its pool sees it: started, asked, watched, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

from kg.engine.pool.jobs import Ticket
from kg.engine.process.births import Child, Nursery, Process, start_anew
from kg.engine.process.pipe import RECEIVE, framed, is_whole, unframed
from kg.machine.system import priority, resident, told_of

_DYING = 0.2
"""Seconds between a process' last sign and the news of how it ended, mostly."""
_NEWS = 5.0
"""Seconds after which such news isn't waited for any more."""
_UNHEARD = 20
"""So often a query is given to another process in place of one that had ended before it heard of it."""


@cache
def may_hurry_again() -> bool:
    """Whether a process may get its old priority back after `slow_down`; most users may not raise one."""
    try:
        own = priority()
        priority(wanted=own - 1)
        priority(wanted=own)
    except OSError:
        return False
    return True


def _scratch() -> IO[bytes]:
    """Return a file without a name, in memory where the system can, so that it works with a full disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("last-words"), "w+b")
    return tempfile.TemporaryFile()


class Member:
    """A query process and the socket to it.

    ``on_frame(member, header, body)`` is called for each reply, ``on_end(member)`` once when the process is
    gone. Both are called in the loop that made it. ``aside`` says that its query is a long one, in a slot of
    its own. Raises OSError when no process can be started.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        spool: Path,
        on_frame: Callable[[Member, dict[str, Any], bytes], None],
        on_end: Callable[[Member], None],
        nursery: Nursery | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.on_frame, self.on_end = on_frame, on_end
        self.ticket: Ticket | None = None
        self.spool = spool / uuid.uuid4().hex
        self.started = 0.0
        self.ready = self.slowed = self.ended = self.isolated = False
        self.aside = False
        self.unheard = False
        """Whether it had ended before its last query reached it."""
        self._worked_before = 0.0
        self.baseline = 0
        self.verdict: BaseException | None = None
        self.owed_by: str | None = None
        self._buffer = bytearray()
        self.process: Process
        with contextlib.ExitStack() as made:
            # If a later step fails, what was opened before is closed.
            self._errors = made.enter_context(_scratch())
            ours, theirs = socket.socketpair()
            made.enter_context(ours)
            with theirs:
                self.process = (
                    nursery.start(theirs, self._errors, self._exited)
                    if nursery is not None
                    else start_anew(theirs, self._errors)
                )
            made.pop_all()
        ours.setblocking(False)
        self.socket = ours
        self.loop.add_reader(ours.fileno(), self._readable)
        if not self._send(json.dumps({**config, "spool": str(self.spool)}).encode()):
            self.kill()

    def ask(self, ticket: Ticket, header: bytes) -> None:
        """Send a job, its header as JSON."""
        self.ticket = ticket
        self.started = time.monotonic()
        self._worked_before = 0.0
        if not self._send(header, ticket.job.asked.order.sparql.encode()):
            ticket.unheard += 1
            self.unheard = ticket.unheard < _UNHEARD
            self.kill()

    @property
    def client(self) -> str | None:
        """The client whose query it answers or, before it has one, whose query ended its predecessor."""
        return self.ticket.job.client if self.ticket is not None else self.owed_by

    def worked(self) -> float:
        """Return the processor seconds that the process has used since the first call for its current query.

        Where the system doesn't tell, all the time that has passed counts.
        """
        try:
            spent = int(told_of(self.process.pid, "schedstat").split(None, 1)[0]) / 1e9
        except (OSError, ValueError, IndexError):
            return time.monotonic() - self.started
        if not self._worked_before:
            self._worked_before = spent
        return spent - self._worked_before

    def _send(self, head: bytes, body: bytes = b"") -> bool:
        """Send a frame; return whether there is still somebody who takes it."""
        data = framed(head, body)
        try:
            # A frame is at most a query of 64 KB and a little more, which fits into a socket's buffer; where
            # the setting allows larger queries, the rest is sent when there is room.
            sent = self.socket.send(data)
            if sent < len(data):
                self.socket.setblocking(True)
                self.socket.sendall(data[sent:])
                self.socket.setblocking(False)
        except OSError:
            return False
        return True

    def resident(self) -> int:
        """Return the bytes that the process has grown by since it was ready; 0 where that isn't known."""
        try:
            return resident(self.process.pid) - self.baseline
        except OSError:
            return 0

    def is_stopped(self) -> bool:
        """Whether somebody has suspended the process (SIGSTOP), so that it does nothing."""
        try:
            stat = told_of(self.process.pid, "stat")
        except OSError:
            return False
        return stat.rpartition(b")")[2].split()[0] == b"T"

    def slow_down(self, nice: int) -> None:
        """Let others go first on the processor; ``nice`` says by how much its priority is below ours."""
        if not self.process.pid:
            return  # it hasn't been forked yet
        self.slowed = True
        with contextlib.suppress(OSError):
            priority(self.process.pid, min(priority() + nice, 19))

    def speed_up(self) -> bool:
        """Give the process our own priority again; return whether the system allows it (few may)."""
        if self.slowed:
            try:
                priority(self.process.pid, priority())
            except OSError:
                return False
            self.slowed = False
        return True

    def kill(self, verdict: BaseException | None = None) -> None:
        """End the process at once. ``verdict`` is the error that its query gets."""
        if self.verdict is None:
            self.verdict = verdict
        self.process.kill()
        self._end()

    @property
    def blameless(self) -> bool:
        """Whether its query had nothing to do with its end: its nursery ended, or it had ended before."""
        orphaned = isinstance(self.process, Child) and self.process.orphaned
        return self.verdict is None and (self.unheard or orphaned)

    def last_words(self) -> str:
        """Return the end of what the process wrote to its stderr."""
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode(errors="replace")

    def _readable(self) -> None:
        try:
            data = self.socket.recv(RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            # The process closed its end by dying; its exit code is known at once or in a moment.
            self.loop.remove_reader(self.socket.fileno())
            if isinstance(self.process, subprocess.Popen):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(_DYING)
            self._end_once_told(time.monotonic() + _NEWS)
            return
        frame: bytes | bytearray = data
        if self._buffer:
            self._buffer += data
            frame = self._buffer
        if not is_whole(frame):
            self._buffer = bytearray(frame) if frame is data else self._buffer
            return
        self._buffer = bytearray()
        self.on_frame(self, *unframed(bytes(frame)))

    def _end_once_told(self, latest: float) -> None:
        """Take note of the end when it is known how it came, as its query is told that."""
        if self.process.poll() is None and self.ticket is not None and time.monotonic() < latest:
            self.loop.call_later(_DYING, self._end_once_told, latest)
        else:
            self._end()

    def _exited(self) -> None:
        """Take note that the process has ended; the nursery calls this."""
        self._end()

    def _end(self) -> None:
        if self.ended:
            return
        self.ended = True
        self.loop.remove_reader(self.socket.fileno())
        self.socket.close()
        self.spool.unlink(missing_ok=True)
        self.on_end(self)
        self._reap()

    def _reap(self) -> None:
        """Collect the process' exit code; its memory may take a moment to be given back."""
        if self.process.poll() is None:
            if self.ended and not self.loop.is_closed():
                self.loop.call_later(0.05, self._reap)
        elif self.ended:
            self._errors.close()
