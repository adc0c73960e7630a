"""Rows as CSV (RFC 4180), every value as it is written."""

from __future__ import annotations

from kg.export.answer import Asked
from kg.export.tables.rows import table_csv
from kg.mediatypes import CSV as FORMAT

__all__ = ["FORMAT", "table"]


def table(asked: Asked) -> bytes:
    """Return the rows."""
    return table_csv(asked.found)
