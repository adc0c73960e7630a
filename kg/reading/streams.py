"""Streams of bytes of which some were read ahead."""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from typing import IO


class Joined(io.RawIOBase):
    """A stream that gives the bytes that were read ahead, then the rest of another stream."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """Say that it can be read, as a file must."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        if self._head:
            piece, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
            return piece
        return self._rest.read(size)


def without_mark(stream: IO[bytes]) -> IO[bytes]:
    """Drop the byte order mark that Windows writes, which Turtle doesn't allow."""
    head = b""
    while len(head) < len(BOM_UTF8) and (piece := stream.read(len(BOM_UTF8) - len(head))):
        head += piece
    return Joined(head.removeprefix(BOM_UTF8), stream)  # type: ignore[return-value] # what a parser asks of a file
