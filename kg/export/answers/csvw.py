"""What the columns of the CSV are: CSV on the Web (https://www.w3.org/TR/tabular-metadata/)."""

from __future__ import annotations

import json

from kg.export.answer import Asked
from kg.export.tables.rows import table_csvw
from kg.writers.format import Format, Kind

FORMAT = Format("csv-metadata.json", "application/csvm+json", Kind.TABLE, "CSVW")


def table(asked: Asked) -> bytes:
    """Return the metadata of the rows."""
    told = table_csvw(asked.found, "result.csv", asked.one, query=asked.query, checksum=asked.checksum())
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
