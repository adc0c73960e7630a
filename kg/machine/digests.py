"""The digest of a file: the one place that works it out for releases, caches and what is remembered."""

from __future__ import annotations

import hashlib
from io import FileIO
from pathlib import Path

_PIECE = 2**18


def sha256_of(path: Path | str) -> str:
    """Return the sha256 (hex) of a file's bytes, read in pieces. Raises OSError."""
    # Most files are one piece: a buffer for each would take longer than its digest.
    with FileIO(path) as stream:
        found = hashlib.sha256()
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
