"""Procedures that make a name in one script or language out of another. Pure, but for tables they load."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from kg.make.adding.divide import words_of

Procedure = Callable[[str], str]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_MARKS = str.maketrans({"（": " (", "）": ") ", "，": ", ", "、": ", ", "。": ". ", "：": ": ", "；": "; "})
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r" (?=[),.:;”’》」])|(?<=[(“‘《「]) ")
_VOWELS = tuple("aāáǎàeēéěèoōóǒò")


def opencc_t2s(overrides: Mapping[str, str]) -> Procedure:
    """Return the procedure that turns Traditional into Simplified, but for the names in ``overrides``."""
    from opencc import OpenCC

    converter = OpenCC("t2s")
    return lambda name: overrides.get(name) or str(converter.convert(name))


def pinyin(overrides: Mapping[str, str]) -> Procedure:
    """Return the procedure that romanises Chinese, with tone marks.

    A word of ``overrides`` becomes its form there, the longest word first, and stands by itself: so the table
    says how generic words are set off as well as how rare ones are read. What lies between is cut into words
    (GB/T 16159), each written with its syllables joined (GB/T 28039) and its first letter a capital.
    """
    from pypinyin import Style, lazy_pinyin
    from pypinyin.seg.simpleseg import seg

    words = sorted(overrides, key=lambda word: (-len(word), word))
    pattern = re.compile("|".join([*(re.escape(word) for word in words), _HAN.pattern]))
    if words:
        # A run must stop where a word of the table begins.
        ahead = "|".join(re.escape(word) for word in words)
        one = _HAN.pattern.removesuffix("+")
        pattern = re.compile(f"{ahead}|(?:(?!{ahead}){one})+")

    @lru_cache(maxsize=100_000)
    def read(known: str) -> tuple[str, ...]:
        return tuple(lazy_pinyin(known, style=Style.TONE))

    @lru_cache(maxsize=100_000)
    def run(text: str, counted: bool) -> str:
        if text in overrides:
            return f" {overrides[text]} "
        # How a character is read, the whole run decides, not the word. It would cut the text so itself; names
        # share most of what it knows.
        syllables = iter([syllable for known in seg(text) for syllable in read(known)])
        written = []
        for word in words_of(text, counted):
            first, *rest = (next(syllables) for _ in word)
            joined = first + "".join(f"'{s}" if s.startswith(_VOWELS) else s for s in rest)
            written.append(f"{joined[0].upper()}{joined[1:]}")
        return f" {' '.join(written)} "

    def romanise(name: str) -> str:
        def replaced(match: re.Match[str]) -> str:
            return run(match[0], name[: match.start()][-1:].isdigit())

        spaced = pattern.sub(replaced, name).translate(_MARKS)
        return _BEFORE_MARK.sub("", _SPACES.sub(" ", spaced)).strip()

    return romanise


PROCEDURES: Mapping[str, Callable[[Mapping[str, str]], Procedure]] = {
    "opencc-t2s": opencc_t2s,
    "pinyin": pinyin,
}
"""By the name that kg:procedure gives; each takes its table of overrides."""
