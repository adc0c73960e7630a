"""Recognising plain queries by two patterns: to read all their tokens would cost more than to answer them.

What `glance` passes, the guard would pass too; for all else it returns None.
"""

from __future__ import annotations

import re

from kg.sparql.checking.findings import Analysis

_LONGEST = 2000
_HEAD = re.compile(
    r"(?:[ \t\r\n]+|PREFIX[ \t\r\n]+[A-Za-z0-9_-]*:[ \t\r\n]*<[^<>\"{}|^`\\\x00-\x20]*>)*"
    r"(SELECT|ASK|CONSTRUCT)[^A-Za-z]",
    re.IGNORECASE,
)
# What may hold any signs and is taken out before looking for notable ones: an IRI (no grammar lets "//"
# follow a name and a comparison), a string on one line without escapes and NUL, a language tag. They might be
# misread near a comment, a long string or another IRI, but those are notable themselves.
_OPAQUE = re.compile(
    r"<https?://[A-Za-z0-9./#_%~:=&-]*>|\"[^\"\\\r\n\0]*\"|'[^'\\\r\n\0]*'|@[A-Za-z]+(?:-[A-Za-z0-9]+)*"
)
# What the guard must look at: a word that reaches out or makes answers change, any other IRI, a string or a
# comment that hides signs, a path of length zero, a blank node, a sign that nests. In lower case.
_WORDS = ("service", "from", "now", "rand", "uuid", "bnode", "graph")
_NOTABLE = re.compile(r"[\[\"'\\#+^\x00-\x08-]|<(?![ =>])|!(?!=)|_:|\?(?![a-z_])|(?<!select )(?<!count\()\*")
# In what is constructed a list, and the name of an annotated statement, are new blank nodes each time.
_MAKES_NODES = re.compile(r"[(|]")
_BRACKETS = re.compile(r"[{(]")
_PATTERNS = re.compile(r"[.;,{/|]")
_SPACE = re.compile(r"[ \t\r\n]+")


def glance(text: str, depth: int, triples: int) -> Analysis | None:
    """Return what a plain query is, or None for one that must be read.

    ``depth`` and ``triples`` are the guard's limits. Of the result only ``form`` and ``normal`` are filled.
    """
    if len(text) > _LONGEST:
        return None
    head = _HEAD.match(text)
    if head is None or '"""' in text or "'''" in text:
        return None
    bare = _OPAQUE.sub("<>", text)
    lowered, form = bare.lower(), head[1].upper()
    if not bare.isascii() or any(word in lowered for word in _WORDS) or _NOTABLE.search(lowered):
        return None
    if form == "CONSTRUCT" and _MAKES_NODES.search(bare):
        return None
    if len(_BRACKETS.findall(bare)) > depth or len(_PATTERNS.findall(bare)) > triples:
        return None
    return Analysis(form=form, normal=_normal(text))


def _normal(text: str) -> str:
    """Return the text with single spaces, but for those in strings."""
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", text) if '"' in text or "'" in text else [text]
    pieces[::2] = [_SPACE.sub(" ", piece) for piece in pieces[::2]]
    return "".join(pieces).strip(" ")
