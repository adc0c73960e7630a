"""SHACL Core over a pyoxigraph store, fast enough for millions of statements.

All of SHACL Core (https://www.w3.org/TR/shacl/) is here but sh:qualifiedValueShapesDisjoint: targets, paths,
constraint components, severities and messages. SHACL-SPARQL is not. A shape that uses what is not here, or a
``sh:`` term that is unknown, is a fault and never passed over; write such a rule as a query in
``ontology/checks``. Tests compare it with pySHACL, the reference, on generated shapes and data.
"""

from kg.make.shacl.compiled import Compiler
from kg.make.shacl.data import Data
from kg.make.shacl.evaluate import Violation
from kg.make.shacl.reach import reached
from kg.make.shacl.shapes import Shape, read
from kg.make.shacl.terms import Term
from kg.make.shacl.validate import Aimed, aimed, hold, targets, unfit, validate

__all__ = [
    "Aimed",
    "Compiler",
    "Data",
    "Shape",
    "Term",
    "Violation",
    "aimed",
    "hold",
    "reached",
    "read",
    "targets",
    "unfit",
    "validate",
]
