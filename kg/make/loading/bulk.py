"""Lines of N-Quads on their way into a store while the next are made: the engine lets others run.

They go into their graphs and into the merge: so it needn't be filled from the graphs when all are in.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import pyoxigraph as ox

_AT_ONCE = 2**21
"""Bytes of lines that go in at once: with fewer, beginning anew takes as long as they do."""
_MOST = 8
"""So often is waited that lines which are made faster than they go in don't fill the memory."""


class BulkLoad:
    """Puts lines into a store, in their order, by a thread that is done when the context ends."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(1)
        self._begun: list[Future[None]] = []
        self._waiting: list[bytes] = []
        self._size = 0

    def __enter__(self) -> BulkLoad:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Put in what is left, unless something went wrong."""
        with self._pool:
            if kind is None:
                self.settle()

    def add(self, lines: bytes) -> None:
        """Put lines in, now or a little later. They are known to be right."""
        self._waiting.append(lines)
        self._size += len(lines)
        if self._size > _AT_ONCE:
            self._begin()

    def settle(self) -> None:
        """Return when all lines are in. Raises what the engine raised."""
        self._begin()
        for one in self._begun:
            one.result()
        self._begun.clear()

    def _begin(self) -> None:
        lines, self._waiting, self._size = b"".join(self._waiting), [], 0
        if len(self._begun) == _MOST:
            self._begun.pop(0).result()
        if lines:
            self._begun.append(self._pool.submit(self._load, lines))

    def _load(self, lines: bytes) -> None:
        self._store.load(input=lines, format=ox.RdfFormat.N_QUADS, lenient=True)
        self._store.load(input=_without_graphs(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True)


def _without_graphs(lines: bytes) -> bytes:
    """Return lines of N-Quads, each of which names its graph, as lines of N-Triples."""
    # No literal has the end of a line in it, and no graph's address a blank.
    return b"".join(line.rpartition(b" <")[0] + b" .\n" for line in lines.removesuffix(b"\n").split(b"\n"))
