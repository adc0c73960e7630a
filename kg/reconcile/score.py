"""How alike a name and a thing's names are, from 0 to 100. Pure.

100: a label or code is the name, however its characters are written. 95: another name of the thing is. 90:
it is only sounded alike (a transliteration). Below 90: the share of characters that the longer of both has in
the same order, so that a name with a word too much is close and a chance likeness isn't.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from kg.search import Thing, folding
from kg.search.readings import is_transliterated

LABEL, ALIAS, SOUND = 100.0, 95.0, 90.0
ALIKE = 88.0
"""The most that a likeness is worth: it never counts as much as a name that is the same."""


def compact(text: str) -> str:
    """Return a name as it is compared: simplified, without case, marks and spaces."""
    rest = text[folding.LONGEST :].casefold()  # long names that begin alike aren't the same
    return folding.compact(folding.runs(folding.fold(text[: folding.LONGEST]))) + rest


def of_name(word: str, thing: Thing) -> float:
    """Return how alike ``word`` (as `compact` gives it) and the closest of a thing's names are."""
    best = LABEL if word in map(compact, thing.codes) else 0.0
    for name in thing.names:
        other = compact(name.value)
        if word == other:
            same = SOUND if is_transliterated(name.language) else ALIAS if name.is_alias else LABEL
            best = max(best, same)
        elif best < ALIKE:
            best = max(best, ALIKE * alike(word, other))
    return best


def alike(word: str, other: str) -> float:
    """Return the share of characters that two words have in common in the same order, from 0 to 1."""
    if not word or not other:
        return 0.0
    same = sum(
        block.size for block in SequenceMatcher(None, word, other, autojunk=False).get_matching_blocks()
    )
    return same / max(len(word), len(other))


def with_hints(name: float, agree: Iterable[float]) -> float:
    """Return a name's score after its hints: 1 where one agrees, 0 where not, 0.5 where nothing is known.

    Hints that all disagree take away 40 of 100; a name is worth more than what surrounds it.
    """
    shares = list(agree)
    return name * (1 - 0.4 * (1 - sum(shares) / len(shares))) if shares else name
