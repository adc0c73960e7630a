"""A release: a directory with a manifest, whose every file is listed with its sha256.

releases/
  active -> 0.1.0              the release that answers
  0.1.0/
    manifest.json              version, reference date, counts, digest, sha256 of each file
    dataset.nq                 named graphs only, sorted: the data itself
    dataset.ttl                the merge, pretty
    shapes.ttl  metadata.ttl   what pages show; DCAT and VoID
  ontology.html              the vocabulary documented, a file that needs nothing else
  quality.ttl                numbers on the quality of the data, each with its query (DQV)
    questions/                 competency questions (.rq), the query page's examples, and their groups (.ttl)
    rules/                     the rules that inferred statements (.rq): answers are traced through them
    store/  search/            caches, made from dataset.nq, not part of the release
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import ReleaseError
from kg.machine.digests import sha256_of
from kg.machine.room import is_passing, no_room
from kg.machine.system import followed, point

MANIFEST = "manifest.json"
FORMAT = 1
"""The manifest's own version. A program refuses what is newer than it knows."""

_NEEDED = frozenset({"version", "dataset", "base", "prefixes", "languages", "titles", "counts", "files"})
"""What every manifest of this format has."""

STORE_READY = "ready.json"
"""Written last into a finished store; names the engine and the digest it was made from."""


@dataclass(frozen=True)
class Release:
    """An opened release: where it lies and what its manifest says."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The version, ``1.2.3`` or ``1.2.3+dev.<digest8>``."""
        return str(self.manifest["version"])

    @property
    def digest(self) -> str:
        """The sha256 (hex) of dataset.nq: what the release says, whatever it is called."""
        return str(self.manifest["files"]["dataset.nq"]["sha256"])

    @property
    def base(self) -> str:
        """The base IRI under which the dataset's own IRIs lie."""
        return str(self.manifest["base"])

    @property
    def home(self) -> str:
        """The IRI under which the build's own names lie (graphs, files): the base, but for opened files."""
        return str(self.manifest.get("home", self.base))

    @property
    def opened(self) -> Mapping[str, Any]:
        """What is known of files that were opened as they are; empty for a curated release."""
        return dict(self.manifest.get("opened", {}))

    @property
    def dataset(self) -> str:
        """The dataset's own IRI."""
        return str(self.manifest["dataset"])

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that dataset.ttl declares, over the well-known ones."""
        return dict(self.manifest["prefixes"])

    @property
    def languages(self) -> tuple[str, ...]:
        """The dataset's languages, as lower-case tags."""
        return tuple(self.manifest["languages"])

    @property
    def titles(self) -> Mapping[str, str]:
        """The dataset's title by language tag."""
        return dict(self.manifest["titles"])

    @property
    def counts(self) -> Mapping[str, int]:
        """Numbers of statements, graphs and the like, as counted at the build."""
        return dict(self.manifest["counts"])

    @property
    def superseded(self) -> frozenset[str]:
        """The graphs that a later one replaces: they can be asked for by name, but are not in the merge."""
        return frozenset(self.manifest.get("superseded", ()))

    def file(self, name: str) -> Path:
        """Return the path of one of the release's files. Raises ReleaseError when it has none so named."""
        if name not in self.manifest["files"]:
            raise ReleaseError(f"release {self.version} has no file {name!r}")
        return self.path / name

    @property
    def store(self) -> Path:
        """Where the engine's store of this release lies, made or not."""
        return self.path / "store"

    @property
    def search(self) -> Path:
        """Where the index of names of this release lies, made or not."""
        return self.path / "search"

    def verify(self) -> None:
        """Compare each file with its checksum. Raises ReleaseError that names the first that differs."""
        for name, entry in self.manifest["files"].items():
            path = self.path / name
            if not path.is_file():
                raise ReleaseError(
                    f"release {self.version}: {name} is missing", hint="build or copy it again"
                )
            if sha256_of(path) != entry["sha256"]:
                raise ReleaseError(
                    f"release {self.version}: {name} differs from its checksum",
                    hint="it was altered or is damaged; build or copy the release again",
                )


def open_release(path: Path) -> Release:
    """Open a release's directory (or a link to one).

    Raises ReleaseError when it is missing, half-written, or of a newer format than this program knows;
    StorageError when the system has no file descriptor or no memory left.
    """
    path = followed(path)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(
            f"{path} is not a release: it has no {MANIFEST}", hint="make one with `kg build`"
        ) from None
    except (ValueError, OSError) as error:
        if (passing := no_room(f"{path / MANIFEST} can't be read", error)) and is_passing(error):
            raise passing from error
        raise ReleaseError(
            f"{path / MANIFEST} can't be read: {error}", hint="build the release again"
        ) from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise ReleaseError(f"{path / MANIFEST} is not a release's manifest", hint="build the release again")
    if manifest["format"] > FORMAT:
        raise ReleaseError(
            f"{path} was made by a newer version of this program: format {manifest['format']}, not {FORMAT}",
            hint="update the program",
        )
    files = manifest.get("files")
    if not manifest.keys() >= _NEEDED or not isinstance(files, dict) or "dataset.nq" not in files:
        raise ReleaseError(f"{path / MANIFEST} lacks what a manifest has", hint="build the release again")
    release = Release(path.resolve(), manifest)
    missing = [name for name in manifest["files"] if not (path / name).is_file()]
    if missing:
        raise ReleaseError(
            f"release {release.version} lacks {', '.join(missing)}", hint="build or copy it again"
        )
    return release


def list_releases(folder: Path) -> Iterator[Release]:
    """Yield the releases in a folder by name; what is not a whole release is passed over."""
    for path in _places(folder):
        try:
            yield open_release(path)
        except ReleaseError:
            continue


def unfit_releases(folder: Path) -> Iterator[tuple[str, ReleaseError]]:
    """Yield, by name, the folders beside releases that aren't whole releases, each with the reason."""
    for path in _places(folder):
        try:
            open_release(path)
        except ReleaseError as error:
            yield path.name, error


def _places(folder: Path) -> list[Path]:
    """Return the folders in which releases may lie, by name."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    ]


def has_any(folder: Path) -> bool:
    """Say whether a folder has releases at all, be they whole or not, active or lost."""
    return (folder / "active").is_symlink() or (folder / "active").exists() or bool(_places(folder))


def active_release(folder: Path) -> Release:
    """Return the active release of a folder. Raises ReleaseError when there is none."""
    link = folder / "active"
    if not link.exists():
        raise ReleaseError(f"no release is active in {folder}", hint="make one with `kg build`")
    return open_release(followed(link).resolve())


def activate(folder: Path, version: str) -> None:
    """Make a release the active one, atomically; the caller holds the folder's lock.

    Raises ReleaseError when it isn't whole, OSError when the folder can't be written.
    """
    open_release(folder / version)
    beside = folder / f".active-{version}"
    beside.unlink(missing_ok=True)
    point(beside, version)
    beside.replace(folder / "active")
