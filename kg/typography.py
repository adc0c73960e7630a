"""Giving texts the brackets and the spaces of their language.

Data keeps texts as sources write them, and reviews are bound to the exact letters; so this is done when a
text is shown, not when it is stored.
"""

from __future__ import annotations

import re
import unicodedata

from kg.languages import language_of

_SPACE = re.compile(r"(?<=(.)) (?=(.))")
_PAIR = re.compile(r" ?\(([^()]*)\) ?")


def printed(text: str, tag: str) -> str:
    """Return a text with its language's brackets (``X-Brackets`` in the catalogue), without spaces around.

    Only pairs next to or around a full-width letter are changed: ``count(?x)`` within Chinese stays as it is.
    """
    own = language_of(tag) if "(" in text and tag else None
    if own is None or not own.brackets:
        return text
    first, last = own.brackets[:1], own.brackets[1:]

    def put(pair: re.Match[str]) -> str:
        inner = pair[1]
        before = "" if pair[0].startswith(" ") else pair.string[: pair.start()]
        after = "" if pair[0].endswith(" ") else pair.string[pair.end() :]
        beside = (before[-1:], inner[:1], inner[-1:], after[:1])
        return f"{first}{inner}{last}" if any(map(_is_wide, beside)) else pair[0]

    for _depth in range(text.count("(")):
        earlier, text = text, _PAIR.sub(put, text)
        if text == earlier:
            break
    return text


def closed(text: str, tag: str) -> str:
    """Return a text without gaps between letters of full width, if its language has none (``X-Word-Space``).

    A pattern has one before a number (人口 3,000); where a word comes instead, none is right (人口逾 3,000).
    """
    own = language_of(tag) if tag else None
    if own is None or own.space:
        return text
    return _SPACE.sub(lambda gap: "" if _is_wide(gap[1]) and _is_wide(gap[2]) else " ", text)


def _is_wide(letter: str) -> bool:
    return bool(letter) and unicodedata.east_asian_width(letter) in {"W", "F"}
