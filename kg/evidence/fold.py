"""Fold a text so that two writings of one name are equal: script, width, case, marks and spaces put aside."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any


def fold(text: str) -> str:
    """Return the text in Simplified characters and lower case, without punctuation, symbols or spaces."""
    plain = "".join(map(_simplified, unicodedata.normalize("NFKC", text))).casefold()
    return "".join(c for c in plain if unicodedata.category(c)[0] in "LN")


@cache
def _simplified(character: str) -> str:
    """Return one character's Simplified form; one by one, so that what stands around it changes nothing."""
    return character if character.isascii() else str(_converter().convert(character))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
