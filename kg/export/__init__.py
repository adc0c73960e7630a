"""What leaves the house: RDF in six formats, tables, maps; of an entity, a graph, a subset or a release.

`kg.writers` writes; here is what is written, and `describe` says what belongs to an entity's description.
"""

from kg.export.entity import Description, describe, embedding
from kg.writers.rdf import chunks, serialise, write

__all__ = ["Description", "chunks", "describe", "embedding", "serialise", "write"]
