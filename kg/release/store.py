"""The engine's store of a release: a cache, made from dataset.nq, with the merge in its default graph."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.release import Release
from kg.release.caches import Cache

_LINES = 4096
LAYOUT = 1
"""How we lay a store out; a store of another layout is made again."""


def _fill(release: Release, folder: Path) -> None:
    store = ox.Store(str(folder))
    path = release.file("dataset.nq")
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
    with path.open("rb") as lines:
        merge = _Merge(lines, frozenset(f"<{iri}>".encode() for iri in release.superseded))
        store.bulk_load(input=cast(IO[bytes], merge), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    del store


_CACHE = Cache("store", "the store", {"engine": f"pyoxigraph {ox.__version__}", "layout": LAYOUT}, _fill)


def ensure_store(release: Release) -> Path:
    """Return the store's folder, making it when need be; see `Cache.ensure`."""
    return _CACHE.ensure(release)


class _Merge(io.RawIOBase):
    """N-Quads read as the N-Triples of the merge: without graphs, and without the lines of replaced graphs.

    The engine reads this as a file, so that Python doesn't handle statements one by one.
    """

    def __init__(self, lines: Iterable[bytes], replaced: frozenset[bytes]) -> None:
        self._lines = lines
        self._replaced = replaced
        self._ready = b""

    def readable(self) -> bool:
        """Say that it can be read, as a file must."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        # A block whose lines are all of replaced graphs is empty, but not the end.
        while not self._ready and (lines := list(islice(self._lines, _LINES))):
            self._ready = b"".join(self._triples(lines))
        piece = self._ready[:size] if size >= 0 else self._ready
        self._ready = self._ready[len(piece) :]
        return piece

    def _triples(self, lines: list[bytes]) -> Iterator[bytes]:
        for line in lines:
            triple, _, graph = line.removesuffix(b" .\n").rpartition(b" ")
            if graph not in self._replaced:
                yield triple + b" .\n"
