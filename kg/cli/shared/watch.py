"""``--watch``: follow the files that are served; what they became is taken over when it is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from kg.resources import PACKAGES

PAUSE = 0.5
"""Seconds between two looks at the files."""

_Marks = tuple[tuple[str, int, int], ...]


def follow(paths: Sequence[Path], how: Mapping[str, object], cache: Path | None) -> None:
    """Begin to look at the files, while this process lives; SIGHUP tells it that they were opened anew."""
    watcher = threading.Thread(target=_watch, args=(paths, _command(paths, how, cache)), daemon=True)
    watcher.start()


def _watch(paths: Sequence[Path], command: Sequence[str]) -> None:
    last = _marks(paths)
    while True:
        time.sleep(PAUSE)
        now = _marks(paths)
        if now == last:
            continue
        # Who saves a file writes it in several steps: it is read once it has been still for a moment.
        time.sleep(PAUSE)
        if _marks(paths) != now:
            continue
        last = now
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": PACKAGES},
            check=False,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            click.echo(f"the files changed, and the state before stays:\n{done.stderr.strip()}", err=True)
        else:
            os.kill(os.getpid(), signal.SIGHUP)


def _marks(paths: Sequence[Path]) -> _Marks:
    """Return what changes when a file does: its name, size and time."""
    found = []
    for path in paths:
        for one in sorted(path.rglob("*")) if path.is_dir() else (path,):
            try:
                state = one.stat()
            except OSError:
                continue
            found.append((str(one), state.st_size, state.st_mtime_ns))
    return tuple(found)


def _command(paths: Sequence[Path], how: Mapping[str, object], cache: Path | None) -> list[str]:
    """Return the command that opens the files in a process of its own."""
    flags = [f"--{name}={value}" for name, value in how.items() if value and not isinstance(value, bool)]
    flags += [f"--{name}" for name, value in how.items() if value is True]
    places = [f"--cache={cache}"] if cache else []
    return [sys.executable, "-P", "-m", "kg.cli.shared.reopen", *flags, *places, "--", *map(str, paths)]
