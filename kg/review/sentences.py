"""The statements of a passage, put together into what is read as one sentence.

One sentence is one statement, but for two kinds that say nothing apart: the names of a thing, and all that is
said of something that exists for another thing's sake (of a class with ``kg:isDependent``, as a figure is).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg import resources
from kg.evidence.roles import Roles, read_roles
from kg.evidence.source import Passage, base_of, read_passages
from kg.terms import KG, RDF, RDFS

DIGEST_LENGTH = 12
_TYPE = RDF + "type"


@dataclass(frozen=True)
class Sentence:
    """What is read as one: its statements, and whether they are a reading.

    ``number`` counts from 1 through the source; ``dependents`` are the source's things that exist for another
    thing's sake, by IRI.
    """

    number: int
    passage: Passage
    is_reading: bool
    statements: tuple[ox.Triple, ...]
    dependents: frozenset[str] = field(repr=False)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The runs of text that support it, in code points, the end not included."""
        about = {_value(one.subject) for one in self.statements}
        about |= {_value(one.object) for one in self.statements if isinstance(one.object, ox.NamedNode)}
        wanted = (about & self.dependents) or about
        return tuple(sorted((one.start, one.end) for one in self.passage.spans if one.supports & wanted))

    @cached_property
    def digest(self) -> str:
        """The first digits of the sha256 over the sentence's statements and whether it is a reading."""
        lines = sorted(str(one) for one in self.statements)
        text = "\n".join(["reading" if self.is_reading else "stated", *lines])
        return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def dependents(ontology: Path) -> frozenset[str]:
    """Return the classes of things that exist for another thing's sake."""
    return frozenset(
        quad.subject.value
        for path in (resources.VOCABULARY, *sorted(ontology.glob("*.ttl")))
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        if quad.predicate.value == KG + "isDependent"
        and isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.Literal)
        and quad.object.value == "true"
    )


def read_sentences(ontology: Path, data: Path, source: str) -> list[Sentence]:
    """Return a source's sentences, passage by passage, what is stated before what is read.

    Raises DataError when a file can't be read.
    """
    roles, classes = read_roles(ontology), dependents(ontology)
    return sentences_of(read_passages(data / source, base_of(data), roles), roles, classes)


def sentences_of(passages: Iterable[Passage], roles: Roles, classes: frozenset[str]) -> list[Sentence]:
    """Return the sentences of passages, numbered through."""
    passages = list(passages)
    hangers_on: set[object] = {
        quad.subject
        for passage in passages
        for quad in (*passage.stated, *passage.read)
        if quad.predicate.value == _TYPE and _value(quad.object) in classes
    }
    by_iri = frozenset(map(_value, hangers_on))
    found: list[Sentence] = []
    for passage in passages:
        for is_reading, quads in ((False, passage.stated), (True, passage.read)):
            for group in _groups(quads, hangers_on, roles):
                found.append(Sentence(len(found) + 1, passage, is_reading, group, by_iri))
    return found


def _groups(
    quads: tuple[ox.Quad, ...], hangers_on: set[object], roles: Roles
) -> Iterator[tuple[ox.Triple, ...]]:
    """Yield the statements that are read together, in the order of their subjects and properties."""
    found: dict[tuple[str, ...], list[ox.Triple]] = {}
    for quad in sorted(set(quads), key=str):
        triple = quad.triple
        found.setdefault(_key(triple, hangers_on, roles), []).append(triple)
    for key in sorted(found):
        yield tuple(found[key])


def _key(triple: ox.Triple, hangers_on: set[object], roles: Roles) -> tuple[str, ...]:
    if triple.subject in hangers_on:
        return (str(triple.subject), "")
    if triple.object in hangers_on:
        return (str(triple.object), "")
    if triple.predicate.value in roles.names:
        return (str(triple.subject), "", RDFS + "label")
    return (str(triple.subject), triple.predicate.value, str(triple.object))


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))
