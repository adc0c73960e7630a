"""Respelling what is legal (SPARQL 1.1 §19.8) but an engine's parser doesn't know. Pure."""

from __future__ import annotations

import re

from kg.sparql.reading.lexer import Lexer, Token
from kg.sparql.rewriting.edits import Edit

SUSPECT = re.compile(
    r":(?!//)[^\s<>\"'{}()\[\];,|^`/]*\.[^\s<>\"'{}()\[\];,|^`/.]*\.|\b(?!true|false)(?i:true|false)\b"
)
"""What may hold such a spelling; most texts hold none."""


def edits(text: str) -> list[Edit]:
    """Return the edits that are needed: names with two dots become IRIs, booleans lower case."""
    found: list[Edit] = []
    prefixes: dict[str, str] = {}
    lexer = Lexer(text)
    before: list[Token] = []
    while (token := lexer.take(compares=False)) is not None:
        end = token.start + len(token.text)
        if (
            token.kind == "word"
            and token.text.lower() in ("true", "false")
            and token.text != token.text.lower()
        ):
            found.append(Edit(token.start, end, token.text.lower()))
        elif token.kind == "pname" and not _declares(before):
            prefix, _, local = token.text.partition(":")
            if local.count(".") > 1 and prefix in prefixes and (full := _iri(prefixes[prefix], local)):
                found.append(Edit(token.start, end, full))
        elif token.kind == "iri" and len(before) == 2 and _declares(before[:1]):
            prefixes[before[1].text[:-1]] = token.text[1:-1]
        before = [*before[-1:], token]
    return found


def _declares(before: list[Token]) -> bool:
    return bool(before) and before[-1].kind == "word" and before[-1].text.upper() == "PREFIX"


def _iri(namespace: str, local: str) -> str | None:
    """Return a name as an IRI; its backslashes were for the grammar alone (§4.1.1)."""
    full = namespace + re.sub(r"\\(.)", r"\1", local)
    return f"<{full}>" if "\\" not in full else None


def apply(text: str, found: list[Edit]) -> str:
    """Return the text with edits in their order."""
    pieces, at = [], 0
    for edit in found:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def before_edits(found: list[Edit], index: int) -> int:
    """Return the index in the original text for an index in the edited one."""
    moved = 0
    for edit in found:
        start = edit.start + moved
        if index < start:
            break
        if index < start + len(edit.text):
            return edit.start
        moved += len(edit.text) - (edit.end - edit.start)
    return index - moved
