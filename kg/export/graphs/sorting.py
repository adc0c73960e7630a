"""Sorting N-Quads by graph in bounded memory: sorted pieces on disk, then merged."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO

PIECE = 100_000
"""Lines that are sorted in memory at a time: some 30 MB."""


def by_graph(lines: Iterable[bytes], *, piece: int = PIECE) -> Iterator[bytes]:
    """Yield lines of N-Quads by graph, those of one graph in the order of their bytes.

    Every line must name its graph by an IRI.
    """
    stream = iter(lines)
    with ExitStack() as stack:
        pieces: list[IO[bytes]] = []
        while part := sorted(islice(stream, piece), key=_key):
            out = stack.enter_context(tempfile.TemporaryFile())
            out.writelines(part)
            out.seek(0)
            pieces.append(out)
        yield from heapq.merge(*pieces, key=_key)


def _key(line: bytes) -> tuple[bytes, bytes]:
    statement, _, graph = line.rpartition(b" <")
    # Without the ">", so that a graph comes before those whose IRIs begin with its own.
    return graph.partition(b">")[0], statement
