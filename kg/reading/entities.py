"""RDF/XML's entities: Protégé's short names of namespaces are allowed, entity bombs are refused.

The parser expands entities without a bound. So the DOCTYPE is checked first: each entity must be a short text
that names no other entity. The expanded document is then at most `LONGEST` times as long as the file.
"""

from __future__ import annotations

import io
import re
from typing import IO

from kg.errors import DataError, Fault
from kg.reading.faults import too_long
from kg.reading.names import Document
from kg.reading.streams import Joined

LONGEST = 1_000
"""Characters of an entity; a namespace has some fifty."""
LONGEST_TEXT = 16 * 2**20
"""Bytes between two elements."""
_HEAD = 2**20
"""Bytes at the beginning of a file within which a DOCTYPE must end."""
_ENTITY = re.compile(
    rb"""<!ENTITY\s+(?P<mark>%\s+)?(?P<name>[\w.:-]+)\s+(?P<rest>(?:"[^"]*"|'[^']*'|[^>"'])*)>"""
)
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_QUOTED = re.compile(rb"""\A("[^"]*"|'[^']*')\s*\Z""")
_INNOCENT = re.compile(rb"&(?!#|lt;|gt;|amp;|quot;|apos;)|%")


def checked(stream: IO[bytes], document: Document) -> IO[bytes]:
    """Return the stream of a document whose DOCTYPE is harmless. Raises DataError for one that isn't."""
    head = b""
    while len(head) < _HEAD and b"<rdf:RDF" not in head and (piece := stream.read(2**14)):
        head += piece
    found = _DOCTYPE.search(head)
    if found:
        start, end = found.start(), head.find(b"]>", found.start())
        subset = head[start : end if end >= 0 else len(head)]
        for entity in _ENTITY.finditer(subset):
            _check(entity, document, head[:start].count(b"\n") + subset[: entity.start()].count(b"\n") + 1)
        if end < 0 and b"[" in subset.partition(b">")[0]:
            raise _refused("its DOCTYPE doesn't end", document, head[:start].count(b"\n") + 1)
    return _Runs(Joined(head, stream), document)  # type: ignore[return-value] # what a parser asks of a file


class _Runs(io.RawIOBase):
    """A stream of XML in which no text is too long to be held: the parser has no bound of its own."""

    def __init__(self, stream: io.RawIOBase, document: Document) -> None:
        self._stream, self._document = stream, document
        self._run = 0

    def readable(self) -> bool:
        """Say that it can be read, as a file must."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes. Raises DataError within a text that is too long."""
        piece = self._stream.read(size) or b""
        at = piece.rfind(b"<")
        self._run = self._run + len(piece) if at < 0 else len(piece) - at
        if self._run > LONGEST_TEXT:
            raise DataError("a file can't be read", (too_long(self._document.path),))
        return piece


def _check(entity: re.Match[bytes], document: Document, line: int) -> None:
    name = entity["name"].decode("utf-8", "replace")
    quoted = _QUOTED.match(entity["rest"])
    if entity["mark"] or quoted is None:
        raise _refused(f"the entity {name} is outside of the file, and isn't fetched", document, line)
    value = quoted[1][1:-1]
    if _INNOCENT.search(value) or b"<" in value:
        raise _refused(f"the entity {name} is made of others or holds elements", document, line)
    if len(value) > LONGEST:
        raise _refused(f"the entity {name} has more than {LONGEST} characters", document, line)


def _refused(message: str, document: Document, line: int) -> DataError:
    hint = "entities here are short texts, such as namespaces; write out the others"
    return DataError("a file can't be read", (Fault(message, document.path, line, hint=hint),))
