"""Names and classes of things, fetched many at a time and kept, as a release never changes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import pyoxigraph as ox

from kg.blanks import is_blank, written
from kg.engine import Engine
from kg.explore.ask import ask, batches, nodes, number
from kg.explore.model import Datum, Ref, Text, Value
from kg.explore.naming import anonymous
from kg.explore.ontology.schema import COMMENTS, Schema, str_of
from kg.labels import LABELS
from kg.languages import ORIGINAL, in_languages, is_transliterated, language_chain
from kg.terms import Prefixes, local_name, pick

_DIGITS = re.compile(r"\d+")

KEPT = 50_000
"""How many things' names are kept in memory (about 20 MB)."""


@cache
def well_known() -> dict[str, tuple[ox.Literal, ...]]:
    """Return what pages call the terms of widely used vocabularies, where a dataset doesn't name them."""
    text = resources.files("kg.explore").joinpath("wellknown.ttl").read_bytes()
    found: dict[str, list[ox.Literal]] = {}
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
        if isinstance(quad.object, ox.Literal):
            iri = str_of(quad.subject)
            found.setdefault(iri, []).extend(in_languages(quad.object, iri))
    return {iri: tuple(labels) for iri, labels in found.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """The names of a thing and its classes."""

    labels: tuple[ox.Literal, ...] = ()
    classes: tuple[str, ...] = ()


class Names:
    """The names of a release's things. Ask for many with `fetch` before asking for each with `of`."""

    def __init__(
        self, engine: Engine, schema: Schema, prefixes: Prefixes, *, elsewhere: bool = False
    ) -> None:
        """``elsewhere``: look too for what other vocabularies call a name, and put blank nodes into words."""
        self.engine = engine
        self.schema = schema
        self.prefixes = prefixes
        self.elsewhere = elsewhere
        self._kept: dict[str, Known] = {}
        self.refs: dict[tuple[str, str], Ref] = {}

    def fetch(self, iris: Iterable[str]) -> None:
        """Load the names of what isn't known yet, in as few queries as can be. Raises QueryError."""
        wanted = [node for node in nodes(iris) if node.value not in self._kept]
        if len(self._kept) + len(wanted) > KEPT:
            self._kept.clear()
            self.refs.clear()
        for batch in batches(wanted):
            self._kept.update(self._load(batch))
            if self.elsewhere:
                self._name_otherwise([node.value for node in batch if not self._kept[node.value].labels])

    def _load(self, batch: Iterable[ox.NamedNode]) -> dict[str, Known]:
        labels: dict[str, dict[int, list[ox.Literal]]] = {}
        classes: dict[str, dict[str, None]] = {}
        terms = list(batch)
        for row in ask(self.engine, "kg/explore/naming/labels", term=terms):
            iri = str_of(row["term"])
            if "class" in row:
                classes.setdefault(iri, {})[str_of(row["class"])] = None
            elif isinstance(label := row["label"], ox.Literal):
                labels.setdefault(iri, {}).setdefault(number(row["rank"]), []).append(label)
        return {
            term.value: Known(_best(labels.get(term.value, {})), tuple(classes.get(term.value, ())))
            for term in terms
        }

    def _name_otherwise(self, iris: Sequence[str]) -> None:
        """Name what has no usual name: by what other vocabularies call one, a blank node by what it says."""
        labels: dict[str, dict[int, list[ox.Literal]]] = {}
        for row in ask(self.engine, "kg/explore/naming/labels-elsewhere", term=nodes(iris)) if iris else ():
            if isinstance(label := row["label"], ox.Literal):
                labels.setdefault(str_of(row["term"]), {}).setdefault(number(row["rank"]), []).append(label)
        for iri, ranked in labels.items():
            self._kept[iri] = replace(self._kept[iri], labels=_best(ranked))
        said = anonymous.read(self.engine, [iri for iri in iris if iri not in labels])
        if said:
            self.fetch(anonymous.mentioned(said))
        for iri in iris:
            if iri in said and iri in self._kept:
                words = anonymous.called(iri, said, self._called)
                self._kept[iri] = replace(self._kept[iri], labels=(ox.Literal(words),))

    def _called(self, iri: str) -> str:
        known = self._kept.get(iri, Known()).labels or well_known().get(iri, ())
        best = pick(known, language_chain(ORIGINAL))
        return best.value if best is not None else self.prefixes.curie(iri) or local_name(iri)

    def of(self, iri: str) -> Known:
        """Return what is known of a thing. Raises QueryError."""
        if iri not in self._kept:
            self.fetch([iri])
        return self._kept.get(iri, Known())

    def is_kept(self, iri: str) -> bool:
        """Say whether a thing's names are in memory."""
        return iri in self._kept

    def label_literals(self, iri: str) -> tuple[ox.Literal, ...]:
        """Return a thing's names, or what a term of a widely used vocabulary is called. Raises QueryError."""
        return self.of(iri).labels or well_known().get(iri, ())


def _plain(text: str) -> str:
    """Drop accents and case and even out numbers, so that names sort as readers look them up."""
    letters = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _DIGITS.sub(lambda match: match[0].zfill(8), plain)


def _best(ranked: dict[int, list[ox.Literal]]) -> tuple[ox.Literal, ...]:
    return tuple(ranked[min(ranked)]) if ranked else ()


class Reader:
    """Who reads: the languages to try, and how things and values are put for them."""

    def __init__(self, names: Names, language: str) -> None:
        self.names = names
        self.language = language.lower()
        self.chain = language_chain(language)

    def text(self, literals: Iterable[ox.Literal]) -> Text | None:
        """Return the literal that suits the reader best, or None."""
        best = pick(literals, self.chain)
        return Text.printed(best.value, best.language) if best is not None else None

    def texts(self, literals: Iterable[ox.Literal]) -> tuple[Text, ...]:
        """Return the literals in the language that suits the reader best."""
        given = list(literals)
        best = pick(given, self.chain)
        if best is None:
            return ()
        same = [one for one in given if one.language == best.language]
        return tuple(Text.printed(one.value, one.language) for one in same)

    def ref(self, iri: str) -> Ref:
        """Return a thing with its name and class."""
        key = (iri, self.language)
        found = self.names.refs.get(key)
        if found is None:
            found = self._ref(iri)
            # Only what `fetch` counts is kept, so that both tables stay within bounds together.
            if self.names.is_kept(iri):
                self.names.refs[key] = found
        return found

    def _ref(self, iri: str) -> Ref:
        known = self.names.of(iri)
        label = self.text(self.names.label_literals(iri))
        if label is None:
            # In files of others a thing may have no name, and a page all the same.
            has_page = self.names.elsewhere and bool(known.classes)
            return Ref(iri, Text(self.fallback(iri)), self.kind(known.classes), named=has_page)
        return Ref(iri, label, self.kind(known.classes))

    def term(self, iri: str, names: Iterable[ox.Literal] = ()) -> Ref:
        """Return a term of the vocabulary, by one of ``names`` (a shape's) if there are any."""
        info = self.names.schema.terms.get(iri)
        label = self.text(names) or (self.text(info.literals(*LABELS)) if info else None)
        if label is not None:
            return Ref(iri, label, self.comment(iri))
        return self.ref(iri)

    def comment(self, iri: str) -> Text | None:
        """Return the definition of a term of the vocabulary."""
        info = self.names.schema.terms.get(iri)
        return self.text(info.literals(*COMMENTS)) if info else None

    def kind(self, classes: Iterable[str]) -> Text | None:
        """Return the name of the narrowest class that the vocabulary knows."""
        schema = self.names.schema
        for one in schema.narrowest(one for one in classes if one in schema.classes):
            label = self.text(schema.classes[one].literals(*LABELS))
            if label is not None:
                return label
        return None

    def fallback(self, iri: str) -> str:
        """Return a readable form of an IRI that has no name."""
        if is_blank(iri):
            return written(iri)
        return self.names.prefixes.curie(iri) or local_name(iri)

    def sort_key(self, iri: str) -> tuple[str, str, str]:
        """Return a key that puts things in the order of their names, romanised where they are."""
        known = self.names.of(iri)
        label = self.text(known.labels)
        shown = label.value if label else self.fallback(iri)
        romanised = ""
        if label and (own := label.language.partition("-")[0]):
            ours = (one for one in known.labels if (one.language or "").partition("-")[0] == own)
            romanised = min((one.value for one in ours if is_transliterated(one.language)), default="")
        return (_plain(romanised or shown), shown, iri)

    def value(self, term: object) -> Value:
        """Return an RDF term as a page shows it."""
        if isinstance(term, ox.NamedNode):
            return self.ref(term.value)
        if isinstance(term, ox.Literal):
            return Datum(term.value, term.language or "", term.datatype.value)
        return Datum(str(term))
