"""The releases in a folder: finding, verifying and activating one, and removing old ones."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.errors import ReleaseError, ReleaseRemoved, ReleaseUnknown
from kg.machine.locks import locked
from kg.machine.room import no_room, writing
from kg.machine.system import sync
from kg.machine.whole import write_whole
from kg.release import MANIFEST, Release, active_release, list_releases, open_release
from kg.release import activate as _activate

TOMBSTONES = ".tombstones"
_ANEW = "build or copy the release again"
_VERSION = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.+-]*[0-9A-Za-z])?\Z")


@dataclass(frozen=True)
class Tombstone:
    """What is left of a release that was removed: what it was, and why it went."""

    version: str
    reason: str
    removed: str
    manifest: Mapping[str, Any]


def releases(folder: Path) -> list[Release]:
    """Return the releases in a folder, the newest version first (SemVer §11)."""
    return sorted(list_releases(folder), key=lambda release: precedence(release.version), reverse=True)


def precedence(version: str) -> tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...], str]:
    """Return a key that orders versions as SemVer §11 does; a build's mark decides last."""
    core, _, build = version.partition("+")
    core, _, pre = core.partition("-")
    numbers = tuple(int(part) if part.isdigit() else 0 for part in core.split("."))
    marks = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre.split(".")) if pre else ()
    # A pre-release comes before the release; a development build before the version it works towards.
    return numbers, 0 if pre else 1, marks, f"-{build}" if build else "~"


def find(folder: Path, version: str) -> Release:
    """Return the release of a version.

    Raises ReleaseUnknown when there never was one, ReleaseRemoved when only its tombstone is left,
    ReleaseError when it isn't whole.
    """
    if not _VERSION.match(version):
        raise ReleaseUnknown(f"{version!r} is not a version")
    # If removing it was interrupted after the manifest was gone, the tombstone tells that it isn't damaged.
    if stone := tombstone(folder, version):
        digest = stone.manifest["files"]["dataset.nq"]["sha256"]
        raise ReleaseRemoved(
            f"release {version} was removed on {stone.removed}: {stone.reason} (sha256 {digest})",
            version=version,
            hint="who kept a copy of it can tell it by its checksum",
        )
    if not is_there(folder, version):
        raise ReleaseUnknown(
            f"no release {version} is in {folder}", hint="kg release list names those there are"
        )
    release = open_release(folder / version)
    if release.version != version:
        raise ReleaseUnknown(f"no release {version} is in {folder}")
    return release


def is_there(folder: Path, version: str) -> bool:
    """Say whether something lies under a version's name, be it a whole release or not."""
    path = folder / version
    return bool(_VERSION.match(version)) and path.is_dir() and not path.is_symlink()


def trusted(release: Release) -> Release:
    """Return the release when its files have their checksums; remembered while they don't change.

    Raises ReleaseError when one differs: such a release is never served.
    """
    try:
        marks = tuple(
            (name, (release.path / name).stat().st_size, (release.path / name).stat().st_mtime_ns)
            for name in sorted((*release.manifest["files"], MANIFEST))
        )
        _verify(release.path, marks)
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise ReleaseError(f"release {release.version} lacks {missing}", hint=_ANEW) from None
    except OSError as error:
        what = f"release {release.version} can't be read"
        raise no_room(what, error) or ReleaseError(f"{what}: {error}", hint=_ANEW) from error
    return release


@lru_cache(maxsize=64)
def _verify(path: Path, marks: tuple[tuple[str, int, int], ...]) -> None:  # noqa: ARG001 - marks are the key
    open_release(path).verify()


def activate(folder: Path, version: str) -> Release:
    """Verify a release and make it the active one, atomically. Raises ReleaseError and changes nothing."""
    release = trusted(find(folder, version))
    with _changing(folder):
        _activate(folder, version)
    return release


@contextmanager
def _changing(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises StorageError, with what would mend it, when it can't be written."""
    with writing(f"{folder} can't be written, and the releases are as they were"), locked(folder):
        yield
        sync(folder)


def prune(
    folder: Path, version: str, *, reason: str, on: str, cited: Collection[str] = (), force: bool = False
) -> Tombstone:
    """Remove a release and leave a tombstone that says what it was.

    ``on`` is the day (ISO 8601) and ``cited`` the versions that citations rest on. Raises ReleaseError for
    the active release, and for one that is cited unless ``force`` insists.
    """
    release = find(folder, version)
    if _is_active(folder, release):
        raise ReleaseError(f"release {version} is the active one", hint="activate another first")
    if version in cited and not force:
        raise ReleaseError(
            f"citations rest on release {version}; without it they can't be had again",
            hint="keep it, or insist with --force: its citations then lead to a tombstone",
        )
    stone = Tombstone(version, reason, on, release.manifest)
    with _changing(folder):
        _bury(folder, stone)
        # Renamed first, so that a kill in between leaves no half of a release under its name.
        doomed = folder / f".pruned-{version}"
        shutil.rmtree(doomed, ignore_errors=True)
        release.path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
    return stone


def _bury(folder: Path, stone: Tombstone) -> None:
    """Write a tombstone, beside and renamed into place."""
    place = folder / TOMBSTONES
    place.mkdir(exist_ok=True)
    content = {
        "version": stone.version,
        "reason": stone.reason,
        "removed": stone.removed,
        "manifest": dict(stone.manifest),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    write_whole(place / f"{stone.version}.json", text)
    sync(place)


def tombstone(folder: Path, version: str) -> Tombstone | None:
    """Return what is left of a removed release; None when there was none, or it is there (again)."""
    if not _VERSION.match(version) or (folder / version / MANIFEST).is_file():
        return None
    try:
        content = json.loads((folder / TOMBSTONES / f"{version}.json").read_text(encoding="utf-8"))
        return Tombstone(content["version"], content["reason"], content["removed"], content["manifest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tombstones(folder: Path) -> list[Tombstone]:
    """Return what is left of all removed releases, the newest version first."""
    names = (path.stem for path in (folder / TOMBSTONES).glob("*.json"))
    found = (tombstone(folder, name) for name in names)
    return sorted((one for one in found if one), key=lambda one: precedence(one.version), reverse=True)


def _is_active(folder: Path, release: Release) -> bool:
    try:
        return active_release(folder).path == release.path
    except ReleaseError:
        return False
