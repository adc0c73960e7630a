"""Rows as a workbook: typed cells, a sheet of sources and one of metadata."""

from __future__ import annotations

from kg.export.answer import Asked
from kg.export.xlsx import table_xlsx
from kg.mediatypes import XLSX as FORMAT

__all__ = ["FORMAT", "table"]


def table(asked: Asked) -> bytes:
    """Return the workbook."""
    return table_xlsx(
        asked.found,
        asked.one,
        query=asked.query,
        checksum=asked.checksum(),
        sources=asked.sources,
        names=asked.names,
    )
