"""RDF/XML (https://www.w3.org/TR/rdf-syntax-grammar/): an element for each subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.writers.format import Format, Kind
from kg.writers.statements import Chunks, Statement, as_triple

FORMAT = Format(
    "rdf",
    "application/rdf+xml",
    Kind.GRAPH,
    "RDF/XML",
    (),
    ("rdfxml", "rdf+xml", "rdf/xml", "rdf-xml"),
    "RDF_XML",
)


def chunks(
    statements: Iterable[Statement], *, prefixes: Mapping[str, str], header: str, **_: object
) -> Chunks:
    """Yield the document piece by piece, each with its number of statements."""
    from kg.writers.rdfxml import rdfxml_chunks  # few want it, and Python's XML brings its network with it

    return rdfxml_chunks(map(as_triple, statements), prefixes=prefixes, header=header)
