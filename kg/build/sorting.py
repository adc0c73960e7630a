"""Sort lines by code point, in pieces on disk, so that memory stays bounded whatever the size."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

PIECE = 2_000_000
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
        pieces = [first]
        paths: list[Path] = []
        while part := pieces.pop() if pieces else sorted(islice(stream, piece)):
            path = Path(place) / str(len(paths))
            with path.open("wb") as out:
                out.writelines(part)
            paths.append(path)
        del first
        yield from _unique(heapq.merge(*(stack.enter_context(path.open("rb")) for path in paths)))


def _unique(lines: Iterable[bytes]) -> Iterator[bytes]:
    last = b""
    for line in lines:
        if line != last:
            yield line
            last = line
