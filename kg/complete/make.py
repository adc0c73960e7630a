"""Write what the editor completes from beside a release: a cache, as store/ and search/ are."""

from __future__ import annotations

import json
from pathlib import Path

from kg.release import Release
from kg.release.caches import Cache
from kg.release.store import ensure_store
from kg.search import ensure_index

FORMAT = 1
"""What is written, and how; another format is made again."""

TERMS = "vocabulary.json"
VALUES = "values.json"


def _fill(release: Release, folder: Path) -> None:
    from kg.complete.count import count
    from kg.complete.describe import Describer

    describer = Describer(release, count(release.file("dataset.nq"), release.superseded))
    _write(folder / TERMS, describer.terms())
    _write(folder / VALUES, describer.values())


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


_CACHE = Cache("complete", "what completes queries", {"format": FORMAT}, _fill)
folder = _CACHE.folder
is_ready = _CACHE.is_ready
ensure = _CACHE.ensure


def prepare(release: Release) -> None:
    """Make what a server needs beside a release, where it is missing: store, index of names, completion.

    Raises ReleaseError, StorageError or Busy.
    """
    for one in (ensure_store, ensure_index, ensure):
        one(release)
