"""How names sound: the units (syllables or words) by which a name can be typed on a Latin keyboard.

pypinyin is loaded when the first Chinese name is met. Its segmentation finds the reading of a character
within a known word; each word is looked up once, which makes it fast enough for hundreds of thousands of
names. Where it knows several readings, as for 长, each is tried in turn, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from kg.languages import language_of
from kg.search.names.folding import Run, fold, has_han

Units = tuple[str, ...]

READINGS = 4
"""Readings of one name that are kept."""
SHORT = 8
"""Syllables of a name within which other readings are tried."""


@dataclass(frozen=True)
class Sounds:
    """How each Chinese character in the names sounds, and all syllables that were read.

    Searching uses these, so that a server needn't load pypinyin.
    """

    sounds: Mapping[str, str]
    syllables: frozenset[str]


class Spelling(NamedTuple):
    """A way to spell a name: its units, and whether syllables were read off characters."""

    units: Units
    is_read: bool = False


def is_pinyin(language: str | None) -> bool:
    """Say whether Han characters in a text with this language tag may be read in pinyin."""
    found = language_of(language) if language else None
    return language is None or (found is not None and found.romanised_by == "pinyin")


def spellings(parts: tuple[Run, ...], language: str | None) -> list[Spelling]:
    """Return the ways to spell a name, the likeliest first; a name in an alphabet has one."""
    if not (is_pinyin(language) and any(run.dense and has_han(run.text) for run in parts)):
        return [Spelling(tuple([run.text for run in parts]))]
    choices = [choice for run in parts for choice in (_read(run.text) if run.dense else ((run.text,),))]
    return [Spelling(units, True) for units in _bounded(choices)]


def sounds(characters: Iterable[str], syllables: Iterable[str]) -> Sounds:
    """Return how these and all common characters sound, each by its commonest reading; without any, none."""
    characters = set(characters)
    if not characters:
        return Sounds({}, frozenset())
    from pypinyin.pinyin_dict import pinyin_dict

    heard = {chr(code): reading.partition(",")[0] for code, reading in pinyin_dict.items()}
    known = {one: fold(reading) for one, reading in heard.items() if one in characters or _is_common(one)}
    return Sounds(known, frozenset(syllables))


def _is_common(character: str) -> bool:
    """Say whether GB 2312 has a character, the standard that chose the 6,763 that people use."""
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def typed(units: Units, *, is_read: bool) -> set[str]:
    """Return what people type for these units: ü, which pypinyin writes v, is typed u, v or yu."""
    word = "".join(units)
    if not is_read or "v" not in word:
        return {word}
    return {word, *("".join(unit.replace("v", other) for unit in units) for other in ("u", "yu"))}


def initials(units: Units) -> str:
    """Return the first letters of the units."""
    return "".join([unit[0] for unit in units])


def _bounded(choices: list[tuple[str, ...]]) -> list[Units]:
    """Return the first reading, then those that differ from it in one place."""
    first = tuple([choice[0] for choice in choices])
    found = [first]
    if len(choices) <= SHORT:
        found += [
            (*first[:at], other, *first[at + 1 :])
            for at, choice in enumerate(choices)
            for other in choice[1:]
        ]
    return found[:READINGS]


def _read(text: str) -> list[tuple[str, ...]]:
    """Return the readings of each character of a dense run."""
    from pypinyin.seg.mmseg import seg

    return [choice for word in seg.cut(text) for choice in _read_word(word)]


@lru_cache(maxsize=100_000)
def _read_word(word: str) -> tuple[tuple[str, ...], ...]:
    from pypinyin import Style, pinyin

    found = pinyin(word, style=Style.NORMAL, heteronym=True, errors=_as_it_is)
    return tuple(tuple(dict.fromkeys(fold(reading) or reading for reading in choice)) for choice in found)


def _as_it_is(rest: str) -> Any:
    """Keep what pypinyin can't read (kana, rare characters), one unit a character; its stub says str."""
    return [[character] for character in rest]
