"""What was said of each source when its evidence and its reviews were last looked at."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from kg import resources
from kg.errors import Fault
from kg.evidence.roles import Roles, read_roles
from kg.machine.digests import sha256_of
from kg.machine.memory import Memory, digests_of, key_of
from kg.review.glance import Terms, terms_of
from kg.review.sentences import dependents

_NAME = "said"


class Said:
    """Gathers warnings, source by source: those kept of a source that is the same, and those found anew."""

    def __init__(self, memory: Memory, ontology: Path, data: Path) -> None:
        self.stale: list[Fault] = []
        self.faults: list[Fault] = []
        self.ontology = ontology
        self._memory = memory
        self._above = self._key_above(data) if memory else ""
        found = memory.recall(_NAME, self._above)
        self._before: dict[str, Any] = json.loads(found) if found else {}
        self._now: dict[str, Any] = {}
        self._keys: dict[Path, str] = {}

    @cached_property
    def roles(self) -> Roles:
        """What the ontology says of the parts that terms play; read when a source is looked at."""
        return read_roles(self.ontology)

    @cached_property
    def terms(self) -> Terms:
        """The same, and the classes below, as they stand in lines."""
        return terms_of(self.roles, self.classes)

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes of things that exist for another thing's sake."""
        return dependents(self.ontology)

    def recall(self, folder: Path) -> bool:
        """Take over what was said of a source, if every file of it is the same. Returns whether it was."""
        if not self._memory:
            return False
        # Before its files are read: if one changes meanwhile, the key is of the older bytes and fits no more.
        key = self._keys[folder] = _key(folder)
        known = self._before.get(str(folder))
        if known is None or known["key"] != key:
            return False
        self.stale += map(_fault, known["stale"])
        self.faults += map(_fault, known["faults"])
        self._now[str(folder)] = known
        return True

    def keep(self, folder: Path, stale: Sequence[Fault], faults: Sequence[Fault]) -> None:
        """Add what was found of a source; it is kept if the source is still as it was."""
        self.stale += stale
        self.faults += faults
        if self._memory and _key(folder) == self._keys[folder]:
            said = {"stale": _plain(stale), "faults": _plain(faults)}
            self._now[str(folder)] = {"key": self._keys[folder], **said}

    def save(self) -> None:
        """Keep what was said, if anything of it is new."""
        if self._now != self._before:
            self._memory.keep(_NAME, self._above, json.dumps(self._now).encode())

    def _key_above(self, data: Path) -> str:
        """Return the key of what decides on every source: the vocabulary, and the dataset's description."""
        path = data / "dataset.ttl"
        modules = [resources.VOCABULARY, *sorted(self.ontology.glob("*.ttl"))]
        return key_of(digests_of(modules), sha256_of(path) if path.is_file() else "")


def _key(folder: Path) -> str:
    """Return the key of a source: every file in it, whatever it is."""
    return key_of(digests_of(sorted(_files(str(folder)))))


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.is_file():
                yield entry.path


def _plain(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [asdict(one) | {"file": str(one.file) if one.file else None} for one in faults]


def _fault(plain: dict[str, Any]) -> Fault:
    return Fault(**plain | {"file": Path(plain["file"]) if plain["file"] else None})
