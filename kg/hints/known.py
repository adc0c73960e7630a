"""What hints know of a dataset; each part is asked for when a hint first needs it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Result, Term
from kg.sparql.bind import load
from kg.terms import RDF, WELL_KNOWN, XSD, Prefixes


@dataclass(frozen=True)
class Probe:
    """A small query of the data. ``ours``: it doesn't depend on the user's query, so its answer is kept."""

    sparql: str
    ours: bool = False


Asking: TypeAlias = Generator[Probe, Result | None, list[str]]
"""Yields questions, gets answers, or None where one can't be had."""


@dataclass
class Known:
    """A dataset's prefixes and base, and, once learnt, its terms with their labels and its language tags."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    _terms: dict[str, list[str]] | None = None
    _tags: list[str] | None = None
    _used: list[str] | None = None

    def tags(self) -> Asking:
        """Return the language tags of the data's texts, sorted; none where that can't be learnt."""
        if self._tags is None:
            result = yield Probe(load("kg/hints/languages"), ours=True)
            self._tags = sorted(_text(row.get("tag")) for row in result.dicts()) if result else []
        return self._tags

    def terms(self) -> Generator[Probe, Result | None, Mapping[str, list[str]]]:
        """Return the classes and properties that the data declares, each with its labels."""
        if self._terms is None:
            result = yield Probe(load("kg/hints/vocabulary-terms"), ours=True)
            self._terms = {}
            for row in result.dicts() if result else ():
                labels = self._terms.setdefault(_text(row.get("term")), [])
                if "label" in row:
                    labels.append(_text(row["label"]))
        return self._terms

    @property
    def learnt(self) -> Mapping[str, list[str]]:
        """The terms that are known so far."""
        return self._terms or {}

    def used(self) -> Generator[Probe, Result | None, list[str]]:
        """Return the properties and classes that the data uses, declared or not."""
        if self._used is None:
            result = yield Probe(load("kg/hints/terms-used"), ours=True)
            self._used = [_text(row.get("term")) for row in result.dicts()] if result else []
        return self._used

    def short(self, iri: str) -> str:
        """Return an IRI as the dataset's prefixes have it, or in brackets."""
        return Prefixes({**WELL_KNOWN, **self.prefixes}).curie(iri) or f"<{iri}>"

    def shown(self, term: Term) -> str:
        """Return a term as a query would have it, cut short."""
        if isinstance(term, ox.NamedNode):
            return self.short(term.value)
        if not isinstance(term, ox.Literal):
            return str(term)
        if family(term) in ("number", XSD + "boolean"):
            return term.value
        text = term.value if len(term.value) <= _LONGEST else f"{term.value[:_LONGEST]}…"
        if term.language:
            return str(ox.Literal(text, language=term.language))
        if term.datatype.value == XSD + "string":
            return str(ox.Literal(text))
        return f"{ox.Literal(text)}^^{self.short(term.datatype.value)}"

    def type(self, term: Term) -> str:
        """Return what a term is, in RDF's own words."""
        if isinstance(term, ox.NamedNode):
            return "IRI"
        if isinstance(term, ox.Literal):
            return self.short(term.datatype.value)
        return "blank node" if isinstance(term, ox.BlankNode) else "triple term"


_LONGEST = 60
_NUMBERS = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "double", "float", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)


def family(term: Term) -> str:
    """Return what a term can be compared with: a datatype, ``number``, or a kind of term (§17.3)."""
    if not isinstance(term, ox.Literal):
        return type(term).__name__
    if term.language:
        return RDF + "langString"
    return "number" if term.datatype.value in _NUMBERS else term.datatype.value


def _text(term: Term | None) -> str:
    return str(getattr(term, "value", ""))
