"""Exports: RDF in six formats, tables, maps; of an entity, a graph, a subset or a release.

This package decides what is written; `kg.writers` writes RDF. `describe` selects an entity's description.
"""

from kg.export.entity import Description, describe, embedding
from kg.writers.rdf import chunks, serialise, write

__all__ = ["Description", "chunks", "describe", "embedding", "serialise", "write"]
