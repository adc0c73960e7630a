"""What each step of a check gave the last time that all was right, and what it read: most of it holds still.

A step's answer holds if its text is the same and nothing that it reads changed since. What changed is told by
the files of statements, old against new, and then by each step that put statements in: by its old answer
against its new one. So a step is asked in its turn, when all that changed before it is known. Where what
changed can't be told, everything counts as changed. One file is kept, so its parts are of the same check.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

import pyoxigraph as ox

from kg.machine.memory import Memory
from kg.make.incremental.changes import Changes
from kg.make.incremental.dependencies import Read

_NAME = "last"
_FOLDER = "folder/"
_MOST = 256 * 2**20
"""Bytes: of more nothing is kept, as to read it would take as long as the steps themselves."""

Reads = Collection[Read]


class _Part(NamedTuple):
    """What a step gave: its key (its text), the graph that it went to, what it read (None: who knows)."""

    key: str
    place: str
    reads: frozenset[Read] | None
    answer: bytes


class LastTime:
    """The steps' answers of the last time, by name, and those of this time, to be kept in their place.

    ``key`` says what decides on everything: with another one nothing is recalled.
    """

    def __init__(self, memory: Memory | None = None, key: str = "") -> None:
        self._memory, self._key = memory or Memory(), key
        found = self._memory.recall(_NAME, key)
        self._before = _unpacked(found) if found else {}
        self._now: dict[str, _Part] = {}
        self._sure = bool(self._memory)
        self._changes = Changes() if found else None

    def __bool__(self) -> bool:
        """Say whether anything is kept this time."""
        return self._sure

    @property
    def changes(self) -> Changes | None:
        """What changed up to here; None where that can't be told."""
        if self._changes is not None and self._changes.unbounded:
            self._changes = None
        return self._changes

    def unsure(self) -> None:
        """Say that what changed can't be told this time, nor what is stated be kept."""
        self._changes, self._sure = None, False

    def recall(self, name: str, key: str, place: str = "", among: Iterable[str] = ()) -> bytes | None:
        """Return what a step gave, if it would give the same again.

        ``among`` are graphs of which the step reads everything.
        """
        before, changes = self._before.get(name), self.changes
        if changes is None or before is None or before.reads is None:
            return None
        if (before.key, before.place) != (key, place) or changes.touch(before.reads):
            return None
        if any(ox.NamedNode(graph) in changes.graphs for graph in among):
            return None
        self._now[name] = before
        return before.answer

    def keep(self, name: str, key: str, reads: Reads | None, answer: bytes = b"") -> None:
        """Note what a step found that states nothing."""
        self._now[name] = _Part(key, "", None if reads is None else frozenset(reads), answer)

    def stated(self, name: str, key: str, place: str, reads: Reads | None, answer: bytes) -> None:
        """Note what a step stated in a graph, in lines of N-Triples; what differs has changed."""
        if not self._sure:
            return
        if b"\n_:" in b"\n" + answer or b"> _:" in answer:  # each time they are others
            self.unsure()
            return
        before = self._before.get(name)
        if self._changes is not None and before is not None:
            moved = before.place != place
            self._changes.between(before.answer, b"" if moved else answer)
            if moved:
                self._changes.between(b"", answer)
        elif before is None:
            self._changes = None
        self._now[name] = _Part(key, place, None if reads is None else frozenset(reads), answer)

    def folder(self, name: str, key: str, text: bytes, parse: Callable[[bytes], Iterable[ox.Quad]]) -> None:
        """Note a folder's files; what they state is held against the last time's if their key is another."""
        name = _FOLDER + name
        before = self._before.get(name)
        if self._changes is not None and (before is None or before.key != key):
            self._changes.add(set(parse(before.answer) if before else ()) ^ set(parse(text)))
        self._now[name] = _Part(key, "", None, text)

    def no_more_folders(self, parse: Callable[[bytes], Iterable[ox.Quad]]) -> None:
        """Say that every folder was noted: what those stated that are gone is gone too."""
        for name, before in self._before.items():
            if self._changes is not None and name.startswith(_FOLDER) and name not in self._now:
                self._changes.add(parse(before.answer))

    def save(self) -> None:
        """Keep this time's answers: all was right."""
        small = sum(len(one.answer) for one in self._now.values()) <= _MOST
        if self._sure and small and self._now != self._before:
            self._memory.keep(_NAME, self._key, _packed(self._now))


def _packed(parts: Mapping[str, _Part]) -> bytes:
    """Return a line of JSON, and the answers one after the other."""
    told = [(name, one.key, one.place, _plain(one.reads), len(one.answer)) for name, one in parts.items()]
    return b"".join([json.dumps(told).encode(), b"\n", *(one.answer for one in parts.values())])


def _unpacked(kept: bytes) -> dict[str, _Part]:
    place, parts = kept.index(b"\n") + 1, {}
    for name, key, graph, reads, size in json.loads(kept[:place]):
        parts[name] = _Part(key, graph, _reads(reads), kept[place : place + size])
        place += size
    return parts


def _plain(reads: Reads | None) -> list[tuple[str, str | None, bool]] | None:
    if reads is None:
        return None
    return sorted(((p.value, value.value if value else None, named) for p, value, named in reads), key=str)


def _reads(plain: list[tuple[str, str | None, bool]] | None) -> frozenset[Read] | None:
    if plain is None:
        return None
    return frozenset(
        Read(ox.NamedNode(prop), ox.NamedNode(value) if value else None, named)
        for prop, value, named in plain
    )
