"""Write statements in any RDF format, as a stream or at once.

Statements are pyoxigraph's triples or quads. A format that holds one graph takes the
quads' triples; a format of datasets takes triples as its default graph.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from kg.blanks import with_blanks
from kg.errors import NotExpressible
from kg.mediatypes import RDF_NAMES, Format, Kind
from kg.writers.jsonld import clashing, jsonld_chunks
from kg.writers.rdfxml import rdfxml_chunks
from kg.writers.turtle import (
    Sink,
    ordered,
    ordered_quads,
    trig_chunks,
    turtle_chunks,
    used_prefixes,
    write_chunks,
)

Statement = ox.Triple | ox.Quad
Chunks = Iterator[tuple[str, int]]


def chunks(
    statements: Iterable[Statement],
    format: Format,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
    indent: int | None = None,
) -> Iterator[tuple[str, int]]:
    """Yield a document piece by piece, each with its number of statements; memory is that of one subject.

    Give the statements sorted (see `kg.writers.turtle`). Raises NotExpressible when the format isn't one of
    RDF or can't hold a term.
    """
    if format.kind is Kind.RESULTS:
        raise NotExpressible(f"{format.label} holds rows, not statements", hint=f"one of {RDF_NAMES}")
    statements = with_blanks(statements)
    return _WRITERS[format.name](statements, prefixes=prefixes, base=base, header=header, indent=indent)


def write(
    statements: Iterable[Statement],
    format: Format,
    out: Sink,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
) -> int:
    """Write sorted statements as they come and return how many there were.

    Raises NotExpressible as `chunks` does.
    """
    return write_chunks(chunks(statements, format, prefixes=prefixes, base=base, header=header), out)


def serialise(
    statements: Iterable[Statement],
    format: Format,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
) -> bytes:
    """Return a small document: statements in order and without doubles, only the prefixes that are used.

    Raises NotExpressible as `chunks` does.
    """
    found: list[Statement]
    if format.kind is Kind.DATASET:
        found = list(ordered_quads(map(_quad, statements)))
    else:
        found = list(ordered(map(_triple, statements)))
    used = used_prefixes(found, prefixes)
    if format.name == "jsonld":
        iris = {p.value for s in found for p in s if isinstance(p, ox.NamedNode)}
        used = {p: ns for p, ns in used.items() if p not in clashing(iris, prefixes)}
    found = list(with_blanks(found))
    base = base if _needed(found, base) else ""
    out = io.BytesIO()
    write_chunks(chunks(found, format, prefixes=used, base=base, header=header, indent=1), out)
    return out.getvalue()


def _needed(statements: Iterable[Statement], base: str) -> bool:
    parts = (part for statement in statements for part in statement)
    return bool(base) and any(
        isinstance(part, ox.NamedNode) and part.value.startswith(base) for part in parts
    )


def _quad(statement: Statement) -> ox.Quad:
    return statement if isinstance(statement, ox.Quad) else ox.Quad(*statement)


def _triple(statement: Statement) -> ox.Triple:
    return statement.triple if isinstance(statement, ox.Quad) else statement


def _lines(statements: Iterable[Statement], header: str) -> Iterator[tuple[str, int]]:
    yield "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines()), 0
    last = None
    for statement in statements:
        if statement != last:
            last = statement
            yield f"{statement} .\n", 1


def _ttl(statements: Iterable[Statement], *, header: str, **more: Any) -> Chunks:
    del more["indent"]
    return turtle_chunks(map(_triple, statements), header=header, **more)


def _trig(statements: Iterable[Statement], *, header: str, **more: Any) -> Chunks:
    del more["indent"]
    return trig_chunks(map(_quad, statements), header=header, **more)


def _nt(statements: Iterable[Statement], *, header: str, **_: Any) -> Chunks:
    return _lines(map(_triple, statements), header)


def _nq(statements: Iterable[Statement], *, header: str, **_: Any) -> Chunks:
    return _lines(map(_quad, statements), header)


def _rdf(statements: Iterable[Statement], *, prefixes: Mapping[str, str], header: str, **_: Any) -> Chunks:
    return rdfxml_chunks(map(_triple, statements), prefixes=prefixes, header=header)


_WRITERS: Mapping[str, Callable[..., Chunks]] = {
    "ttl": _ttl,
    "trig": _trig,
    "nt": _nt,
    "nq": _nq,
    "jsonld": jsonld_chunks,
    "rdf": _rdf,
}
"""What writes a format of RDF, by its name."""
