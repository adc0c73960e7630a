"""The command ``kg`` in a process of its own, copied from one that has loaded the program.

To start Python and to load what a command needs takes longer than most commands do. So each pytest process
starts one process that loads it all, opens nothing and starts no thread; every command is a copy of that one
(fork), with its own arguments, variables, folder and streams, and ends with its own exit code. How Python
starts, and what is loaded when, is seen by those tests that start it `anew`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import socket
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

MAIN = "from kg.cli import main; main()"
Done = subprocess.CompletedProcess[str]

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
_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_")
"""How variables begin that are read when a process starts, not later."""
_ORDER = 1 << 17
"""Bytes of an order at most."""


def kg(
    *words: str | Path,
    stdin: str = "",
    cwd: Path | None = None,
    code: int | None = None,
    timeout: float = 60,
    **environ: str,
) -> Done:
    """Run a command; say what it wrote, and its exit code, which has to be ``code`` if that is given."""
    assert not [name for name in environ if name.startswith(_AT_START)], "such a process is started anew"
    order = {
        "words": [*map(str, words)],
        "folder": str(cwd or Path.cwd()),
        "environ": {**os.environ, **environ},
    }
    (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = os.pipe(), os.pipe(), os.pipe()
    theirs = [theirs_in, theirs_out, theirs_err]
    socket.send_fds(_loaded(), [json.dumps(order).encode()], theirs)
    for descriptor in theirs:
        os.close(descriptor)
    with ThreadPoolExecutor(3) as streams:
        streams.submit(_write, ours_in, stdin)
        said, told = streams.submit(_read, ours_out), streams.submit(_read, ours_err)
        ended = _ended(timeout)
    done = subprocess.CompletedProcess(["kg", *order["words"]], ended, said.result(), told.result())
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
    pid = int(line.recv(_ORDER))
    line.settimeout(timeout)
    try:
        return int(line.recv(_ORDER))
    except TimeoutError:
        os.kill(pid, 9)
        line.settimeout(None)
        line.recv(_ORDER)
        raise subprocess.TimeoutExpired("kg", timeout) from None
    finally:
        line.settimeout(None)


@cache
def _loaded() -> socket.socket:
    """Start the process that has loaded the program; return the line to it. It ends when that is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(theirs.fileno())],
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


def _serve(line: socket.socket) -> None:
    """Run commands, one after the other, until nobody is there to ask for any."""
    commands = import_module("kg.cli").cli.elsewhere.values()
    for name in (*_LOADED, *(command.partition(":")[0] for command in commands)):
        import_module(name)
    tasks = Path("/proc/self/task")
    assert not tasks.is_dir() or len(list(tasks.iterdir())) == 1, "a thread that is forked is lost"
    gc.freeze()  # what is loaded stays: copies needn't look through it
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, _ORDER, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            line.close()
            _be(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        line.send(str(pid).encode())
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _be(order: dict, descriptors: list[int]) -> None:
    """Be the command, in the copy; doesn't return."""
    code: object = 1
    try:
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
            os.close(descriptor)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environ"])
        sys.argv = ["kg", *order["words"]]
        import_module("kg.cli").main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
