"""Caches made from a release and kept beside it: the engine's store, the index of names, and the like.

A cache is a folder with a stamp that says from what and by which program it was made. It is made under
another name and then renamed, so that a killed maker leaves the previous one whole; if the stamp differs it
is made again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import KgError, ReleaseError
from kg.machine.locks import locked_name
from kg.machine.room import no_room
from kg.release import STORE_READY, Release


@dataclass(frozen=True)
class Cache:
    """One kind of cache: its folder's name, its description, its maker, and how it is made.

    ``maker`` names program and format, for the stamp; ``fill`` writes the content into an empty folder.
    """

    name: str
    what: str
    maker: Mapping[str, object]
    fill: Callable[[Release, Path], None]

    def folder(self, release: Release) -> Path:
        """Return where the cache of a release lies, made or not."""
        return release.path / self.name

    def is_ready(self, release: Release) -> bool:
        """Say whether a release has a whole cache that this program can read."""
        try:
            found = json.loads((self.folder(release) / STORE_READY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(found == self._stamp(release))

    def ensure(self, release: Release) -> Path:
        """Return the cache's folder, making it when it is missing, unfinished, or of another maker or digest.

        Two makers wait for each other. Raises StorageError when there is no room for it, Busy when another
        maker takes too long, ReleaseError when the release's files are damaged.
        """
        if self.is_ready(release):
            return self.folder(release)
        try:
            with locked_name(release.path / f".lock-{self.name}"):
                if not self.is_ready(release):
                    self._make(release)
        except (OSError, SyntaxError, ValueError, RuntimeError, MemoryError) as error:
            raise self._failed(release, error) from error
        return self.folder(release)

    def _failed(self, release: Release, error: Exception) -> KgError:
        what = f"{self.what} of release {release.version} can't be made"
        return no_room(what, error) or ReleaseError(
            f"{what}: {error}",
            hint="its files seem damaged: build or fetch it again (kg release verify says which)",
        )

    def _stamp(self, release: Release) -> dict[str, object]:
        return {**self.maker, "digest": release.digest}

    def _make(self, release: Release) -> None:
        self._clean(release)
        beside = Path(tempfile.mkdtemp(prefix=f".{self.name}-", dir=release.path))
        beside.chmod(0o755)
        place = self.folder(release)
        try:
            self.fill(release, beside)
            (beside / STORE_READY).write_text(json.dumps(self._stamp(release)) + "\n", encoding="utf-8")
            if place.exists():
                place.rename(beside.with_name(beside.name + "-old"))
            beside.rename(place)
        finally:
            self._clean(release)

    def _clean(self, release: Release) -> None:
        """Remove what this maker replaced, or a killed one left."""
        for old in release.path.glob(f".{self.name}-*"):
            shutil.rmtree(old, ignore_errors=True)
