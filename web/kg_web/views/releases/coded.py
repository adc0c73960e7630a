"""Statements of a second coding in a reader's words.

Coders write them in short (``duck pond<place/pond> hasKind pool``, ``12 wheels of the mill``): a thing by its
name and the path of its IRI, terms by the last part of theirs. Here things lead to their pages, and terms
have the reader's names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.engine import Engine
from kg.explore.ask import ask
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema, str_of

Part = Ref | str
"""A piece of a statement: a thing or a term, or what stays as it was written."""

BETWEEN = {"a": "·", "in": "·", "of": "·", "None": "–"}
"""What stands between a statement's parts, and for nothing, as readers of any language understand it."""
_THING = re.compile(r"(?P<before>[^<>]*)<(?P<path>[^<>\s/]+/[^<>\s]+)>")
_WORD = re.compile(r"[A-Za-z][\w:-]*")
_NUMBER = re.compile(r"[\d.-]+")


@dataclass(frozen=True)
class Wording:
    """What statements are put into words with: a reader, the base of things, terms by their last parts."""

    reader: Reader
    base: str
    terms: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, reader: Reader, engine: Engine, schema: Schema, base: str) -> Wording:
        """Return it with the classes, properties and entries of lists that a release has."""
        listed = (str_of(row["term"]) for row in ask(engine, "kg_web/views/releases/listed-terms"))
        found: dict[str, list[str]] = {}
        for iri in (*schema.classes, *schema.properties, *listed):
            found.setdefault(_last(iri), []).append(iri)
        return cls(reader, base, {name: tuple(dict.fromkeys(iris)) for name, iris in found.items()})

    def fetch(self, texts: Iterable[str | None]) -> None:
        """Ask for all names at once that the texts need."""
        wanted: set[str] = set()
        for text in (text for text in texts if text):
            wanted |= {self._iri(thing["path"]) for thing in _THING.finditer(text)}
            wanted |= {iri for word in text.split() for iri in self.terms.get(_last(word), ())}
        self.reader.names.fetch(wanted)

    def parts(self, text: str) -> tuple[Part, ...]:
        """Return a statement's parts; a text that isn't written in short stays whole."""
        found: list[Part | None] = []
        end = 0
        for thing in _THING.finditer(text):
            end = thing.end()
            words = thing["before"].split()
            while words and (part := self._known(words[0])) is not None:
                found.append(part)
                del words[0]
            named = self.reader.ref(self._iri(thing["path"]))
            found.append(named if named.named or not words else " ".join(words))
        found += [self._part(word) for word in text[end:].split()]
        return (text,) if None in found else tuple(part for part in found if part is not None)

    def _known(self, word: str) -> Part | None:
        """Return what a word stands for that is no name: what stands between parts, a number, a term."""
        if word in BETWEEN:
            return BETWEEN[word]
        return word if _NUMBER.fullmatch(word) else self._term(word)

    def _part(self, word: str) -> Part | None:
        """Return what a word stands for, None for one that might be a term's and is none."""
        return self._known(word) or (None if _WORD.fullmatch(word) else word)

    def _term(self, token: str) -> Ref | None:
        """Return the one term that goes by a name, or the first where all that do are called alike."""
        named = [self.reader.ref(iri) for iri in self.terms.get(_last(token), ())]
        return named[0] if len({one.label.value for one in named}) == 1 else None

    def _iri(self, path: str) -> str:
        return f"{self.base}id/{path}"


def _last(name: str) -> str:
    """Return the last part of an IRI, or of a name with a prefix."""
    return re.split(r"[/#:]", name)[-1]
