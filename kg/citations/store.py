"""The query store: cited queries, kept for good in an append-only SQLite database.

SQLite survives `kill -9`, a full disk and two writers (WAL with synchronous=FULL), is one file to back up,
and comes with Python. Triggers refuse any change of stored rows; each row has a checksum over itself and the
row before it, so that changes made by other programs are noticed.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kg.citations.citation import Citation, read
from kg.errors import CitationError, CitationsDamaged
from kg.machine.room import number_of
from kg.machine.whole import take_after
from kg.settings import LIMITS

FORMAT = 1
_BUSY = 5_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS citation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL,
    chain TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON citation
BEGIN SELECT RAISE(ABORT, 'citations are never changed'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON citation
BEGIN SELECT RAISE(ABORT, 'citations are never removed'); END;
"""


class QueryStore:
    """An open query store. Every call opens and closes the database, so it can be shared by threads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, citation: Citation, *, limit: int | None = None) -> Citation:
        """Keep a citation and return it; if it is kept already, return the one that was kept first.

        Raises CitationError when the store can't be written, or holds ``limit`` citations.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self.path.exists()
            with self._open() as database:
                if fresh:
                    take_after(self.path, self.path.with_name("none"))
                database.executescript(_SCHEMA)
                database.execute(f"PRAGMA user_version = {FORMAT}")
                database.execute("BEGIN IMMEDIATE")
                kept = _find(database, citation.id)
                if kept is None:
                    _check_room(database, limit)
                    last = database.execute(
                        "SELECT chain FROM citation ORDER BY number DESC LIMIT 1"
                    ).fetchone()
                    record = citation.record()
                    link = _chain(last[0] if last else "", citation.id, record)
                    database.execute(
                        "INSERT INTO citation (id, record, chain) VALUES (?, ?, ?)",
                        (citation.id, record, link),
                    )
                database.execute("COMMIT")
                return kept or citation
        except (sqlite3.Error, OSError) as error:
            if number_of(error) is not None and (kept := self.get(citation.id)):
                return kept
            if _primary(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise CitationsDamaged(f"{self.path} is damaged: {error}", hint=_RESTORE) from error
            raise CitationError(
                f"the citation can't be kept: {error}",
                hint="the query store must be writable, with room on its disk; nothing was stored",
            ) from error

    def get(self, id: str) -> Citation | None:
        """Return the citation of an identifier, or None. Raises CitationError when it can't be read."""
        with self._reading() as database:
            return _find(database, id) if database else None

    def all(self) -> Iterator[Citation]:
        """Yield every citation, the oldest first. Raises CitationError when the store can't be read."""
        with self._reading() as database:
            rows = (
                database.execute("SELECT record FROM citation ORDER BY number").fetchall() if database else []
            )
        for (record,) in rows:
            yield read(record)

    def versions(self) -> frozenset[str]:
        """Return the releases that citations rest on. Raises CitationError when the store can't be read."""
        return frozenset(citation.version for citation in self.all())

    def verify(self) -> int:
        """Check the file and the chain of checksums; return how many citations there are.

        Raises CitationsDamaged that names the first that was altered, CitationError when it can't be read.
        """
        with self._reading() as database:
            if database is None:
                return 0
            if (fault := database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise CitationsDamaged(f"{self.path} is damaged: {fault}", hint=_RESTORE)
            before, count = "", 0
            for id, record, link in database.execute(
                "SELECT id, record, chain FROM citation ORDER BY number"
            ):
                if link != _chain(before, id, record) or read(record).id != id:
                    raise CitationsDamaged(f"citation {id} was altered", hint=_RESTORE)
                before, count = link, count + 1
            return count

    def backup(self, target: Path) -> int:
        """Write a consistent copy, even while others write; return how many citations it has.

        Raises CitationError when it can't be written; an older copy of that name then stays.
        """
        if not self.path.exists():
            raise CitationError(f"there is no query store at {self.path}")
        _copy(self.path, target)
        return QueryStore(target).verify()

    def restore(self, source: Path) -> int:
        """Restore citations from a backup; return how many the store then holds.

        If the store is whole, those that it lacks are added, and nothing is lost. A damaged store is replaced
        by the backup, with the store's mode and owner, and kept beside it as ``<name>.damaged-<number>``.
        Raises CitationError, and leaves the store as it is, when the backup is damaged, there is no room, or
        the store can't be read for another reason than damage.
        """
        if not source.is_file():
            raise CitationError(f"there is no backup at {source}")
        backup = QueryStore(source)
        backup.verify()
        try:
            self.verify()
        except CitationsDamaged:
            self._replace(source)
        else:
            for citation in backup.all():
                self.add(citation)
        return self.verify()

    def _replace(self, source: Path) -> None:
        """Move the store and its log aside, and put a copy of a database in their place."""
        fresh = self.path.with_name(self.path.name + ".restored")
        _copy(source, fresh, like=self.path)
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        # The log is moved first: SQLite would take one that is left for the restored file's.
        for suffix in ("-wal", "-shm", ""):
            old = self.path.with_name(self.path.name + suffix)
            if old.exists():
                old.rename(aside.with_name(aside.name + suffix))
        fresh.rename(self.path)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_BUSY / 1000, isolation_level=None)) as database:
            database.execute(f"PRAGMA busy_timeout = {_BUSY}")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            _check_format(database, self.path)
            yield database

    def _open_to_read(self) -> sqlite3.Connection:
        """Open the database read-only, also where SQLite can't make the files that it needs beside it."""
        address = f"{self.path.resolve().as_uri()}?mode=ro"
        database = sqlite3.connect(address, uri=True, timeout=_BUSY / 1000)
        try:
            database.execute("PRAGMA user_version").fetchone()
            return database
        except sqlite3.OperationalError as error:
            database.close()
            log = self.path.with_name(self.path.name + "-wal")
            # If the log is empty, all is in the one file, which can be read as immutable.
            if error.sqlite_errorcode & 0xFF not in _NO_ROOM or not _is_empty(log):
                raise
        return sqlite3.connect(f"{address}&immutable=1", uri=True)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield the database opened for reading, or None when there is none yet."""
        if not self.path.exists():
            yield None
            return
        try:
            with closing(self._open_to_read()) as database:
                _check_format(database, self.path)
                yield database
        except (sqlite3.Error, OSError, ValueError, TypeError, KeyError) as error:
            what = f"the query store {self.path} can't be read: {error}"
            if number_of(error) is not None or _primary(error) in _WAITING:
                raise CitationError(what, hint=_LATER) from error
            raise CitationsDamaged(what, hint=_RESTORE) from error


# SQLite's codes when it can't make the files beside a WAL database: a full disk, or no right to write.
_NO_ROOM = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_WAITING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_ROOM = "its folder must be writable, with room on its disk"
_LATER = "it isn't damaged: it goes on by itself when it can be opened again"
_RESTORE = "restore a backup: kg citations restore FILE"


def _primary(error: Exception) -> int:
    """Return SQLite's primary result code of a failure; 0 for any other."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _is_empty(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


