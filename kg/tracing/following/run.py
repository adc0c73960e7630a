"""Tracing an answer: the plain query is asked, then the one that carries its statements, and both are joined.

The plain answer is what counts. If one of its rows has no solution, or there is a solution too many, the two
disagree, and then no sources are given rather than wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.engine import Result
from kg.errors import QuerySyntaxError
from kg.tracing.following.cells import UNBOUND, Cell, CellRow, Rows, cell_of, cells_of, is_writable, values
from kg.tracing.following.solutions import Solutions, Table, Untraced, either
from kg.tracing.following.statements import Statements, Told
from kg.tracing.planning.traced import Exists, Pattern, Plan, TracedRow, Way

__all__ = ["Untraced", "trace"]

BATCH = 500
"""Rows that are asked for again at once."""

Filled: TypeAlias = "tuple[str, str] | None"
"""A piece of a query's text, and what it is replaced by once the door has let the query in."""
Ask: TypeAlias = "Callable[[str, Filled], Result]"


@dataclass
class Traced:
    """A traced answer: as the plain query gave it, and what each row rests on, in the same order.

    The rows of a graph are its triples; a true answer has one row, a false one none.
    """

    plain: Result
    sources: list[TracedRow]
    statements: Told


def trace(text: str, plan: Plan, tracer: Tracer) -> Traced:
    """Return an answer with what each row rests on. Raises Untraced, QueryError."""
    if plan.wide is not None:
        plain = tracer.rows_of(plan.wide)
        sources = tracer.grouped(plan, plain)
        return Traced(plain.first(len(plan.keys)).result, sources, tracer.statements.told())
    answer = tracer.ask(text, None)
    return Traced(answer, tracer.rows(plan, answer), tracer.statements.told())


def settle(traced: Traced) -> None:
    """Remove the statements that no row rests on: those of groups that the answer doesn't show."""
    reached: Way = frozenset().union(*(row.statements for row in traced.sources))
    if len(reached) == len(traced.statements):
        return
    kept = {number: at for at, number in enumerate(sorted(reached))}
    for row in traced.sources:
        row.ways = [renumbered(way, kept) for way in row.ways]
        row.others = renumbered(row.others, kept)
    traced.statements = traced.statements.picked(kept)


def renumbered(way: Way, kept: Mapping[int, int]) -> Way:
    """Return a way with the new numbers of its statements."""
    return frozenset(map(kept.__getitem__, way))


