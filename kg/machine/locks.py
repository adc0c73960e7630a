"""Locks between processes and threads: each is released when its holder dies, and waiting is bounded."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from kg.errors import Busy
from kg.machine.system import lock_now, open_to_lock

PATIENCE = 600.0
"""Seconds that a lock is waited for, unless `within` says less."""
_PAUSES = (0.001, 0.005, 0.02, 0.05)
"""Seconds between two tries: a lock is most often held for a moment, or else for long."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_held = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Bound how long this thread, inside the context, waits for any lock, in seconds."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which leaves no file. It may be taken again by the thread that holds it.

    Raises Busy when another holds it for too long, OSError when the folder can't be opened.
    """
    key = folder.resolve()
    if key in _keys():
        yield
        return
    descriptor = open_to_lock(folder)
    try:
        _acquire(descriptor, folder)
        with _holding(key):
            yield
    finally:
        os.close(descriptor)


@contextmanager
def locked_name(path: Path) -> Iterator[None]:
    """Hold the lock of a path that need not exist; the lock file is removed with the lock.

    Raises Busy and OSError as `locked` does.
    """
    if path in _keys():
        yield
        return
    descriptor = _own(path)
    try:
        with _holding(path):
            yield
    finally:
        with suppress(PermissionError):  # where an open file can't be removed it stays, and locks as well
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _own(path: Path) -> int:
    """Return a descriptor that holds the lock of the file that has the name now."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _acquire(descriptor, path)
            # The last holder may have removed the file that we opened; then the lock is that of a new file.
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    deadline = _deadline.get()
    deadline = time.monotonic() + PATIENCE if deadline is None else deadline
    tries = 0
    while True:
        if lock_now(descriptor):
            return
        if time.monotonic() >= deadline:
            raise Busy(
                f"another request or process holds {path.name.lstrip('.')}",
                hint="ask again in a while: what it makes is made once and then kept",
            )
        time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        tries += 1


def _keys() -> set[Path]:
    found: set[Path] = _held.__dict__.setdefault("keys", set())
    return found


@contextmanager
def _holding(key: Path) -> Iterator[None]:
    _keys().add(key)
    try:
        yield
    finally:
        _keys().discard(key)
