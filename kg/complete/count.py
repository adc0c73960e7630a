"""Counting how a release uses its vocabulary: which class has which property, and with which values.

Its statements are read from dataset.nq, sorted by subject, because an aggregate over every statement takes an
engine far longer on a large release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.search.statements import by_subject, graph_and_object, written
from kg.terms import RDF, XSD

FEW = 500
"""Distinct values up to which all values of a property are kept."""
TRACKED = 20_000
"""Distinct values up to which they are counted at all."""
TOP = 50
"""The values that are kept of a property that has more than a few."""
LONGEST = 200
"""Bytes of a literal that is worth offering."""

_TYPE = written(RDF + "type")

Types = Mapping[bytes, tuple[bytes, ...]]


@dataclass
class Use:
    """How a property is used. Terms are bytes, as written in the file."""

    statements: int = 0
    classes: Counter[bytes] = field(default_factory=Counter)
    """Of which classes its objects are."""
    datatypes: Counter[bytes] = field(default_factory=Counter)
    languages: Counter[bytes] = field(default_factory=Counter)
    iris: int = 0
    values: Counter[bytes] = field(default_factory=Counter)
    is_tracked: bool = True
    example: tuple[bytes, bytes] | None = None

    def add(self, subject: bytes, value: bytes, types: Types) -> None:
        """Count one statement."""
        self.statements += 1
        if self.example is None and len(value) < LONGEST:
            self.example = (subject, value)
        if value.startswith(b"<"):
            self.iris += 1
            for one in types.get(value, ()):
                self.classes[one] += 1
        else:
            self._literal(value)
        if self.is_tracked and len(value) < LONGEST:
            self.values[value] += 1
            if len(self.values) > TRACKED:
                self.is_tracked = False
                self.values.clear()

    def _literal(self, value: bytes) -> None:
        rest = value[value.rindex(b'"') + 1 :]
        if rest.startswith(b"@"):
            self.languages[rest[1:]] += 1
        else:
            self.datatypes[rest[2:] or written(XSD + "string")] += 1

    @property
    def is_whole(self) -> bool:
        """Whether `kept` has every value."""
        return self.is_tracked and len(self.values) <= FEW

    def kept(self) -> list[tuple[bytes, int]]:
        """Return the values that are worth offering, the most used first."""
        return sorted(self.values.items(), key=lambda one: (-one[1], one[0]))[: FEW if self.is_whole else TOP]


@dataclass
class Counts:
    """The uses of classes and properties. ``pairs`` has the statements of a property on things of a class."""

    classes: Counter[bytes] = field(default_factory=Counter)
    properties: dict[bytes, Use] = field(default_factory=dict)
    pairs: dict[bytes, Counter[bytes]] = field(default_factory=dict)
    examples: dict[bytes, bytes] = field(default_factory=dict)


def count(path: Path, superseded: Iterable[str] = ()) -> Counts:
    """Count a dataset.nq, without the graphs that a later one replaces."""
    left_out = frozenset(written(iri) for iri in superseded)
    types = _types(path, left_out)
    found = Counts()
    for subject, said in by_subject(path):
        statements = {
            (predicate, value)
            for predicate, rest in said
            for graph, value in [graph_and_object(rest)]
            if graph not in left_out
        }
        classes = types.get(subject, ())
        for one in classes:
            found.classes[one] += 1
            found.examples.setdefault(one, subject)
        for predicate, value in sorted(statements):
            use = found.properties.get(predicate)
            if use is None:
                use = found.properties[predicate] = Use()
            use.add(subject, value, types)
            for one in classes:
                found.pairs.setdefault(one, Counter())[predicate] += 1
    return found


def _types(path: Path, left_out: frozenset[bytes]) -> Types:
    """Return the classes of each subject; equal tuples are one object, to save memory."""
    same: dict[tuple[bytes, ...], tuple[bytes, ...]] = {}
    found = {}
    for subject, said in by_subject(path):
        classes = set()
        for predicate, rest in said:
            if predicate == _TYPE:
                graph, value = graph_and_object(rest)
                if graph not in left_out:
                    classes.add(value)
        if classes:
            key = tuple(sorted(classes))
            found[subject] = same.setdefault(key, key)
    return found
