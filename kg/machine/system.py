"""All that differs between operating systems, in one place: locks, limits, links, ids.

Where a system lacks something the program does without; `lost` says what that costs, and a server logs it
when it starts. Nothing else imports ``fcntl``, ``msvcrt``, ``resource`` or asks ``os.name``.
"""

from __future__ import annotations

import contextlib
import getpass
import mmap
import os
import selectors
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

try:
    import fcntl as _fcntl
except ImportError:
    _fcntl = None  # type: ignore[assignment]
try:
    import msvcrt as _msvcrt
except ImportError:
    _msvcrt = None  # type: ignore[assignment]
try:
    import resource as _resource
except ImportError:
    _resource = None  # type: ignore[assignment]

PAGE = mmap.PAGESIZE
"""Bytes of a page of memory."""
IS_POSIX = os.name == "posix"
CAN_SUPERVISE = IS_POSIX and _fcntl is not None and _resource is not None
"""Whether queries and servers can have processes of their own that share sockets and may be killed."""
KILLED = 9
"""The number of SIGKILL, which not every system names."""


def lost() -> tuple[str, ...]:
    """Return what this system can't do and others can, in words for an operator."""
    found = []
    if not CAN_SUPERVISE:
        found += [
            "one process serves (KG_WORKERS does nothing)",
            "a query can't be ended: KG_QUERY_TIMEOUT, KG_QUERY_MEMORY and KG_QUERY_WORKERS do nothing",
            "a query that fails badly ends the server",
        ]
    if _fcntl is None and _msvcrt is None:
        found.append("two commands that write to one folder don't wait for each other")
    return tuple(found)


def told_of(pid: int | str, name: str) -> bytes:
    """Return what Linux tells of a process in a file of ``/proc`` (``statm``, ``stat``), up to a page.

    It uses system calls directly: it is called fifty times a second for each busy process. Raises OSError.
    """
    descriptor = os.open(f"/proc/{pid}/{name}", os.O_RDONLY)
    try:
        return os.read(descriptor, PAGE)
    finally:
        os.close(descriptor)


def readable(descriptors: Iterable[int], seconds: float | None = None) -> set[int]:
    """Wait until one of some descriptors can be read, or the time is up; return those that can.

    They may have any numbers: a process of many files has some above the 1,023 that select(2) knows.
    """
    with selectors.DefaultSelector() as waiting:
        for one in descriptors:
            waiting.register(one, selectors.EVENT_READ)
        return {key.fd for key, _ in waiting.select(seconds)}


def resident(pid: int | str = "self") -> int:
    """Return a process' bytes of resident memory. Raises OSError where the system doesn't tell."""
    pages = told_of(pid, "statm").split(None, 2)[1:2]
    if not pages:
        raise OSError(f"process {pid} has no memory any more")
    return int(pages[0]) * PAGE


def open_to_lock(path: Path) -> int:
    """Return a descriptor by which `lock_now` locks a folder; closing it releases the lock.

    Where the system can't open folders, a file beside the folder is locked instead. Raises OSError.
    """
    if _fcntl is not None and IS_POSIX:
        return os.open(path, os.O_RDONLY)
    return os.open(path.parent / f".{path.name}.lock", os.O_CREAT | os.O_RDWR, 0o600)


def lock_now(descriptor: int) -> bool:
    """Lock the file or folder of a descriptor against other processes; return False when another holds it."""
    try:
        if _fcntl is not None:
            _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        elif _msvcrt is not None:
            getattr(_msvcrt, "locking")(descriptor, getattr(_msvcrt, "LK_NBLCK"), 1)  # noqa: B009 - types of Windows
    except BlockingIOError:
        return False
    except PermissionError:
        if _fcntl is not None:
            raise
        return False  # so Windows tells that another holds the lock
    return True


def sync(path: Path) -> None:
    """Sync a file's bytes, or a folder's entries, to the disk; nothing where folders can't be opened."""
    if path.is_dir() and not IS_POSIX:
        return
    descriptor = os.open(path, os.O_RDONLY if IS_POSIX else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def point(link: Path, name: str) -> None:
    """Make a link to a file or folder beside it; where links need rights, a file that holds the name."""
    try:
        link.symlink_to(name)
    except (OSError, NotImplementedError):
        if IS_POSIX:
            raise
        link.write_text(name, encoding="utf-8")


def followed(link: Path) -> Path:
    """Return the target of a link or of a file that `point` made; any other path as it is."""
    if not link.is_symlink() and link.is_file():
        with contextlib.suppress(OSError, ValueError):
            name = link.read_text(encoding="utf-8")
            if name and "/" not in name and "\\" not in name and (link.parent / name).is_dir():
                return link.parent / name
    return link


def link_or_copy(new: Path, old: Path) -> None:
    """Give a file a second name; copy it where links need rights."""
    try:
        new.symlink_to(old)
    except (OSError, NotImplementedError):
        if IS_POSIX:
            raise
        shutil.copyfile(old, new)


def give(path: Path, like: os.stat_result) -> None:
    """Give a file the owner of another, where files have owners that can be set."""
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # only root gives files away
            os.chown(path, like.st_uid, like.st_gid)


def user() -> str:
    """Return an id of this user, for names of files in shared folders."""
    return str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()


def is_mine(found: os.stat_result) -> bool:
    """Say whether a file is this user's; always where files have no owners."""
    return not hasattr(os, "getuid") or found.st_uid == os.getuid()


def limit(name: str, soft: int, hard: int) -> None:
    """Set one of this process' limits (``RLIMIT_...`` without the prefix). Raises OSError, ValueError.

    Nothing where the system has no such limit.
    """
    if _resource is not None and hasattr(_resource, f"RLIMIT_{name}"):
        _resource.setrlimit(getattr(_resource, f"RLIMIT_{name}"), (soft, hard))


def limits(name: str) -> tuple[int, int] | None:
    """Return one of this process' limits, soft and hard; None where the system has no such limit."""
    if _resource is None or not hasattr(_resource, f"RLIMIT_{name}"):
        return None
    found: tuple[int, int] = _resource.getrlimit(getattr(_resource, f"RLIMIT_{name}"))
    return found


def priority(process: int = 0, wanted: int | None = None) -> int:
    """Return a process' priority (nice value), after setting it when one is wanted.

    Raises OSError where the system doesn't allow or know it.
    """
    if not hasattr(os, "getpriority"):
        raise OSError("this system has no nice values")
    which: Any = os.PRIO_PROCESS
    if wanted is not None:
        os.setpriority(which, process, wanted)
    return os.getpriority(which, process)
