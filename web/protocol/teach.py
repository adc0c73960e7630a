"""Hints that teach: what a faulty query most likely meant."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from kg.errors import QuerySyntaxError
from kg.sparql.analysis import Analysis, analyse
from kg.sparql.explain import explain
from kg.sparql.known import explain_call
from kg.sparql.lexer import Token
from kg.terms import local_name
from web.protocol.problem import Problem

Terms = Mapping[str, tuple[str, ...]]
"""The classes and properties of a dataset by IRI, each with its labels in all languages."""


@dataclass
class Teacher:
    """Knows a dataset's prefixes and terms. ``terms`` is asked once, when a hint first needs it."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()
    terms: Callable[[], Terms] | None = None
    _known: Terms | None = None

    def explain(self, problem: Problem, sparql: str, error: QuerySyntaxError) -> None:
        """Say in a problem where the query stops being SPARQL, and what would mend it."""
        found = explain(sparql, error, self.prefixes)
        problem.detail, problem.hint = found.message, found.hint or problem.hint
        problem.line, problem.column = found.line, found.column

    def explain_function(self, problem: Problem, sparql: str, iri: str) -> None:
        """Say in a problem where a function is called that there isn't, and which may be meant."""
        place, problem.hint = explain_call(sparql, iri, self.prefixes)
        if place is not None:
            problem.line, problem.column = place

    async def unknown_terms(self, sparql: str) -> str | None:
        """Return a hint on names that the vocabulary lacks."""
        if self.terms is None or not any(namespace in sparql for namespace in self.namespaces):
            return None
        if self._known is None:
            self._known = await asyncio.to_thread(self.terms)
        found = analyse(sparql)
        for token in found.names:
            iri = _expand(token, found)
            if iri is not None and iri.startswith(self.namespaces) and iri not in self._known:
                near = self.nearest(local_name(iri))
                likely = f"; did you mean {' or '.join(near)}?" if near else ""
                return f"{token.text} is no class or property of this dataset{likely}"
        return None

    def nearest(self, name: str) -> list[str]:
        """Return up to three known terms whose local name or one of whose labels is near to a name."""
        scored = []
        for iri, labels in (self._known or {}).items():
            names = (local_name(iri), *labels)
            score = max(
                difflib.SequenceMatcher(None, name.lower(), n.lower().replace(" ", "")).ratio() for n in names
            )
            if score >= 0.6:
                scored.append((-score, iri, labels))
        return [f"<{iri}>" + (f" ({labels[0]})" if labels else "") for _, iri, labels in sorted(scored)[:3]]


def displayed(hint: str) -> str:
    """Return a hint as a Display String (RFC 9651 §3.3.8)."""
    return f'%"{quote(hint, safe=_SAFE)}"'


_SAFE = " !#$&'()*+,-./:;<=>?@[\\]^_`{|}~"


def _expand(token: Token, found: Analysis) -> str | None:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return found.prefixes[prefix] + local if prefix in found.prefixes else None
