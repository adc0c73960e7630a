"""An answer with its sources: traced, told by graph, passage and document, and summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter

import pyoxigraph as ox

from kg.engine.base import Dataset, Result
from kg.engine.door import Order, Policy, admit
from kg.engine.local import run
from kg.engine.quirks import of
from kg.tracing.following.cells import read
from kg.tracing.following.derive import Derivation, derive
from kg.tracing.following.holders import Graphs
from kg.tracing.following.run import Filled, Tracer, Untraced, settle, trace
from kg.tracing.following.statements import MOST, Statements, Told
from kg.tracing.origins import Origin, Origins
from kg.tracing.planning.plan import plan
from kg.tracing.planning.rules import Rules
from kg.tracing.planning.traced import Plan, Statement, TracedRow, Way
from kg.tracing.weight import Scale, Weight, independent

_PLANS, _SHORT = 256, 8192
"""How many plans are kept, and up to which length of text, as admissions are."""


@dataclass
class Sourced:
    """An answer and what each of its rows rests on.

    ``reason`` says why nothing is told of the sources; the answer then stands alone.
    """

    result: Result
    rows: Sequence[TracedRow] = ()
    statements: Told = field(default_factory=Told)
    origins: dict[str, Origin] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    derived: Mapping[int, Sequence[Derivation]] = field(default_factory=dict)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None
    _graphs: dict[frozenset[Graphs], tuple[str, ...]] = field(default_factory=dict, repr=False)
    _documents: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def reach(self, row: TracedRow) -> Way:
        """Return a row's statements, and all that those were inferred from."""
        if not self.derived:
            return row.statements
        found, queue = set(row.statements), list(row.statements)
        while queue:
            for one in self.derived.get(queue.pop(), ()):
                more = frozenset().union(*one.ways) - found
                found |= more
                queue += more
        return frozenset(found)

    def graphs(self, row: TracedRow) -> tuple[str, ...]:
        """Return the graphs that state what a row rests on, and what that was inferred from."""
        reached = self.reach(row)
        if len(reached) == len(self.statements):
            return tuple(self.origins)  # all of them, in the same order
        held = frozenset(map(self.statements.held.__getitem__, reached))
        found = self._graphs.get(held)  # many rows rest on the same
        if found is None:
            found = self._graphs[held] = tuple(sorted({*chain.from_iterable(held)}))
        return found

    def passages(self, row: TracedRow) -> tuple[str, ...]:
        """Return the sources that a row's graphs were made from."""
        return tuple(dict.fromkeys(p for graph in self.graphs(row) for p in self.origins[graph].passages))

    def documents(self, row: TracedRow) -> tuple[str, ...]:
        """Return the documents that a row's sources belong to."""
        graphs = self.graphs(row)
        found = self._documents.get(graphs)
        if found is None:
            named = chain.from_iterable([self.origins[graph].documents for graph in graphs])
            found = self._documents[graphs] = tuple(dict.fromkeys(named))
        return found

    def weight(self, row: TracedRow) -> Weight:
        """Return how well a row is supported (see `Weight`)."""
        return self._scale.weigh(row)

    @cached_property
    def _scale(self) -> Scale:
        return Scale(self.statements.held, self.origins, self.texts, self.derived)

    def contradicted(self, row: TracedRow) -> tuple[tuple[str, str], ...]:
        """Return the things that a row's statements are about and the data disputes, each with its rival."""
        if not self._disputed:
            return ()
        numbers = sorted(row.statements & self._disputed.keys())
        named = dict.fromkeys(one for number in numbers for one in self._disputed[number])
        return tuple((one, other) for one in named for other in self.rivals[one])

    @cached_property
    def _disputed(self) -> dict[int, list[str]]:
        """The disputed things that statements are about, by the statements' numbers."""
        rivals = {f"<{iri}>": iri for iri in self.rivals}
        keys = self.statements.keys
        if all(rivals.keys().isdisjoint(map(itemgetter(at), keys)) for at in (0, 2)):
            return {}  # as in nearly all answers
        return {
            number: [rivals[cell] for cell in (subject, value) if cell in rivals]
            for number, (subject, _, value, _) in enumerate(keys)
            if subject in rivals or value in rivals
        }

    @cached_property
    def state(self) -> str:
        """``whole``; ``partial`` where the sources of some rows aren't all told; or ``none``."""
        if self.reason is not None:
            return "none"
        return "partial" if any(row.lacking for row in self.rows) else "whole"

    @property
    def told(self) -> str:
        """The state, or why nothing is told."""
        return self.reason or self.state

    @cached_property
    def by_row(self) -> list[tuple[str, ...]]:
        """The documents of each row, in the order of the rows."""
        return [self.documents(row) for row in self.rows]

    @cached_property
    def resting(self) -> Counter[str]:
        """How many rows rest on each document."""
        return Counter(chain.from_iterable(self.by_row))


