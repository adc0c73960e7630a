"""Telling by patterns alone that no quirk can be in a query, so that plain ones needn't be parsed."""

from __future__ import annotations

import re

_WORDS = ("graph", "regex", "replace", "group_concat", "bnode")
# A * or ? that may belong to a path: not after an opening bracket, and not the sign of a variable.
_REPEATED = re.compile(r"[*?](?<!\([*?])(?![A-Za-z_0-9])")
_DOTTED = re.compile(
    r":(?!//)[^\s<>\"'{}()\[\];,|^`/.]*\.[^\s<>\"'{}()\[\];,|^`/.]*\.[^\s<>\"'{}()\[\];,|^`/]"
)
_BOOLEAN = re.compile(r"\b(?!true\b|false\b)(?i:true|false)\b")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_TAG = re.compile(r"[\"'](?=[a-z0-9-]*[A-Z])[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*[\"']")
_TAG_ELSEWHERE = re.compile(
    r"(?<!\blangmatches\()\blang\s*\([^()]*\)\s*(?:!?=\s*[^\"'\s]|\)|as\b|(?:not\s+)?in\s*\([^)]*[?$])"
    r"|[?$]\w+\s*!?=\s*lang\s*\(",
    re.IGNORECASE,
)


def _repeats(text: str) -> bool:
    """Whether a * or ? may belong to a path."""
    return any(not _counts(text, match) for match in _REPEATED.finditer(text))


def _counts(text: str, sign: re.Match[str]) -> bool:
    """Whether a * multiplies or means all variables: it follows a variable, a number, or SELECT."""
    end = sign.start()
    while end and text[end - 1].isspace():
        end -= 1
    start = end
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    word, before = text[start:end], text[start - 1 : start]
    if word.upper() in _BEFORE_STAR:
        return sign[0] == "*"
    return bool(word) and (before in ("?", "$") or (word.isdigit() and (before.isspace() or before == "(")))


_BEFORE_STAR = ("SELECT", "DISTINCT", "REDUCED", "DESCRIBE")


def _may_comment(text: str) -> bool:
    """Whether a line may begin with a #; most texts with one have it in an IRI."""
    return "#" in text and ("\n" in text or text.lstrip(" \t").startswith("#"))


def suspicious(text: str) -> bool:
    """Whether a quirk may be in a text; it may find one where there is none, never the other way round."""
    if _may_comment(text) and '"""' not in text and "'''" not in text:
        text = _COMMENT.sub("#", text)
    lowered = text.lower()
    return (
        any(word in lowered for word in _WORDS)
        or ("|" in text and "|" in text.replace("||", ""))
        or ("!" in text and "^" in text)
        or _repeats(text)
        or _DOTTED.search(text) is not None
        or (("true" in lowered or "false" in lowered) and _BOOLEAN.search(text) is not None)
        or ("lang" in lowered and bool(_TAG.search(text) or _TAG_ELSEWHERE.search(text)))
    )