class Tracer:
    """Traces the queries of one answer."""

    def __init__(self, ask: Ask, statements: Statements) -> None:
        self.ask = ask
        self.statements = statements

    def rows_of(self, sparql: str) -> Rows:
        """Ask a SELECT, and return its cells."""
        return cells_of(self.ask(sparql, None))

    def rows_given(self, before: str, names: Sequence[str], rows: Sequence[CellRow], after: str = "") -> Rows:
        """Ask a SELECT for some values of its variables, which VALUES between its two parts gives.

        The door reads the query with a single row of UNDEF in VALUES, as many rows would take it long.
        Raises Untraced for rows that can't be written.
        """
        if not names:
            return self.rows_of(before + after)
        if not all(map(is_writable, rows)):
            raise Untraced("blank nodes can't be asked for again")
        slot = values(names, [(UNBOUND,) * len(names)])
        return cells_of(self.ask(f"{before} {slot} {after}", (slot, values(names, rows))))

    def rows(self, plan: Plan, plain: Result) -> list[TracedRow]:
        """Return what each row of a plan's plain answer rests on. Raises Untraced."""
        if plain.kind == "graph":
            return self._triples(plan, plain)
        if plain.kind == "ask":
            solutions = self._table(plan).get((), [])
            if bool(solutions) != plain.boolean:
                raise Untraced("the traced query answers otherwise")
            return [either(solutions)] if solutions else []
        asked = cells_of(plain).keys(plan.keys if plan.grouped else plan.names)
        table = self._table(plan, asked if plan.sliced else None)
        known = set(asked)
        if not plan.sliced and any(row not in known for row in table):
            raise Untraced("the traced query gives rows that the answer doesn't have")
        found = []
        for row in asked:
            entries = table.get(row)
            if not entries:
                raise Untraced("the traced query doesn't give all rows of the answer")
            found.append(either(entries) if plan.distinct else entries.pop())
        if not plan.sliced and not plan.distinct and any(table.values()):
            raise Untraced("the traced query gives a row more often than the answer")
        return found

    def grouped(self, plan: Plan, plain: Rows) -> list[TracedRow]:
        """Return what each row rests on of a grouped plan's answer that has its keys as columns."""
        groups = self._groups(plan)
        try:
            return [groups[key] for key in plain.keys(plan.names)]
        except KeyError:
            raise Untraced("a group of the answer has no solution in the traced query") from None

    def _triples(self, plan: Plan, plain: Result) -> list[TracedRow]:
        """Return what each triple of a CONSTRUCT's answer rests on."""
        made: dict[CellRow, list[TracedRow]] = {}
        for row, entries in self._table(plan).items():
            bound = dict(zip(plan.names, row, strict=True))
            for one in plan.template:
                if (triple := _instance(one, bound)) is not None:
                    made.setdefault(triple, []).extend(entries)
        if not plan.sliced and len(made) != len(plain.triples):
            raise Untraced("the traced query makes other triples than the answer has")
        triples = [(cell_of(t.subject), cell_of(t.predicate), cell_of(t.object)) for t in plain.triples]
        if any(triple not in made for triple in triples):
            raise Untraced("the traced query doesn't make all triples of the answer")
        return [either(made[triple]) for triple in triples]

    def _table(self, plan: Plan, only: Sequence[CellRow] | None = None) -> Table:
        """Return what each row of a plan rests on, one entry for each time that the row occurs.

        ``only`` are the rows that are wanted, where not all are.
        """
        if not plan.grouped:
            return self.solved(plan, self._restricted(plan, only), plan.names)
        groups = self._groups(plan)
        rows: Table = {}
        for key, row in self._keyed(plan):
            if key not in groups:
                raise Untraced("a group of the answer has no solution in the traced query")
            rows.setdefault(row, []).append(groups[key])
        return rows

    def _restricted(self, plan: Plan, only: Sequence[CellRow] | None) -> Rows:
        """Ask a plan's query for the rows that are shown, where all their values can be written."""
        if only is None or not plan.free or len(only) > BATCH:
            return self.rows_of(plan.sparql)
        at = [plan.names.index(name) for name in plan.free]
        rows = list(dict.fromkeys(tuple(row[i] for i in at) for row in only))
        if not all(map(is_writable, rows)):
            return self.rows_of(plan.sparql)
        return self.rows_given(plan.sparql, plan.free, rows)

    def solved(self, plan: Plan, result: Rows, names: Sequence[str]) -> Table:
        """Return the solutions of a traced query by the values of some of its variables."""
        return self._solutions(plan, result).table(result.keys(names))

    def _solutions(self, plan: Plan, result: Rows) -> Solutions:
        solutions = Solutions(result, self.statements)
        solutions.take(plan.parts)
        for inner in plan.parts.inner:
            solutions.inner(self._table(inner.plan), inner.copies, inner.guard)
        for exists in plan.parts.exists:
            solutions.exists(exists, self.witnesses(exists, result))
        return solutions

    def _groups(self, plan: Plan) -> dict[CellRow, TracedRow]:
        """Return what each group of a grouped plan rests on: all solutions of it."""
        result = self.rows_of(plan.sparql)
        groups = self._solutions(plan, result).groups(result.keys(plan.names))
        if not plan.names and not groups:
            groups = {(): TracedRow([frozenset()], together=True)}  # an aggregate over no rows
        return groups

    def _keyed(self, plan: Plan) -> Iterable[tuple[CellRow, CellRow]]:
        """Return a grouped plan's rows with their keys."""
        result = self.rows_of(plan.keyed or "")
        return zip(result.keys(plan.names), result.keys(plan.keys), strict=True)

    def witnesses(self, exists: Exists, result: Rows) -> Table:
        """Return what makes an EXISTS hold, by the values of the variables that it shares."""
        took_part = Solutions(result, self.statements).guard(exists.guard)
        keys = result.keys(exists.shared)
        asked = list(dict.fromkeys(key for at, key in enumerate(keys) if took_part(at)))
        table: Table = {}
        for start in range(0, len(asked), BATCH):
            batch = asked[start : start + BATCH]
            try:
                answer = self.rows_given(exists.plan.before, exists.shared, batch, exists.plan.after)
            except QuerySyntaxError:  # a variable of the row can't be given a value again
                raise Untraced("an EXISTS assigns a variable that the row has already") from None
            table |= self.solved(exists.plan, answer, exists.shared)
        return table


def _instance(template: Pattern, bound: dict[str, Cell]) -> CellRow | None:
    """Return the triple that a template makes of a solution; None where it makes none (SPARQL 1.1 §16.2)."""
    places = (template.subject, template.predicate, template.object)
    cells = tuple(bound[place] if isinstance(place, str) else cell_of(place) for place in places)
    subject, predicate, _ = cells
    if UNBOUND in cells or not subject.startswith(("<", "_")) or not _is_iri(predicate):
        return None
    return cells


def _is_iri(cell: Cell) -> bool:
    return cell.startswith("<") and not cell.startswith("<<")
