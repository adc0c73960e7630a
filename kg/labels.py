"""What names a thing, in any widely used vocabulary: the properties, the better ones first. Pure."""

from __future__ import annotations

from kg.terms import DCTERMS, RDFS, SH, SKOS

LABELS = (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
"""What every page and index looks for."""
XL_FORM = "http://www.w3.org/2008/05/skos-xl#literalForm"
XL_LABEL = "http://www.w3.org/2008/05/skos-xl#prefLabel"
ELSEWHERE = (
    XL_FORM,
    "https://schema.org/name",
    "http://schema.org/name",
    "http://xmlns.com/foaf/0.1/name",
    "https://w3id.org/semanticarts/ns/ontology/gist/name",
    "https://ontologies.semanticarts.com/gist/name",
    "http://www.w3.org/2006/vcard/ns#fn",
    "http://www.geonames.org/ontology#name",
    "http://purl.org/dc/elements/1.1/title",
    "http://purl.obolibrary.org/obo/IAO_0000111",
    SH + "name",
)
"""What names things that have none of `LABELS`, in files that nobody curated for this program."""
