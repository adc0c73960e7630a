"""Answering queries that their form keeps small without a query process, to the same bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pyoxigraph as ox

from kg.engine.answers.results import RESULTS_FORMAT, few, write
from kg.engine.answers.spool import json_rows
from kg.engine.base import Engine, Result
from kg.engine.local import LocalEngine
from kg.errors import KgError
from kg.mediatypes import Format
from kg.sparql.bind import load
from kg.sparql.checking.bounded import Star, graph_of, is_few, star

FORMAT = "json"
"""The one format in which rows are written here, in a single piece."""
MOST_TRIPLES, MOST_LETTERS = 100, 65_536
"""Of a graph that is made here: to sort and write a triple takes ten times as long as to find it."""


class Answer(NamedTuple):
    """An answer's bytes, the number of its rows or triples, and how long the engine took (s)."""

    body: bytes
    rows: int
    seconds: float


class Small:
    """Answers single patterns with a LIMIT, and stars of one subject that isn't heavy (has few statements).

    A star is asked for as rows, or as a graph that is made of it.

    Heavy subjects are found by one query in a thread of its own, started when this is made; nothing is
    answered here before it is done, or if it fails. ``triples`` is the guard's limit of patterns in one
    query; ``prefixes`` are for the RDF formats that have some.
    """

    def __init__(
        self, engine: LocalEngine, triples: int = 100, prefixes: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.store = engine.store
        self._triples, self._prefixes = triples, dict(prefixes)
        self._heavy: frozenset[str] | None = None
        threading.Thread(target=self._look, args=(engine,), daemon=True).start()

    def _look(self, engine: Engine) -> None:
        rows = engine.query(load("kg/engine/heavy-subjects")).rows
        self._heavy = frozenset(row[0].value for row in rows if isinstance(row[0], ox.NamedNode))

    def answer(self, sparql: str) -> Answer | None:
        """Return a query's rows; None where it isn't bounded, or fails."""
        if self._heavy is None or not self._is_bounded(sparql, self._heavy):
            return None
        started = time.perf_counter()
        try:
            answer = self.store.query(sparql)
            if not isinstance(answer, ox.QuerySolutions):
                return None
            body = answer.serialize(format=RESULTS_FORMAT[FORMAT])
        except (SyntaxError, ValueError, OSError, RuntimeError):
            return None  # asked again in a query process, it gets its error
        if body is None:
            return None
        return Answer(body, json_rows(body), time.perf_counter() - started)

    def graph(self, sparql: str, format: Format) -> Answer | None:
        """Return the graph that a query makes of one thing; None where it isn't bounded, or fails."""
        asked = graph_of(sparql) if self._heavy is not None else None
        if asked is None or self._heavy is None or not self._is_light(asked, self._heavy):
            return None
        started = time.perf_counter()
        try:
            answer = self.store.query(sparql)
            if not isinstance(answer, ox.QueryTriples):
                return None
            triples = few(answer, MOST_TRIPLES, MOST_LETTERS)
            if not isinstance(triples, set):
                return None
            body = write(Result("graph", triples=list(triples)), format, prefixes=self._prefixes)
        except (SyntaxError, ValueError, OSError, RuntimeError, KgError):
            return None  # as above
        return Answer(body, len(triples), time.perf_counter() - started)

    def _is_bounded(self, sparql: str, heavy: frozenset[str]) -> bool:
        asked = star(sparql)
        if asked is None:
            return self._triples > 0 and is_few(sparql)
        return self._is_light(asked, heavy)

    def _is_light(self, asked: Star, heavy: frozenset[str]) -> bool:
        if asked.subject in heavy or len(asked.verbs) > self._triples:
            return False
        return len(asked.verbs) == 1 or asked.is_small(self.store)