def _check_format(database: sqlite3.Connection, path: Path) -> None:
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise CitationError(f"{path} was made by a newer version of this program", hint="update the program")


def _check_room(database: sqlite3.Connection, limit: int | None) -> None:
    if limit is not None and database.execute("SELECT COUNT(*) FROM citation").fetchone()[0] >= limit:
        full = LIMITS["cite_total"]
        raise CitationError(full.says(allowed=limit), hint=full.exceeded.hint)


def _find(database: sqlite3.Connection, id: str) -> Citation | None:
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'citation'").fetchone() is None:
        return None
    row = database.execute("SELECT record FROM citation WHERE id = ?", (id,)).fetchone()
    return read(row[0]) if row else None


def _chain(before: str, id: str, record: str) -> str:
    return hashlib.sha256(f"{before}\n{id}\n{record}".encode()).hexdigest()


def _copy(source: Path, target: Path, *, like: Path | None = None) -> None:
    """Copy a database through SQLite, beside the target and renamed into place.

    It has the mode and the owner of ``like``, or else of what it replaces, or of the folder's.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise CitationError(f"{target} can't be written: {error.strerror or error}", hint=_ROOM) from error
    os.close(handle)
    beside = Path(name)
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as from_,
            closing(sqlite3.connect(beside)) as to,
        ):
            from_.backup(to)
            # Without WAL the backup is a single file, which can be copied elsewhere.
            to.execute("PRAGMA journal_mode = DELETE")
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        take_after(beside, like or target)
        beside.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise CitationError(f"{target} can't be written: {error}", hint=_ROOM) from error
    finally:
        beside.unlink(missing_ok=True)
