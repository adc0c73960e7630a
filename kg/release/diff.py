"""What changed between two releases: statements added and removed, in constant memory.

Both dataset.nq are sorted, so one walk along the two finds every difference, and the statements about one
thing are found by binary search; no file is loaded whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

from kg.release import Release
from kg.terms import RDF

Sign = Literal["+", "-"]
_TYPE = f"<{RDF}type>".encode()


@dataclass(frozen=True)
class Change:
    """One statement that one release has and the other hasn't; ``line`` is its line of N-Quads."""

    sign: Sign
    line: str

    @property
    def entity(self) -> str:
        """The subject's IRI."""
        return self.line.partition(" ")[0][1:-1]

    @property
    def predicate(self) -> str:
        """The property's IRI."""
        return self.line.split(" ", 2)[1][1:-1]

    @property
    def value(self) -> str:
        """The value as N-Quads writes it."""
        return self.line.split(" ", 2)[2].rpartition(" <")[0]

    @property
    def graph(self) -> str:
        """The graph's IRI."""
        return self.line.rpartition(" <")[2].partition(">")[0]


@dataclass
class Tally:
    """How many statements were added and removed, in all and by IRI."""

    added: int = 0
    removed: int = 0
    entities: dict[str, list[int]] = field(default_factory=dict)
    classes: dict[str, list[int]] = field(default_factory=dict)
    properties: dict[str, list[int]] = field(default_factory=dict)
    graphs: dict[str, list[int]] = field(default_factory=dict)

    def count(self, change: Change, classes: Iterable[str]) -> None:
        """Count one change of an entity of some classes."""
        place = 0 if change.sign == "+" else 1
        self.added += place == 0
        self.removed += place == 1
        for table, iri in (
            (self.entities, change.entity),
            (self.properties, change.predicate),
            (self.graphs, change.graph),
            *((self.classes, one) for one in classes),
        ):
            table.setdefault(iri, [0, 0])[place] += 1


def changes(before: Release, after: Release, *, entity: str | None = None) -> Iterator[Change]:
    """Yield the statements that were removed and added, by subject; of one entity only, if given."""
    if entity is None:
        yield from (change for change, _ in _walk(before, after))
    else:
        key = f"<{entity}> ".encode()
        yield from _differences(*(_about(one.file("dataset.nq"), key) for one in (before, after)))


def tally(before: Release, after: Release) -> Tally:
    """Count the changes by entity, class, property and graph."""
    found = Tally()
    for change, classes in _walk(before, after):
        found.count(change, classes)
    return found


@dataclass(frozen=True)
class Summary:
    """How many statements were added and removed, and by kind of IRI those with the most changes."""

    added: int
    removed: int
    tables: Mapping[str, Sequence[tuple[str, int, int]]]


def summary(before: Release, after: Release, most: int) -> Summary:
    """Return the numbers of changes, and the ``most`` busiest entities, classes, properties and graphs."""
    found = tally(before, after)
    names = ("entities", "classes", "properties", "graphs")
    return Summary(found.added, found.removed, {name: busiest(getattr(found, name), most) for name in names})


def busiest(table: dict[str, list[int]], count: int) -> list[tuple[str, int, int]]:
    """Return the IRIs with the most changes, each with what was added and removed."""
    ranked = sorted(table.items(), key=lambda item: (-sum(item[1]), item[0]))
    return [(iri, added, removed) for iri, (added, removed) in islice(ranked, count)]


def _walk(before: Release, after: Release) -> Iterator[tuple[Change, frozenset[str]]]:
    """Yield each change with the classes of its subject in either release."""
    old, new = _subjects(before.file("dataset.nq")), _subjects(after.file("dataset.nq"))
    empty: tuple[bytes, list[bytes]] = (b"\xff", [])
    a, b = next(old, empty), next(new, empty)
    while a[1] or b[1]:
        subject = min(a[0], b[0])
        was = a[1] if a[0] == subject else []
        now = b[1] if b[0] == subject else []
        if was != now:
            classes = frozenset(kind for line in (*was, *now) if (kind := _class(line)))
            for change in _differences(was, now):
                yield change, classes
        a = next(old, empty) if a[0] == subject else a
        b = next(new, empty) if b[0] == subject else b


def _differences(was: list[bytes], now: list[bytes]) -> Iterator[Change]:
    """Yield how the lines about one subject differ."""
    gone, come = Counter(was), Counter(now)
    for line in sorted(gone - come):
        yield Change("-", line.decode().rstrip("\n"))
    for line in sorted(come - gone):
        yield Change("+", line.decode().rstrip("\n"))


def _about(path: Path, key: bytes) -> list[bytes]:
    """Return the lines that begin with a key, by binary search: they are sorted by their bytes."""
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while high - low > 1:
            middle = (low + high) // 2
            file.seek(middle)
            file.readline()
            line = file.readline()
            low, high = (middle, high) if line and line < key else (low, middle)
        file.seek(low)
        if low:
            file.readline()
        found: list[bytes] = []
        for line in file:
            if line.startswith(key):
                found.append(line)
            elif line > key:
                break
        return found


def _subjects(path: Path) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each subject with its lines."""
    with path.open("rb") as lines:
        for subject, group in groupby(lines, key=lambda line: line.partition(b" ")[0] + b" "):
            yield subject, list(group)


def _class(line: bytes) -> str | None:
    _, predicate, value = line.split(b" ", 2)
    return value.partition(b"> ")[0][1:].decode() if predicate == _TYPE else None
