"""Failures for want of room: full disks, folders that can't be written, file descriptors used up.

The one place that says which errors of the system these are, and what mends each.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from kg.errors import StorageError

_FULL = "free some room on its disk; it goes on by itself then"
_CLOSED = "whoever runs this needs the right to read and write there"
_FILES = "it can't be opened, or too many files are open: look at its rights, and raise ulimit -n"
_MEMORY = "free some memory, or lower KG_QUERY_MEMORY, KG_WORKERS or KG_QUERY_WORKERS"
_HINTS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EIO: "the disk is full, or fails: look at its room and at the system's log",
    errno.EROFS: _CLOSED,
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: _MEMORY,
}
# What SQLite answers, by its primary result code.
_SQLITE = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EMFILE,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
}
# The engine and the index of names are written in Rust; their errors give the number only in the text.
_NUMBER = re.compile(r"\(os error (\d+)\)|[Cc]ode: (\d+)[,}]")
_WORDS = {
    "No space left": errno.ENOSPC,
    "Too many open files": errno.EMFILE,
    "Read-only file system": errno.EROFS,
}


def is_passing(error: BaseException) -> bool:
    """Say whether a failure is temporary (no descriptor, no memory), so that the file itself may be fine."""
    return number_of(error) in {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}


def number_of(error: BaseException) -> int | None:
    """Return the errno of a failure for want of room; None for any other failure."""
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, sqlite3.Error):
        number = _SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    if number is None:
        text = str(error)
        match = _NUMBER.search(text)
        number = int(next(filter(None, match.groups()))) if match else None
        number = number or next((found for words, found in _WORDS.items() if words in text), None)
    return number if number in _HINTS else None


def no_room(what: str, error: BaseException) -> StorageError | None:
    """Return the StorageError for a failure while doing ``what``; None when it isn't for want of room."""
    number = number_of(error)
    if number is None:
        return None
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return StorageError(f"{what}: {reason or 'no memory is left'}", hint=_HINTS[number])


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Raise StorageError for any OSError inside; ``what`` names, for the message, what can't be done."""
    try:
        yield
    except OSError as error:
        raise no_room(what, error) or StorageError(f"{what}: {error}", hint=_CLOSED) from error
