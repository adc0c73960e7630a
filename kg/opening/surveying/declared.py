"""What files say of the vocabulary that they declare, for its documentation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.opening.surveying.survey import TYPE
from kg.search.statements import by_subject, graph_and_object, written
from kg.terms import OWL, RDF, RDFS

_KINDS = frozenset(
    map(
        written,
        (
            *(OWL + name for name in ("Ontology", "Class", "ObjectProperty", "DatatypeProperty")),
            *(OWL + name for name in ("AnnotationProperty", "NamedIndividual")),
            RDFS + "Class",
            RDF + "Property",
        ),
    )
)
MOST = 20_000
"""Statements of a vocabulary that are documented on one page; a larger one is browsed."""


def declared(path: Path) -> list[ox.Triple]:
    """Return the statements about classes, properties and the ontology; none when there are too many."""
    lines = islice(_lines(path), MOST + 1)
    found = [quad.triple for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES)]
    return found if len(found) <= MOST else []


def _lines(path: Path) -> Iterator[bytes]:
    for subject, said in by_subject(path):
        values = [(predicate, graph_and_object(rest)[1]) for predicate, rest in said]
        if any(predicate == TYPE and value in _KINDS for predicate, value in values):
            for predicate, value in dict.fromkeys(values):
                yield b"%b %b %b .\n" % (subject, predicate, value)
