"""The statements that an answer rests on, numbered as they are met, and the ways that paths take."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

import pyoxigraph as ox

from kg.engine import Term
from kg.terms import DCTERMS
from kg.tracing.automaton import Automaton, Step
from kg.tracing.holders import Holders
from kg.tracing.model import Statement

MOST = 100_000
"""Statements of one answer that are told."""

Key = tuple[Term, Term, Term, "Term | None"]


class TooMany(Exception):
    """The answer rests on more statements than are told."""


class Statements:
    """Numbers statements, and finds the graphs that hold them.

    ``default`` are the graphs whose merge is the default graph, None where it is the store's own.
    """

    def __init__(
        self, store: ox.Store, default: Sequence[str] | None, most: int = MOST, holders: Holders | None = None
    ) -> None:
        self.store = store
        self.holders = holders or Holders(store)
        self.most = most
        self.default = tuple(map(ox.NamedNode, default)) if default is not None else None
        self._numbers: dict[Key, int] = {}
        self._walks: dict[tuple[object, ...], tuple[int, ...] | None] = {}
        self._steps: dict[tuple[object, ...], list[tuple[Term, ox.Triple]]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, subject: Term, predicate: Term, object: Term, graph: Term | None) -> int:
        """Return the number of a statement. Raises TooMany."""
        key = (subject, predicate, object, graph)
        found = self._numbers.get(key)
        if found is None:
            if len(self._numbers) >= self.most:
                raise TooMany
            found = self._numbers[key] = len(self._numbers)
        return found

    def told(self, since: int = 0) -> list[Statement]:
        """Return the statements from a number on, with the graphs that hold them."""
        keys = list(islice(self._numbers, since, None))
        held = self.holders.of((s, p, o) for s, p, o, graph in keys if graph is None)
        default = {node.value for node in self.default} if self.default is not None else None
        superseded = self._superseded() if default is None else frozenset()
        told = []
        known: dict[tuple[str, ...], tuple[str, ...]] = {}
        for subject, predicate, object, graph in keys:
            triple = ox.Triple(subject, predicate, object)  # type: ignore[arg-type]
            if graph is not None:
                told.append(Statement(triple, (str(getattr(graph, "value", "")),)))
                continue
            names = held[subject, predicate, object]
            if names not in known:  # most statements of an answer stand in a few graphs
                shown = {n for n in names if n not in superseded and (default is None or n in default)}
                known[names] = tuple(sorted(shown))
            told.append(Statement(triple, known[names]))
        return told

    def _superseded(self) -> frozenset[str]:
        """The graphs that a later one replaces: what they hold isn't in the merge for their sake."""
        replaced = ox.NamedNode(f"{DCTERMS}isReplacedBy")
        quads = self.store.quads_for_pattern(None, replaced, None, ox.DefaultGraph())
        return frozenset(q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode))

    # Paths

    def walk(
        self, subject: Term, path: Automaton, object: Term, graph: Term | None
    ) -> tuple[int, ...] | None:
        """Return the statements of a shortest way along a path, None where there is none. Raises TooMany."""
        key = (subject, id(path), object, graph)
        if key not in self._walks:
            way = self._shortest(subject, path, object, graph)
            self._walks[key] = (
                None
                if way is None
                else tuple(self.number(t.subject, t.predicate, t.object, graph) for t in way)
            )
        return self._walks[key]

    def _shortest(
        self, start: Term, path: Automaton, goal: Term, graph: Term | None
    ) -> list[ox.Triple] | None:
        begin = (start, path.start)
        came: dict[tuple[Term, int], tuple[tuple[Term, int], ox.Triple] | None] = {begin: None}
        if start == goal and path.accepts(path.start):
            return []
        queue = deque([begin])
        while queue:
            at = queue.popleft()
            for step, state in path.steps(at[1]):
                for node, triple in self._follow(at[0], step, graph):
                    there = (node, state)
                    if there in came:
                        continue
                    came[there] = (at, triple)
                    if node == goal and path.accepts(state):
                        return _way(came, there)
                    queue.append(there)
        return None

    def _follow(self, node: Term, step: Step, graph: Term | None) -> list[tuple[Term, ox.Triple]]:
        key = (node, step, graph)
        if key not in self._steps:
            self._steps[key] = list(self._followed(node, step, graph))
        return self._steps[key]

    def _followed(self, node: Term, step: Step, graph: Term | None) -> Iterator[tuple[Term, ox.Triple]]:
        if not step.backwards and isinstance(node, ox.Literal):
            return
        for one in self._graphs(graph):
            ends = (None, node) if step.backwards else (node, None)
            for quad in self.store.quads_for_pattern(ends[0], step.predicate, ends[1], one):  # type: ignore[arg-type]
                if quad.predicate not in step.forbidden:
                    yield (quad.subject if step.backwards else quad.object), quad.triple

    def _graphs(self, graph: Term | None) -> Sequence[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]:
        if isinstance(graph, ox.NamedNode | ox.BlankNode):
            return (graph,)
        return self.default if self.default is not None else (ox.DefaultGraph(),)


def _way(
    came: dict[tuple[Term, int], tuple[tuple[Term, int], ox.Triple] | None], at: tuple[Term, int]
) -> list[ox.Triple]:
    way = []
    while (before := came[at]) is not None:
        at, triple = before
        way.append(triple)
    return way[::-1]
