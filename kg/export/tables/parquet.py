"""Parquet with typed columns, through pyarrow, an optional extra (``pip install linli[parquet]``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import IO, Any

from kg.export.about import about, header
from kg.export.extras import missing
from kg.export.tables.csvw import rows
from kg.export.tables.survey import TEXT, Table
from kg.export.tables.values import INTEGERS, READERS
from kg.release import Release
from kg.terms import XSD
from kg.writers.format import Format, Kind

PARQUET = Format(
    "parquet",
    "application/vnd.apache.parquet",
    Kind.TABLE,
    "Parquet",
    extra="parquet",
    package="pyarrow",
    packed=True,
)
GROUP = 20_000
"""Rows that are in memory at a time; each becomes a row group."""


def arrow() -> Any:
    """Return pyarrow. Raises NotInstalled, with what installs it, when it isn't there."""
    try:
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]
        import pyarrow.parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise missing(PARQUET) from None
    return pyarrow


def write_parquet(release: Release, table: Table, out: IO[bytes]) -> int:
    """Write a table as Parquet and return the number of rows. Raises NotInstalled without pyarrow."""
    pa = arrow()
    fields, readers = [pa.field("iri", pa.string(), nullable=False)], []
    for column in table.columns:
        kind, read = typed(pa, column.kind if column.exact else TEXT, column.digits, column.scale)
        many = bool(column.separator)
        notes = {"property": column.property, "language": column.language, "datatype": column.kind}
        fields.append(pa.field(column.name, pa.list_(kind) if many else kind, metadata=_bytes(notes)))
        readers.append(_reader(read, many=many))
    one = about(release)
    notes = {"title": one.title, "version": one.version, "license": one.license, "citation": one.citation}
    schema = pa.schema(fields, metadata=_bytes({**notes, "class": table.cls, "about": header(release)}))
    count = 0
    source = iter(rows(release, table))
    with pa.parquet.ParquetWriter(out, schema, compression="zstd", version="2.6") as writer:
        while batch := list(islice(source, GROUP)):
            columns = [[iri for iri, _ in batch]]
            columns += [[read(cells[i]) for _, cells in batch] for i, read in enumerate(readers)]
            arrays = [
                pa.array(values, type=field.type) for values, field in zip(columns, fields, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def typed(pa: Any, kind: str, digits: int = 0, scale: int = 0) -> tuple[Any, Callable[[str], Any]]:
    """Return the Arrow type for a datatype, and what reads a text as it; text where none fits exactly."""
    found = None
    if kind in INTEGERS and digits <= 18:
        found = pa.int64()
    elif kind == XSD + "decimal" and digits + scale <= 38:
        found = pa.decimal128(max(digits + scale, 1), scale)
    elif kind in {XSD + "double", XSD + "float"}:
        found = pa.float64()
    elif kind == XSD + "boolean":
        found = pa.bool_()
    elif kind == XSD + "date":
        found = pa.date32()
    return (found, READERS[kind]) if found is not None else (pa.string(), str)


def _reader(read: Callable[[str], Any], *, many: bool) -> Callable[[Sequence[str]], Any]:
    if many:
        return lambda values: [read(value) for value in values]
    return lambda values: read(values[0]) if values else None


def _bytes(notes: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in notes.items() if value}
