"""Write statements in any RDF format, as a stream or at once.

Statements are pyoxigraph's triples or quads. A format of a single graph writes the triples of quads; a format
of datasets writes triples in its default graph.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping

from kg.blanks import is_ours, with_blanks
from kg.errors import NotExpressible
from kg.writers.format import Format, Kind
from kg.writers.formats import RDF_NAMES, WRITERS
from kg.writers.jsonld import clashing
from kg.writers.statements import Chunks, Statement, as_quad, as_triple
from kg.writers.turtle import Sink, mentioned, ordered, ordered_quads, prefixes_of, write_chunks


def chunks(
    statements: Iterable[Statement],
    format: Format,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    header: str = "",
    indent: int | None = None,
) -> Chunks:
    """Yield a document piece by piece, each with its number of statements; one subject is held in memory.

    Give the statements sorted (see `kg.writers.turtle`). Raises NotExpressible when the format isn't one of
    RDF or can't hold a term.
    """
    writer = _writer(format)
    return writer(with_blanks(statements), prefixes=prefixes, base=base, header=header, indent=indent)


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
    """Return a small document: statements sorted, each once, with only the prefixes that are used.

    Raises NotExpressible as `chunks` does.
    """
    writer = _writer(format)
    found: list[Statement]
    if format.kind is Kind.DATASET:
        found = list(ordered_quads(map(as_quad, statements)))
    else:
        found = list(ordered(map(as_triple, statements)))
    iris, datatypes = mentioned(found)
    used = prefixes_of(iris | datatypes, prefixes)
    if format.name == "jsonld":
        used = {p: ns for p, ns in used.items() if p not in clashing(iris, prefixes)}
    if any(map(is_ours, iris)):
        found = list(with_blanks(found))
        iris, _ = mentioned(found)
    base = base if base and any(iri.startswith(base) for iri in iris) else ""
    out = io.BytesIO()
    write_chunks(writer(found, prefixes=used, base=base, header=header, indent=1), out)
    return out.getvalue()


def _writer(format: Format) -> Callable[..., Chunks]:
    if format.kind is Kind.RESULTS:
        raise NotExpressible(f"{format.label} holds rows, not statements", hint=f"one of {RDF_NAMES}")
    return WRITERS[format.name]
