"""The folder in which a release is made: beside the others, locked, moved to its place when it is whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.errors import ReleaseError, StorageError
from kg.machine.locks import locked
from kg.machine.room import no_room
from kg.machine.system import lock_now, open_to_lock, sync
from kg.release import activate, open_release

_PREFIX = ".building-"


class Workshop:
    """A fresh folder in ``out``; it is removed at the end, unless it was published.

    While its maker lives it is locked: so the next one can tell it from what a killed maker left.
    """

    def __init__(self, out: Path) -> None:
        self.out = out

    def __enter__(self) -> Workshop:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            # Under the lock, so that nobody cleans away a folder that its maker has not locked yet.
            with locked(self.out):
                clean(self.out)
                self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self.out))
                self._lock = _try_lock(self.path)
            self.path.chmod(0o755)
        except OSError as error:
            raise _write_error(self.out, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        if isinstance(error, OSError):
            raise _write_error(self.out, error) from error

    def publish(self, version: str, manifest: Mapping[str, Any]) -> None:
        """Move the folder to its place, every byte of it on the disk, and make it the active release.

        A whole release of that version which says the same is left as it is; a damaged one is replaced.
        """
        _sync_tree(self.path)
        with locked(self.out):
            if not _same(self.out / version, manifest):
                self._move(self.out / version)
            activate(self.out, version)
            sync(self.out)

    def _move(self, target: Path) -> None:
        if target.exists():
            aside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self.out))
            target.rename(aside / "damaged")
            self.path.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
        else:
            self.path.rename(target)


def _same(target: Path, manifest: Mapping[str, Any]) -> bool:
    try:
        release = open_release(target)
        release.verify()
    except ReleaseError:
        return False
    return dict(release.manifest) == dict(manifest)


def clean(out: Path) -> None:
    """Remove what killed builds left: folders whose lock nobody holds."""
    for path in out.glob(f"{_PREFIX}*"):
        lock = _try_lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _try_lock(folder: Path) -> int | None:
    """Return a descriptor that holds a folder's lock, or None when somebody else holds it."""
    descriptor = open_to_lock(folder)
    if lock_now(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def _write_error(out: Path, error: OSError) -> StorageError:
    what = f"{out} can't be written, and the last release is as it was"
    hint = "name another folder with --out"
    return no_room(what, error) or StorageError(f"{what}: {error}", hint=hint)
