"""The command ``kg``, and servers, in processes of their own, copied from one that has loaded the program.

To start Python and to load what a command needs takes longer than most commands do. So each pytest process
starts one process that loads it all (`tests/loaded.py`); every command is a copy of that one (fork), with its
own arguments, variables, folder and streams, and ends with its own exit code. A server is such a copy too,
and so are the processes that it starts. How Python starts, and what is loaded when, is seen by those tests
that start it `anew`.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from tests import loaded
from tests.loaded import ORDER

MAIN = "from kg.cli import main; main()"
Done = subprocess.CompletedProcess[str]

_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_")
"""How variables begin that are read when a process starts, not later."""


def kg(
    *words: str | Path,
    stdin: str = "",
    cwd: Path | None = None,
    code: int | None = None,
    timeout: float = 60,
    **environ: str,
) -> Done:
    """Run a command; say what it wrote, and its exit code, which has to be ``code`` if that is given."""
    assert not is_read_at_start(environ), "such a process is started anew"
    (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = os.pipe(), os.pipe(), os.pipe()
    theirs = [theirs_in, theirs_out, theirs_err]
    _order(theirs, words, cwd or Path.cwd(), {**os.environ, **environ}, serves=False)
    for descriptor in theirs:
        os.close(descriptor)
    with ThreadPoolExecutor(3) as streams:
        streams.submit(_write, ours_in, stdin)
        said, told = streams.submit(_read, ours_out), streams.submit(_read, ours_err)
        ended = _ended(timeout)
    done = subprocess.CompletedProcess(["kg", *map(str, words)], ended, said.result(), told.result())
    assert code in (None, done.returncode), done.stderr
    return done


def anew(*words: str | Path, timeout: float = 60) -> Done:
    """Run a command in a process that is started from nothing, as a user's is."""
    command = [sys.executable, "-c", MAIN, *map(str, words)]
    return subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
    )


def _write(descriptor: int, text: str) -> None:
    with suppress(BrokenPipeError), open(descriptor, "w") as stream:
        stream.write(text)


def _read(descriptor: int) -> str:
    with open(descriptor) as stream:
        return stream.read()


def _ended(timeout: float) -> int:
    """Wait for the command; its exit code. Raises TimeoutExpired when it takes too long, and ends it."""
    line = _loaded()
    pid = int(line.recv(ORDER))
    line.settimeout(timeout)
    try:
        return int(line.recv(ORDER))
    except TimeoutError:
        os.kill(pid, 9)
        line.settimeout(None)
        line.recv(ORDER)
        raise subprocess.TimeoutExpired("kg", timeout) from None
    finally:
        line.settimeout(None)


@cache
def _loaded() -> socket.socket:
    """Start the process that has loaded the program; return the line to it. It ends when that is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", loaded.__file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            # Pipes, as each command has: a copy goes on with the streams that Python opened here.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    @atexit.register
    def end() -> None:
        ours.close()
        process.wait()

    return ours


def _order(
    theirs: list[int],
    words: Iterable[str | Path],
    folder: Path,
    environ: Mapping[str, str],
    *,
    serves: bool,
) -> None:
    """Order a copy, which has these descriptors."""
    order = {"words": [*map(str, words)], "folder": str(folder), "environ": {**environ}, "serves": serves}
    socket.send_fds(_loaded(), [json.dumps(order).encode()], theirs)


class Copy:
    """A server that is a copy, as `subprocess.Popen` has a process."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.pid = int(line.recv(ORDER))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return the exit code. Raises TimeoutExpired."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = int(self._line.recv(ORDER))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("a server", timeout or 0) from None
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def serving(release: Path, endpoint: str, log: IO[bytes], environ: Mapping[str, str]) -> Copy:
    """Start the server of a release, with these variables alone."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        _order([log.fileno(), theirs.fileno()], [release, endpoint], Path.cwd(), environ, serves=True)
    return Copy(ours)


def is_read_at_start(variables: Iterable[str]) -> bool:
    """Say whether any of these variables is one that a process reads when it starts, not later."""
    return any(name.startswith(_AT_START) for name in variables)
