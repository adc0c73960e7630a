"""What was worked out before, by all that decides on it: work that would come to the same isn't done again.

An answer is kept under a key, and the key is to say every byte that the answer depends on; the program's
own files and the libraries that it works with are added here. So what is kept can't be out of date. A file
that is damaged, or that can't be read or written, counts as one that isn't there.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from kg.machine.digests import sha256_of

_LIBRARIES = ("pyoxigraph", "pypinyin", "rjieba", "opencc")
_PROGRAM = Path(__file__).parents[1]
_STATES = 8
"""How many folders of one kind are kept: those used last."""
_DIGEST = 32
_DAY = 86_400


class Memory:
    """Answers in a folder that may be removed at any time; without a folder nothing is kept.

    There is one answer for a name: the one that was kept last.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def __bool__(self) -> bool:
        """Say whether anything is kept."""
        return self.folder is not None

    def recall(self, name: str, key: str) -> bytes | None:
        """Return the answer that was kept under a name, if it was kept for that key and is whole."""
        if self.folder is None:
            return None
        try:
            found = (self.folder / name).read_bytes()
        except OSError:
            return None
        digest, answer = found[:_DIGEST], found[_DIGEST:]
        return answer if digest == _seal(name, key, answer) else None

    def keep(self, name: str, key: str, answer: bytes) -> None:
        """Keep an answer in place of what had its name. Where it can't be written, it isn't kept."""
        if self.folder is None:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            # Not synced: what a failing machine leaves of it is told by its digest, and is not there then.
            handle, half = tempfile.mkstemp(prefix=f".{name}.", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(_seal(name, key, answer))
                    stream.write(answer)
                Path(half).replace(self.folder / name)
            finally:
                Path(half).unlink(missing_ok=True)


def memory_of(root: Path, *paths: Path) -> Memory:
    """Return the memory of some inputs below a folder; of those not used for longest none is kept."""
    places = "\0".join(str(path.resolve()) for path in paths)
    folder = root / hashlib.sha256(places.encode()).hexdigest()[:24]
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        by_use = sorted((one for one in root.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
        for old in by_use[:-_STATES]:
            shutil.rmtree(old, ignore_errors=True)
        for half in folder.glob(".*"):  # what a process that was killed left
            if half.stat().st_mtime < time.time() - _DAY:
                half.unlink(missing_ok=True)
    _program()  # every answer's key wants it, and copies of this process needn't work it out again
    return Memory(folder)


def key_of(*parts: object) -> str:
    """Return the key of values: a digest of how they are written, each apart from the next."""
    found = hashlib.sha256()
    for part in parts:
        text = repr(part).encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(text) + text)
    return found.hexdigest()


def digests_of(paths: Iterable[Path | str]) -> list[tuple[str, str]]:
    """Return each file with the digest of its bytes: what a key says of files."""
    return [(str(path), sha256_of(path)) for path in paths]


def _seal(name: str, key: str, answer: bytes) -> bytes:
    """Return the digest of an answer together with what it is the answer to."""
    found = hashlib.sha256(key_of(_program(), name, key).encode())
    found.update(answer)
    return found.digest()


@cache
def _program() -> str:
    """Return a digest of the program as it stands and of the versions of what it works with."""
    files = (
        path
        for path in sorted(_PROGRAM.rglob("*"))
        if path.suffix in (".py", ".rq", ".ru", ".ttl") and "__pycache__" not in path.parts
    )
    return key_of(
        platform.python_version(),
        [_version(name) for name in _LIBRARIES],
        [(str(path.relative_to(_PROGRAM)), sha256_of(path)) for path in files],
    )


def _version(library: str) -> str:
    # Imported here, as it is slow to load and most commands remember nothing.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(library)
    except PackageNotFoundError:
        return ""
