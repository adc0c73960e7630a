"""Finding possible values of a property: among those that were counted, else by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.complete.make import TERMS, VALUES, folder
from kg.engine import Engine
from kg.explore.ask import ask, node_or_none, number
from kg.explore.ontology.schema import str_of
from kg.release import Release
from kg.search.index import Index
from kg.search.names import folding
from kg.terms import Prefixes

LIMIT = 30
"""Values that are offered at once."""
BOUNDED = 5_000
"""Statements of a property on a class up to which they are counted anew for that class."""


@dataclass(frozen=True)
class Value:
    """A value: an IRI with its names, or a literal in N-Triples. ``count`` is None where unknown."""

    term: str
    is_iri: bool
    count: int | None = None
    curie: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    sounds: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the value as JSON, as the editor reads it."""
        members = {"curie": self.curie, "count": self.count, "labels": dict(self.labels)}
        return {
            "term": self.term,
            "iri": self.is_iri,
            **{name: member for name, member in members.items() if member not in (None, {})},
        }


class Values:
    """The values of one release. ``index`` may be None: then only what was counted is found."""

    def __init__(self, release: Release, engine: Engine, prefixes: Prefixes, index: Index | None) -> None:
        place = folder(release)
        self.engine = engine
        self.prefixes = prefixes
        self.index = index
        self._kept: dict[str, Any] = json.loads((place / VALUES).read_text(encoding="utf-8"))
        self._pairs = _pairs(json.loads((place / TERMS).read_text(encoding="utf-8")))
        self._of_class = lru_cache(maxsize=512)(self._count_for)

    def find(
        self, text: str, one: str = "", classes: Sequence[str] = (), kinds: Sequence[str] = ()
    ) -> list[Value]:
        """Return values of the property ``one`` that match a text, the best first.

        ``classes`` are those of the subject; ``kinds`` what the value must be, where ``one`` is empty.
        Raises QueryError.
        """
        kept = self._kept.get(one)
        if kept is None:
            return [value for value, _ in self._named(text, kinds)] if text else []
        folded = folding.fold(text)
        found = {v.term: v for v in self._known(kept) if _score(v, folded) is not None}
        allowed = self._allowed(one, classes)
        if text and not kept["whole"]:
            named = self._named(text, kept["classes"]) if kept["classes"] else self._written(text)
            fresh = [(value, node) for value, node in named if value.term not in found]
            really = self._really(one, fresh) if allowed is None else (value for value, _ in fresh)
            found |= {value.term: value for value in really}
        if allowed is not None:
            found |= {v.term: v for v in _literals(allowed) if _score(v, folded) is not None}
            found = {term: _counted(v, allowed[term]) for term, v in found.items() if term in allowed}
        order = {term: _score(value, folded) for term, value in found.items()}
        best = sorted(
            found.values(),
            key=lambda v: (order[v.term] if order[v.term] is not None else 9, -(v.count or 0), v.term),
        )
        return best[:LIMIT]

    def _known(self, kept: Mapping[str, Any]) -> Iterator[Value]:
        for one in kept["values"]:
            yield Value(
                one["term"],
                bool(one.get("iri")),
                one["count"],
                one.get("curie"),
                one.get("labels", {}),
                one.get("sounds", ()),
            )

    def _allowed(self, one: str, classes: Sequence[str]) -> Mapping[str, int] | None:
        """Return how often things of the narrowest class have each value; None where that would take long."""
        known = [(self._pairs[cls, one], cls) for cls in classes if (cls, one) in self._pairs]
        if not known:
            return None
        statements, cls = min(known)
        return self._of_class(one, cls) if statements <= BOUNDED else None

    def _count_for(self, one: str, cls: str) -> Mapping[str, int]:
        property_node, class_node = node_or_none(one), node_or_none(cls)
        if property_node is None or class_node is None:
            return {}
        found = {}
        for row in ask(self.engine, "kg/complete/values", property=property_node, type=class_node):
            term = row["value"]
            found[str_of(term) if str(term).startswith("<") else str(term)] = number(row["uses"])
        return found

    def _named(self, text: str, kinds: Iterable[str]) -> Iterator[tuple[Value, ox.NamedNode]]:
        """Yield things found by name."""
        if self.index is None:
            return
        for hit in self.index.find(text, classes=kinds, limit=LIMIT).hits:
            names = {name.language or "": name.value for name in reversed(hit.thing.labels)}
            iri = hit.thing.iri
            yield Value(iri, True, None, self.prefixes.curie(iri), names), ox.NamedNode(iri)

    def _written(self, text: str) -> Iterator[tuple[Value, ox.Literal]]:
        """Yield names as literals, found through the things that have them."""
        if self.index is None:
            return
        for hit in self.index.find(text, limit=LIMIT).hits:
            for name in hit.thing.names:
                literal = ox.Literal(name.value, language=name.language or None)
                value = Value(str(literal), False)
                if _score(value, folding.fold(text)) is not None:
                    yield value, literal

    def _really(self, one: str, found: Sequence[tuple[Value, ox.NamedNode | ox.Literal]]) -> list[Value]:
        """Keep those that the property really has."""
        property_node = node_or_none(one)
        if not found or property_node is None:
            return []
        asked = list(dict.fromkeys(node for _, node in found))
        has = {
            row["value"] for row in ask(self.engine, "kg/complete/has", property=property_node, value=asked)
        }
        return [value for value, node in found if node in has]


def _literals(counts: Mapping[str, int]) -> Iterator[Value]:
    for term in counts:
        if term.startswith('"'):
            yield Value(term, False)


def _counted(value: Value, number: int) -> Value:
    return Value(value.term, value.is_iri, number, value.curie, value.labels, value.sounds)


def _score(value: Value, folded: str) -> float | None:
    """Return how well a value matches, the smaller the better; None when it doesn't."""
    if not folded:
        return 0.0
    texts = (
        [*value.labels.values(), value.curie or "", value.term.rpartition("/")[2]]
        if value.is_iri
        else [value.term[1:].rpartition('"')[0]]
    )
    scores = []
    for text in texts:
        name = folding.fold(text)
        if folded in name:
            scores.append(0.0 if name == folded else 1.0 if name.startswith(folded) else 2.0)
    compact = folded.replace(" ", "")
    scores += [1.5 for sound in value.sounds if sound.startswith(compact)]
    return min(scores, default=None)


def _pairs(terms: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """Return how many statements of a property the things of a class have."""
    classes = [one["iri"] for one in terms["classes"]]
    properties = [one["iri"] for one in terms["properties"]]
    return {
        (classes[row[0]], properties[row[at]]): row[at + 1]
        for row in terms["uses"]
        for at in range(1, len(row), 2)
    }
