"""Requests and responses, as plain values."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

from kg.errors import UsageError


@dataclass(frozen=True)
class Request:
    """One HTTP request. Header names are in lower case; ``client`` is whom workers are shared between."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client: str = ""

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        return self.headers.get(name)

    def arguments(self) -> list[tuple[str, str]]:
        """Return the pairs of the URL's query, decoded. Raises UsageError when they are not UTF-8."""
        return pairs(self.query)


@dataclass
class Response:
    """One HTTP response, its body whole: bytes, or a file whose content is complete.

    ``delete`` says that the file is this response's own, to be removed once sent. ``rows`` and ``seconds``
    are for the access log.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Path = b""
    delete: bool = False
    rows: int | None = None
    seconds: float | None = None

    @property
    def length(self) -> int:
        """The body's length in bytes."""
        return self.body.stat().st_size if isinstance(self.body, Path) else len(self.body)


_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the pairs of an ``application/x-www-form-urlencoded`` text. Raises UsageError for a bad one."""
    try:
        if _BROKEN.search(text) or text.count("&") > 20:
            return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
        split = [pair.partition("=") for pair in text.split("&") if pair]
        return [(_decoded(name), _decoded(value)) for name, _, value in split]
    except ValueError as error:
        raise UsageError(f"the parameters can't be read: {error}", hint="encode them as UTF-8") from None


def _decoded(text: str) -> str:
    """Decode one name or value, whose escapes are all whole.

    Percent escapes are quoted-printable's with another sign, and that has a decoder in C: the standard
    library's own would take a third of the time of a small query.
    """
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    return a2b_qp(text.encode().replace(b"=", b"=3D").replace(b"%", b"=")).decode("utf-8")
