"""An answer with its sources: traced, told by graph, passage and document, and summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.engine.base import Dataset, Result
from kg.engine.door import Policy, admit
from kg.engine.local import as_result, run
from kg.engine.quirks import of
from kg.tracing.derive import Derivation, derive
from kg.tracing.model import Statement, TracedRow
from kg.tracing.origins import Origin, Origins
from kg.tracing.plan import plan
from kg.tracing.rules import Rules
from kg.tracing.run import Tracer, Untraced, trace
from kg.tracing.statements import MOST, Statements
from kg.tracing.weight import Weight, independent, weigh


@dataclass
class Sourced:
    """An answer and what each of its rows rests on.

    ``reason`` says why nothing is told of the sources; the answer then stands alone.
    """

    result: Result
    rows: Sequence[TracedRow] = ()
    statements: Sequence[Statement] = ()
    origins: dict[str, Origin] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    derived: Mapping[int, Sequence[Derivation]] = field(default_factory=dict)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None

    def reach(self, row: TracedRow) -> frozenset[int]:
        """Return a row's statements, and all that those were inferred from."""
        found, queue = set(row.statements), list(row.statements)
        while queue:
            for one in self.derived.get(queue.pop(), ()):
                more = frozenset().union(*one.ways) - found
                found |= more
                queue += more
        return frozenset(found)

    def graphs(self, row: TracedRow) -> tuple[str, ...]:
        """Return the graphs that state what a row rests on, and what that was inferred from."""
        return tuple(sorted({g for number in self.reach(row) for g in self.statements[number].graphs}))

    def passages(self, row: TracedRow) -> tuple[str, ...]:
        """Return the sources that a row's graphs were made from."""
        return tuple(dict.fromkeys(p for graph in self.graphs(row) for p in self.origins[graph].passages))

    def documents(self, row: TracedRow) -> tuple[str, ...]:
        """Return the documents that a row's sources belong to."""
        return tuple(dict.fromkeys(d for graph in self.graphs(row) for d in self.origins[graph].documents))

    def weight(self, row: TracedRow) -> Weight:
        """Return how a row stands."""
        return weigh(row, self.statements, self.origins, self.texts, self.derived)

    def contradicted(self, row: TracedRow) -> tuple[tuple[str, str], ...]:
        """Return what a row's statements are about and others disagree with, each with its rival."""
        if not self.rivals:
            return ()
        triples = (self.statements[number].triple for number in sorted(row.statements))
        named = dict.fromkeys(getattr(term, "value", "") for t in triples for term in (t.subject, t.object))
        return tuple((one, other) for one in named for other in self.rivals.get(one, ()))

    @cached_property
    def state(self) -> str:
        """``whole``, ``partial`` (of some rows not all is told), or ``none``."""
        if self.reason is not None:
            return "none"
        return "partial" if any(row.lacking for row in self.rows) else "whole"

    @property
    def told(self) -> str:
        """The state, or why nothing is told."""
        return self.reason or self.state

    @cached_property
    def resting(self) -> Counter[str]:
        """How many rows rest on each document."""
        return Counter(document for row in self.rows for document in self.documents(row))


@dataclass(frozen=True)
class RowSources:
    """What one row rests on, told by names.

    ``ways``: statements, each with the graphs that hold it, that together give the row; each way by itself is
    enough, and ``others`` are statements of ways that aren't told one by one. ``together``: the row is made
    of all solutions behind it. ``passages`` and ``documents`` are IRIs; ``independent`` and ``confidence``
    as in `Weight`; ``contradicted`` are things that the row is about, each with another that the data says
    disagrees with it; ``absent`` are groups that must not be there; ``lacking`` says what isn't traced.
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

    def ask(sparql: str) -> Result:
        order = admit(sparql, policy).order
        return as_result(run(store, order, dataset=dataset, base_iri=base_iri), order)

    run(ox.Store(), admit(text, policy).order, dataset=None, base_iri=base_iri)  # is it SPARQL at all?
    made = plan(text, base_iri)
    default = dataset.default if dataset is not None else made.default
    statements = Statements(store, default, most, origins.holders)
    tracer = Tracer(ask, statements)
    try:
        traced = trace(text, made, tracer)
    except Untraced as error:
        return Sourced(ask(text), reason=str(error))
    derived = derive(traced, rules, tracer) if rules is not None else {}
    graphs = {graph for statement in traced.statements for graph in statement.graphs}
    found = {graph: origins.of(graph) for graph in sorted(graphs)}
    texts = independent(found.values(), origins)
    return Sourced(traced.plain, traced.sources, traced.statements, found, texts, derived, origins.rivals)
