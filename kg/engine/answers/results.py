"""Writing answers: a `Result` to bytes in any format that fits it.

Graphs up to a size are written by `kg.writers`, sorted and with the prefixes that they use. All else is
written by pyoxigraph's own serialisers, except the JSON of a `Result`: so answers of a remote engine and of
the embedded one look the same to the last byte.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import IO, Any

import pyoxigraph as ox

from kg.engine.answers.csv_rows import csv_chunks
from kg.engine.answers.wellformed import RDF_12, checked, mended, refusal
from kg.engine.base import Result
from kg.errors import EngineError, NotExpressible, QueryRefused, UsageError
from kg.mediatypes import BY_NAME, Format, Kind
from kg.writers import rdf
from kg.writers.term import Term

RESULTS_FORMAT = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
RDF_FORMAT = {
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def write(result: Result, format: Format, *, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Return the answer in a format: one of `RESULT_FORMATS` for rows and booleans, of RDF for a graph.

    ``prefixes`` are used by the RDF formats that have some. Raises UsageError when the format can't hold this
    kind of answer, QueryRefused when the answer holds something that the format can't say (RDF/XML has no way
    to write a predicate without a local name).
    """
    if (format.kind is Kind.RESULTS) == (result.kind == "graph"):
        raise UsageError(f"{format.label} can't hold the answer of this query", hint=_fitting(result))
    data = _write(result, format, prefixes or {})
    if (mend := mended(format.name)) is not None:
        data = mend(data)
    if (check := checked(format.name)) is not None:
        check(data)
    return data


def _write(result: Result, format: Format, prefixes: Mapping[str, str]) -> bytes:
    try:
        if result.kind == "graph":
            first = small_graph(iter(result.triples))
            if isinstance(first, set):
                return pretty(first, format.name, prefixes)
            out = io.BytesIO()
            stream(first, format.name, out, prefixes)
            return out.getvalue()
        if format.name == "csv" and result.kind == "select":
            return b"".join(csv_chunks(result.variables, result.rows))
        text = json.dumps(_as_json(result), ensure_ascii=False, separators=(",", ":")).encode()
        if format.name == "json":
            return text
        parsed = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
        return bytes(parsed.serialize(format=RESULTS_FORMAT[format.name]) or b"")
    except (ValueError, OSError) as error:
        if RDF_12 in str(error):
            raise refusal("a triple term or a text direction", format.label) from None
        raise EngineError(f"the answer can't be written as {format.label}: {error}") from error


SORTED = 10_000
"""Triples up to which a graph is written sorted and with the prefixes that it uses, as exports are."""
_LETTERS = 4_000_000
"""Characters of literals up to which it is; a larger graph is written as it comes."""


def small_graph(triples: Iterator[ox.Triple]) -> set[ox.Triple] | Iterator[ox.Triple]:
    """Return the triples of a small graph, each once; of a large one, all as they come."""
    return few(triples, SORTED, _LETTERS)


def few(triples: Iterator[ox.Triple], most: int, most_letters: int) -> set[ox.Triple] | Iterator[ox.Triple]:
    """Return triples as a set; as they come, if they are too many or have too many characters of literals.

    They are counted as they come, so one that comes twice counts twice.
    """
    found: list[ox.Triple] = []
    letters = 0
    for triple in triples:
        found.append(triple)
        value = triple.object
        letters += len(value.value) if isinstance(value, ox.Literal) else 0
        if len(found) > most or letters > most_letters:
            return chain(found, triples)
    return set(found)


def stream(triples: Iterable[ox.Triple], format: str, out: IO[bytes], prefixes: Mapping[str, str]) -> int:
    """Write a graph that is too large to be sorted, as it comes; return how many triples there were.

    pyoxigraph writes the formats that it knows, as it is quicker.
    """
    if format not in RDF_FORMAT:
        return rdf.write(triples, BY_NAME[format], out, prefixes=prefixes)
    count = 0

    def counted() -> Iterator[ox.Triple]:
        nonlocal count
        for triple in triples:
            count += 1
            yield triple

    ox.serialize(counted(), out, format=RDF_FORMAT[format], prefixes=dict(prefixes))
    return count


def pretty(triples: Iterable[ox.Triple], format: str, prefixes: Mapping[str, str]) -> bytes:
    """Return a small graph as `kg.writers` write it. Raises QueryRefused if the format can't express it."""
    try:
        return rdf.serialise(triples, BY_NAME[format], prefixes=prefixes)
    except NotExpressible as error:
        raise QueryRefused(error.message, limit="format", hint=error.hint) from None


def _fitting(result: Result) -> str:
    return "ask for an RDF format" if result.kind == "graph" else "ask for JSON, XML, CSV or TSV"


def _as_json(result: Result) -> dict[str, Any]:
    """The SPARQL 1.1 Query Results JSON document of an answer."""
    if result.kind == "ask":
        return {"head": {}, "boolean": result.boolean}
    bindings = [{name: term_as_json(term) for name, term in solution.items()} for solution in result.dicts()]
    return {"head": {"vars": list(result.variables)}, "results": {"bindings": bindings}}


def term_as_json(term: Term) -> dict[str, Any]:
    """Return a term as SPARQL 1.1 Query Results JSON writes it (§3.2.2; triples as SPARQL 1.2 does)."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {
            "subject": term_as_json(term.subject),
            "predicate": term_as_json(term.predicate),
            "object": term_as_json(term.object),
        }
        return {"type": "triple", "value": parts}
    written: dict[str, Any] = {"type": "literal", "value": term.value}
    if term.language:
        written["xml:lang"] = term.language
        if term.direction is not None:
            written["its:dir"] = str(term.direction.value)
    elif term.datatype.value != _XSD_STRING:
        written["datatype"] = term.datatype.value
    return written
