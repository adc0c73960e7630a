"""Where an answer is kept while it is written: in memory while it is small, then on disk, up to a bound.

A serialiser writes into a `Spool`. The rows are counted on the way, since serialisers don't tell their
number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kg.errors import QueryLimit
from kg.settings import LIMITS

IN_MEMORY = 1024 * 1024
"""Bytes up to which an answer makes no file."""


@dataclass(frozen=True)
class Written:
    """A whole answer in some format.

    ``kind`` is ``select``, ``ask`` or ``graph``; ``format`` the short name of the format; ``rows`` counts
    solutions or triples (1 for a boolean); ``body`` is the bytes, or the file that holds them, which the
    holder must remove; ``sha256`` is their digest in hex; ``seconds`` is how long the engine took. ``traced``
    is for answers asked with their sources: ``whole`` if every row has them, ``partial`` if some lack them,
    else the reason why none has.
    """

    kind: str
    format: str
    rows: int
    body: bytes | Path
    length: int
    sha256: str
    seconds: float
    traced: str | None = None


class Spool:
    """A writable that holds up to ``limit`` bytes, the first `IN_MEMORY` in memory and more in ``path``.

    Raises QueryLimit from `write` when it would hold more.
    """

    def __init__(
        self,
        path: Path,
        limit: int,
        count: Callable[[bytes], None] | None = None,
        mend: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.path = path
        self.limit = limit
        self.length = 0
        self.parts: list[bytes] = []
        self.file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._count = count
        self._mend = mend

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        taken = len(data)
        if self._mend is not None:
            data = self._mend(data)
        self.length += len(data)
        if self.length > self.limit:
            raise too_large(self.limit)
        self._digest.update(data)
        if self._count is not None:
            self._count(data)
        if self.file is None:
            self.parts.append(data)
            if self.length > IN_MEMORY:
                self.file = self.path.open("wb")
                self.file.writelines(self.parts)
                self.parts = []
        else:
            self.file.write(data)
        return taken

    def flush(self) -> None:
        """Do nothing: `finish` sees to it."""

    def finish(self) -> bytes | Path:
        """Close, and return what was written: bytes or the file."""
        if self.file is None:
            return b"".join(self.parts)
        self.file.close()
        return self.path

    def discard(self) -> None:
        """Remove the file, if there is one."""
        if self.file is not None:
            self.file.close()
            self.path.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """The digest in hex of what was written so far."""
        return self._digest.hexdigest()


def too_large(limit: int) -> QueryLimit:
    """The error for an answer of more than ``limit`` bytes."""
    return LIMITS["result_size"].ended(allowed=limit // 1_000_000)


class RowCounter:
    """Counts the solutions in pyoxigraph's own serialisations as they stream by, by format."""

    def __init__(self, format: str) -> None:
        self.take: Callable[[bytes], None] = getattr(self, f"_{format}")
        self._format = format
        self._seen = 0
        self._tail = b""
        self._quoted = False
        self._doubtful = 0
        self._commas = 0
        self._triples = self._blank = False

    def rows(self, body: bytes | Path) -> int:
        """Return the number of rows, when all is written; a doubtful count is made again from ``body``."""
        if self._format in ("csv", "tsv"):
            return self._seen - 1  # the header
        if self._format == "xml":
            return self._seen
        if self._doubtful:
            return _exact_json_rows(body.read_bytes() if isinstance(body, Path) else body)
        return self._seen + (0 if self._tail.endswith(b"[]}}") else 1)

    def _tsv(self, data: bytes) -> None:
        self._seen += data.count(b"\n")  # TSV escapes line ends in values

    def misread(self, columns: int) -> bool:
        """Whether CSV may be read as other rows than were written: see `kg.engine.answers.csv_rows`."""
        return self._triples or self._commas != self._seen * (columns - 1) or (columns == 1 and self._blank)

    def _csv(self, data: bytes) -> None:
        joined = self._tail + data
        self._blank = self._blank or b"\n\r\n" in joined
        before, self._tail = self._tail[-1:], joined[-2:]
        for index, piece in enumerate(data.split(b'"')):
            if index:
                self._quoted = not self._quoted
                # A quote stands at the beginning of a cell, or behind another.
                self._triples = self._triples or (self._quoted and before not in b',\n"')
            before = piece[-1:] or (b'"' if index else before)
            if not self._quoted:
                self._triples = self._triples or (b" " in piece and bool(_TRIPLE.search(piece)))
                self._seen += piece.count(b"\n")
                self._commas += piece.count(b",")

    def _xml(self, data: bytes) -> None:
        joined = self._tail + data
        self._seen += joined.count(b"<result>")  # a "<" in a value is escaped
        self._tail = joined[-7:]

    def _json(self, data: bytes) -> None:
        # Between two rows stands },{ . The same inside a value can't be told apart without reading all
        # strings; so where its count differs from that of pyoxigraph's own row ends, the number is in doubt.
        tail = self._tail
        joined = tail + data if tail else data
        ends = joined.count(b"},{") - tail.count(b"},{")
        if ends or self._doubtful:
            self._seen += ends
            self._doubtful += ends - joined.count(b'"}},{"') + tail.count(b'"}},{"')
            self._doubtful += joined.count(b':"}},{"') - tail.count(b':"}},{"')
            if b"\\" in joined:  # much quicker than counting
                self._doubtful += joined.count(b'\\"}},{"') - tail.count(b'\\"}},{"')
        self._tail = joined[-16:]


_TRIPLE = re.compile(
    rb"(?:\A|[,\n])(?:_:|[A-Za-z][A-Za-z0-9+.-]*:)[^ ,\r\n]* [A-Za-z][^ :,\r\n]*:[^ ,\r\n]* "
)
"""How pyoxigraph 0.5.13 begins a triple term in CSV: subject, predicate, object, with spaces between."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


def json_rows(document: bytes) -> int:
    """Return the number of rows of a whole JSON result as pyoxigraph writes it.

    Without a backslash every quote begins or ends a string, so a row's end stands between two quotes; only a
    value that itself begins with such an end could be mistaken for one.
    """
    ends = document.count(b'"}},{"')
    if b"\\" in document or document.count(b"},{") != ends or b':"}},{' in document:
        return _exact_json_rows(document)
    return ends + 1 if ends or not document.endswith(b"[]}}") else 0


def _exact_json_rows(document: bytes) -> int:
    """Count the rows of a JSON result by what stands outside of its strings."""
    bare = _STRING.sub(b"", document)
    if bare.endswith(b"[]}}"):
        return 0
    return bare.count(b"},{") + 1
