"""Sources: what others publish as tables, made into Turtle by declarative mappings.

    mapping.json ──> mapping ─┐
    package ──> archives ──> readers ──> rows ──> turtle

`refresh` is the entry point. The program knows formats (CSV, JSON, GeoJSON, packages pinned by checksum);
what a column means stands in ``data/<source>/mapping.json``, CSVW metadata with a few additions
(`kg.sources.mapping`).
"""

from kg.sources.refresh import EVERYTHING, Progress, Refreshed, default_cache, list_sources, refresh

__all__ = ["EVERYTHING", "Progress", "Refreshed", "default_cache", "list_sources", "refresh"]
