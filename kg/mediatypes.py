"""Formats of RDF and of query results, and choosing one by Accept (RFC 9110 §12.5.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """What a format can hold."""

    GRAPH = "graph"
    DATASET = "dataset"
    RESULTS = "results"


@dataclass(frozen=True, eq=False)  # one object each, so compared and hashed as such, which is quick
class Format:
    """A serialisation: its short name (also the file extension), media type and what it can hold.

    ``aliases`` are other media types that clients send for it.
    """

    name: str
    media_type: str
    kind: Kind
    label: str
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header: text types say their charset, for the others it is given by definition."""
        return self.media_type + ("; charset=utf-8" if self.media_type.startswith("text/") else "")


TURTLE = Format("ttl", "text/turtle", Kind.GRAPH, "Turtle", ("application/x-turtle", "application/turtle"))
TRIG = Format("trig", "application/trig", Kind.DATASET, "TriG", ("application/x-trig",))
NTRIPLES = Format("nt", "application/n-triples", Kind.GRAPH, "N-Triples", ("text/plain",))
NQUADS = Format("nq", "application/n-quads", Kind.DATASET, "N-Quads", ("text/x-nquads",))
JSONLD = Format("jsonld", "application/ld+json", Kind.DATASET, "JSON-LD", ("application/json",))
RDFXML = Format("rdf", "application/rdf+xml", Kind.GRAPH, "RDF/XML")

JSON = Format("json", "application/sparql-results+json", Kind.RESULTS, "JSON", ("application/json",))
XML = Format("xml", "application/sparql-results+xml", Kind.RESULTS, "XML", ("application/xml", "text/xml"))
CSV = Format("csv", "text/csv", Kind.RESULTS, "CSV")
TSV = Format("tsv", "text/tab-separated-values", Kind.RESULTS, "TSV")

RDF_FORMATS: tuple[Format, ...] = (TURTLE, TRIG, NTRIPLES, NQUADS, JSONLD, RDFXML)
GRAPH_FORMATS: tuple[Format, ...] = (TURTLE, NTRIPLES, JSONLD, RDFXML, TRIG, NQUADS)
RESULT_FORMATS: tuple[Format, ...] = (JSON, XML, CSV, TSV)
BY_NAME = {f.name: f for f in (*RDF_FORMATS, *RESULT_FORMATS)}
HTML = "text/html"


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


def choose(accept: str | None, formats: Sequence[Format]) -> Format | None:
    """Return the format that an Accept header likes best, the earlier of equals; None where it takes none."""
    return _choose(accept, tuple(formats))


@lru_cache(maxsize=1024)
def _choose(accept: str | None, formats: tuple[Format, ...]) -> Format | None:
    best: tuple[float, Format] | None = None
    for candidate in formats:
        # A wildcard must not lift an alias such as text/plain: aliases count only when named.
        weight = quality(accept, candidate.media_type)
        named = {media for media, _ in _ranges(accept or "")}
        weight = max([weight, *(quality(accept, a) for a in candidate.aliases if a in named)])
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, candidate)
    return best[1] if best else None
