"""All formats in one table, and choosing one by Accept (RFC 9110 §12.5.1). Pure.

Command line, negotiation, service description and error texts follow from the table. Formats of RDF are a
module each, `kg.writers.formats`; those of tables for papers `kg.export.answers`; rows are written by the
engine (`kg.engine.answers.results`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kg.writers.format import Format, Kind
from kg.writers.formats import RDF_FORMATS, RDF_NAMES, in_order

__all__ = [
    "BY_NAME",
    "CSV",
    "GEOJSON",
    "GEXF",
    "GRAPHML",
    "GRAPH_FORMATS",
    "HTML",
    "JSON",
    "JSONLD",
    "NQUADS",
    "NTRIPLES",
    "RDFXML",
    "RDF_FORMATS",
    "RDF_NAMES",
    "RESULT_FORMATS",
    "SVG",
    "TRIG",
    "TRIPLES_OF_ONE",
    "TSV",
    "TURTLE",
    "XML",
    "Format",
    "Kind",
    "called",
    "choose",
    "choose_graph",
    "prefers_page",
    "quality",
    "weight",
]

_RDF = {one.name: one for one in RDF_FORMATS}
TURTLE, TRIG, NTRIPLES = _RDF["ttl"], _RDF["trig"], _RDF["nt"]
NQUADS, JSONLD, RDFXML = _RDF["nq"], _RDF["jsonld"], _RDF["rdf"]

JSON = Format(
    "json",
    "application/sparql-results+json",
    Kind.RESULTS,
    "JSON",
    ("application/json",),
    ("sparql-results+json", "srj"),
    "SPARQL_Results_JSON",
)
XML = Format(
    "xml",
    "application/sparql-results+xml",
    Kind.RESULTS,
    "XML",
    ("application/xml", "text/xml"),
    ("sparql-results+xml", "srx"),
    "SPARQL_Results_XML",
)
CSV = Format("csv", "text/csv", Kind.RESULTS, "CSV", w3c="SPARQL_Results_CSV")
TSV = Format("tsv", "text/tab-separated-values", Kind.RESULTS, "TSV", (), ("tab",), "SPARQL_Results_TSV")

GEOJSON = Format("geojson", "application/geo+json", Kind.TABLE, "GeoJSON")

GRAPH_FORMATS: tuple[Format, ...] = in_order(RDF_FORMATS, ("ttl", "nt", "jsonld", "rdf", "trig", "nq"))
"""In which graphs that queries make are had; of equals the earlier is taken."""
RESULT_FORMATS: tuple[Format, ...] = (JSON, XML, CSV, TSV)
BY_NAME = {f.name: f for f in (*RDF_FORMATS, *RESULT_FORMATS)}
TRIPLES_OF_ONE = (TURTLE, NTRIPLES, JSONLD, RDFXML)
"""In which one thing's triples go to whoever reads a default graph."""
HTML = "text/html"
GRAPHML = "application/graphml+xml"
GEXF = "application/gexf+xml"
SVG = "image/svg+xml"

_CALLED = {
    called: f
    for f in (*GRAPH_FORMATS, *RESULT_FORMATS)  # the later wins: JSON and XML are formats of rows first
    for called in (*f.aliases, *f.names, f.media_type, f.name)
}
_AS_GRAPH = {JSON: JSONLD, XML: RDFXML}


def called(name: str) -> tuple[Format | None, Format | None]:
    """Return the format of rows and that of graphs which clients call so; None where there is none."""
    found = _CALLED.get(name.strip().lower())
    if found is None or found.kind is not Kind.RESULTS:
        return None, found
    return found, _AS_GRAPH.get(found)


_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


@lru_cache(maxsize=1024)
def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """Split an Accept header into media ranges and weights; a malformed weight counts as 0."""
    ranges = []
    for part in accept.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                quality = float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
        if media:
            ranges.append((media.lower(), quality))
    return tuple(ranges)


def quality(accept: str | None, media_type: str) -> float:
    """Return the weight (0 to 1) that an Accept header gives to a media type.

    The most specific range that matches decides, so ``text/html;q=0, */*`` refuses HTML. No header, or an
    empty one, accepts everything.
    """
    if not accept or not accept.strip():
        return 1.0
    group = media_type.split("/", maxsplit=1)[0] + "/*"
    for wanted in (media_type, group, "*/*"):
        weights = [q for media, q in _ranges(accept) if media == wanted]
        if weights:
            return max(weights)
    return 0.0


def weight(accept: str | None, format: Format) -> float:
    """Return the weight (0 to 1) that an Accept header gives to a format, by its type or a named alias.

    An alias such as text/plain counts only when it is named, not when a wildcard matches it.
    """
    named = {media for media, _ in _ranges(accept or "")}
    aliases = (quality(accept, alias) for alias in format.aliases if alias in named)
    return max(quality(accept, format.media_type), *aliases, 0.0)


def choose(accept: str | None, formats: Sequence[Format]) -> Format | None:
    """Return the format that an Accept header weighs highest, the earlier of equals; None if none."""
    return _choose(accept, tuple(formats))


@lru_cache(maxsize=1024)
def _choose(accept: str | None, formats: tuple[Format, ...]) -> Format | None:
    best: tuple[float, Format] | None = None
    for candidate in formats:
        found = weight(accept, candidate)
        if found > 0 and (best is None or found > best[0]):
            best = (found, candidate)
    return best[1] if best else None


@lru_cache(maxsize=1024)
def choose_graph(accept: str | None) -> Format | None:
    """Return the format of RDF for an Accept header: one for triples, if the header names one that we have.

    Clients that read quads look in the default graph only: Comunica weighs N-Quads highest, but finds nothing
    in a document whose statements are all in named graphs.
    """
    best = _choose(accept, GRAPH_FORMATS)
    if best not in (TRIG, NQUADS):
        return best
    named = {media for media, _ in _ranges(accept or "")}
    triples = tuple(f for f in TRIPLES_OF_ONE if named & {f.media_type, *f.aliases})
    return _choose(accept, triples) or best


@lru_cache(maxsize=1024)
def prefers_page(accept: str | None, formats: tuple[Format, ...]) -> bool:
    """Whether an Accept header weighs a page higher than each of these formats."""
    return bool(accept) and quality(accept, HTML) > max(weight(accept, f) for f in formats)
