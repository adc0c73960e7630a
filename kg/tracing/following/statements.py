"""The statements that an answer rests on, numbered as they are met, and the ways that paths take."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, islice
from typing import overload

import pyoxigraph as ox

from kg.engine import Term
from kg.errors import EngineError
from kg.tracing.following.cells import Cell, cell_of, term_of
from kg.tracing.following.holders import Graphs, Holders, Kept, Key
from kg.tracing.planning.automaton import Automaton, Step
from kg.tracing.planning.traced import Statement

MOST = 100_000
"""Statements of one answer that are told."""
BEYOND = -1
"""The number of all statements beyond those that are told."""


@dataclass
class Told(Sequence[Statement]):
    """Statements by their numbers: their terms (``keys``), and the graphs that hold each (``held``)."""

    keys: list[Key] = field(default_factory=list)
    held: list[Graphs] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, number: int) -> Statement: ...

    @overload
    def __getitem__(self, number: slice) -> list[Statement]: ...

    def __getitem__(self, number: int | slice) -> Statement | list[Statement]:
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        subject, predicate, value = map(term_of, self.keys[number][:3])
        return Statement(ox.Triple(subject, predicate, value), self.held[number])  # type: ignore[arg-type]

    def extend(self, more: Told) -> None:
        """Add further statements behind these."""
        self.keys += more.keys
        self.held += more.held

    def picked(self, numbers: Iterable[int]) -> Told:
        """Return some of them, in another order."""
        wanted = list(numbers)
        return Told([self.keys[n] for n in wanted], [self.held[n] for n in wanted])


class Statements:
    """Numbers statements, and finds the graphs that hold them.

    ``default`` are the graphs whose merge is the default graph, None where it is the store's own; ``most``
    is how many statements are told, and ``full`` whether there are more.
    """

    def __init__(
        self, store: ox.Store, default: Sequence[str] | None, most: int = MOST, holders: Holders | None = None
    ) -> None:
        self.store = store
        self.holders = holders or Holders(store)
        self.default = tuple(map(ox.NamedNode, default)) if default is not None else None
        self.most = most
        self.full = False
        self._numbers: defaultdict[Key, int] = defaultdict(count().__next__)
        self._walks: dict[tuple[object, ...], tuple[int, ...] | None] = {}
        self._steps: dict[tuple[object, ...], list[tuple[Term, ox.Triple]]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, keys: Iterable[Key]) -> list[int]:
        """Return the numbers of statements, numbering new ones; `BEYOND` for those past ``most``."""
        met, known = list(keys), self._numbers
        before = len(known)
        if before + len(met) <= self.most:
            found = list(map(known.__getitem__, met))
        else:
            found = [known[key] if key in known or len(known) < self.most else BEYOND for key in met]
            self.full = self.full or BEYOND in found
        for subject, predicate, value, _ in islice(known, before, None):
            if not (subject and predicate and value):
                said = " ".join((subject, predicate, value))
                raise EngineError(f"the traced query leaves a part of a statement unbound: {said}")
        return found

    def told(self, since: int = 0) -> Told:
        """Return the statements from a number on, with the graphs that hold them."""
        keys = list(islice(self._numbers, since, None))
        found = self.holders.of([key for key in keys if not key[3]])
        merged = map(self._shown.__getitem__, found)
        if len(found) == len(keys):
            return Told(keys, list(merged))
        return Told(keys, [(_named(key[3]),) if key[3] else next(merged) for key in keys])

    @cached_property
    def _shown(self) -> Mapping[Graphs, Graphs]:
        """Maps the graphs that hold a statement to those of them that the default graph is made of."""
        return self.holders.merged if self.default is None else Kept(node.value for node in self.default)

    # Paths

    def walk(self, subject: Cell, path: Automaton, object: Cell, graph: Cell) -> tuple[int, ...] | None:
        """Return the statements of a shortest way along a path, None where there is none."""
        key = (subject, id(path), object, graph)
        if key not in self._walks:
            way = self._shortest(_bound(subject), path, _bound(object), term_of(graph))
            self._walks[key] = None if way is None else tuple(self.numbers(_keys(way, graph)))
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


def _bound(cell: Cell) -> Term:
    term = term_of(cell)
    if term is None:
        raise EngineError("the traced query leaves an end of a path unbound")
    return term


def _named(graph: Cell) -> str:
    return str(getattr(term_of(graph), "value", ""))


def _keys(way: Iterable[ox.Triple], graph: Cell) -> Iterator[Key]:
    for one in way:
        yield cell_of(one.subject), cell_of(one.predicate), cell_of(one.object), graph


def _way(
    came: dict[tuple[Term, int], tuple[tuple[Term, int], ox.Triple] | None], at: tuple[Term, int]
) -> list[ox.Triple]:
    way = []
    while (before := came[at]) is not None:
        at, triple = before
        way.append(triple)
    return way[::-1]
