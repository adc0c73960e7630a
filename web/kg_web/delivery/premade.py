"""Pages made before anybody asks for them: a file of compressed pages beside the release, and its reader.

The file fits any server: `MARK` stands in the pages for the server's own address. ``kg_web.server.premake``
writes it.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TypeAlias
from urllib.parse import quote

import zstandard

import kg
from kg.release import Release
from kg.release.caches import Cache

MARK = "http://address-of-this-server.invalid"
"""What stands in the pages for the address at which they are read (RFC 2606 keeps such names free)."""
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:\[\]_~/%-]+\Z")
FOLDER = "pages"
_FILE = "pages.sqlite3"
_MADE_OF = ("flask", "flask-babel", "jinja2", "markupsafe")
_LOOK = 5.0
"""Seconds between two looks whether the file is there by now."""

Key: TypeAlias = tuple[str, str, str]
"""A page's path, query and language."""


@cache
def program() -> str:
    """Return a digest of all that makes pages: this program's files, and the versions of what it uses."""
    found = hashlib.sha256(" ".join(version(name) for name in _MADE_OF).encode())
    for folder in (Path(str(kg.__file__)).parent, Path(__file__).parents[1]):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if {"__pycache__", "_resources"}.isdisjoint(inside) and path.is_file():
                found.update(f"{'/'.join(inside)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _none(_release: Release, _folder: Path) -> None:
    raise RuntimeError("a reader makes no pages")


def shelf(things: int, fill: Callable[[Release, Path], None] = _none) -> Cache:
    """Return the cache of pages made for so many things; only the maker passes ``fill``."""
    return Cache(FOLDER, "the pages made beforehand", {"program": program(), "things": things}, fill)


def write(folder: Path, pages: Iterable[tuple[Key, bytes]]) -> None:
    """Write packed pages into a folder. Raises OSError."""
    try:
        connection = sqlite3.connect(folder / _FILE)
        with connection:
            connection.execute(
                "CREATE TABLE page (path, query, language, packed, PRIMARY KEY (path, query, language))"
            )
            connection.executemany(
                "INSERT INTO page VALUES (?, ?, ?, ?)", ((*key, packed) for key, packed in pages)
            )
        connection.close()
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


class Premade:
    """The pages made beforehand of one release, as soon as there are any. Threads share it."""

    def __init__(self, release: Release | None, things: int) -> None:
        self._release, self._things = release, things
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._look_at = 0.0

    def get(self, key: Key, root: str) -> str | None:
        """Return a page as it is read at an address; None when it wasn't made, or the address is odd."""
        if not _PLAIN.match(root):  # it comes from the client's Host header and goes into the page
            return None
        with self._lock:
            connection = self._connection or self._open()
            packed = self._read(connection, key) if connection else None
        if packed is None:
            return None
        page = zstandard.decompress(packed).decode()
        return page.replace(MARK, root).replace(quote(MARK, safe=""), quote(root, safe=""))

    def _open(self) -> sqlite3.Connection | None:
        now = monotonic()
        if self._release is None or not self._things or now < self._look_at:
            return None
        self._look_at = now + _LOOK
        if not (self._release.path / FOLDER).is_dir():  # what follows reads the program's files
            return None
        found = shelf(self._things)
        if not found.is_ready(self._release):
            return None
        # The file is never changed, only replaced, and a reader keeps the one that it has opened: so
        # immutable=1.
        uri = f"{(found.folder(self._release) / _FILE).as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        return self._connection

    def _read(self, connection: sqlite3.Connection, key: Key) -> bytes | None:
        try:
            row = connection.execute(
                "SELECT packed FROM page WHERE path = ? AND query = ? AND language = ?", key
            ).fetchone()
        except sqlite3.Error:  # with a damaged file, pages are made when they are asked for
            self._release, self._connection = None, None
            return None
        return row[0] if row else None
