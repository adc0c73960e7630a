"""What is written: RDF terms, as pyoxigraph has them."""

from __future__ import annotations

from typing import TypeAlias

import pyoxigraph as ox

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
"""An RDF term; pyoxigraph's own types are the common currency, as a remote answer is parsed into them too."""
