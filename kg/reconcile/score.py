"""How alike a name and a thing's names are, from 0 to 100. Pure.

100: a label or code is equal to the name, however its characters are written. 95: another name is. 90: a
transliteration is. Below 90: the share of characters, of the longer of both, that they have in common in the
same order, so that a name with an extra word is close and a chance likeness isn't.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from kg.languages import is_transliterated
from kg.search import Thing
from kg.search.names import folding

LABEL, ALIAS, SOUND = 100.0, 95.0, 90.0
ALIKE = 88.0
"""The most that a likeness is worth: it never counts as much as a name that is the same."""
OTHER_TYPE = 0.6
"""What is left of the score of a thing that isn't of a type that is asked for without strictness."""
KEPT = 20_000
"""Names whose words are kept in memory, and pairs of words that were compared: namesakes come in numbers."""

# A hyphen before a number is a minus unless a word or number precedes it, as in "4-2".
_FIGURE = re.compile(r"(?:(?<![\w-])-)?\d+(?:\.\d+)*")


class Word(NamedTuple):
    """A name as it is compared: simplified, without case, marks and spaces; and the numbers in it.

    The numbers are kept apart, as otherwise "-3.5" would equal "35", and "1-2" would equal "12".
    """

    text: str
    figures: tuple[str, ...] = ()


@lru_cache(maxsize=KEPT)
def word(text: str) -> Word:
    """Return a name as it is compared."""
    if len(text) <= folding.LONGEST and folding.is_plain(text):  # most names in Chinese: compared in numbers
        return Word(folding.word(text))
    rest = text[folding.LONGEST :].casefold()  # long names that begin alike aren't the same
    plain = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    return Word(folding.word(text) + rest, tuple(_FIGURE.findall(plain)))


def compact(text: str) -> str:
    """Return the text of a name's word."""
    return word(text).text


def of_name(asked: Word, thing: Thing) -> float:
    """Return how alike a name and the closest of a thing's names are."""
    best = LABEL if asked in map(word, thing.codes) else 0.0
    for name in thing.names:
        other = word(name.value)
        if asked == other:
            same = SOUND if is_transliterated(name.language) else ALIAS if name.is_alias else LABEL
            best = max(best, same)
        elif best < ALIKE and ALIKE * _at_most(asked.text, other.text) > best:
            best = max(best, ALIKE * alike(asked.text, other.text))
    return best


@lru_cache(maxsize=KEPT)
def alike(word: str, other: str) -> float:
    """Return the share of characters that two words have in common in the same order, from 0 to 1."""
    if not word or not other:
        return 0.0
    same = sum(
        block.size for block in SequenceMatcher(None, word, other, autojunk=False).get_matching_blocks()
    )
    return same / max(len(word), len(other))


def _at_most(word: str, other: str) -> float:
    """Return an upper bound of `alike`, quickly: most names share too few characters to be compared."""
    longer = max(len(word), len(other))
    return sum(map(other.__contains__, word)) / longer if longer else 0.0


def with_hints(name: float, agree: Iterable[float]) -> float:
    """Return a name's score after its hints: 1 where one agrees, 0 where not, 0.5 where nothing is known.

    Hints that all disagree take away 40 of 100; a name is worth more than what surrounds it.
    """
    shares = list(agree)
    return name * (1 - 0.4 * (1 - sum(shares) / len(shares))) if shares else name
