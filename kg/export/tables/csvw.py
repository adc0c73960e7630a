"""Flat tables of a class: CSV with its CSVW metadata, and Parquet with typed columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from kg.export.about import about, graphs
from kg.export.entity import embedding
from kg.export.graphs.dump import Part
from kg.export.graphs.subjects import Said, Shelf, is_a, labels, owners, subjects, superclasses
from kg.export.tables.survey import IRI, Column, Table, by_language
from kg.languages import ORIGINAL
from kg.release import Release
from kg.terms import XSD

Row = tuple[str, Sequence[Sequence[str]]]
"""A thing's IRI and, for each column, its values."""

# CSVW's built-in datatypes are XSD's by local name (Metadata Vocabulary for Tabular Data §5.11.1).
_CSVW = frozenset(
    f"{XSD}{name}"
    for name in (
        *(
            "anyURI",
            "base64Binary",
            "boolean",
            "date",
            "dateTime",
            "dateTimeStamp",
            "decimal",
            "integer",
            "long",
        ),
        *(
            "int",
            "short",
            "byte",
            "nonNegativeInteger",
            "positiveInteger",
            "nonPositiveInteger",
            "double",
            "float",
        ),
        *(
            "negativeInteger",
            "duration",
            "gDay",
            "gMonth",
            "gMonthDay",
            "gYear",
            "gYearMonth",
            "hexBinary",
            "QName",
        ),
        *("string", "normalizedString", "token", "language", "Name", "NMTOKEN", "time"),
    )
)


def rows(release: Release, table: Table) -> Iterator[Row]:
    """Yield a table's rows by IRI, in constant memory."""
    above = superclasses(release)
    language = release.languages[0] if release.languages else ORIGINAL
    with (
        Shelf(labels(release, language)) as names,
        Shelf(owners(release, embedding(release))) as owned,
    ):
        for iri, said in subjects(release, Part()):
            if is_a(said, above, table.cls):
                yield iri, _cells(said, table.columns, names, owned.get(iri))


def _cells(said: Said, columns: Sequence[Column], names: Shelf, owner: str) -> list[list[str]]:
    cells: list[list[str]] = []
    for column in columns:
        if column.role == "owner":
            cells.append([owner] if owner else [])
        elif column.role == "label":
            cells.append([names.get(iri) for iri in cells[-1]])
        else:
            group = by_language(said.get(column.property, ())).get(column.language, [])
            cells.append(sorted(str(getattr(value, "value", value)) for value in group))
    return cells


def write_csv(release: Release, table: Table, out: IO[bytes]) -> int:
    """Write a table as CSV (RFC 4180, UTF-8) and return the number of rows."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["iri", *(column.name for column in table.columns)])
    count = 0
    for iri, cells in rows(release, table):
        writer.writerow([iri, *(c.separator.join(v) for c, v in zip(table.columns, cells, strict=True))])
        count += 1
    text.flush()
    text.detach()
    return count


def csvw(
    release: Release,
    table: Table,
    terms: Mapping[str, Mapping[str, Mapping[str, str]]],
    *,
    checksum: str = "",
) -> dict[str, Any]:
    """Return a table's CSVW metadata: a description, and each column's property, type, names, definitions.

    ``terms`` has for each property its ``label`` and ``definition`` by language; ``checksum`` is the sha256
    of the CSV file.
    """
    one = about(release)
    said = terms.get(table.cls, {})
    rights = sorted(
        {f"{graph}: {term.value}" for graph, term in graphs(release).rights if hasattr(term, "value")}
    )
    found = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": ORIGINAL}],
        "url": f"{table.name}.csv",
        "dc:title": f"{one.title}: {said.get('label', {}).get(ORIGINAL, table.name)}",
        "dc:identifier": f"{release.home}releases/{release.version}/tables/{table.name}.csv",
        "dc:issued": one.date,
        "dc:license": {"@id": one.license} if one.license else None,
        "dc:rights": [text for text in (one.rights, *rights) if text],
        "dc:bibliographicCitation": one.citation,
        "schema:version": one.version,
        "schema:sha256": checksum,
        "notes": [{"rows": table.rows, "dataset": f"sha256:{one.digest}"}],
        "tableSchema": {
            "aboutUrl": "{+iri}",
            "primaryKey": "iri",
            "columns": [
                {
                    "name": "iri",
                    "titles": "iri",
                    "datatype": "anyURI",
                    "required": True,
                    "suppressOutput": True,
                },
                *(_column(column, terms.get(column.property, {})) for column in table.columns),
            ],
        },
    }
    return {key: value for key, value in found.items() if value}


def _column(column: Column, said: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    titles = said.get("label", {})
    found: dict[str, Any] = {
        "name": column.name,
        # The first title is the file's own heading, which a validator compares (CSVW §5.6).
        "titles": {"und": column.name, **titles} if titles else column.name,
        "dc:description": [
            {"@value": t, "@language": tag} for tag, t in sorted(said.get("definition", {}).items())
        ],
        "propertyUrl": column.property if column.role == "value" else "",
        "suppressOutput": column.role != "value",
        "separator": column.separator,
        "lang": column.language,
    }
    if column.kind == IRI:
        # CSVW applies a URL template to the whole cell, so only single values become links.
        found |= {"datatype": "anyURI"} if column.separator else {"valueUrl": f"{{+{column.name}}}"}
    elif not column.language:
        found["datatype"] = datatype(column.kind)
    return {key: value for key, value in found.items() if value}


def datatype(iri: str) -> Any:
    """Return CSVW's datatype for one of RDF: built in, or a string with the datatype's IRI."""
    return iri.removeprefix(XSD) if iri in _CSVW else {"base": "string", "@id": iri}


def metadata_bytes(found: Mapping[str, Any]) -> bytes:
    """Return metadata as a JSON document."""
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()
