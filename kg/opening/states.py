"""Opening files as a release: one that was made from the same bytes before, or a new one.

Opening files again should be quick, so the code that makes a release is imported only when one is made.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import complete
from kg.errors import Fault, ReleaseError
from kg.machine.locks import locked
from kg.machine.progress import Progress, Silent
from kg.machine.room import writing
from kg.machine.whole import write_whole
from kg.opening.digests import Digests
from kg.opening.inputs import Inputs, look
from kg.opening.options import Options
from kg.release import Release, activate, open_release
from kg.release.store import ensure_store
from kg.search import ensure_index
from kg.settings import user_cache

KEPT = 3
"""How many states of the same files are kept."""
NOTE = "opened.json"
LARGE = 2_000_000
"""Statements above which one is told before what it will take."""
_STATEMENT, _PACKED = 120, 10
"""Bytes of a statement, and how many times its size a packed file has, as a rule."""


@dataclass(frozen=True)
class Opened:
    """A release of opened files, what wasn't read with the reason, the faults of what was read in part."""

    release: Release
    unread: tuple[tuple[Path, str], ...]
    faults: tuple[Fault, ...]


def open_paths(
    paths: Sequence[Path],
    options: Options | None = None,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    served: bool = True,
    warn: Callable[[str], None] | None = None,
) -> Opened:
    """Open files and folders as a release, active in a folder of its own below ``cache``.

    ``served``: what a server needs is made too, beside the store that a query needs. ``warn`` is told, before
    anything is read, when it will take long.

    Raises UsageError for a path that isn't there or of no known syntax, DataError when nothing can be read or
    (unless ``partly``) a file is faulty, StorageError when there is no room; the state before stays active.
    """
    options, progress = options or Options(), progress or Silent()
    inputs = look(paths, options.syntax)
    if warn is not None and (told := large(inputs)):
        warn(told)
    out = folder_of(paths, options, cache)
    with writing(f"{out} can't be written"):
        out.mkdir(parents=True, exist_ok=True)
    with progress.step("look", unit="B"):
        digests = Digests.read(out)
        digest = hashlib.sha256(f"{options.key}{inputs.digest(digests)}".encode()).hexdigest()
    with locked(out):
        with writing(f"{out} can't be written"):
            digests.keep(out)
        known = _known(out, digest)
        if known is None:
            from kg.opening.make import make

            known = make(inputs, options, out, progress)
            _note(out, digest, *known)
        else:
            activate(out, known[0].version)
    needed = (("store", ensure_store), ("search", ensure_index), ("complete", complete.ensure))
    for name, ensure in needed if served else needed[:1]:
        with progress.step(name):
            ensure(known[0])
    return Opened(known[0], inputs.unread, known[1])


def large(inputs: Inputs) -> str | None:
    """Return roughly what opening large files will take, in words; None for other files."""
    unpacked = sum(d.path.stat().st_size * (_PACKED if d.packing else 1) for d in inputs.documents)
    statements = unpacked // _STATEMENT
    if statements < LARGE:
        return None
    minutes, room = statements // 500_000, max(1, statements * 600 // 2**30)
    return (
        f"about {statements // 10**6} million statements: the first time takes {minutes} minutes and {room} "
        "GB of disk; more than ten million are better loaded into an engine of your own "
        "(kg serve --endpoint, docs/scaling.md)"
    )


def folder_of(paths: Sequence[Path], options: Options, cache: Path | None) -> Path:
    """Return the folder for the releases of some files: the same for the same paths and options."""
    names = "\0".join(str(path.resolve()) for path in paths)
    key = hashlib.sha256(f"{options.key}\0{names}".encode()).hexdigest()[:24]
    return (cache or user_cache() / "opened") / key


def _known(out: Path, digest: str) -> tuple[Release, tuple[Fault, ...]] | None:
    """Return the whole release that was made from the same bytes before; None if there is none."""
    try:
        note = json.loads((out / NOTE).read_text(encoding="utf-8"))[digest]
        faults = tuple(
            Fault(
                f["message"], Path(f["file"]) if f["file"] else None, f["line"], f["column"], hint=f["hint"]
            )
            for f in note["faults"]
        )
        return open_release(out / note["version"]), faults
    except (OSError, ValueError, KeyError, TypeError, ReleaseError):
        return None


def _note(out: Path, digest: str, release: Release, faults: Sequence[Fault]) -> None:
    """Record which release was made from which bytes; the last few are kept."""
    try:
        notes = json.loads((out / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        notes = {}
    said = [
        {"message": f.message, "file": str(f.file or ""), "line": f.line, "column": f.column, "hint": f.hint}
        for f in faults
    ]
    notes.pop(digest, None)
    notes[digest] = {"version": release.version, "faults": said}
    kept = dict(list(notes.items())[-KEPT:])
    for version in {note["version"] for note in notes.values()} - {note["version"] for note in kept.values()}:
        shutil.rmtree(out / version, ignore_errors=True)
    write_whole(out / NOTE, json.dumps(kept, indent=1) + "\n")


def is_opened(release: Release) -> bool:
    """Say whether a release was made by opening files."""
    return "opened" in release.manifest
