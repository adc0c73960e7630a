"""What XML can't say, and pyoxigraph writes all the same: the reader's parser fails or reads other things."""

from __future__ import annotations

import re
from collections.abc import Callable

from kg.errors import QueryRefused

# XML 1.0 §2.2 leaves out control characters and the two non-characters of the BMP; a bare CR is read back as
# LF.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]")
# pyoxigraph 0.5.13's way out where a predicate's IRI has no local name: an element named with a prefix alone.
_NO_LOCAL_NAME = b"<oxprefix: "


class XmlCheck:
    """Looks at XML as it streams by. Raises QueryRefused for what is not well-formed."""

    def __init__(self) -> None:
        self._tail = b""

    def take(self, data: bytes) -> None:
        """Look at the next bytes."""
        joined = self._tail + data
        if _NOT_XML.search(joined):
            raise _refusal("a character that XML can't hold")
        if _NO_LOCAL_NAME in joined:
            raise _refusal("a property whose IRI ends in a way that RDF/XML can't write")
        self._tail = joined[-len(_NO_LOCAL_NAME) :]


def checked(format: str, count: Callable[[bytes], None] | None = None) -> Callable[[bytes], None] | None:
    """Return what is to look at an answer in a format as it streams by: a count, a check, both or none."""
    if format not in ("xml", "rdf"):
        return count
    check = XmlCheck()
    if count is None:
        return check.take

    def both(data: bytes) -> None:
        check.take(data)
        count(data)

    return both


def _refusal(what: str) -> QueryRefused:
    return QueryRefused(
        f"the answer holds {what}",
        limit="format",
        hint="ask for another format: JSON for rows, Turtle for graphs",
    )
