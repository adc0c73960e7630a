"""Rows as a workbook: typed cells, a sheet of sources and one of metadata."""

from __future__ import annotations

from kg.export.answer import Asked
from kg.export.tables.workbook import XLSX as FORMAT
from kg.export.tables.xlsx import table_xlsx

__all__ = ["FORMAT", "table"]


def table(asked: Asked) -> bytes:
    """Return the workbook."""
    rests = asked.sources()
    return table_xlsx(
        asked.found,
        asked.one,
        query=asked.query,
        checksum=asked.checksum(),
        sources=rests.told,
        names=rests.names,
    )
