"""Finding what pyoxigraph writes though XML can't express it: readers would fail, or misread it.

The table of these faults is `kg.engine.quirks.writing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kg.errors import QueryRefused

# "xml-character": XML 1.0 §2.2 leaves out control characters and the two non-characters of the BMP.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# "xml-no-local-name": what pyoxigraph 0.5.13 writes for a predicate whose IRI has none, an element named by a
# prefix alone.
_NO_LOCAL_NAME = b"<oxprefix: "


# "xml-newer-name": the 5th edition of XML 1.0 allows more names than the 4th, which parsers in use follow.
# Names are checked against what both allow.
_TAG = re.compile(rb"</?([^\s<>\"/]*[\x80-\xff][^\s<>\"/]*)[\s>/]")
_OLD_NAME = re.compile(r"[A-Za-z_:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u4e00-\u9fa50-9.-]*")
_LONGEST_NAME = 2048


class XmlCheck:
    """Looks at XML as it streams by. Raises QueryRefused for what is not well-formed."""

    def __init__(self) -> None:
        self._tail = b""

    def take(self, data: bytes) -> None:
        """Look at the next bytes."""
        joined = self._tail + data
        if _NOT_XML.search(joined):
            raise refusal("a character that XML can't hold")
        if _NO_LOCAL_NAME in joined:
            raise refusal("a property whose IRI ends in a way that RDF/XML can't write")
        for tag in _TAG.finditer(joined):
            if not _OLD_NAME.fullmatch(tag[1].decode()):
                raise refusal("a property with a name that XML's readers don't take")
        self._tail = joined[max(joined.rfind(b"<"), len(joined) - _LONGEST_NAME, 0) :]


def kept_whole(data: bytes) -> bytes:
    """Return XML with carriage returns as references ("xml-carriage-return", XML 1.0 §2.11)."""
    return data.replace(b"\r", b"&#xD;")


def mended(format: str) -> Callable[[bytes], bytes] | None:
    """Return what changes the bytes of an answer in a format as they stream by; None where nothing need."""
    return kept_whole if format in ("xml", "rdf") else None


def checked(format: str, count: Callable[[bytes], None] | None = None) -> Callable[[bytes], None] | None:
    """Return what looks at an answer's bytes as they stream by: ``count``, a check of XML, both or None."""
    if format not in ("xml", "rdf"):
        return count
    check = XmlCheck()
    if count is None:
        return check.take

    def both(data: bytes) -> None:
        check.take(data)
        count(data)

    return both


RDF_12 = "does not support RDF 1.2"
"""What pyoxigraph says of a format that has no triple terms and no text directions."""


def refusal(what: str, format: str = "") -> QueryRefused:
    """Return the refusal of an answer that a format can't say."""
    return QueryRefused(
        f"the answer holds {what}" + (f", which {format} can't say" if format else ""),
        limit="format",
        hint="ask for another format: JSON for rows, Turtle for graphs",
    )
