"""Rows as CSV (SPARQL 1.1 Query Results CSV and TSV §3; RFC 4180), where pyoxigraph writes them wrongly.

That is where it leaves cells without quotes ("csv-quotes"), takes triple terms apart ("csv-triple-term") or
writes a row as an empty line ("csv-empty-row"); see `kg.engine.quirks`. Answers with none of these are left
to pyoxigraph, which is five times as quick; `RowCounter.misread` tells which.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.writers.term import Term

_PIECE = 64 * 1024


def csv_chunks(variables: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> Iterator[bytes]:
    """Yield the document piece by piece."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(variables)
    for row in rows:
        writer.writerow([plain(term) for term in row])
        if out.tell() > _PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def plain(term: Term | None) -> str:
    """Return a term as a cell: its plain value, empty where there is none."""
    if term is None:
        return ""
    if isinstance(term, ox.Triple):
        return _turtle(term)
    return str(term) if isinstance(term, ox.BlankNode) else term.value


def _turtle(term: Term) -> str:
    """Return a term as Turtle has it (RDF 1.2 Turtle §2.9 for triple terms)."""
    if isinstance(term, ox.Triple):
        return f"<<( {_turtle(term.subject)} {_turtle(term.predicate)} {_turtle(term.object)} )>>"
    return str(term)
