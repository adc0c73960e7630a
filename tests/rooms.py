"""Disks of a few megabytes that tests fill: a mounted one where the system lets us, else a bound on files."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

_FILL = ".fills-the-disk"


class Disk:
    """A folder whose room ends. ``mounted`` says whether it is a file system of its own."""

    def __init__(self, path: Path, *, mounted: bool) -> None:
        self.path, self.mounted = path, mounted

    @contextlib.contextmanager
    def full(self, *pids: int) -> Iterator[None]:
        """Leave no room while inside; ``pids`` are the processes that must feel it, besides this one."""
        if self.mounted:
            fill = self.path / _FILL
            with contextlib.suppress(OSError), fill.open("wb", buffering=0) as stream:
                while stream.write(bytes(4096)):
                    pass
            try:
                yield
            finally:
                fill.unlink()
            return
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in (0, *pids)}
        for pid, (_, hard) in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            for pid, limits in before.items():
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nothing be written while inside."""
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)
            try:
                yield
            finally:
                subprocess.run(["mount", "-o", "remount,rw", str(self.path)], check=True)
            return
        if os.geteuid() == 0:  # the mode stops everybody but root: root is stopped as on a full disk
            with self.full():
                yield
            return
        modes = {path: path.stat().st_mode for path in (self.path, *self.path.rglob("*")) if path.is_dir()}
        for path in modes:
            path.chmod(0o555)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)

    def left(self) -> set[str]:
        """Return what lies there, without what fills the disk."""
        found = {str(path.relative_to(self.path)) for path in self.path.rglob("*")}
        return found - {_FILL}


@contextlib.contextmanager
def small_disk(path: Path, megabytes: int = 24) -> Iterator[Disk]:
    """A disk of so many megabytes at a path."""
    path.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)]
    mounted = (
        os.geteuid() == 0
        and shutil.which("mount") is not None
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )
    print(f"{path}: {'a file system of its own' if mounted else 'a bound on the size of files'}")
    try:
        yield Disk(path, mounted=mounted)
    finally:
        if mounted:
            # Lazily: a process that is just ending may still hold a file.
            subprocess.run(["umount", "-l", str(path)], check=True)
