"""Reconciliation: which thing of the graph a name in somebody's table stands for.

`Matcher` ranks things for a name with hints; `extension` gives columns from the graph. Pure of HTTP: the
Reconciliation Service API 0.2 (W3C community group) stands in `kg_web.views.reconcile`.
"""

from kg.reconcile.extend import Cell, Extension, extension
from kg.reconcile.match import Matcher
from kg.reconcile.query import Candidate, Hint, Strictness, Wanted

__all__ = ["Candidate", "Cell", "Extension", "Hint", "Matcher", "Strictness", "Wanted", "extension"]
