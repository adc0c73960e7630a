"""One query process as its pool sees it: started, asked, watched, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kg.engine.jobs import Ticket
from kg.resources import PACKAGES

_FRAME = struct.Struct("<II")
_RECEIVE = 128 * 1024
_PAGE = resource.getpagesize()


@cache
def may_hurry_again() -> bool:
    """Whether a process that let others go first may be put back: the system allows that to few."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, own - 1)
        os.setpriority(os.PRIO_PROCESS, 0, own)
    except OSError:
        return False
    return True


class Member:
    """A query process and the socket to it.

    ``on_frame(member, header, body)`` is called for each reply, ``on_end(member)`` once when the process is
    gone. Both are called in the loop that made it.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        spool: Path,
        on_frame: Callable[[Member, dict[str, Any], bytes], None],
        on_end: Callable[[Member], None],
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.on_frame, self.on_end = on_frame, on_end
        self.ticket: Ticket | None = None
        self.spool = spool / uuid.uuid4().hex
        self.started = 0.0
        self.ready = self.slowed = self.ended = self.isolated = False
        self.baseline = 0
        self.verdict: BaseException | None = None
        self.owed_by: str | None = None
        self._buffer = bytearray()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the member
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kg.engine.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env={**os.environ, "PYTHONPATH": PACKAGES},
            )
        ours.setblocking(False)
        self.socket = ours
        self.loop.add_reader(ours.fileno(), self._readable)
        self._send(json.dumps({**config, "spool": str(self.spool)}).encode())

    def ask(self, ticket: Ticket, header: bytes) -> None:
        """Send a job, its header as JSON."""
        self.ticket = ticket
        self.started = time.monotonic()
        self._send(header, ticket.job.asked.order.sparql.encode())

    def _send(self, head: bytes, body: bytes = b"") -> None:
        data = _FRAME.pack(len(head), len(body)) + head + body
        try:
            # A frame is at most a query's 64 KB and a little, which fits into a socket's buffer; a larger
            # limit waits.
            sent = self.socket.send(data)
            if sent < len(data):
                self.socket.setblocking(True)
                self.socket.sendall(data[sent:])
                self.socket.setblocking(False)
        except OSError:
            self.kill()

    def resident(self) -> int:
        """Bytes of memory the process has grown by since it was ready; 0 where the system doesn't tell."""
        try:
            statm = Path(f"/proc/{self.process.pid}/statm").read_text()
        except OSError:
            return 0
        return int(statm.split()[1]) * _PAGE - self.baseline

    def slow_down(self, nice: int) -> None:
        """Let others go first on the processor; ``nice`` says by how much, up to 19."""
        self.slowed = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, nice)

    def speed_up(self) -> bool:
        """Take that back; return whether the system allows it, which it does for few."""
        if self.slowed:
            try:
                os.setpriority(os.PRIO_PROCESS, self.process.pid, 0)
            except OSError:
                return False
            self.slowed = False
        return True

    def kill(self, verdict: BaseException | None = None) -> None:
        """End the process at once. ``verdict`` is the error that its query gets."""
        if self.verdict is None:
            self.verdict = verdict
        with contextlib.suppress(OSError):
            self.process.send_signal(signal.SIGKILL)
        self._end()

    def last_words(self) -> str:
        """What the process wrote to its stderr, the end of it."""
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode(errors="replace")

    def _readable(self) -> None:
        try:
            data = self.socket.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.2)  # it closed its end by dying, so how it died is known at once
            self._end()
            return
        frame: bytes | bytearray = data
        if self._buffer:
            self._buffer += data
            frame = self._buffer
        if len(frame) < _FRAME.size or len(frame) < _FRAME.size + sum(_FRAME.unpack_from(frame)):
            self._buffer = bytearray(frame) if frame is data else self._buffer
            return
        head = _FRAME.unpack_from(frame)[0]
        frame, self._buffer = bytes(frame), bytearray()
        self.on_frame(self, json.loads(frame[_FRAME.size : _FRAME.size + head]), frame[_FRAME.size + head :])

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
        """Collect the process' exit; its memory may take a moment to be given back."""
        if self.process.poll() is None:
            if self.ended and not self.loop.is_closed():
                self.loop.call_later(0.05, self._reap)
        elif self.ended:
            self._errors.close()
