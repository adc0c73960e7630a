"""What was typed, in the forms in which it is compared with names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kg.search.names import folding
from kg.search.names.folding import Run

TYPED = 100
"""Characters of what was typed that are looked for."""
RUNS = 16
"""Runs of it that are looked for."""
SHORTEST_CODE = 2
"""Digits that are left of a code at least when zeros are taken from its end."""

_SYLLABLE = re.compile(r"([a-z]+)[1-5]?")


@dataclass(frozen=True)
class Asked:
    """What was typed; ``forms`` is empty where nothing of it can be part of a name.

    ``forms`` are its runs as folded, and also without the numbers of tones where it is typed with them.
    """

    text: str
    forms: tuple[tuple[Run, ...], ...]
    cut: bool

    @property
    def word(self) -> str:
        """The text as one word."""
        return folding.compact(self.forms[0]) if self.forms else ""

    @property
    def words(self) -> tuple[str, ...]:
        """The text as one word in each form."""
        return tuple(folding.compact(form) for form in self.forms)


def ask(text: str, syllables: Collection[str]) -> Asked:
    """Prepare what was typed; ``syllables`` are those by which the index spells names."""
    beginning = text[: 4 * TYPED].strip()
    folded = folding.fold(beginning)
    parts = folding.runs(folded[:TYPED])
    forms = tuple(form[:RUNS] for form in (parts, _toneless(parts, syllables)) if form)
    cut = len(text.strip()) > len(beginning) or len(folded) > TYPED or len(parts) > RUNS
    return Asked(beginning, forms, cut)


def as_it_is(word: str) -> Asked:
    """Return a word, folded already, as what was typed."""
    return Asked(word, ((Run(word, folding.is_dense(word)),),), cut=False)


def unfilled(text: str) -> Iterator[str]:
    """Yield a code without one, two and more of the zeros at its end, as issuers fill short codes up.

    Nothing for a text that can't be a code, or is too short.
    """
    while len(text) > SHORTEST_CODE and text.endswith("0") and text.isascii() and text.isdigit():
        text = text[:-1]
        yield text


def _toneless(parts: tuple[Run, ...], syllables: Collection[str]) -> tuple[Run, ...]:
    """Return the words without their tones; nothing unless each is a syllable and one has a tone."""
    words = [run for run in parts if not run.text.isdigit()]
    tones = [run.text for run in parts if run.text.isdigit()]
    if not tones or any(tone not in {"1", "2", "3", "4", "5"} for tone in tones):
        return ()
    return tuple(words) if words and all(run.text in syllables for run in words) else ()
