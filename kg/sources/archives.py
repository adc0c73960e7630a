"""Packages as sources: pinned by purl and sha256, fetched by their registry's own client, read in place.

An archive is never unpacked: a member is named exactly and read as a stream, so nothing that it holds can be
written anywhere. It is kept in a cache under its checksum; what lies there is checked again on every use.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, cast
from urllib.parse import unquote

from kg.errors import SourceError
from kg.machine.digests import sha256_of

MAX_MEMBER = 1 << 30
"""The most bytes that a member may unpack to: above what any table of ours needs, below what would harm."""

_CLIENT_SECONDS = 900
# The purl specification's form, without qualifiers; nothing in it can be taken for an option or a path.
_PURL = re.compile(
    r"pkg:(?P<type>[a-z]+)/(?P<name>(?:(?:@|%40)[a-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*)@(?P<version>[0-9A-Za-z][\w.+-]*)"
)


@dataclass(frozen=True)
class Package:
    """A released package. ``purl`` names it, ``sha256`` (lower-case hex) is its archive's."""

    purl: str
    sha256: str

    def __post_init__(self) -> None:
        if not _PURL.fullmatch(self.purl):
            raise SourceError(
                f"{self.purl!r} is not a package URL with a version", hint="write it as pkg:npm/name@1.2.3"
            )
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise SourceError(f"{self.purl}: its sha256 must be 64 lower-case hexadecimal digits")

    @property
    def kind(self) -> str:
        """The registry's type: ``npm`` or ``pypi``."""
        return self.purl.removeprefix("pkg:").partition("/")[0]

    @property
    def name(self) -> str:
        """The package's name as its client knows it."""
        return unquote(self.purl.partition("/")[2].rpartition("@")[0])

    @property
    def version(self) -> str:
        """The pinned version."""
        return self.purl.rpartition("@")[2]


def obtain(package: Package, cache: Path) -> Path:
    """Return the path of the package's archive, fetching it if the cache has no sound copy.

    Raises SourceError when its client is absent or fails, or when the checksum differs.
    """
    kept = cache / f"sha256-{package.sha256}"
    if kept.is_file() and sha256_of(kept) == package.sha256:
        return kept
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
            fetched = _fetch(package, Path(folder), kept)
            found = sha256_of(fetched)
            if found != package.sha256:
                raise SourceError(
                    f"{package.purl}: the archive's sha256 is {found}, the mapping pins {package.sha256}",
                    hint="it isn't the file that was reviewed: find out why before you pin another checksum",
                )
            fetched.replace(kept)
    except OSError as error:
        raise SourceError(f"{package.purl}: the cache {cache} can't be written: {error}") from error
    return kept


@contextmanager
def open_member(archive: Path, member: str) -> Iterator[BinaryIO]:
    """Open one regular file of a .tgz, .whl or .zip for reading, by its exact name.

    Raises SourceError when there is no such file, or the archive is damaged, also while it is being read.
    """
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member:
        raise SourceError(
            f"{member!r} can't be the name of a file in an archive", hint="name it as it stands inside"
        )
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as bundle, _zip_member(bundle, member) as stream:
                yield stream
        else:
            with tarfile.open(archive, "r:*") as tar, _tar_member(tar, member) as stream:
                yield stream
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceError(f"{archive}: not a sound archive: {error}") from error
    except KeyError:
        raise SourceError(f"{archive}: it holds no {member}") from None


def _zip_member(bundle: zipfile.ZipFile, member: str) -> BinaryIO:
    info = bundle.getinfo(member)
    _check_size(member, info.file_size)
    return cast(BinaryIO, bundle.open(info))


def _tar_member(bundle: tarfile.TarFile, member: str) -> BinaryIO:
    info = bundle.getmember(member)
    # A link would let an archive decide what is read.
    stream = bundle.extractfile(info) if info.isfile() else None
    if stream is None:
        raise SourceError(f"{member} is not a regular file in its archive")
    _check_size(member, info.size)
    return cast(BinaryIO, stream)


def _check_size(member: str, size: int) -> None:
    if size > MAX_MEMBER:
        raise SourceError(f"{member} would unpack to {size} bytes, more than {MAX_MEMBER}")


def _fetch(package: Package, folder: Path, kept: Path) -> Path:
    """Have the package's client download its archive into an empty folder; return the file."""
    by_hand = f"or save the archive, sha256 {package.sha256}, as {kept}"
    if package.kind not in _CLIENTS:
        raise SourceError(f"{package.purl}: no client for {package.kind!r} is known", hint="npm and pypi are")
    command = _CLIENTS[package.kind](package, folder, by_hand)
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_CLIENT_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"{package.purl}: its client didn't end within {_CLIENT_SECONDS} s", hint=by_hand
        ) from None
    files = [path for path in folder.iterdir() if path.is_file()]
    if done.returncode != 0 or len(files) != 1:
        said = "\n".join(f"    {line}" for line in (done.stderr or done.stdout).splitlines()[-5:])
        raise SourceError(
            f"{package.purl} could not be fetched; {Path(command[0]).name} said:\n{said}",
            hint=f"see that the package registry can be reached and try again, {by_hand}",
        )
    return files[0]


def _npm(package: Package, folder: Path, by_hand: str) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError(
            f"{package.purl} is fetched by npm, which is not on the PATH",
            hint=f"install it (on Debian: apt-get install npm), {by_hand}",
        )
    spec = f"{package.name}@{package.version}"
    return [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), "--", spec]


def _pip(package: Package, folder: Path, by_hand: str) -> list[str]:
    if importlib.util.find_spec("pip") is None:
        raise SourceError(
            f"{package.purl} is fetched by pip, which this Python has not",
            hint=f"install it (python -m ensurepip), {by_hand}",
        )
    # Wheels alone: to look into a source distribution pip would run its setup code.
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--dest"]
    spec = f"{package.name}=={package.version}"
    return [sys.executable, "-m", "pip", "download", *options, str(folder), "--", spec]


_CLIENTS: Mapping[str, Callable[[Package, Path, str], list[str]]] = MappingProxyType(
    {"npm": _npm, "pypi": _pip}
)
