"""Write Turtle: a subject's statements in one paragraph, the same bytes for the same statements, as a stream.

It works on N-Triples terms as text, so that millions of statements pass in seconds and in little memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from kg.blanks import is_blank, written
from kg.terms import RDF, Prefixes
from kg.writers.turtle_layout import is_bare, paragraph, prologue

Spo = tuple[str, str, str]
"""A triple, each term as N-Triples writes it."""

TYPE = f"<{RDF}type>"
_TYPED = re.compile(r'"(.*)"\^\^<(.*)>\Z', re.DOTALL)


def split(line: str) -> tuple[str, str, str, str | None]:
    """Split a line of canonical N-Quads into its terms; the graph is None in N-Triples."""
    end = line.removesuffix("\n")
    parts = end[:-2].split(" ", 2)
    if len(parts) < 3 or not end.endswith(" ."):
        raise ValueError(f"not a line of N-Quads: {line[:80]!r}")
    subject, predicate, value = parts
    at = value.rfind(" <") if value.endswith(">") else -1
    graph = value[at + 1 :]
    # Behind the last blank stands a graph, unless that is within a typed literal or a triple term.
    if at < 0 or '"' in graph or " " in graph:
        return subject, predicate, value, None
    return subject, predicate, value[:at], graph


class TurtleWriter:
    """Turns sorted triples into Turtle."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = Prefixes(prefixes)
        self._term = lru_cache(maxsize=200_000)(self._shorten)

    def head(self) -> Iterator[str]:
        """Yield the lines of prefixes, by prefix."""
        yield prologue(self._prefixes.table)

    def body(self, triples: Iterable[Spo]) -> Iterator[str]:
        """Yield a paragraph for each run of triples with one subject; rdf:type comes first."""
        for subject, group in groupby(triples, key=itemgetter(0)):
            yield "\n" + paragraph(self._term(subject), self._verbs(group))

    def _verbs(self, triples: Iterable[Spo]) -> Iterator[tuple[str, list[str]]]:
        table: dict[str, list[str]] = {}
        for _, predicate, value in triples:
            table.setdefault(predicate, []).append(value)
        for predicate in sorted(table, key=lambda p: (p != TYPE, p)):
            name = "a" if predicate == TYPE else self._term(predicate)
            yield name, [self._object(value) for value in table[predicate]]

    def _object(self, term: str) -> str:
        return self._literal(term) if term.startswith('"') else self._term(term)

    def _literal(self, term: str) -> str:
        match = _TYPED.match(term) if term.endswith(">") else None
        if not match:
            return term
        value, datatype = match.groups()
        if is_bare(value, datatype):
            return value
        return f'"{value}"^^{self._term(f"<{datatype}>")}'

    def _shorten(self, term: str) -> str:
        if not term.startswith("<"):
            return term
        if is_blank(term[1:-1]):
            return written(term[1:-1])
        return self._prefixes.curie(term[1:-1]) or term
