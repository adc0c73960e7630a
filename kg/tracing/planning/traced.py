"""What is traced, as values: patterns, plans of queries, and traced rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.errors import QueryRefused
from kg.tracing.planning.automaton import Automaton
from kg.tracing.planning.reasons import REFUSAL

Place: TypeAlias = "str | Term"
"""Where a pattern's term comes from: a variable of the writing (its name), or a constant."""

Guard: TypeAlias = "tuple[str, Term] | None"
"""A part of a query took part in a solution only where this variable has this value; None: in each one."""

Way: TypeAlias = frozenset[int]
"""Statements, by number, that together give a row: a monomial of its provenance polynomial."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern of the query. ``graph`` is where GRAPH asks it, None for the default graph."""

    subject: Place
    predicate: Place
    object: Place
    graph: Place | None = None
    guard: Guard = None


@dataclass(frozen=True)
class Walk:
    """A pattern whose property is a path with repetition: the statements of a shortest way are told."""

    subject: Place
    path: Automaton
    object: Place
    graph: Place | None = None
    guard: Guard = None


@dataclass(frozen=True)
class Inner:
    """A sub-query, traced by itself. ``names`` are its variables, ``copies`` what they are called outside."""

    plan: Plan
    names: tuple[str, ...]
    copies: tuple[str, ...]
    guard: Guard = None


@dataclass(frozen=True)
class Exists:
    """A group that EXISTS asks for, with the variables that it shares with what stands around it.

    ``required``: the row is there only if it holds.
    """

    plan: Plan
    shared: tuple[str, ...]
    text: str
    required: bool
    guard: Guard = None


@dataclass(frozen=True)
class Absent:
    """A group of MINUS or NOT EXISTS, as the query writes it: nothing that fits it is there."""

    text: str
    guard: Guard = None


@dataclass
class Parts:
    """What a group's solutions rest on."""

    patterns: list[Pattern] = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    exists: list[Exists] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """How one SELECT is traced.

    ``before`` and ``after`` are the query that carries its statements, with a place for VALUES between them.
    ``names`` are the columns that it shares with the original query (the keys if it is ``grouped``). If it
    is, ``keyed`` is the original query with its keys, ``keys``, as first columns, and ``wide`` the original
    query with the keys that it doesn't show as last columns, None where they can't be added. ``free`` are the
    names that VALUES after the query may bind; ``template`` are the triples that a CONSTRUCT makes;
    ``default`` are the graphs of FROM, None where there is no FROM.
    """

    before: str
    after: str
    names: tuple[str, ...]
    parts: Parts
    free: tuple[str, ...] = ()
    distinct: bool = False
    sliced: bool = False
    grouped: bool = False
    keys: tuple[str, ...] = ()
    keyed: str | None = None
    wide: str | None = None
    template: tuple[Pattern, ...] = ()
    default: tuple[str, ...] | None = None

    @property
    def sparql(self) -> str:
        """The query that carries its statements, unrestricted."""
        return self.before + self.after


@dataclass(frozen=True)
class Statement:
    """A statement of the data that a row rests on, and the ``graphs`` that hold it."""

    triple: ox.Triple
    graphs: tuple[str, ...] = ()


@dataclass(slots=True)
class TracedRow:
    """What one row rests on.

    Each of ``ways`` is enough to give the row. ``together``: the row is an aggregate of all solutions behind
    it, and its one way holds all their statements. ``others`` are statements of further ways that aren't
    listed one by one. ``absent`` are group patterns that must not match. ``lacking`` says what could not be
    traced, None if nothing.
    """

    ways: list[Way] = field(default_factory=list)
    together: bool = False
    others: Way = frozenset()
    absent: tuple[str, ...] = ()
    lacking: str | None = None

    @property
    def statements(self) -> Way:
        """All statements of all ways."""
        if len(self.ways) == 1 and not self.others:
            return self.ways[0]
        return self.others.union(*self.ways)


def untraceable(form: str, hint: str) -> QueryRefused:
    """Return the refusal of a form whose sources aren't told; both stand in `kg.tracing.planning.reasons`."""
    return QueryRefused(REFUSAL.format(form=form), limit="sources", hint=hint)
