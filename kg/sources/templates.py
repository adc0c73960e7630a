"""URI templates: how a mapping makes an IRI out of a row (RFC 6570, of which we take two forms).

``{name}`` puts a cell in, percent-encoded, so that nothing in a cell can end the IRI or add a path;
``{+name}`` puts in a cell that already holds a whole IRI or a path, keeping the reserved characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from kg.errors import SourceError

Row = Mapping[str, str | None]
"""The cells of a row by the name of their column; None for a cell that is empty."""

_EXPRESSION = re.compile(r"\{(\+?)([A-Za-z_][A-Za-z0-9_]*)\}")
_RESERVED = ":/?#[]@!$&'()*+,;="


@dataclass(frozen=True)
class Template:
    """A parsed template. ``parts`` are texts and (keep reserved characters?, column) in turn.

    ``sound`` says that every row gives an IRI, since cells are put in encoded and one of them did.
    """

    text: str
    parts: tuple[str | tuple[bool, str], ...]
    sound: bool

    @classmethod
    def parse(cls, text: str) -> Template:
        """Parse a template. Raises SourceError for a form that isn't supported."""
        parts: list[str | tuple[bool, str]] = []
        end = 0
        for match in _EXPRESSION.finditer(text):
            parts.append(text[end : match.start()])
            parts.append((bool(match[1]), match[2]))
            end = match.end()
        parts.append(text[end:])
        if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
            raise SourceError(
                f"the template {text!r} has braces that are not a column",
                hint="write {column} for a value or {+column} for a whole IRI",
            )
        kept = tuple(part for part in parts if part != "")
        example = "".join(part if isinstance(part, str) else "x" for part in kept)
        encoded = not any(part[0] for part in kept if not isinstance(part, str))
        return cls(text, kept, encoded and is_iri(example))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that it reads."""
        return tuple(part[1] for part in self.parts if not isinstance(part, str))

    def fill(self, row: Row) -> str | None:
        """Return the text with the cells put in as they are, or None if one of them is empty."""
        return self._join(row, raw=True)

    def iri(self, row: Row) -> str | None:
        """Return the IRI of a row, or None if a cell that it needs is empty.

        Raises SourceError when the cells give something that isn't an absolute IRI.
        """
        iri = self._join(row, raw=False)
        if iri is not None and not self.sound and not is_iri(iri):
            raise SourceError(
                f"{iri!r} is not an absolute IRI", hint=f"it was made by the template {self.text!r}"
            )
        return iri

    def _join(self, row: Row, *, raw: bool) -> str | None:
        out: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                out.append(part)
                continue
            value = row[part[1]]
            if value is None:
                return None
            out.append(value if raw else _encode(value, keep_reserved=part[0]))
        return "".join(out)


def is_iri(text: str) -> bool:
    """Tell whether ``text`` is an absolute IRI (RFC 3987)."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _encode(value: str, *, keep_reserved: bool) -> str:
    # Codes are what most cells hold; they need no encoding, and quote() costs as much as all the rest.
    if value.isascii() and value.isalnum():
        return value
    try:
        # A percent sign of a value that is an IRI already introduces an escape: encoding it would do it
        # twice.
        return quote(value, safe=_RESERVED + "%" if keep_reserved else "")
    except UnicodeEncodeError:
        raise SourceError(f"{value!r} is not Unicode text") from None
