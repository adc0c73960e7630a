"""JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/): a context and a list of nodes."""

from __future__ import annotations

from kg.writers.format import Format, Kind
from kg.writers.jsonld import jsonld_chunks as chunks

__all__ = ["FORMAT", "chunks"]

FORMAT = Format(
    "jsonld",
    "application/ld+json",
    Kind.DATASET,
    "JSON-LD",
    ("application/json",),
    ("json-ld",),
    "JSON-LD",
)
