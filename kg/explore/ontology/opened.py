"""The schema of files that were opened as they are: what is in use is known, declared or not."""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask
from kg.explore.ontology.schema import CLASS_KINDS, Schema, TermInfo
from kg.release import Release
from kg.terms import RDF, RDFS

RESOURCE = RDFS + "Resource"
STATISTICS = "graph/derived/statistics"


def opened(schema: Schema, engine: Engine, release: Release) -> Schema:
    """Return the schema with the classes and properties that are used, and without the program's own graphs.

    Raises QueryError.
    """
    terms = dict(schema.terms)
    graph = ox.NamedNode(release.home + STATISTICS)
    for row in ask(engine, "kg/explore/ontology/used", graph=graph):
        for name, kind in (("class", RDFS + "Class"), ("property", RDF + "Property")):
            if isinstance(term := row.get(name), ox.NamedNode):
                known = terms.get(term.value, TermInfo(term.value, frozenset(), {}))
                if not known.kinds:
                    terms[term.value] = replace(known, kinds=frozenset({kind}))
    shapes = dict(schema.shapes)
    # What holds whatever the class is said of rdfs:Resource.
    for iri in {*shapes, *(one for one, term in terms.items() if term.kinds & CLASS_KINDS)}:
        shapes[iri] = (*shapes.get(iri, ()), *schema.shapes.get(RESOURCE, ()))
    used = tuple(str(iri) for iri in release.opened.get("primary", ()))
    return replace(
        schema, terms=terms, shapes=shapes, used=used, superseded=schema.superseded | release.superseded
    )
