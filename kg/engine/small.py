"""Answering in this very process what is bounded by its form, to the byte as a query process would."""

from __future__ import annotations

import hashlib
import threading
import time

import pyoxigraph as ox

from kg.engine.base import Engine
from kg.engine.local import LocalEngine
from kg.engine.results import RESULTS_FORMAT
from kg.engine.spool import RowCounter, Written
from kg.sparql.bind import load
from kg.sparql.bounded import star

FORMAT = "json"
"""The one format that is written here, in a single piece."""


class Small:
    """Answers stars of one subject, but for subjects that much is said of.

    Those are found by one query when this is made, in a thread of its own; until then nothing is answered
    here, and never when the query fails.
    """

    def __init__(self, engine: LocalEngine) -> None:
        self.store = engine.store
        self._heavy: frozenset[str] | None = None
        threading.Thread(target=self._look, args=(engine,), daemon=True).start()

    def _look(self, engine: Engine) -> None:
        rows = engine.query(load("heavy-subjects")).rows
        self._heavy = frozenset(row[0].value for row in rows if isinstance(row[0], ox.NamedNode))

    def answer(self, sparql: str) -> Written | None:
        """Return a query's answer as JSON; None where it isn't bounded, or fails."""
        asked = star(sparql)
        if asked is None or self._heavy is None or asked.subject in self._heavy:
            return None
        if len(asked.verbs) > 1 and not asked.is_small(self.store):
            return None
        started = time.perf_counter()
        try:
            answer = self.store.query(sparql)
            if not isinstance(answer, ox.QuerySolutions):
                return None
            body = answer.serialize(format=RESULTS_FORMAT[FORMAT])
        except (SyntaxError, ValueError, OSError, RuntimeError):
            return None  # the usual way tells what is wrong
        if body is None:
            return None
        counter = RowCounter(FORMAT)
        counter.take(body)
        digest = hashlib.sha256(body).hexdigest()
        seconds = time.perf_counter() - started
        return Written("select", FORMAT, counter.rows(body), body, len(body), digest, seconds)
