"""The digests of files, kept beside what was made from them, so that large files needn't be read again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kg.machine.whole import write_whole

NAME = "digests.json"
_STATES_TELL = os.name != "nt"
"""Whether the system keeps the time of a file's last change, which no program can set (POSIX's st_ctime)."""
_SETTLED = 2_000_000_000
"""Nanoseconds after which a second change of a file can't bear the time of the first, on any file system."""


class Digests:
    """The sha256 of files, by their states: where a file lies, its size, when it was written and changed.

    A file with the same state has the same bytes, as in git's index. The digest of a file that changed just
    now isn't kept, as it may change again within the same tick of the clock.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._known = dict(known or {})
        self._met: dict[str, str] = {}

    @classmethod
    def read(cls, folder: Path) -> Digests:
        """Return the digests that were kept in a folder; none if they are missing or can't be read."""
        with suppress(OSError, ValueError):
            found = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return cls({str(state): str(digest) for state, digest in found.items()})
        return cls()

    def of(self, path: Path) -> bytes:
        """Return the sha256 of a file. Raises OSError."""
        with path.open("rb") as stream:
            state = os.fstat(stream.fileno())
            told = [state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns]
            key = " ".join(map(str, told))
            if _STATES_TELL and (known := self._digest(key)) is not None:
                self._met[key] = known.hex()
                return known
            began = time.time_ns()
            found = hashlib.file_digest(stream, "sha256").digest()
        if _STATES_TELL and began - max(state.st_ctime_ns, state.st_mtime_ns) > _SETTLED:
            self._met[key] = found.hex()
        return found

    def _digest(self, key: str) -> bytes | None:
        with suppress(KeyError, ValueError):
            found = bytes.fromhex(self._known[key])
            return found if len(found) == hashlib.sha256().digest_size else None
        return None

    def keep(self, folder: Path) -> None:
        """Keep the digests of the files that were asked for, if any has changed. Raises OSError."""
        if self._met != self._known:
            write_whole(folder / NAME, json.dumps(self._met) + "\n")