@dataclass(frozen=True)
class RowSources:
    """What one row rests on, told by names.

    Each of ``ways`` is a set of statements (each with the graphs that hold it) that together give the row;
    one way is enough. ``others`` are statements of further ways that aren't listed one by one. ``together``:
    the row is an aggregate of all solutions behind it. ``passages`` and ``documents`` are IRIs;
    ``independent`` and ``confidence`` are those of `Weight`; ``contradicted`` are things that the row is
    about, each with another that the data says disagrees with it; ``absent`` are group patterns that must not
    match; ``lacking`` says what isn't traced.
    """

    ways: tuple[tuple[Statement, ...], ...]
    others: tuple[Statement, ...]
    together: bool
    passages: tuple[str, ...]
    documents: tuple[str, ...]
    independent: int
    confidence: str | None
    contradicted: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    lacking: str | None


def rows_of(found: Sourced) -> list[RowSources]:
    """Return what each row of an answer rests on."""
    told = []
    for row in found.rows:
        weight = found.weight(row)
        told.append(
            RowSources(
                tuple(tuple(found.statements[n] for n in sorted(way)) for way in row.ways),
                tuple(found.statements[n] for n in sorted(row.others)),
                row.together,
                found.passages(row),
                found.documents(row),
                weight.independent,
                weight.confidence,
                found.contradicted(row),
                row.absent,
                row.lacking,
            )
        )
    return told


def answer(
    store: ox.Store,
    text: str,
    origins: Origins,
    rules: Rules | None = None,
    *,
    dataset: Dataset | None = None,
    base_iri: str | None = None,
    most: int = MOST,
) -> Sourced:
    """Answer a query with its sources, and follow what ``rules`` inferred.

    Raises QueryRefused for a form that isn't traced, QueryError.
    """
    policy = Policy(quirks=of(), base_iri=base_iri)

    def ask(sparql: str, filled: Filled = None) -> Result:
        order = admit(sparql, policy).order
        if filled is not None:
            order = _filled(order, *filled) or admit(sparql.replace(*filled), policy).order
        return read(run(store, order, dataset=dataset, base_iri=base_iri), order)

    made = (_planned if len(text) <= _SHORT else _planned.__wrapped__)(text, policy)
    default = dataset.default if dataset is not None else made.default
    tracer = Tracer(ask, Statements(store, default, most, origins.holders))
    try:
        traced = trace(text, made, tracer)
    except Untraced as error:
        return Sourced(ask(text), reason=str(error))
    if rules is None:
        settle(traced)
    derived = derive(traced, rules, tracer) if rules is not None else {}
    graphs = set(chain.from_iterable(set(traced.statements.held)))
    found = {graph: origins.of(graph) for graph in sorted(graphs)}
    texts = independent(found.values())
    return Sourced(traced.plain, traced.sources, traced.statements, found, texts, derived, origins.rivals)


def _filled(order: Order, slot: str, values: str) -> Order | None:
    """Return an order with ``values`` in place of ``slot``; None where rewriting has changed the slot."""
    texts = (order.sparql, order.parsed, order.strict)
    if not all(slot in text for text in texts if text is not None):
        return None
    _, parsed, strict = (text and text.replace(slot, values) for text in texts)
    return replace(order, sparql=order.sparql.replace(slot, values), parsed=parsed, strict=strict)


@lru_cache(_PLANS)
def _planned(text: str, policy: Policy) -> Plan:
    """Return how a query is traced. Raises QueryRefused, QuerySyntaxError."""
    base_iri = policy.base_iri
    run(ox.Store(), admit(text, policy).order, dataset=None, base_iri=base_iri)  # is it SPARQL at all?
    return plan(text, base_iri)
