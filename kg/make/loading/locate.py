"""Find the line of a term in a file of RDF, once something is wrong with it.

The parser gives statements without their places, and to keep each place would cost more than the load itself.
So a file is read a second time, by a small lexer of Turtle and TriG, when there is a fault to report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pyoxigraph as ox

from kg.errors import Fault
from kg.terms import RDF

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<iri><[^\x00-\x20<>"{}|^`]*>)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
        |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<blank>_:[^\s;,\])}]+|\[)
    | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w:]))
    | (?P<name>[^\s<>"'@;,()\[\]{}^\#]*:[^\s<>"';,()\[\]{}^]*(?<!\.)|[A-Za-z]+)
    | (?P<mark>\^\^|[.;,()\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_MIXED_TAG = re.compile(rb"""@(?<=["']@)[A-Za-z0-9-]*[A-Z]""")
"""Its first sign is a constant one, which is found at once."""
_LARGE = 64 * 2**20
"""A file larger than this (bytes) is not searched for a line: the fault names the file and the term."""
EXACT = 3
"""How near one is to a statement where its value stands; see `Found`."""

Token = re.Match[str]


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of Turtle or TriG, comments left out."""
    return (token for token in _TOKEN.finditer(text) if token.lastgroup != "comment")


def place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column (from 1) of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def locate(path: Path, term: object) -> tuple[int | None, int | None]:
    """Return line and column of a term, of an IRI preferably as a subject; (None, None) if not found."""
    text = _text(path)
    if isinstance(term, ox.NamedNode):
        found = find(text, term.value)
        return place(text, found.offset) if found else (None, None)
    value = term.value if isinstance(term, ox.Literal) else None
    kind = "blank" if isinstance(term, ox.BlankNode) else None
    token = next(
        (t for t in tokens(text) if t.lastgroup == kind or (value is not None and _lexical(t) == value)), None
    )
    return place(text, token.start()) if token else (None, None)


def locate_statement(
    path: Path, focus: str, predicate: str | None, value: object
) -> tuple[int, int, int] | None:
    """Return how near one comes to a statement in a file (see `Found`), and line and column of that."""
    text = _text(path)
    found = find(text, focus, predicate, str(getattr(value, "value", "")) or None)
    return (found.nearness, *place(text, found.offset)) if found else None


def _text(path: Path) -> str:
    if path.stat().st_size > _LARGE:
        return ""
    return path.read_text(encoding="utf-8-sig", errors="replace")


def _lexical(token: Token) -> str | None:
    if token.lastgroup == "string":
        text = token[0]
        quotes = 3 if text[:3] in ('"""', "'''") else 1
        return text[quotes:-quotes]
    return token[0] if token.lastgroup in ("number", "name") else None


@dataclass(frozen=True)
class Found:
    """A place in a text. Nearness 0: the thing is mentioned, 1: a subject, 2: the property, 3: the value."""

    nearness: int
    offset: int


def find(text: str, focus: str, predicate: str | None = None, value: str | None = None) -> Found | None:
    """Find a statement in Turtle or TriG, or what comes nearest to it."""
    best: Found | None = None
    inside = said = False
    for token, iri, is_subject in _terms(text):
        near = -1
        if is_subject:
            inside, said = iri == focus, False
            near = 1 if inside else -1
        elif inside and predicate and iri == predicate:
            said, near = True, 2
        elif inside and said and value is not None and value in (iri, _lexical(token)):
            return Found(EXACT, token.start())
        elif iri == focus:
            near = 0
        if near > (best.nearness if best else -1):
            best = Found(near, token.start())
    return best


def _terms(text: str) -> Iterator[tuple[Token, str | None, bool]]:
    """Yield each token but marks, the IRI it stands for, if any, and whether it is a subject or graph."""
    prefixes: dict[str, str] = {}
    base, before = "", "."
    stream = tokens(text)
    for token in stream:
        word = token[0]
        if word.lower() in ("@prefix", "prefix"):
            prefix, namespace = next(stream, token), next(stream, token)
            prefixes[prefix[0]] = _resolved(base, namespace[0][1:-1])
            before = "."
        elif word.lower() in ("@base", "base"):
            base = next(stream, token)[0][1:-1]
            before = "."
        elif word.upper() == "GRAPH":
            before = "."
        elif token.lastgroup == "mark":
            before = word
        else:
            yield token, _iri(token, base, prefixes), before in (".", "{", "}")
            before = word


def _iri(token: Token, base: str, prefixes: Mapping[str, str]) -> str | None:
    if token.lastgroup == "iri":
        return _resolved(base, token[0][1:-1])
    if token.lastgroup == "name":
        prefix, colon, local = token[0].partition(":")
        if not colon:
            return RDF + "type" if token[0] == "a" else None
        return prefixes.get(f"{prefix}:", "") + local
    return None


def _resolved(base: str, iri: str) -> str:
    """Return an IRI in full. One that is full already stays: urljoin would drop a ``#`` at its end."""
    return iri if "://" in iri else urljoin(base, iri)


def has_mixed_tags(text: bytes) -> bool:
    """Say whether a text may have a language tag that isn't in lower case."""
    return _MIXED_TAG.search(text) is not None


def uncanonical_tags(path: Path) -> list[Fault]:
    """Return a fault for each language tag that isn't in lower case (the parser hides them)."""
    with path.open("rb") as stream:
        carry, hit = b"", False
        while not hit and (piece := stream.read(2**22)):
            hit = has_mixed_tags(carry + piece)
            carry = piece[-64:]
    if not hit:
        return []
    text = path.read_text(encoding="utf-8-sig")
    found = [
        t
        for t in tokens(text)
        if t.lastgroup == "tag" and t[0] != t[0].lower() and text[t.start() - 1] in "\"'"
    ]
    return [
        Fault(
            f"the language tag {t[0]} is not canonical",
            path,
            *place(text, t.start()),
            hint=f"write {t[0].lower()}",
        )
        for t in found
    ]
