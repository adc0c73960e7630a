"""A property path as an automaton over statements (SPARQL 1.1 §9.1), for finding a shortest way along it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.engine import Term
from kg.sparql.reading.syntax import Alternative, Inverse, Link, Negated, Path, Repeated, Sequence


@dataclass(frozen=True)
class Step:
    """One statement of a way: its property (None: any that isn't forbidden), and whether it is inverted."""

    predicate: ox.NamedNode | None
    backwards: bool = False
    forbidden: frozenset[ox.NamedNode] = frozenset()


@dataclass
class Automaton:
    """States from ``start`` to ``end``; some transitions between them need no statement."""

    start: int = 0
    end: int = 0
    _free: dict[int, list[int]] = field(default_factory=dict)
    _steps: dict[int, list[tuple[Step, int]]] = field(default_factory=dict)
    _closed: dict[int, frozenset[int]] = field(default_factory=dict)
    _count: int = 0

    @classmethod
    def of(cls, path: Path, term: Callable[[str], Term]) -> Automaton:
        """Return the automaton of a path; ``term`` resolves the names in it."""
        made = cls()
        made.start, made.end = made._build(path, term, backwards=False)
        return made

    def accepts(self, state: int) -> bool:
        """Whether the way may end in a state."""
        return self.end in self._reach(state)

    def steps(self, state: int) -> list[tuple[Step, int]]:
        """Return the steps that may be next, each with the state behind it."""
        return [step for one in sorted(self._reach(state)) for step in self._steps.get(one, ())]

    def _reach(self, state: int) -> frozenset[int]:
        if state not in self._closed:
            found, queue = {state}, [state]
            while queue:
                for after in self._free.get(queue.pop(), ()):
                    if after not in found:
                        found.add(after)
                        queue.append(after)
            self._closed[state] = frozenset(found)
        return self._closed[state]

    def _state(self) -> int:
        self._count += 1
        return self._count

    def _join(self, one: int, other: int) -> None:
        self._free.setdefault(one, []).append(other)

    def _build(self, path: Path, term: Callable[[str], Term], *, backwards: bool) -> tuple[int, int]:
        start, end = self._state(), self._state()
        match path:
            case Link():
                step = Step(_named(term(path.text)), backwards)
                self._steps.setdefault(start, []).append((step, end))
            case Inverse():
                return self._build(path.path, term, backwards=not backwards)
            case Negated():
                self._negated(path, term, start, end, backwards=backwards)
            case _:
                self._composed(path, term, start, end, backwards=backwards)
        return start, end

    def _composed(
        self, path: Path, term: Callable[[str], Term], start: int, end: int, *, backwards: bool
    ) -> None:
        match path:
            case Sequence():
                at = start
                for step in path.paths[::-1] if backwards else path.paths:
                    one, other = self._build(step, term, backwards=backwards)
                    self._join(at, one)
                    at = other
                self._join(at, end)
            case Alternative():
                for choice in path.paths:
                    one, other = self._build(choice, term, backwards=backwards)
                    self._join(start, one)
                    self._join(other, end)
            case Repeated():
                one, other = self._build(path.path, term, backwards=backwards)
                self._join(start, one)
                self._join(other, end)
                if path.sign in "*?":
                    self._join(start, end)
                if path.sign in "*+":
                    self._join(other, one)

    def _negated(
        self, path: Negated, term: Callable[[str], Term], start: int, end: int, *, backwards: bool
    ) -> None:
        for names, back in ((path.forwards, backwards), (path.backwards, not backwards)):
            if names or (names is path.forwards and not path.backwards):
                forbidden = frozenset(_named(term(name)) for name in names)
                self._steps.setdefault(start, []).append((Step(None, back, forbidden), end))


def _named(term: Term) -> ox.NamedNode:
    if not isinstance(term, ox.NamedNode):
        raise TypeError(str(term))
    return term
