"""Describing what was counted: the terms with their labels, and the values with their names, as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from kg.complete.count import Counts, Use
from kg.complete.sounds import sounds
from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.ontology.schema import COMMENTS
from kg.labels import LABELS
from kg.release import Release
from kg.release.store import ensure_store
from kg.search.statements import iri_of

_LONGEST = 400
"""Characters of a definition that an editor has room for."""


class Describer:
    """Describes one release's counts."""

    def __init__(self, release: Release, counts: Counts) -> None:
        self.release = release
        self.counts = counts

    @cached_property
    def explorer(self) -> Explorer:
        """What knows labels and definitions. Raises QueryError."""
        return Explorer(LocalEngine.open(ensure_store(self.release)), self.release)

    def terms(self) -> dict[str, Any]:
        """Return classes and properties, the most used first, and how often which class has which."""
        counts = self.counts
        declared = {f"<{iri}>".encode() for iri in self.explorer.schema.classes}
        classes = sorted(declared | set(counts.classes), key=lambda c: (-counts.classes[c], c))
        properties = sorted(counts.properties, key=lambda p: (-counts.properties[p].statements, p))
        self.explorer.names.fetch(iri_of(one) for one in (*classes, *properties) if one.startswith(b"<"))
        place = {one: at for at, one in enumerate(classes)}
        column = {one: at for at, one in enumerate(properties)}
        return {
            "digest": self.release.digest,
            "prefixes": dict(sorted(self.explorer.prefixes.table.items())),
            "classes": [self._class(one) for one in classes],
            "properties": [self._property(one, counts.properties[one], place) for one in properties],
            "uses": [
                [place[cls], *(x for p, n in pairs.most_common() for x in (column[p], n))]
                for cls, pairs in counts.pairs.items()
            ],
        }

    def _class(self, term: bytes) -> dict[str, Any]:
        example = self.counts.examples.get(term)
        about = self._about(iri_of(term))
        above = list(self.explorer.schema.above(iri_of(term))[1:])
        return {
            **about,
            "count": self.counts.classes[term],
            **({"above": above} if above else {}),
            **({"example": iri_of(example)} if example and example.startswith(b"<") else {}),
        }

    def _property(self, term: bytes, use: Use, place: Mapping[bytes, int]) -> dict[str, Any]:
        example = [part.decode() for part in use.example] if use.example else None
        facts = {
            "iris": use.iris,
            "languages": _counted(use.languages.most_common()),
            "datatypes": {iri_of(one): n for one, n in use.datatypes.most_common()},
            "objects": [[place[one], n] for one, n in use.classes.most_common(40) if one in place],
            "example": example,
            "whole": use.is_whole,
        }
        return {
            **self._about(iri_of(term)),
            "count": use.statements,
            **{name: fact for name, fact in facts.items() if fact},
        }

    def _about(self, iri: str) -> dict[str, Any]:
        """Return a term's labels and definitions by language."""
        info = self.explorer.schema.terms.get(iri)
        labels = (info.literals(*LABELS) if info else None) or self.explorer.names.label_literals(iri)
        definitions = info.literals(*COMMENTS) if info else ()
        spelt = sounds((one.value, one.language or "") for one in labels)
        found = {
            "iri": iri,
            "curie": self.explorer.prefixes.curie(iri),
            "labels": _by_language(labels),
            "about": _by_language(definitions),
            "sounds": spelt,
        }
        return {name: fact for name, fact in found.items() if fact}

    def values(self) -> dict[str, Any]:
        """Return the values of each property: IRIs with names, literals as they are written."""
        found = {}
        for term, use in self.counts.properties.items():
            kept = use.kept()
            iris = [iri_of(value) for value, _ in kept if value.startswith(b"<")]
            self.explorer.names.fetch(iris)
            found[iri_of(term)] = {
                "whole": use.is_whole,
                "classes": [iri_of(one) for one, _ in use.classes.most_common(12)],
                "values": [self._value(value, n) for value, n in kept],
            }
        return found

    def _value(self, value: bytes, number: int) -> dict[str, Any]:
        if not value.startswith(b"<"):
            return {"term": value.decode(), "count": number}
        iri = iri_of(value)
        labels = self.explorer.names.label_literals(iri)
        found = {
            "labels": _by_language(labels),
            "sounds": sounds((x.value, x.language or "") for x in labels),
        }
        curie = self.explorer.prefixes.curie(iri)
        return {"term": iri, "count": number, "iri": True, **({"curie": curie} if curie else {}), **found}


def _by_language(literals: Iterable[ox.Literal]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in literals:
        found.setdefault(one.language or "", one.value[:_LONGEST])
    return found


def _counted(pairs: Iterable[tuple[bytes, int]]) -> dict[str, int]:
    return {name.decode(): number for name, number in pairs}
