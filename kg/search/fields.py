"""The terms under which a name is indexed, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from kg.languages import is_transliterated
from kg.search.hits import Name
from kg.search.names import folding
from kg.search.names.readings import Spelling, initials, spellings, typed

EDGE = 8
"""Characters of a beginning that are indexed as such; longer beginnings are looked up among whole names."""
WORDS, SYLLABLES = 12, 6
"""Words of a name, or syllables read off it, before which an inner part can begin."""
KEPT = 10_000
"""Names whose terms are kept in memory: in a large list of places a quarter of all names come again soon."""

FIELDS = {
    "name": "raw",  # each name, folded, as one word
    "spelling": "raw",  # each way to spell a name in letters, as one word
    "start": "edge",  # the beginnings of names and spellings
    "inner": "edge",  # the beginnings of what follows each of their units but the first
    "initials": "edge",  # the beginnings of their initials
    "gram": "whitespace",  # single characters, neighbours and pairs over a gap, of names without spaces
    "word": "raw",  # the longer words of names in letters
}
"""The fields of names, and how each is cut into terms."""


class Terms(NamedTuple):
    """The terms of a name by field, and what was read off its Chinese characters, if it has any."""

    fields: dict[str, tuple[str, ...]]
    syllables: frozenset[str]
    characters: str


def collect(names: Iterable[Name], syllables: set[str], characters: set[str]) -> dict[str, set[str]]:
    """Return the terms of some names by field; add to ``syllables`` and ``characters`` what was read."""
    fields: dict[str, set[str]] = {field: set() for field in FIELDS}
    # A transliteration comes last, as it mostly says what was read off the characters anyway.
    for name in sorted(names, key=_is_transliterated):
        if _is_transliterated(name) and _word(name.value) in fields["spelling"]:
            continue
        terms = terms_of(name.value, name.language)
        for field, values in terms.fields.items():
            fields[field].update(values)
        syllables |= terms.syllables
        characters.update(terms.characters)
    return fields


@lru_cache(maxsize=KEPT)
def terms_of(value: str, language: str | None) -> Terms:
    """Return the terms of a name."""
    parts = folding.runs(folding.fold(value[: folding.LONGEST]))
    if not parts:
        return Terms({}, frozenset(), "")
    word = folding.compact(parts)
    dense = [run.text for run in parts if run.dense]
    transliterated = is_transliterated(language)
    ways = spellings(parts, language)
    spelt = [form for way in ways for form in typed(way.units, is_read=way.is_read)]
    fields = {
        "name": () if transliterated else (word,),
        "spelling": tuple([form for form in spelt if not folding.is_dense(form)]),
        "start": tuple([form[:EDGE] for form in (word, *spelt)]),
        "inner": tuple(_inner(ways[0])),
        "initials": tuple([initials(way.units)[:EDGE] for way in ways if len(way.units) > 1]),
        "gram": tuple([" ".join([*text, *folding.grams(text, gaps=True)]) for text in dense]),
        "word": () if dense or transliterated else tuple([run.text for run in parts if len(run.text) > 3]),
    }
    if not ways[0].is_read:
        return Terms(fields, frozenset(), "")
    return Terms(fields, frozenset([unit for way in ways for unit in way.units]), "".join(dense))


def _inner(way: Spelling) -> Iterator[str]:
    """Yield the beginnings of what follows each unit but the last."""
    units = way.units[:-1][: SYLLABLES if way.is_read else WORDS]
    for form in typed(way.units, is_read=way.is_read):
        # Where ü is spelt yu, these beginnings are off by a letter, and what follows isn't found by that
        # spelling.
        at = 0
        for unit in units:
            at += len(unit)
            yield form[at : at + EDGE]


def _is_transliterated(name: Name) -> bool:
    return is_transliterated(name.language)


def _word(value: str) -> str:
    return "".join(folding.fold(value[: folding.LONGEST]).split())
