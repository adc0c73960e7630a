"""Parse one file of curated data; prefixes that the dataset knows are suggested where one is not declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg import reading


def parse_file(path: Path, prefixes: Mapping[str, str]) -> Iterator[ox.Quad]:
    """Yield a file's statements as written. ``prefixes`` are those to suggest when one is not declared.

    Raises DataError with file, line and column on a syntax error, an unknown prefix or a relative IRI.
    """
    for document in reading.documents(path, path.parent):
        yield from reading.parse(document, suggested=prefixes)
