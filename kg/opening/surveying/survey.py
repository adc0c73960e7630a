"""Surveying the sorted lines of opened files: counts, classes, namespaces, languages, titles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.blanks import GENID
from kg.search.statements import Said, by_subject, graph_and_object, iri_of, written
from kg.terms import DCAT, DCTERMS, OWL, RDF, RDFS, SKOS, VOID

TYPE = written(RDF + "type")
WHOLES = tuple(
    map(
        written,
        (OWL + "Ontology", VOID + "Dataset", DCAT + "Catalog", SKOS + "ConceptScheme", DCAT + "Dataset"),
    )
)
"""What a file says of itself as a whole, by preference."""
ABOUT = frozenset(
    written(one)
    for one in (
        DCTERMS + "title",
        "http://purl.org/dc/elements/1.1/title",
        RDFS + "label",
        SKOS + "prefLabel",
        "https://schema.org/name",
        "http://schema.org/name",
        VOID + "uriSpace",
        "http://purl.org/vocab/vann/preferredNamespaceUri",
        "http://purl.org/vocab/vann/preferredNamespacePrefix",
    )
)
_BLANK = b"<" + GENID.encode()
_NAMESPACE = re.compile(rb"<(.*[/#:])[^/#:>]*>\Z")
_CLOSE = b'"'
FEW = 1_000
"""Things that call themselves a whole: of more, none is."""


MOST_CLASSES, MOST_PROPERTIES, MOST_CHOICES = 300, 60, 60
"""Of how many classes, properties of each, and values of each of these the choices are known."""


@dataclass
class Choices:
    """How many things of a class have a property, and which values; ``open``: more than can be offered."""

    things: int = 0
    values: set[bytes] = field(default_factory=set)
    is_open: bool = False

    def add(self, values: set[bytes]) -> None:
        """Count what one thing has."""
        self.things += 1
        if self.is_open:
            return
        self.values |= values
        unfit = any(len(value) > LONGEST or _is_text(value) for value in values)
        if unfit or len(self.values) > MOST_CHOICES:
            self.is_open = True
            self.values.clear()


LONGEST = 120
"""Bytes of a value that can be offered as a choice."""


def _is_text(value: bytes) -> bool:
    """Say whether a value is in a language: a name, not a choice."""
    return value.startswith(b'"') and value[value.rindex(b'"') + 1 : value.rindex(b'"') + 2] == b"@"


@dataclass
class Survey:
    """What is in the lines. Terms are as N-Triples writes them.

    ``classes`` and ``properties`` count the merge; ``named`` the things of a class that have an IRI;
    ``wholes`` are the things that may stand for all, with what they say of themselves.
    """

    statements: int = 0
    quads: int = 0
    graphs: Counter[bytes] = field(default_factory=Counter)
    classes: Counter[bytes] = field(default_factory=Counter)
    named: Counter[bytes] = field(default_factory=Counter)
    properties: Counter[bytes] = field(default_factory=Counter)
    namespaces: Counter[bytes] = field(default_factory=Counter)
    languages: Counter[bytes] = field(default_factory=Counter)
    choices: dict[bytes, dict[bytes, Choices]] = field(default_factory=dict)
    wholes: dict[bytes, tuple[frozenset[bytes], list[tuple[bytes, bytes]]]] = field(default_factory=dict)


def survey(path: Path) -> Survey:
    """Go once through the lines of a sorted file."""
    found = Survey()
    for subject, said in by_subject(path):
        _subject(found, subject, said)
    return found


def _subject(found: Survey, subject: bytes, said: list[Said]) -> None:
    types: set[bytes] = set()
    about: list[tuple[bytes, bytes]] = []
    last: Said = (b"", b"")
    for predicate, rest in said:
        graph, value = graph_and_object(rest)
        found.quads += 1
        found.graphs[graph] += 1
        # Lines are sorted, so the same statement in two graphs is on adjacent lines.
        if (predicate, value) == last:
            continue
        last = (predicate, value)
        found.statements += 1
        found.properties[predicate] += 1
        if predicate == TYPE:
            types.add(value)
        elif predicate in ABOUT:
            about.append((predicate, value))
        if value.startswith(_CLOSE) and (mark := value[value.rindex(_CLOSE) + 1 :]).startswith(b"@"):
            found.languages[mark[1:]] += 1
    blank = subject.startswith(_BLANK)
    for one in types:
        found.classes[one] += 1
        found.named[one] += not blank
    if blank:
        return
    _choose(found, said, types)
    if (space := _NAMESPACE.match(subject)) is not None:
        found.namespaces[space[1]] += 1
    if len(found.wholes) < FEW and not types.isdisjoint(WHOLES):
        found.wholes[subject] = (frozenset(types), about)


def _choose(found: Survey, said: list[Said], types: set[bytes]) -> None:
    by_property: dict[bytes, set[bytes]] = {}
    for predicate, rest in said:
        if predicate != TYPE:
            by_property.setdefault(predicate, set()).add(graph_and_object(rest)[1])
    for one in types:
        if one not in found.choices and len(found.choices) >= MOST_CLASSES:
            continue
        known = found.choices.setdefault(one, {})
        for predicate, values in by_property.items():
            if predicate in known or len(known) < MOST_PROPERTIES:
                known.setdefault(predicate, Choices()).add(values)


def of_classes(numbers: Mapping[bytes, int]) -> dict[str, int]:
    """Return numbers by IRI, of terms that have one."""
    return {iri_of(term): number for term, number in numbers.items() if term.startswith(b"<")}
