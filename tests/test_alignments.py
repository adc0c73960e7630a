"""What lies below a property of others is of what that property is for, at both ends.

The outer vocabularies aren't imported, so what each of their properties is for stands here, as its own
vocabulary says; a property that isn't in the table fails until somebody has looked.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.terms import DCTERMS, KG, OWL, RDFS
from tests.test_ontology import LINLI, ONTOLOGY, PROPERTIES, ask, ontology

GEO = "http://www.opengis.net/ont/geosparql#"
ORG = "http://www.w3.org/ns/org#"
OA = "http://www.w3.org/ns/oa#"
PROV = "http://www.w3.org/ns/prov#"
QUDT = "http://qudt.org/schema/qudt/"
AGENT = "http://xmlns.com/foaf/0.1/Agent"

FREE = {DCTERMS + name for name in ("isPartOf", "replaces", "date", "abstract")} | {
    "https://schema.org/position"  # schema.org says where its terms are expected, and entails nothing
}
"""Outer properties without a domain, and without a range that a thing could break."""
ENDS: dict[str, tuple[str | None, str | None]] = {
    **{
        GEO + f"sf{name}": (GEO + "SpatialObject",) * 2
        for name in ("Within", "Contains", "Touches", "Overlaps")
    },
    ORG + "member": (ORG + "Membership", AGENT),
    ORG + "organization": (ORG + "Membership", ORG + "Organization"),
    PROV + "wasDerivedFrom": (PROV + "Entity", PROV + "Entity"),
    QUDT + "hasQuantityKind": (None, QUDT + "QuantityKind"),
    QUDT + "hasUnit": (None, QUDT + "Unit"),
    OA + "start": (OA + "TextPositionSelector", None),
    OA + "end": (OA + "TextPositionSelector", None),
    "http://www.w3.org/ns/adms#identifier": (None, "http://www.w3.org/ns/adms#Identifier"),
}
"""Domain and range of outer properties; of values, whose types are another matter, none."""
ABOVE = {
    GEO + "Feature": GEO + "SpatialObject",
    GEO + "Geometry": GEO + "SpatialObject",
    ORG + "FormalOrganization": ORG + "Organization",
    ORG + "Organization": AGENT,
    PROV + "Plan": PROV + "Entity",
}
"""What the outer classes that ours stand below are in their turn."""
ALL_BUT = {PROV + "Entity": PROV + "Activity"}
"""Classes that anything may be which isn't of the other one: PROV-O's entities are all that isn't done."""


def classes_above(cls: str) -> set[str]:
    """Return a class with all that it is by our statements and by those of the outer vocabularies."""
    found = {cls} | {iri for (iri,) in ask(ontology(), f"SELECT ?c {{ <{cls}> rdfs:subClassOf+ ?c }}")}
    for _step in ABOVE:
        found |= {ABOVE[iri] for iri in found if iri in ABOVE}
    return found


def said_of(prop: str, end: str) -> set[str]:
    """Return the classes that a property of ours is for at an end."""
    asked = f"SELECT ?c {{ <{prop}> rdfs:{end}|schema:{end}Includes ?c }}"
    return {iri for (iri,) in ask(ontology(), asked)}


def broken(ours: str, theirs: str, *, turned: bool = False) -> Iterator[str]:
    """Yield the classes of ours that would be drawn into a class of theirs to which they don't belong."""
    outer = ENDS[theirs]
    for end, wanted in zip(("domain", "range"), reversed(outer) if turned else outer, strict=True):
        if wanted is not None:
            used = said_of(ours, end)
            assert used, f"{ours} has no {end}"
            for cls in sorted(used):
                above = classes_above(cls)
                fits = ALL_BUT[wanted] not in above if wanted in ALL_BUT else wanted in above
                if not fits:
                    yield f"{cls} would be of {wanted}"


def outer_links(relation: str) -> list[tuple[str, str]]:
    links = ask(ontology(), f"SELECT ?p ?q {{ ?p <{relation}> ?q }}")
    return [(p, q) for p, q in links if p in PROPERTIES and not q.startswith((LINLI, KG))]


@pytest.mark.parametrize("relation", [RDFS + "subPropertyOf", OWL + "inverseOf", OWL + "equivalentProperty"])
def test_no_property_draws_a_thing_into_an_outer_class_that_it_is_not_of(relation: str):
    wrong = [
        (ours, theirs, what)
        for ours, theirs in outer_links(relation)
        if theirs not in FREE
        for what in broken(ours, theirs, turned=relation == OWL + "inverseOf")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("ours", "theirs", "drawn"),
    [
        (
            "isWithin",
            GEO + "sfWithin",
            "Programme would be of http://www.opengis.net/ont/geosparql#SpatialObject",
        ),
        ("hasMember", ORG + "member", "Concept would be of http://xmlns.com/foaf/0.1/Agent"),
    ],
)
def test_what_was_said_once_would_be_found(ours: str, theirs: str, drawn: str):
    assert [one for one in broken(LINLI + ours, theirs) if one.endswith(drawn)]
    kept = ox.Quad(
        ox.NamedNode(LINLI + ours),
        ox.NamedNode("http://www.w3.org/2004/02/skos/core#closeMatch"),
        ox.NamedNode(theirs),
    )
    assert kept in list(ox.parse(path=str(ONTOLOGY / "alignments.ttl"))), "a match says as much as holds"
