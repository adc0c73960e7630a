"""What a process hands to a copy of it that was made before: results, by the bytes they were made from."""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType

_DIGEST = 32
_SIZE = 8


class Handed:
    """Results in a file without a name, which process and copy share until the context ends.

    Whoever takes one sees what was there when it first looked. As bytes lead to a result, and no file's name,
    it can't be of another state of that file. Where a disk is full nothing more is handed on.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the context ends
        self._full = False

    def __enter__(self) -> Handed:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Give up the file."""
        self._file.close()

    def give(self, made_from: bytes, result: bytes) -> None:
        """Hand on what was made from some bytes."""
        if self._full:
            return
        digest = hashlib.sha256(made_from).digest()
        try:
            self._file.write(b"".join((digest, len(result).to_bytes(_SIZE), result)))
            self._file.flush()
        except OSError:
            self._full = True

    def take(self, made_from: bytes) -> bytes | None:
        """Return what was made from some bytes, if that was handed on."""
        return self._found.get(hashlib.sha256(made_from).digest())

    @cached_property
    def _found(self) -> Mapping[bytes, bytes]:
        """All results, by the digest of what they were made from."""
        found: dict[bytes, bytes] = {}
        number = self._file.fileno()
        if not os.fstat(number).st_size:
            return found
        # Read without a place in the file, which process and copy would share too.
        with mmap.mmap(number, 0, access=mmap.ACCESS_READ) as text:
            place = 0
            while (begin := place + _DIGEST + _SIZE) <= len(text):
                end = begin + int.from_bytes(text[place + _DIGEST : begin])
                if end <= len(text):  # a full disk has but a part
                    found[text[place : place + _DIGEST]] = text[begin:end]
                place = end
        return found
