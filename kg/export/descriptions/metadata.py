"""The dataset's description (DCAT-AP 3, VoID): metadata.ttl, and what the other releases add."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.export.about import about
from kg.export.descriptions.dcat import conform
from kg.mediatypes import RDF_FORMATS
from kg.release import Release
from kg.sparql.bind import bind, load
from kg.terms import DCAT, DCTERMS, RDF, VOID, Prefixes

_IANA = "https://www.iana.org/assignments/media-types/"
_TYPE = ox.NamedNode(RDF + "type")


def release_iri(release: Release) -> str:
    """Return the IRI of a release."""
    return f"{release.home}releases/{release.version}"


@dataclass(frozen=True)
class Links:
    """How many links by a property lead from the dataset's things to those under another's ``space``."""

    property: str
    space: str
    count: int


def links(engine: Engine, base: str) -> list[Links]:
    """Return the links from what lies under a base to things and terms of others. Raises QueryError."""
    rows = engine.query(bind(load("kg/export/descriptions/links"), base=ox.Literal(base))).rows
    return [Links(str(row[0])[1:-1], _value(row[1]), int(_value(row[2]))) for row in rows]


def _value(term: Term | None) -> str:
    return str(getattr(term, "value", ""))


def metadata(
    release: Release, others: Sequence[Release] = (), linked: Sequence[Links] = ()
) -> list[ox.Triple]:
    """Return the description of the dataset with its versions, distributions and linksets.

    ``others`` are the releases of the folder, the newest first (the release itself may be among them).
    """
    triples = []
    if "metadata.ttl" in release.manifest["files"]:
        path = str(release.file("metadata.ttl"))
        triples = [quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]
    dataset = ox.NamedNode(release.dataset)
    triples += _versions(release, others)
    triples += [triple for one in linked for triple in _linkset(release, one)]
    license = about(release).license
    for format in RDF_FORMATS:
        file = ox.NamedNode(f"{release_iri(release)}/stated.{format.name}")
        triples += [
            ox.Triple(dataset, _dcat("distribution"), file),
            ox.Triple(file, _TYPE, _dcat("Distribution")),
            ox.Triple(file, _dcat("downloadURL"), file),
            ox.Triple(file, _dcat("mediaType"), ox.NamedNode(_IANA + format.media_type)),
            ox.Triple(file, ox.NamedNode(DCTERMS + "title"), ox.Literal(format.label)),
        ]
        if license.startswith("http"):
            triples.append(ox.Triple(file, ox.NamedNode(DCTERMS + "license"), ox.NamedNode(license)))
    triples += _endpoint(release)
    return conform(triples, release.dataset)


def _endpoint(release: Release) -> list[ox.Triple]:
    """Return the description of where the dataset can be asked (VoID §3.2, DCAT 3 §6.9)."""
    dataset, endpoint = ox.NamedNode(release.dataset), ox.NamedNode(f"{release.home}sparql")
    return [
        ox.Triple(dataset, _void("sparqlEndpoint"), endpoint),
        ox.Triple(endpoint, _TYPE, _dcat("DataService")),
        ox.Triple(endpoint, ox.NamedNode(DCTERMS + "title"), ox.Literal("SPARQL")),
        ox.Triple(endpoint, _dcat("endpointURL"), endpoint),
        ox.Triple(endpoint, _dcat("servesDataset"), dataset),
    ]


def _linkset(release: Release, one: Links) -> list[ox.Triple]:
    """Return the description of links to another's things (VoID §5)."""
    dataset, target = ox.NamedNode(release.dataset), re.sub(r"[^A-Za-z0-9]+", "-", one.space).strip("-")
    short = Prefixes(release.prefixes).curie(one.property) or one.property
    name = re.sub(r"[^A-Za-z0-9]+", "-", short)
    node = ox.NamedNode(f"{release.home}statistics/links/{name}-{target}")
    other = ox.NamedNode(f"{release.home}statistics/linked/{target}")
    return [
        ox.Triple(dataset, _void("subset"), node),
        ox.Triple(node, _TYPE, _void("Linkset")),
        ox.Triple(node, _void("subjectsTarget"), dataset),
        ox.Triple(node, _void("objectsTarget"), other),
        ox.Triple(node, _void("linkPredicate"), ox.NamedNode(one.property)),
        ox.Triple(node, _void("triples"), ox.Literal(one.count)),
        ox.Triple(other, _TYPE, _void("Dataset")),
        ox.Triple(other, _void("uriSpace"), ox.Literal(one.space)),
    ]


def _void(name: str) -> ox.NamedNode:
    return ox.NamedNode(VOID + name)


def _versions(release: Release, others: Sequence[Release]) -> list[ox.Triple]:
    """Return how the releases are related (DCAT 3 §11.1)."""
    dataset, own = ox.NamedNode(release.dataset), release_iri(release)
    triples = [ox.Triple(dataset, _dcat("hasCurrentVersion"), ox.NamedNode(own))]
    for one in others or [release]:
        node = ox.NamedNode(release_iri(one))
        triples += [
            ox.Triple(dataset, _dcat("hasVersion"), node),
            ox.Triple(node, _TYPE, _dcat("Dataset")),
            ox.Triple(node, _dcat("isVersionOf"), dataset),
            ox.Triple(node, _dcat("version"), ox.Literal(one.version)),
        ]
    for newer, older in pairwise(others):
        link = (ox.NamedNode(release_iri(newer)), _dcat("previousVersion"), ox.NamedNode(release_iri(older)))
        triples.append(ox.Triple(*link))
    return triples


def _dcat(name: str) -> ox.NamedNode:
    return ox.NamedNode(DCAT + name)
