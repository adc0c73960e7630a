"""Unpack what is packed as a stream, within bounds: a bomb ends as a fault, not as a full disk or memory."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import zstandard

from kg.errors import DataError, Fault

MOST_TIMES = 500
"""A stream that unpacks to more than so many times its size is no file of RDF (these come to 5 to 50)."""
FREE = 64 * 2**20
"""Bytes up to which nobody asks how well it was packed."""
MOST_MEMBERS = 10_000
_WINDOW = 2**27
"""Bytes that zstandard may look back at most: what `zstd --long` needs, and no more memory than that."""

OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}


class Bounded(io.RawIOBase):
    """A stream that stops with a fault when it gives more bytes than it may, or a line longer than it may."""

    def __init__(self, stream: IO[bytes], most: int, path: Path) -> None:
        self._stream, self._most, self._path = stream, most, path
        self._given = 0

    def readable(self) -> bool:
        """Say that it can be read, as a file must."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read as many bytes as there is room for, or fewer. Raises DataError beyond the bound."""
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        self._given += len(piece)
        if self._given > self._most:
            fault = Fault(
                f"it unpacks to more than {MOST_TIMES} times its size, and isn't read further",
                self._path,
                hint="unpack it by hand if it is meant so",
            )
            raise DataError("a file can't be read", (fault,))
        return len(piece)


def members(path: Path) -> list[str]:
    """Return the names of a zip's files, sorted. Raises DataError when it can't be read or has too many."""
    try:
        with zipfile.ZipFile(path) as bundle:
            found = sorted(one.filename for one in bundle.infolist() if not one.is_dir())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DataError("a file can't be read", (Fault(f"it is no whole zip: {error}", path),)) from None
    if len(found) > MOST_MEMBERS:
        fault = Fault(f"the zip has {len(found):,} files, more than {MOST_MEMBERS:,}", path)
        raise DataError("a file can't be read", (fault,))
    return [name for name in found if not name.startswith("__MACOSX/")]


@contextmanager
def unpacked(path: Path, packing: str, member: str = "") -> Iterator[IO[bytes]]:
    """Yield a file's bytes as a stream, unpacked. Raises DataError if that is impossible, or it is a bomb."""
    most = max(FREE, path.stat().st_size * MOST_TIMES)
    try:
        if not packing:
            with path.open("rb") as stream:
                yield stream
        elif packing == ".zip":
            with zipfile.ZipFile(path) as bundle, bundle.open(member) as stream:
                yield _bounded(stream, most, path)
        elif packing == ".zst":
            with path.open("rb") as raw:
                decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
                yield _bounded(decompressor.stream_reader(raw, read_across_frames=True), most, path)
        else:
            with OPENERS[packing](path, "rb") as stream:
                yield _bounded(stream, most, path)
    except (zipfile.BadZipFile, zstandard.ZstdError, EOFError, RuntimeError, NotImplementedError) as error:
        fault = Fault(f"it can't be unpacked: {error}", path, hint="is it whole? fetch it again")
        raise DataError("a file can't be read", (fault,)) from None


def _bounded(stream: Any, most: int, path: Path) -> IO[bytes]:
    return io.BufferedReader(Bounded(stream, most, path), 2**18)
