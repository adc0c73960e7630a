"""A sentence in words: the ontology's labels for its terms, the data's names for its things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg.evidence.source import base_of
from kg.languages import ORIGINAL
from kg.review.sentences import Sentence
from kg.terms import RDF, RDFS, SKOS

_TYPE = RDF + "type"
_NAMES = {RDFS + "label": 0, SKOS + "prefLabel": 1, SKOS + "altLabel": 2}
_FORMATS = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".trig": ox.RdfFormat.TRIG}


@dataclass
class Words:
    """The names of terms and things, by IRI and language."""

    base: str
    language: str
    names: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def say(self, sentence: Sentence) -> str:
        """Return the sentence in words."""
        triples = sentence.statements
        if all(one.predicate.value in _NAMES for one in triples):
            names = ", ".join(f"“{_text(one.object)}”{_tag(one.object)}" for one in triples)
            return f"{self._path(triples[0].subject)} is called {names}"
        subjects = {one.subject for one in triples}
        inner = [one for one in triples if one.object not in subjects]
        outer = [one for one in triples if one.object in subjects]
        if len(triples) == 1 and not outer:
            return f"{self.name(triples[0].subject)} {self._claim(triples[0])}"
        if outer:  # how it hangs on the other says what it is
            inner = [one for one in inner if one.predicate.value != _TYPE]
        said = "; ".join(self._claim(one) for one in _ordered(inner))
        whose = ", ".join(f"{self.name(one.subject)} {self._predicate(one)}" for one in outer)
        return f"{whose or self._path(triples[0].subject)}: {said}"

    def name(self, term: object) -> str:
        """Return what a thing is called in the language asked for, else in any, else its IRI's path."""
        if isinstance(term, ox.Literal):
            return f"“{term.value}”" if term.language else term.value
        known = self.names.get(_text(term), {})
        for language in (self.language, ORIGINAL, *sorted(known)):
            if language in known:
                return known[language][1]
        return self._path(term)

    def _claim(self, one: ox.Triple) -> str:
        return f"{self._predicate(one)} {self.name(one.object)}"

    def _predicate(self, one: ox.Triple) -> str:
        if one.predicate.value == _TYPE:
            return "is a"
        return "is called" if one.predicate.value in _NAMES else self.name(one.predicate)

    def _path(self, term: object) -> str:
        return _text(term).removeprefix(self.base).removeprefix("id/")

    def learn(self, quads: Iterable[ox.Quad], wanted: set[str]) -> None:
        """Take the names of the things that are wanted; a label goes before another name."""
        for quad in quads:
            rank = _NAMES.get(quad.predicate.value)
            iri = _text(quad.subject)
            if rank is None or iri not in wanted or not isinstance(quad.object, ox.Literal):
                continue
            known = self.names.setdefault(iri, {})
            language = quad.object.language or ""
            if language not in known or rank < known[language][0]:
                known[language] = (rank, quad.object.value)


def read_words(
    ontology: Path, data: Path, sentences: Iterable[Sentence], *, language: str = ORIGINAL
) -> Words:
    """Return the words that sentences need, from the ontology, its lists and anywhere in the data."""
    wanted = {
        _text(term)
        for sentence in sentences
        for one in sentence.statements
        for term in (one.subject, one.predicate, one.object)
        if isinstance(term, ox.NamedNode)
    }
    words = Words(base_of(data), language)
    for path in _files(ontology, data):
        words.learn(ox.parse(path=path, format=_FORMATS[path.suffix]), wanted)
    return words


def _files(ontology: Path, data: Path) -> Iterator[Path]:
    yield from sorted(ontology.glob("*.ttl"))
    yield from sorted((ontology / "vocabularies").glob("*.ttl"))
    for path in sorted(data.rglob("*")):
        if path.suffix in _FORMATS and not path.name.startswith(("_", ".")):
            yield path


def _ordered(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Put the class first and names last."""
    return sorted(triples, key=lambda one: (one.predicate.value != _TYPE, one.predicate.value in _NAMES))


def _text(term: object) -> str:
    return str(getattr(term, "value", ""))


def _tag(term: object) -> str:
    language = getattr(term, "language", None)
    return f" ({language})" if language else ""
