"""Names made ahead, by a second process, while the first still reads and loads what states them.

Which names will be asked for is guessed from the texts of the files, without reading what they state: what a
procedure makes of a name is decided by the name alone. One too many takes the second process a moment, and
one that was overlooked is made in its turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from kg.errors import KgError
from kg.machine.beside import can_copy, forked
from kg.machine.memory import Memory
from kg.make.adding.name_memory import Remembered
from kg.make.adding.transliterate import in_order, remembered
from kg.make.loading.config import Transliteration, read_config
from kg.make.loading.files import data_files, is_large

_STRING = rb'"(?:[^"\\\n]|\\.)*+"'
_NAMES = re.compile(rb"abel\s+((?:" + _STRING + rb"(?:@[A-Za-z0-9-]++)?\s*+,?\s*+)++)")
"""The end of rdfs:label, skos:prefLabel or skos:altLabel, and its values, as they are mostly written.

With a fixed text at its beginning it is found three times as fast.
"""
_UNNAMED = re.compile(rb"(?:kg:Search|\n<source/[^>]*+>\s+a\s+[^\s;]++)\s*+;\s*+rdfs:label\s")
"""What stands before words that are no name, of a search, or named by hand, a source and its parts."""
_LARGE = 16 * 2**20
"""A file larger than this (bytes) is left out: it is no curator's, and its names may fill the memory."""

Made = Mapping[str, Mapping[str, str]]
"""What each transliteration makes of names."""


@contextmanager
def names_ahead(data: Path, memory: Memory) -> Iterator[Callable[[], Made]]:
    """Yield a function that waits for the names; of little data, or where all are kept, none are made."""
    if not (is_large(data) and can_copy() and _wanted(data, memory)):
        yield dict
        return
    with forked(partial(_names, data, memory), worth=True) as made:
        yield cache(made)


def _wanted(data: Path, memory: Memory) -> list[tuple[Transliteration, Remembered]]:
    """Return the transliterations of which nothing is kept, in order; none where they are faulty."""
    try:
        found = [(one, remembered(one, memory)) for one in in_order(read_config(data)[0].transliterations)]
    except KgError:  # which the first process tells in its turn
        return []
    return [(one, convert) for one, convert in found if not convert.knows_any]


def _names(data: Path, memory: Memory) -> Made:
    wanted = _wanted(data, memory)
    found = _guessed(data, {one.source for one, _ in wanted})
    made: dict[str, dict[str, str]] = {}
    for one, convert in wanted:
        made[one.name] = {name: convert(name) for name in sorted(found.get(one.source, ()))}
        # What another one reads may be written by this one.
        found.setdefault(one.target, set()).update(made[one.name].values())
    return made


def _guessed(data: Path, languages: Iterable[str]) -> dict[str, set[str]]:
    """Return what may be names in some languages."""
    tags = "|".join(map(re.escape, sorted(languages))).encode()
    tagged = re.compile(rb"(" + _STRING + rb")@(" + tags + rb")(?![A-Za-z0-9-])")
    found: dict[str, set[str]] = {}
    for file in data_files(data):
        if file.path.stat().st_size <= _LARGE:
            for values in _NAMES.findall(_UNNAMED.sub(b"", file.path.read_bytes())):
                for name, tag in tagged.findall(values):
                    if b"\\" not in name:
                        found.setdefault(tag.decode(), set()).add(name[1:-1].decode(errors="replace"))
    return found
