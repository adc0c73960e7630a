"""Sort lines by code point, in pieces on disk, so that memory stays bounded whatever the size."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

PIECE = 500_000
"""Lines that are sorted in memory at a time."""


def sorted_lines(lines: Iterable[bytes], folder: Path, *, piece: int = PIECE) -> Iterator[bytes]:
    """Yield lines in the order of their bytes, which in UTF-8 is that of code points, without doubles.

    Pieces are kept in ``folder`` while it runs.
    """
    stream = iter(lines)
    first = sorted(islice(stream, piece))
    if len(first) < piece:
        yield from _unique(first)
        return
    with tempfile.TemporaryDirectory(dir=folder) as place, ExitStack() as stack:
        paths = _write_pieces(first, stream, piece, Path(place))
        yield from _unique(heapq.merge(*(stack.enter_context(path.open("rb")) for path in paths)))


def _write_pieces(part: list[bytes], stream: Iterator[bytes], piece: int, place: Path) -> list[Path]:
    """Write the first piece and those that follow to files, each sorted; one piece is held at a time."""
    paths: list[Path] = []
    while part:
        path = place / str(len(paths))
        with path.open("wb") as out:
            out.writelines(part)
        paths.append(path)
        part.clear()
        part.extend(islice(stream, piece))
        part.sort()
    return paths


def _unique(lines: Iterable[bytes]) -> Iterator[bytes]:
    last = b""
    for line in lines:
        if line != last:
            yield line
            last = line
