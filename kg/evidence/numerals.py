"""Every number that a text can be read to state: in figures, in Chinese numerals, in English words.

Generous on purpose: the question is whether a number that a graph states can be found in a few words, not
what the words say in all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_SCALES = {
    **{c: Decimal(n) for c, n in (_SMALL | _LARGE).items()},
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
}
_FIGURE = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?)(?P<more> ?[余餘多几幾]?)"
    r"(?P<scale>(?:[百千]?[万萬亿億]|[百千])| ?(?:hundred|thousand|million|billion)\b)?"
    r"(?P<share> ?成)?(?P<half>半)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d[\d,.]*) ?(?:[-~～—–至到]|to) ?(?=\d)")
_CHINESE = re.compile(r"[零〇一二三四五六七八九十百千万萬亿億两兩余餘多几幾]+")
_PART = re.compile(r"([零〇一二三四五六七八九十百千万两兩\d]+)分之([零〇一二三四五六七八九十百千万两兩\d.]+)")
_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate(_UNITS)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SPELT = {
    "a": 1,
    "an": 1,
    "single": 1,
    "once": 1,
    "twice": 2,
    "first": 1,
    "second": 2,
    "third": 3,
}


def numbers(text: str) -> frozenset[Decimal]:
    """Return every number that the text can be read to state."""
    plain = unicodedata.normalize("NFKC", text)
    return frozenset({*_figures(plain), *_chinese(plain), *_parts(plain), *_english(plain.lower())})


def _figures(text: str) -> Iterator[Decimal]:
    ranges = {match.start(1) for match in _RANGE.finditer(text)}
    waiting: list[Decimal] = []
    for match in _FIGURE.finditer(text):
        number = Decimal(match["number"].replace(",", "").rstrip("."))
        scale = _scale(match["scale"])
        yield number * scale
        for low in waiting:
            yield low * scale
        waiting = [number] if match.start() in ranges else []
        if match["share"]:
            yield number * 10
            if match["half"]:
                yield number * 10 + 5
        elif match["half"]:
            yield (number + Decimal("0.5")) * scale


def _scale(text: str | None) -> Decimal:
    word = (text or "").strip().lower()
    if word in _SCALES:
        return _SCALES[word]
    product = Decimal(1)
    for character in word:
        product *= _SCALES[character]
    return product


def _chinese(text: str) -> Iterator[Decimal]:
    if "半" in text:
        yield from (Decimal("0.5"), Decimal(50))
    for match in _CHINESE.finditer(text):
        word = re.sub("[余餘多几幾]", "", match[0])
        if not word:
            continue
        number = Decimal(_value(word))
        yield number
        behind = text[match.end() : match.end() + 2]
        if behind[:1] == "成":
            yield number * 10 + (5 if behind == "成半" else 0)
        if behind[:1] == "半":
            yield number + Decimal("0.5")


def _value(word: str) -> int:
    """Return the value of Chinese numerals, with places ("二千一百") or digit by digit ("二〇二一")."""
    if len(word) > 1 and all(c in _DIGITS for c in word):
        return int("".join(str(_DIGITS[c]) for c in word))
    total = section = digit = 0
    for character in word:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _SMALL:
            section += (digit or 1) * _SMALL[character]
            digit = 0
        else:
            scale, above = _LARGE[character], total if total > _LARGE[character] else 0
            total = above + (total - above + section + digit or 1) * scale
            section = digit = 0
    return total + section + digit


def _parts(text: str) -> Iterator[Decimal]:
    """Yield parts of a whole (“三分之二”) in per cent, "百分之七十" among them."""
    for match in _PART.finditer(text):
        whole, part = (Decimal(n) if n[0].isdigit() else Decimal(_value(n)) for n in match.groups())
        if whole:
            yield (part * 100 / whole).quantize(Decimal("0.1")).normalize() + 0


def _english(text: str) -> Iterator[Decimal]:
    if "half" in text:
        yield from (Decimal("0.5"), Decimal(50))
    run: Decimal | None = None
    for word in re.findall(r"[a-z]+|[^a-z]+", text):
        if word in _SPELT:
            run = Decimal(_SPELT[word])
        elif word in _WORDS:
            run = (run or Decimal(0)) + _WORDS[word]
        elif word == "dozen" or word in _SCALES:
            run = (run or Decimal(1)) * (12 if word == "dozen" else _SCALES[word])
        elif word.strip(" -") and word != "and":
            run = None
        if run is not None:
            yield run
