"""Bring names and what people type into one form: letters without marks or case, simplified characters.

Folding works character by character, so a part of a name folds to a part of the folded name, which is what
searching by the beginning of a name needs. Characters whose simplification depends on the word (as in 乾隆)
lose that distinction, in the index and in the query alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

LONGEST = 160
"""Characters of a name that are looked at."""

KEPT = 20_000
"""Names whose words are kept in memory: those of places come again with each thing that lies there."""

# Han with its extensions and compatibility forms, 〇, kana and bopomofo: scripts written without spaces.
_DENSE = (
    "〇々\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
_IS_DENSE = re.compile(f"[{_DENSE}]")
_HAN = re.compile("[〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# Characters that normalizing leaves alone: nearly all names in Chinese are made of them.
_PLAIN_HAN = re.compile("[\u4e00-\u9fff]+")
_RUN = re.compile(rf"[{_DENSE}]+|[^\s\d{_DENSE}]+|\d+")


# Separators of thousands, which are dropped: people search for the number without them.
_THOUSANDS = re.compile(r"(?<=[0-9])[,\u2009\u202f](?=[0-9]{3}(?![0-9]))")


class Run(NamedTuple):
    """A stretch of one kind: a word, a number, or text of a script without spaces (``dense``)."""

    text: str
    dense: bool


class _Fold(dict[int, str]):
    """A table for `str.translate` that fills itself as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


_TABLE = _Fold()


def fold(text: str) -> str:
    """Return the form of a text in which it is indexed and looked for.

    Case, accents, tone marks, width and punctuation go, Han is simplified; words stay apart by one space. Any
    string will do, with lone surrogates and controls too.
    """
    if is_plain(text):
        return text.translate(_TABLE)
    text = _THOUSANDS.sub("", text)
    # Decomposed to take the accents off, composed again so that Hangul and kana stay whole.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_TABLE)
    return " ".join(unicodedata.normalize("NFC", text).split())


def runs(folded: str) -> tuple[Run, ...]:
    """Split a folded text into runs: at spaces, between letters and numbers, where the script changes."""
    if is_plain(folded):
        return (Run(folded, True),)
    return tuple([Run(part, _IS_DENSE.match(part) is not None) for part in _RUN.findall(folded)])


def compact(parts: tuple[Run, ...]) -> str:
    """Return runs as one word."""
    return "".join([run.text for run in parts])


@lru_cache(maxsize=KEPT)
def word(text: str) -> str:
    """Return a name, or what is looked for as one, as the one word under which it is indexed."""
    return compact(runs(fold(text[:LONGEST])))


def grams(text: str, *, gaps: bool = False) -> Iterator[str]:
    """Yield the pairs of neighbours of a dense run, with ``gaps`` also those with one character between."""
    for at in range(len(text) - 1):
        yield text[at : at + 2]
    if gaps:
        # "·" can't occur in a folded text, so these pairs can't be confused with pairs of neighbours.
        for at in range(len(text) - 2):
            yield f"{text[at]}·{text[at + 2]}"


def has_han(text: str) -> bool:
    """Say whether a text has Chinese characters."""
    return _HAN.search(text) is not None


def is_plain(text: str) -> bool:
    """Say whether a text has nothing but Chinese characters that are written in one way."""
    return _PLAIN_HAN.fullmatch(text) is not None


def is_dense(text: str) -> bool:
    """Say whether a text has characters of a script that is written without spaces."""
    return _IS_DENSE.search(text) is not None


def _fold_character(character: str) -> str:
    if _HAN.match(character):
        return _simplifier()(character)
    if "\u0300" <= character <= "\u036f":
        return ""
    # Keep letters, numbers, and marks (some scripts write vowels with them); anything else separates words.
    return character if unicodedata.category(character)[0] in "LNM" else " "


@cache
def _simplifier() -> Callable[[str], str]:
    # Loaded when the first Chinese character is met, so that a dataset without any never pays for it.
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert
