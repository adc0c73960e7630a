"""The process that commands and servers under test are copied from: it has loaded the program.

Run as ``python -P tests/loaded.py FD`` by `tests.commands`. It opens nothing and starts no thread. Orders
come over its socket, as JSON with file descriptors: a command's three streams, or a server's log and the
socket on which its process id and, once it has ended, its exit code are told.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

ORDER = 1 << 17
"""Bytes of an order at most."""
_LOADED = (
    *(
        "kg.make",
        "kg.opening",
        "kg.complete.describe",
        "kg.search.make",
        "kg.search.names.readings",
    ),
    *(
        "kg.engine.local",
        "kg.explore",
        "kg.export.answers",
        "kg.export.graphs.dump",
        "kg.citations",
        "kg.release.diff",
    ),
    *("kg.evidence", "kg.review", "kg_web.server.supervisor"),
    *("babel.messages.mofile", "babel.messages.pofile", "opencc", "pypinyin", "rjieba", "tantivy"),
)
"""What commands load when they need it."""
_SERVER = "kg_web.server.process"
_SERVING = ("kg_web.app", "kg_web.errors", "uvloop", _SERVER)
"""What servers load."""


def _serve(line: socket.socket) -> None:
    """Run commands, one after the other, and start servers, until nobody is there to ask for any."""
    commands = import_module("kg.cli").cli.elsewhere.values()
    for name in (*_LOADED, *_SERVING, *(command.partition(":")[0] for command in commands)):
        import_module(name)
    assert _is_alone(), "a thread that is forked is lost"
    gc.freeze()  # what is loaded stays: copies needn't look through it
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, ORDER, 3)
        _bury()
        if not message:
            return
        order = json.loads(message)
        pid = os.fork()
        if pid == 0:
            line.close()
            if order["serves"]:
                _keep(order, *descriptors)
            _be(order, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        if not order["serves"]:
            line.send(str(pid).encode())
            line.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _bury() -> None:
    """Forget the keepers of servers that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _be(order: dict, descriptors: list[int]) -> None:
    """Be the command, in the copy; doesn't return."""

    def command() -> None:
        _become(order, descriptors)
        sys.argv = ["kg", *order["words"]]
        import_module("kg.cli").main()

    _end_as(command)


def _keep(order: dict, log: int, told: int) -> None:
    """Start a server, and tell what becomes of it; doesn't return."""
    pid = os.fork()
    if pid == 0:
        os.close(told)

        def server() -> None:
            _become(order, [os.open(os.devnull, os.O_RDONLY), log, os.dup(log)])
            subprocess.Popen = _Copied  # type: ignore[misc]
            release, endpoint = order["words"]
            settings = import_module("kg.settings").Settings.load()
            serve = import_module("kg_web.server.supervisor").serve
            serve(settings, Path(release) if release else None, endpoint or None)

        _end_as(server)
    os.close(log)
    with socket.socket(fileno=told) as line, suppress(OSError):  # who asked may have ended
        line.send(str(pid).encode())
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
    os._exit(0)


def _become(order: dict, descriptors: Iterable[int]) -> None:
    """Take the streams, the folder and the variables of a process that is ordered."""
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environ"])
    tempfile.tempdir = None


def _end_as(work: Callable[[], object]) -> None:
    """Do some work and end as Python would; doesn't return."""
    code: object = 1
    try:
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def _is_alone() -> bool:
    """Say whether this process has but one thread, so that a copy of it lacks nothing."""
    tasks = Path("/proc/self/task")
    return not tasks.is_dir() or len(list(tasks.iterdir())) == 1


class _Copied(subprocess.Popen):
    """A process that a server starts: its server processes are copied, all others started anew.

    Query processes, of which memory is watched, are so what they are everywhere.
    """

    def _execute_child(self, words: list[str], *more: object) -> None:  # type: ignore[override]
        if words[1:] != ["-P", "-m", _SERVER] or not _is_alone():
            return super()._execute_child(words, *more)
        # As `subprocess` hands them over: the ends of its pipes, -1 for those that there aren't.
        pass_fds, environ, pipes, group = more[3], more[5], more[9:15], more[-1]
        pid = os.fork()
        if pid == 0:
            _end_as(lambda: _run({*pass_fds}, environ, pipes[::2], group))
        self.pid, self._child_created = pid, True
        self._close_pipe_fds(*pipes)
        return None


def _run(kept: set[int], environ: dict, streams: tuple[int, ...], group: int) -> None:
    """Be a server process, as if it had been started by the program."""
    if group >= 0:
        os.setpgid(0, group)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(streams[0], 0)  # orders; the others are the supervisor's
    for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if descriptor > 2 and descriptor not in kept:
            with suppress(OSError):  # it was the listing's own
                os.close(descriptor)
    os.environ.clear()
    os.environ.update(environ)
    tempfile.tempdir = None  # found when it is first wanted
    logging.root.handlers.clear()
    subprocess.Popen = _Copied.__base__  # type: ignore[misc]
    sys.modules[_SERVER].main()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
