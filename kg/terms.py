"""Namespaces, compact IRIs, and picking a label by language. Pure: no graph, no file, no setting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from string import ascii_letters, digits
from types import MappingProxyType
from typing import Protocol, TypeVar

KG = "https://w3id.org/linli/kg#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SH = "http://www.w3.org/ns/shacl#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
PROV = "http://www.w3.org/ns/prov#"
VOID = "http://rdfs.org/ns/void#"
GEO = "http://www.opengis.net/ont/geosparql#"

WELL_KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "rdf": RDF,
        "rdfs": RDFS,
        "owl": OWL,
        "xsd": XSD,
        "skos": SKOS,
        "sh": SH,
        "dcterms": DCTERMS,
        "dcat": DCAT,
        "prov": PROV,
        "void": VOID,
        "geo": GEO,
        "geof": "http://www.opengis.net/def/function/geosparql/",
        "adms": "http://www.w3.org/ns/adms#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "locn": "http://www.w3.org/ns/locn#",
        "oa": "http://www.w3.org/ns/oa#",
        "org": "http://www.w3.org/ns/org#",
        "cpov": "http://data.europa.eu/m8g/",
        "qudt": "http://qudt.org/schema/qudt/",
        "unit": "http://qudt.org/vocab/unit/",
        "quantitykind": "http://qudt.org/vocab/quantitykind/",
        "schema": "https://schema.org/",
        "sd": "http://www.w3.org/ns/sparql-service-description#",
        "time": "http://www.w3.org/2006/time#",
        "vann": "http://purl.org/vocab/vann/",
        "wd": "http://www.wikidata.org/entity/",
        "kg": KG,
    }
)
"""Prefixes of vocabularies that many datasets share; a dataset's own come from its dataset.ttl."""

# Local names that Turtle and SPARQL parsers take without escapes (a subset of PN_LOCAL, SPARQL 1.1 §19.8) are
# made of these signs, with no hyphen at either end.
_LOCAL = ascii_letters + digits + "_-"


class Prefixes:
    """An immutable two-way table between prefixes and namespaces.

    The longest namespace wins when an IRI is shortened.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table: Mapping[str, str] = MappingProxyType(dict(table))
        # A namespace that ends in a sign no local name has can only be all that stands before a local name.
        self._whole = {ns: prefix for prefix, ns in sorted(self.table.items(), reverse=True) if _is_whole(ns)}
        others = [(prefix, ns) for prefix, ns in self.table.items() if not _is_whole(ns)]
        self._others = sorted(others, key=lambda pair: (-len(pair[1]), pair[0]))

    def curie(self, iri: str) -> str | None:
        """Return the compact form of an IRI, or None where no prefix gives one that needs no escapes."""
        before = iri.rstrip(_LOCAL)
        # Of the others only longer ones fit: a local name has no sign that `before` ends in.
        for prefix, namespace in self._others:
            if len(namespace) >= len(before) and iri.startswith(namespace) and _plain(iri[len(namespace) :]):
                return f"{prefix}:{iri[len(namespace) :]}"
        name, local = self._whole.get(before), iri[len(before) :]
        return f"{name}:{local}" if name is not None and _plain(local) else None

    def expand(self, curie: str) -> str:
        """Return the IRI of a compact one.

        Raises KeyError, with the prefix, when the prefix is not in the table.
        """
        prefix, _, local = curie.partition(":")
        return self.table[prefix] + local

    def merged(self, other: Mapping[str, str]) -> Prefixes:
        """Return a table with ``other`` laid over this one."""
        return Prefixes({**self.table, **other})

    def sparql(self) -> str:
        """Return the PREFIX lines of a SPARQL query, sorted by prefix."""
        return "".join(f"PREFIX {prefix}: <{ns}>\n" for prefix, ns in sorted(self.table.items()))


def _is_whole(namespace: str) -> bool:
    return namespace[-1:] not in _LOCAL  # the empty one isn't: "" is in every text


def _plain(local: str) -> bool:
    """Whether a text of `_LOCAL`'s signs alone is a local name."""
    return bool(local) and local[0] != "-" and local[-1] != "-"


def expand(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return the full IRI of one that may be compact."""
    prefix, _, local = iri.partition(":")
    return prefixes[prefix] + local if prefix in prefixes and not local.startswith("//") else iri


def local_name(iri: str) -> str:
    """Return the part after the last ``#`` or ``/``, to show if there is no label; the IRI if it is empty."""
    return re.split(r"[#/]", iri.rstrip("#/"))[-1] or iri


class LanguageString(Protocol):
    """A literal as pyoxigraph has it: a value and a language tag or None."""

    @property
    def value(self) -> str:
        """The text."""
        ...

    @property
    def language(self) -> str | None:
        """The language tag, or None."""
        ...


T = TypeVar("T", bound=LanguageString)


def pick(literals: Iterable[T], chain: Sequence[str]) -> T | None:
    """Return the literal that a reader of ``chain`` (see `kg.languages.language_chain`) should see, or None.

    A literal without a language comes after the chain; any other language comes last. Among equals the
    shortest and then the first in code-point order wins, so that the same data gives the same page.
    """

    def rank(literal: T) -> tuple[int, int, str]:
        tag = (literal.language or "").lower()
        place = chain.index(tag) if tag in chain else len(chain) + (1 if tag else 0)
        return (place, len(literal.value), literal.value)

    return min(literals, key=rank, default=None)
