"""The process that makes pages beforehand, as the supervisor sees it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from kg.resources import PACKAGES


class Premaker:
    """Starts and ends the process."""

    def __init__(self, things: int) -> None:
        self._things = things
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, release: Path) -> None:
        """Start it for a release, ending one for another release."""
        self.end()
        if self._things:
            with contextlib.suppress(OSError):  # no room for one more: pages are made as they are asked for
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "kg_web.server.premake", str(release), str(self._things)],
                    stdin=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": PACKAGES},
                    process_group=0,
                )

    def look(self) -> None:
        """Collect the process if it has ended."""
        if self._process is not None and self._process.poll() is not None:
            self.end()

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None
