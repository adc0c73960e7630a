"""A cache of answers on disk, bounded and shared by all server processes.

An answer is named by all that it depends on, the release included, so it never grows stale. An entry is one
file: a line of JSON and the body. It is written under another name and then renamed, so that readers see it
whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORTH_SECONDS = 0.005
"""What was answered faster is not kept: asking again costs no more than reading."""


def key(*parts: str) -> str:
    """Return the name (hex) of an answer that depends on these texts, each and in this order."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


@dataclass(frozen=True)
class Entry:
    """A kept answer: its metadata, and the file, in which the body starts at ``offset`` (bytes)."""

    facts: dict[str, Any]
    path: Path
    offset: int

    def read(self) -> bytes:
        """Return the body."""
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read()


class Cache:
    """Kept answers in a folder, up to ``limit`` bytes; the least recently used are dropped first."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._prefix = f"{folder}/"
        self.hits = self.misses = 0
        self._since = limit  # so that the first put looks at what other processes have kept
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str) -> Entry | None:
        """Return a kept answer, or None."""
        # Mostly there is no such file: to ask first is quicker than to fail, and without a Path object.
        path = f"{self._prefix}{name}"
        if not os.access(path, os.R_OK):
            self.misses += 1
            return None
        try:
            with open(path, "rb") as stream:  # noqa: PTH123
                line = stream.readline()
            os.utime(path)
            found = Entry(json.loads(line), Path(path), len(line))
        except (OSError, ValueError):
            self.misses += 1
            return None
        self.hits += 1
        return found

    def put(self, name: str, facts: dict[str, Any], body: bytes | Path, length: int) -> None:
        """Keep an answer, unless it is too large beside others. If the disk is full nothing is kept."""
        if length > self.limit // 4:
            return
        beside = self.folder / f".{uuid.uuid4().hex}"
        try:
            with beside.open("wb") as target:
                target.write(json.dumps(facts).encode() + b"\n")
                if isinstance(body, bytes):
                    target.write(body)
                else:
                    with body.open("rb") as source:
                        shutil.copyfileobj(source, target)
            beside.rename(self.folder / name)
        except OSError:
            beside.unlink(missing_ok=True)
            return
        self._since += length + 200
        if self._since > self.limit // 8:
            self._trim()

    def _trim(self) -> None:
        """Remove the least recently used until all is within seven eighths of the limit."""
        self._since = 0
        entries = []
        for path in self.folder.iterdir():
            with contextlib.suppress(OSError):
                stat = path.stat()
                entries.append((stat.st_mtime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries, key=lambda entry: entry[0]):
            if total <= self.limit - self.limit // 8:
                return
            path.unlink(missing_ok=True)
            total -= size
