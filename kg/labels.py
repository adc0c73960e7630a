"""What names a thing, in any widely used vocabulary, the better first; words of the program as literals."""

from __future__ import annotations

import pyoxigraph as ox

from kg.languages import ORIGINAL, in_all
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


def in_languages(literal: ox.Literal, context: str = "") -> tuple[ox.Literal, ...]:
    """Return a text of the program in each language that has it; what is in no language stays alone.

    ``context`` is what it is said of, by its IRI, where the catalogues keep it so.
    """
    if literal.language != ORIGINAL:
        return (literal,)
    return tuple(ox.Literal(text, language=tag) for tag, text in in_all(literal.value, context).items())
