"""The formats of tables for papers, a module each.

A module here has ``FORMAT``, and ``table(asked: Asked) -> bytes``. Nothing else is needed to add a format:
pages, downloads of citations and error texts follow from these modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from kg.export.answer import Asked
from kg.writers.format import Format
from kg.writers.formats import in_order

__all__ = ["TABLE_FORMATS", "WRITERS", "Asked"]

_MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
TABLE_FORMATS: tuple[Format, ...] = in_order(
    (module.FORMAT for module in _MODULES), ("csv", "xlsx", "csv-metadata.json", "parquet")
)
WRITERS: Mapping[str, Callable[[Asked], bytes]] = {module.FORMAT.name: module.table for module in _MODULES}
"""What writes each, by its name."""
