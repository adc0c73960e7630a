"""What is validated: RDF terms, without triples as terms, which no shape speaks of."""

from __future__ import annotations

from typing import TypeAlias

import pyoxigraph as ox

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
"""A node or a value of the data or of a shape, as pyoxigraph has it."""
