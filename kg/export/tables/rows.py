"""A query's rows as a table: CSV with its CSVW metadata, and Parquet with typed columns.

`kg.engine.answers.results` writes the formats of the SPARQL standards; these are for papers and notebooks.
"""

from __future__ import annotations

import io
from typing import Any

import pyoxigraph as ox

from kg.engine import Result, Term
from kg.engine.answers.csv_rows import csv_chunks, plain
from kg.errors import UsageError
from kg.export.about import About
from kg.export.tables.csvw import datatype
from kg.export.tables.parquet import arrow, typed
from kg.export.tables.survey import IRI, TEXT, common_kind
from kg.export.tables.values import fits

_HINT = "ask with SELECT; a graph can be had as Turtle"


def table_csv(result: Result) -> bytes:
    """Return the rows as CSV (SPARQL 1.1 CSV results §3: plain values). Raises UsageError for a graph."""
    return b"".join(csv_chunks(_head(result), result.rows))


def table_csvw(
    result: Result, url: str, about: About | None, *, query: str, checksum: str = ""
) -> dict[str, Any]:
    """Return the metadata of `table_csv`'s file by CSVW: types of columns, query, release, licence, citation.

    ``checksum`` is that of the result's rows. Raises UsageError for a graph.
    """
    columns = []
    for place, name in enumerate(_head(result)):
        kind, language = _kind([row[place] for row in result.rows])
        column: dict[str, Any] = {"name": name, "titles": name}
        if kind == IRI:
            column["datatype"] = "anyURI"
        elif language:
            column["lang"] = language
        else:
            column["datatype"] = datatype(kind)
        columns.append(column)
    found: dict[str, Any] = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "notes": [{"query": query, "rows": len(result.rows), **({"sha256": checksum} if checksum else {})}],
        "tableSchema": {"columns": columns},
    }
    if about:
        found |= {
            "dc:source": {"@id": about.dataset},
            "dc:license": {"@id": about.license} if about.license else None,
            "dc:rights": about.rights,
            "dc:issued": about.date,
            "schema:version": about.version,
            "dc:bibliographicCitation": about.citation,
        }
    return {key: value for key, value in found.items() if value}


def table_parquet(result: Result, notes: dict[str, str] | None = None) -> bytes:
    """Return the rows as Parquet; ``notes`` go into the file's metadata.

    Raises UsageError for a graph, and without pyarrow.
    """
    names, pa = _head(result), arrow()
    fields, arrays = [], []
    for place, name in enumerate(names):
        terms = [row[place] for row in result.rows]
        kind, language = _kind(terms)
        texts = [plain(term) if term is not None else None for term in terms]
        numbers = [t.value.lstrip("+-").partition(".") for t in terms if isinstance(t, ox.Literal)]
        digits = max((len(whole) for whole, _, _ in numbers), default=0)
        scale = max((len(part) for _, _, part in numbers), default=0)
        # A value that the column's type can't hold, such as a date with a zone, makes the column text; none
        # is lost.
        exact = all(text is None or fits(kind, text) for text in texts)
        arrow_kind, read = typed(pa, kind if exact else TEXT, digits, scale)
        fields.append(
            pa.field(
                name, arrow_kind, metadata={"datatype": kind, **({"language": language} if language else {})}
            )
        )
        values = [None if text is None else read(text) for text in texts]
        arrays.append(pa.array(values, type=arrow_kind))
    schema = pa.schema(fields, metadata=notes or {})
    out = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _head(result: Result) -> tuple[str, ...]:
    if result.kind != "select":
        raise UsageError("only rows make a table", hint=_HINT)
    return result.variables


def _kind(terms: list[Term | None]) -> tuple[str, str]:
    """Return the datatype that all values of a column share, and the language that all have."""
    bound = [term for term in terms if term is not None]
    languages = {term.language or "" if isinstance(term, ox.Literal) else "" for term in bound}
    kinds = {
        (TEXT if term.language else term.datatype.value) if isinstance(term, ox.Literal) else IRI
        for term in bound
    }
    language = languages.pop() if len(languages) == 1 else ""
    return (common_kind(kinds) if kinds else TEXT), language
