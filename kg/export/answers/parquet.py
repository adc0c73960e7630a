"""Rows as Parquet, with typed columns."""

from __future__ import annotations

from kg.export.answer import Asked
from kg.export.tables.parquet import PARQUET as FORMAT
from kg.export.tables.rows import table_parquet

__all__ = ["FORMAT", "table"]


def table(asked: Asked) -> bytes:
    """Return the rows; query, version, citation and licence are in the file's metadata."""
    one = asked.one
    told = {"version": one.version, "citation": one.citation, "license": one.license} if one else {}
    return table_parquet(asked.found, {"query": asked.query, **told})
