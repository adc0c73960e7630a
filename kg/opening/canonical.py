"""Put a statement into the form that curated data has: no blank nodes, literals that every engine keeps."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

import pyoxigraph as ox

from kg.blanks import GENID, HOME
from kg.make.loading.literals import canonical_form, fault_of
from kg.reading.lexical import is_well_typed
from kg.terms import XSD

_STRING = ox.NamedNode(XSD + "string")
_URI = ox.NamedNode(XSD + "anyURI")


class Canonical:
    """Rewrites statements below a base; ``changes`` counts what had to be changed, in words."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.changes: Counter[str] = Counter()

    def triple(self, quad: ox.Quad) -> ox.Triple:
        """Return a statement as curated data has it."""
        subject, value = self._node(quad.subject), quad.object
        if isinstance(value, ox.Literal):
            return ox.Triple(subject, self._node(quad.predicate), self._literal(value))
        if isinstance(value, ox.NamedNode) and not value.value.startswith(("http://", "https://")):
            self.changes["addresses that aren't http(s) became texts (xsd:anyURI)"] += 1
            return ox.Triple(subject, self._node(quad.predicate), ox.Literal(value.value, datatype=_URI))
        return ox.Triple(subject, self._node(quad.predicate), self._node(value))

    def _node(self, term: object) -> ox.NamedNode:
        iri = str(getattr(term, "value", ""))
        if iri.startswith(GENID):
            self.changes["blank nodes got IRIs"] += 1
            return ox.NamedNode(f"{self._base}id/node/{iri[len(GENID) :].replace('/-', '/n')}")
        if iri.startswith(HOME):
            self.changes["relative IRIs got the base"] += 1
            return ox.NamedNode(self._base + iri[len(HOME) :].removeprefix("graph/"))
        if not iri.startswith(("http://", "https://")):
            self.changes["things whose IRIs aren't http(s) got IRIs of their own"] += 1
            return ox.NamedNode(f"{self._base}id/other/{quote(iri, safe='')}")
        return ox.NamedNode(iri)

    def _literal(self, value: ox.Literal) -> ox.Literal:
        datatype = value.datatype.value
        if value.language or fault_of(value.value, datatype) is None:
            return value
        if not is_well_typed(value.value, datatype):
            self.changes["ill-typed values became texts"] += 1
            return ox.Literal(value.value, datatype=_STRING)
        self.changes["values were written canonically"] += 1
        kind = datatype.removeprefix(XSD)
        if kind in ("double", "float"):
            return self._decimal(value.value)
        wanted = "integer" if kind.lower().endswith(("integer", "int", "long", "short", "byte")) else kind
        form = canonical_form(value.value.strip(), XSD + wanted)
        if fault_of(form, XSD + wanted) is None:
            return ox.Literal(form, datatype=ox.NamedNode(XSD + wanted))
        return ox.Literal(value.value, datatype=_STRING)

    def _decimal(self, text: str) -> ox.Literal:
        try:
            number = Decimal(text)
            form = canonical_form(format(number, "f"), XSD + "decimal")
        except (InvalidOperation, ValueError):
            return ox.Literal(text, datatype=_STRING)
        if not number.is_finite() or fault_of(form, XSD + "decimal") is not None:
            return ox.Literal(text, datatype=_STRING)
        return ox.Literal(form, datatype=ox.NamedNode(XSD + "decimal"))
