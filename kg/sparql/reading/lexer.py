"""The tokens of a SPARQL query (SPARQL 1.1 §19.8, with the triple terms of 1.2). Pure.

The lexer knows no grammar, so it can't tell whether ``<`` begins an IRI or compares, as in ``?a<?b&&?c>?d``.
The caller must say which (see `Lexer.take`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS = _BASE + "_\\-0-9\u00b7\u0300-\u036f\u203f-\u2040"
_PLX = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
# The length is bounded: else "a.a.a.a..." would be read to its end from each of its letters (quadratic time).
_PREFIX = rf"[{_BASE}](?:[{_CHARS}.]{{0,253}}[{_CHARS}])?"
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_PLX})(?:(?:[{_CHARS}.:]|{_PLX})*(?:[{_CHARS}:]|{_PLX}))?"
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"

_TOKEN = re.compile(
    rf"""
    (?:[ \t\r\n]++|\#[^\r\n]*+)*+  # possessive: what a comment holds is never given back
    (?:
      (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|{_UCHAR})*>)
    | (?P<string>\"{{3}}(?:\"{{0,2}}(?:[^"\\]|\\.))*\"{{3}}|'{{3}}(?:'{{0,2}}(?:[^'\\]|\\.))*'{{3}}
        |"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
    | (?P<var>[?$][{_BASE}_0-9][{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040]*)
    | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?)
    | (?P<bnode>_:[{_BASE}_0-9](?:[{_CHARS}.]*[{_CHARS}])?)
    | (?P<pname>(?:{_PREFIX})?:(?:{_LOCAL})?)
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)
    | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<op><<\(?|\)?>>|\{{\||\|\}}|&&|\|\||!=|<=|>=|\^\^|[{{}}()\[\];,.=<>!+\-*/|^?~&])
    | (?P<other>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

LITERALS = frozenset({"string", "number"})
NAMES = frozenset({"iri", "pname"})


class Token(NamedTuple):
    """One token: its kind (a group's name above), its text as written, and where it starts."""

    kind: str
    text: str
    start: int


class Lexer:
    """Reads a query's tokens one after the other, passing over white space and comments.

    ``ambiguous`` becomes true when a ``<`` that was read one way might be read the other, or at a character
    that belongs to no token, where reading ends: from there on a parser could see other tokens.
    """

    __slots__ = ("ambiguous", "at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ambiguous = False

    def take(self, *, compares: bool) -> Token | None:
        """Return the next token, or None at the end.

        ``compares``: the grammar wants an operator here, so ``<`` compares, whatever follows it.
        """
        match = _TOKEN.match(self.text, self.at)
        kind = match.lastgroup if match is not None else None
        if match is None or kind is None or kind == "other":
            # Stop here: reading on after a string that doesn't end would take quadratic time, and be of no
            # use.
            self.ambiguous = self.ambiguous or kind == "other"
            self.at = len(self.text)
            return None
        start, self.at = match.span(kind)
        text = match[kind]
        if kind == "word":
            self.ambiguous = self.ambiguous or len(text) > 250
        elif text[0] == "<":
            if compares and len(text) > 1 and text != "<=":
                self.ambiguous = True
                kind, text = "op", "<=" if text.startswith("<=") else "<"
                self.at = start + len(text)
        elif text.count(".") > 1 and kind in ("pname", "bnode") and _hides(text):
            # pyoxigraph 0.5.13 ends a name at its second dot: in :a.b.SERVICE<...> it sees the keyword.
            self.ambiguous = True
        return Token(kind, text, start)


def _hides(name: str) -> bool:
    """Whether a keyword that reaches out may stand behind a dot of a name."""
    behind = name.lower().partition(".")[2]
    return "service" in behind or "from" in behind


def decode_escapes(text: str) -> str:
    r"""Return the text with ``\uXXXX`` and ``\UXXXXXXXX`` replaced by what they stand for (SPARQL 1.1 §19.2).

    An escape for no character stays as it is.
    """

    def replace(match: re.Match[str]) -> str:
        code = int(match.group(1) or match.group(2), 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match.group()

    return _ESCAPE.sub(replace, text)


def position(text: str, index: int) -> tuple[int, int]:
    """Return the line and the column (both from 1) of an index into a text."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1
