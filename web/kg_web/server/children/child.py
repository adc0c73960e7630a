"""One server process as its supervisor sees it: started, told, watched, stopped."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import time
from typing import Any

from kg.resources import PACKAGES

log = logging.getLogger("kg_web.server.children.child")

ANSWERS = "the server process %s answers, %.1f s after its start"
_SILENT_LOOKS = 30
"""So many looks without a sign of life and a process hangs. Looks are counted, not seconds, as the whole
machine may have been asleep."""


class Child:
    """One server process, and the socket it listens on, which outlives it."""

    def __init__(self, order: dict[str, Any], listener: socket.socket) -> None:
        self.listener = listener
        self.born = time.monotonic()
        # Looks without a sign of life; None before the first, as opening may take long.
        self.silent: int | None = None
        self.alive, beat = os.pipe()
        try:
            os.set_blocking(self.alive, False)
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kg_web.server.process"],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno(), beat],
                env={**os.environ, "PYTHONPATH": PACKAGES},
                process_group=0,  # Ctrl-C reaches the supervisor alone, which stops the others in order
            )
        except OSError:
            os.close(self.alive)
            raise
        finally:
            os.close(beat)
        self.tell({**order, "socket": listener.fileno(), "alive": beat})

    def hangs(self) -> bool:
        """Look once: say whether it has given no sign of life for too long."""
        try:
            heard = bool(os.read(self.alive, 4096))
        except BlockingIOError:
            heard = False
        if heard:
            if self.silent is None:
                log.info(ANSWERS, self.process.pid, time.monotonic() - self.born)
            self.silent = 0
        elif self.silent is not None:
            self.silent += 1
        return self.silent is not None and self.silent >= _SILENT_LOOKS

    def forget(self) -> None:
        """Close our ends of the pipes of a process that has ended."""
        os.close(self.alive)
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None  # noqa: S101
            self.process.stdin.close()

    def tell(self, order: dict[str, Any]) -> None:
        """Send an order."""
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None  # noqa: S101 - it is a pipe, see above
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()

    def stop(self) -> None:
        """Ask it to stop when running requests are done."""
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None  # noqa: S101
            self.process.stdin.close()
