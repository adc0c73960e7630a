"""Work that several pytest workers do together: each piece is done by one of them and known to all."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_LONG = 120.0
"""Seconds within which some piece gets done, wherever it is being done."""


def together(folder: Path, names: Iterable[str], do: Callable[[str], Any]) -> dict[str, Any]:
    """Return what ``do`` gives for each name, as JSON keeps it; workers that share the folder share the work.

    A worker takes what nobody has taken, and then waits for the others. What ``do`` raises is raised, and
    the piece is another's to take, who meets the same. Raises AssertionError when nothing is done any more.
    """
    names = list(names)
    found: dict[str, Any] = {}
    last = time.monotonic()
    while lacking := [name for name in names if name not in found]:
        before = len(found)
        for name in lacking:
            if (done := folder / f"{name}.json").exists():
                found[name] = json.loads(done.read_text(encoding="utf-8"))
            elif _taken(folder / name):
                found[name] = _done(folder, name, do)
        if len(found) > before:
            last = time.monotonic()
        else:
            assert time.monotonic() < last + _LONG, f"another worker never finished: {', '.join(lacking)}"
            time.sleep(0.05)
    return found


def _taken(claim: Path) -> bool:
    """Take a piece, unless it is taken."""
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _done(folder: Path, name: str, do: Callable[[str], Any]) -> Any:
    """Do a piece and tell the others."""
    try:
        text = json.dumps(do(name))
    except BaseException:
        (folder / name).unlink()
        raise
    half = folder / f"{name}.half"
    half.write_text(text, encoding="utf-8")
    half.rename(folder / f"{name}.json")
    return json.loads(text)
