"""The process that query processes are forked from: it has loaded all that they need.

Run as ``python -m kg.engine.process.nursery FD`` by `kg.engine.process.births.Nursery`. To start Python and
load the engine takes a third of a second of processor time, to fork a few milliseconds. It opens no store and
starts no thread, so its children begin as clean as if each were started from nothing.

Over its socket (of whole messages) come requests with two file descriptors: a query process' socket and its
stderr. Back go a child's process id with a descriptor of the process (pidfd_open(2)), and, when one has
ended, its id and exit code.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys

from kg.engine.process import worker
from kg.machine.system import readable

REQUEST = b"one more"
_STDERR = 2


def main() -> None:
    """Serve until the pool's process is gone."""
    pool = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.end_with_parent()
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    worker.settle_memory()
    while True:
        ready = readable((pool.fileno(), woken))
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            _bury(pool)
        if pool.fileno() in ready and not _bear(pool, (woken, wakes)):
            return


def _bear(pool: socket.socket, pipe: tuple[int, int]) -> bool:
    """Take one request; return whether the pool is still there."""
    try:
        message, descriptors, _, _ = socket.recv_fds(pool, 64, 2)
    except OSError:
        return False
    if message != REQUEST:
        return False
    theirs, errors = descriptors
    pid = os.fork()
    if pid == 0:
        _live(pool, pipe, theirs, errors)
    os.close(theirs)
    os.close(errors)
    handle = os.pidfd_open(pid)
    with contextlib.suppress(OSError):
        socket.send_fds(pool, [json.dumps({"born": pid}).encode()], [handle])
    os.close(handle)
    return True


def _live(pool: socket.socket, pipe: tuple[int, int], theirs: int, errors: int) -> None:
    """In the forked child: be a query process until the pool closes its socket."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pool.close()
        for descriptor in pipe:
            os.close(descriptor)
        worker.be_called("kg-query")
        os.dup2(errors, _STDERR)
        os.close(errors)
        gc.unfreeze()
        worker.live(theirs)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _bury(pool: socket.socket) -> None:
    """Tell the pool which children have ended, with their exit codes as `subprocess` gives them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        told = json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}).encode()
        with contextlib.suppress(OSError):
            pool.send(told)


if __name__ == "__main__":
    main()
