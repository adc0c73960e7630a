"""Completing the dataset's description as DCAT-AP 3 wants it.

Curators write dataset.ttl as it reads best: languages as tags, names as labels. Harvesters expect DCAT-AP
3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/), whose shapes want resources of given classes. So
the description is completed when it is served, which also works for older releases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from kg.terms import DCAT, DCTERMS, RDF, RDFS, XSD

FOAF = "http://xmlns.com/foaf/0.1/"
SPDX = "http://spdx.org/rdf/terms#"
_DC = "http://purl.org/dc/elements/1.1/"
_ISO639 = "http://id.loc.gov/vocabulary/iso639-{}/{}"
"""DCAT 3 §6.4.4: the Library of Congress's IRIs of languages, the two-letter one where there is one."""
_FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
_FILE_TYPES = {
    "text/turtle": "RDF_TURTLE",
    "application/trig": "RDF_TRIG",
    "application/n-triples": "RDF_N_TRIPLES",
    "application/n-quads": "RDF_N_QUADS",
    "application/ld+json": "JSON_LD",
    "application/rdf+xml": "RDF_XML",
}
_TYPE = ox.NamedNode(RDF + "type")
_CLASSES: Mapping[str, tuple[str, ...]] = {
    DCTERMS + "license": (DCTERMS + "LicenseDocument",),
    DCTERMS + "language": (DCTERMS + "LinguisticSystem",),
    DCTERMS + "format": (DCTERMS + "MediaTypeOrExtent",),
    DCTERMS + "spatial": (DCTERMS + "Location",),
    DCTERMS + "temporal": (DCTERMS + "PeriodOfTime",),
    DCTERMS + "creator": (FOAF + "Agent",),
    DCTERMS + "publisher": (FOAF + "Agent",),
    DCAT + "mediaType": (DCTERMS + "MediaType",),
    DCAT + "landingPage": (FOAF + "Document",),
}
"""What the values of a property are instances of (DCAT-AP's file of ranges)."""
_SAID_BY_ALL = (DCTERMS + "description", DCTERMS + "license", DCTERMS + "publisher", DCAT + "keyword")
"""What holds of the dataset and of each of its versions."""

Triples = list[ox.Triple]


def conform(triples: Iterable[ox.Triple], dataset: str) -> Triples:
    """Return a description with what DCAT-AP 3 wants beside it, each statement once.

    ``triples`` describe the dataset with that IRI, its versions and files. A statement is replaced only where
    the profile forbids its form: a language as a text becomes that language's IRI (the tag moves to
    dc:language), a checksum becomes an xsd:hexBinary.
    """
    found = [new for triple in triples for new in _mended(triple)]
    about = _Said(found)
    found += _versions(about, dataset)
    found += _files(about, dataset)
    found += _named(about)
    found += [
        ox.Triple(triple.object, _TYPE, ox.NamedNode(cls))
        for triple in found
        if isinstance(triple.object, ox.NamedNode | ox.BlankNode)
        for cls in _CLASSES.get(triple.predicate.value, ())
    ]
    return list(dict.fromkeys(found))


class _Said:
    """What is said of each node, by property."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._by: dict[tuple[str, str], list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]] = {}
        self._of: dict[str, list[ox.NamedNode]] = {}
        for triple in triples:
            if not isinstance(triple.subject, ox.NamedNode):
                continue
            self._by.setdefault((triple.subject.value, triple.predicate.value), []).append(triple.object)
            if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
                self._of.setdefault(triple.object.value, []).append(triple.subject)

    def values(self, iri: str, name: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
        return self._by.get((iri, name), [])

    def of(self, cls: str) -> list[ox.NamedNode]:
        return list(dict.fromkeys(self._of.get(cls, [])))

    def agents(self) -> list[ox.NamedNode]:
        found = [
            value
            for (_, name), values in self._by.items()
            if name in (DCTERMS + "creator", DCTERMS + "publisher")
            for value in values
            if isinstance(value, ox.NamedNode)
        ]
        return list(dict.fromkeys([*found, *self.of(FOAF + "Agent")]))


def _mended(triple: ox.Triple) -> Iterator[ox.Triple]:
    """Yield a statement in the form that the profile takes."""
    name, value = triple.predicate.value, triple.object
    if not isinstance(value, ox.Literal):
        yield triple
    elif name == DCTERMS + "language":
        yield ox.Triple(triple.subject, ox.NamedNode(_DC + "language"), value)
        main = value.value.partition("-")[0].lower()
        if main.isascii() and main.isalpha() and len(main) in (2, 3):
            yield ox.Triple(triple.subject, triple.predicate, ox.NamedNode(language_iri(main)))
    elif name == SPDX + "checksumValue":
        typed = ox.Literal(value.value, datatype=ox.NamedNode(XSD + "hexBinary"))
        yield ox.Triple(triple.subject, triple.predicate, typed)
    else:
        yield triple


def language_iri(code: str) -> str:
    """Return the Library of Congress's IRI of a language by its ISO 639 code of two or three letters."""
    return _ISO639.format(1 if len(code) == 2 else 2, code)


def _versions(about: _Said, dataset: str) -> Iterator[ox.Triple]:
    """Yield what a dataset and each of its versions must state: title, description and the like."""
    whole = ox.NamedNode(dataset)
    titles = [one for one in about.values(dataset, DCTERMS + "title") if isinstance(one, ox.Literal)]
    if not about.values(dataset, DCTERMS + "description"):
        for title in titles:
            yield ox.Triple(whole, ox.NamedNode(DCTERMS + "description"), title)
    for version in about.values(dataset, DCAT + "hasVersion"):
        if not isinstance(version, ox.NamedNode) or version == whole:
            continue
        numbers = [str(getattr(one, "value", "")) for one in about.values(version.value, DCAT + "version")]
        for title in titles:
            text = ox.Literal(" ".join([title.value, *numbers]), language=title.language)
            yield ox.Triple(version, ox.NamedNode(DCTERMS + "title"), text)
        for name in _SAID_BY_ALL:
            for value in about.values(dataset, name) or (titles if name.endswith("description") else []):
                yield ox.Triple(version, ox.NamedNode(name), value)


def _files(about: _Said, dataset: str) -> Iterator[ox.Triple]:
    """Yield what files must state: address, licence and type."""
    licenses = about.values(dataset, DCTERMS + "license")
    for file in about.of(DCAT + "Distribution"):
        for address in about.values(file.value, DCAT + "downloadURL"):
            yield ox.Triple(file, ox.NamedNode(DCAT + "accessURL"), address)
        for license in () if about.values(file.value, DCTERMS + "license") else licenses:
            if isinstance(license, ox.NamedNode):
                yield ox.Triple(file, ox.NamedNode(DCTERMS + "license"), license)
        for media in about.values(file.value, DCAT + "mediaType"):
            name = "/".join(str(getattr(media, "value", "")).split("/")[-2:])
            if name in _FILE_TYPES:
                known = ox.NamedNode(_FILE_TYPE + _FILE_TYPES[name])
                yield ox.Triple(file, ox.NamedNode(DCTERMS + "format"), known)


def _named(about: _Said) -> Iterator[ox.Triple]:
    """Yield names for creators and publishers; one without a name gets its IRI as name."""
    for agent in about.agents():
        if not about.values(agent.value, FOAF + "name"):
            for label in about.values(agent.value, RDFS + "label") or [ox.Literal(agent.value)]:
                yield ox.Triple(agent, ox.NamedNode(FOAF + "name"), label)
