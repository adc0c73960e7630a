"""Exports made once and kept beside the release, whole or not at all.

They lie in ``exports/`` of the release's folder (a cache, like ``store/``: not in the manifest, made again
when missing), or in a temporary folder where that can't be written. Files are written beside and renamed into
place, so a kill or a full disk leaves nothing half-written under a name that is served.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from kg.errors import KgError, StorageError
from kg.machine.digests import sha256_of
from kg.machine.locks import locked_name
from kg.machine.room import no_room
from kg.machine.system import is_mine, user
from kg.machine.whole import whole
from kg.release import Release

FORMAT = 2
"""Raised when exports are written differently, so that files of an older program aren't served."""


def cached(release: Release, name: str, make: Callable[[IO[bytes]], object]) -> Path:
    """Return the file ``name`` among a release's exports, made by ``make`` if it isn't there.

    Two makers of one name wait for each other; ``make`` may itself ask for a file of another name. Raises
    StorageError when it can't be written, Busy when another maker takes too long, and what ``make`` raises.
    """
    made = release.path / "exports" / str(FORMAT) / name
    if made.is_file():  # works even if the disk is full
        return made
    try:
        path = folder(release) / name
        if not path.is_file():
            with locked_name(path.with_name(f".lock-{name}")):
                if not path.is_file():
                    _write(path, make)
    except KgError:
        raise
    except Exception as error:
        short = no_room(f"{name} of release {release.version} can't be written", error)
        if short is None:
            raise
        raise short from error
    return path


def compressed(release: Release, path: Path) -> Path:
    """Return the gzip of an export, made if it isn't there; the same bytes for the same file."""

    def squeeze(out: IO[bytes]) -> None:
        with path.open("rb") as plain, gzip.GzipFile("", "wb", 6, out, mtime=0) as squeezed:
            shutil.copyfileobj(plain, squeezed, 1 << 20)

    return cached(release, _named(release, path) + ".gz", squeeze)


def checksum(release: Release, path: Path) -> str:
    """Return the sha256 (hex) of an export, computed once (each time if it can't be kept beside it)."""
    name = _named(release, path) + ".sha256"
    try:
        note = cached(release, name, lambda out: out.write(f"{sha256_of(path)}  {path.name}\n".encode()))
    except StorageError:
        return sha256_of(path)
    return note.read_text(encoding="utf-8")[:64]


def _named(release: Release, path: Path) -> str:
    """Return the name for another form of a file; of one of the release's own it includes the folder."""
    sealed = path.is_relative_to(release.path) and "exports" not in path.relative_to(release.path).parts
    return "-".join(path.relative_to(release.path).parts) if sealed else path.name


def folder(release: Release) -> Path:
    """Return where a release's exports are kept, beside it if that can be written."""
    beside = release.path / "exports" / str(FORMAT)
    try:
        beside.mkdir(parents=True, exist_ok=True)
        if os.access(beside, os.W_OK):
            return beside
    except OSError:
        pass
    # Named by content and user, so that another user can't have put a file there before.
    mark = hashlib.sha256(f"{release.version} {release.digest} {FORMAT}".encode()).hexdigest()[:16]
    elsewhere = Path(tempfile.gettempdir()) / f"kg-exports-{user()}" / mark
    elsewhere.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not is_mine(elsewhere.parent.stat()):
        raise StorageError(
            f"{elsewhere.parent} belongs to somebody else", hint="make the release's folder writable"
        )
    return elsewhere


def _write(path: Path, make: Callable[[IO[bytes]], object]) -> None:
    # We hold the lock, so these are leftovers of makers that were killed.
    for orphan in path.parent.glob(f".{path.name}.*"):
        orphan.unlink(missing_ok=True)
    with whole(path) as out:
        make(out)
