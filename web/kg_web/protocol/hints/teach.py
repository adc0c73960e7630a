"""Hints that teach: what a faulty query most likely meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from kg.errors import QuerySyntaxError, UnknownFunction
from kg.sparql.explaining.functions import explain_call
from kg.sparql.explaining.hints import Hint
from kg.sparql.explaining.slips import explain
from kg_web.protocol.hints.hinting import Hinter
from kg_web.protocol.problem import Problem, excerpt


@dataclass
class Teacher:
    """What teaches.

    It knows a dataset's ``prefixes``; ``hinter`` finds hints on answers; ``translate`` puts a message into
    the language of an Accept-Language header.
    """

    prefixes: Mapping[str, str] = field(default_factory=dict)
    hinter: Hinter = field(default_factory=Hinter)
    translate: Callable[[str, str], str] = lambda message, _accept: message

    def explain(self, problem: Problem, sparql: str, error: Exception) -> None:
        """Add to a problem the line of the query with a caret, and what would mend it."""
        if isinstance(error, QuerySyntaxError):
            self._explain_syntax(problem, sparql, error)
        if isinstance(error, UnknownFunction):
            self._explain_function(problem, sparql, error.iri)
        if problem.line is not None and problem.column is not None:
            problem.excerpt = excerpt(sparql, problem.line, problem.column)

    def _explain_syntax(self, problem: Problem, sparql: str, error: QuerySyntaxError) -> None:
        """Add where the query stops being SPARQL."""
        found = explain(sparql, error, self.prefixes)
        problem.detail, problem.hint = found.message, found.hint or problem.hint
        problem.line, problem.column = found.line, found.column

    def _explain_function(self, problem: Problem, sparql: str, iri: str) -> None:
        """Add where an unknown function is called, and which one may be meant."""
        place, problem.hint = explain_call(sparql, iri, self.prefixes)
        if place is not None:
            problem.line, problem.column = place

    def header(self, hints: Iterable[Hint], accept_language: str) -> str:
        """Return hints as the value of a header: what is said, and of which kinds it is."""
        found = list(dict.fromkeys(hints))
        said = "; ".join(one.text(lambda message: self.translate(message, accept_language)) for one in found)
        kinds = " ".join(dict.fromkeys(one.id for one in found))
        return f'{displayed(said)};kinds="{kinds}"'


def displayed(hint: str) -> str:
    """Return a hint as a Display String (RFC 9651 §3.3.8)."""
    coded = _CODED.sub(lambda match: match[0].lower(), quote(hint, safe=_SAFE))
    return f'%"{coded}"'


_CODED = re.compile(r"%[0-9A-F]{2}")
_SAFE = " !#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
