"""Tracing an answer: the plain query is asked, then the one that carries its statements, and both are joined.

The plain answer rules. A row of it for which no solution is found, or a solution too many, means that the
two disagree, and then nothing is told of the answer's sources rather than something wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pyoxigraph as ox

from kg.engine import Result, Row, Term
from kg.errors import QuerySyntaxError
from kg.tracing.model import Exists, Pattern, Plan, Traced, TracedRow
from kg.tracing.solutions import Solutions, Table, Untraced, either, together
from kg.tracing.statements import Statements

__all__ = ["Untraced", "trace"]

BATCH = 500
"""Rows that are asked for again at once."""

Ask = Callable[[str], Result]


def trace(text: str, plan: Plan, tracer: Tracer) -> Traced:
    """Return an answer with what each row rests on. Raises Untraced, QueryError."""
    plain = tracer.ask(text)
    sources = tracer.rows(plan, plain)
    return Traced(plain, sources, tracer.statements.told())


class Tracer:
    """Traces the queries of one answer."""

    def __init__(self, ask: Ask, statements: Statements) -> None:
        self.ask = ask
        self.statements = statements

    def rows(self, plan: Plan, plain: Result) -> list[TracedRow]:
        """Return what each row of a plan's plain answer rests on. Raises Untraced."""
        if plain.kind == "graph":
            return self._triples(plan, plain)
        if plain.kind == "ask":
            solutions = self._table(plan).get((), [])
            if bool(solutions) != plain.boolean:
                raise Untraced("the traced query answers otherwise")
            return [either(solutions)] if solutions else []
        order = [plain.variables.index(name) for name in (plan.keys if plan.grouped else plan.names)]
        asked = [tuple(row[at] for at in order) for row in plain.rows]
        table = self._table(plan, asked if plan.sliced else None, plain)
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

    def _triples(self, plan: Plan, plain: Result) -> list[TracedRow]:
        """Return what each triple of a CONSTRUCT's answer rests on."""
        made: dict[ox.Triple, list[TracedRow]] = {}
        for row, entries in self._table(plan).items():
            bound = dict(zip(plan.names, row, strict=True))
            for one in plan.template:
                if (triple := _instance(one, bound)) is not None:
                    made.setdefault(triple, []).extend(entries)
        if not plan.sliced and len(made) != len(plain.triples):
            raise Untraced("the traced query makes other triples than the answer has")
        if any(triple not in made for triple in plain.triples):
            raise Untraced("the traced query doesn't make all triples of the answer")
        return [either(made[triple]) for triple in plain.triples]

    def _table(self, plan: Plan, only: Sequence[Row] | None = None, plain: Result | None = None) -> Table:
        """Return what each row of a plan rests on, one entry for each time that it comes.

        ``only`` are the rows that are wanted, where not all are; ``plain`` the plan's answer, if it is known.
        """
        result = self.ask(_restricted(plan, only))
        table = self.solved(plan, result, plan.names)
        return self._groups(plan, table, plain) if plan.grouped else table

    def solved(self, plan: Plan, result: Result, names: Sequence[str]) -> Table:
        """Return the solutions of a traced query by the values of some of its variables."""
        places = {name: at for at, name in enumerate(result.variables)}
        solutions = Solutions(places, self.statements)
        solutions.take(plan.parts)
        for inner in plan.parts.inner:
            solutions.inner(self._table(inner.plan), inner.copies, inner.guard)
        for exists in plan.parts.exists:
            solutions.exists(exists, self.witnesses(exists, result))
        at = [places[name] for name in names]
        table: Table = {}
        for row, source in zip(result.rows, solutions.read(result.rows), strict=True):
            table.setdefault(tuple(row[i] for i in at), []).append(source)
        return table

    def _groups(self, plan: Plan, table: Table, plain: Result | None) -> Table:
        """Return a grouped plan's rows: each is made of all solutions of its group."""
        groups = {key: together(entries) for key, entries in table.items()}
        if not plan.names and not groups:
            groups = {(): TracedRow([frozenset()], together=True)}  # a number of no rows
        rows: Table = {}
        for key, row in self._keyed(plan, plain):
            if key not in groups:
                raise Untraced("a group of the answer has no solution in the traced query")
            rows.setdefault(row, []).append(groups[key])
        return rows

    def _keyed(self, plan: Plan, plain: Result | None) -> Iterable[tuple[Row, Row]]:
        """Return a grouped plan's rows with their keys, which a whole answer may have as columns itself."""
        whole = plain is not None and not (plan.sliced or plan.distinct)
        result = (
            plain if plain and whole and set(plan.names) <= set(plan.keys) else self.ask(plan.keyed or "")
        )
        key = [result.variables.index(name) for name in plan.names]
        shown = [result.variables.index(name) for name in plan.keys]
        return [(tuple(row[at] for at in key), tuple(row[at] for at in shown)) for row in result.rows]

    def witnesses(self, exists: Exists, result: Result) -> Table:
        """Return what makes an EXISTS hold, by the values of the variables that it shares."""
        outer = Solutions({name: at for at, name in enumerate(result.variables)}, self.statements)
        at = [outer.places[name] for name in exists.shared]
        took_part = outer.guard(exists.guard)
        asked = list(dict.fromkeys(tuple(row[i] for i in at) for row in result.rows if took_part(row)))
        table: Table = {}
        for start in range(0, len(asked), BATCH):
            values = values_of(exists.shared, asked[start : start + BATCH])
            try:
                answer = self.ask(f"{exists.plan.before}{values} {exists.plan.after}")
            except QuerySyntaxError:  # a variable of the row can't be given a value again
                raise Untraced("an EXISTS assigns a variable that the row has already") from None
            table |= self.solved(exists.plan, answer, exists.shared)
        return table


def _instance(template: Pattern, bound: dict[str, Term | None]) -> ox.Triple | None:
    """Return the triple that a template makes of a solution; None where it makes none (SPARQL 1.1 §16.2)."""
    places = (template.subject, template.predicate, template.object)
    terms = [bound[place] if isinstance(place, str) else place for place in places]
    if None in terms or isinstance(terms[0], ox.Literal) or not isinstance(terms[1], ox.NamedNode):
        return None
    return ox.Triple(*terms)  # type: ignore[arg-type]


def _restricted(plan: Plan, only: Sequence[Row] | None) -> str:
    """Return the query for the rows that are shown, where all their values can be written."""
    if only is None or not plan.free or len(only) > BATCH:
        return plan.sparql
    at = [plan.names.index(name) for name in plan.free]
    rows = list(dict.fromkeys(tuple(row[i] for i in at) for row in only))
    if not _writable(rows):
        return plan.sparql
    return f"{plan.sparql} {values_of(plan.free, rows)}"


def _writable(rows: Sequence[Row]) -> bool:
    return not any(isinstance(term, ox.BlankNode | ox.Triple) for row in rows for term in row)


def values_of(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Return rows as VALUES. Raises Untraced for what can't be written."""
    if not names:
        return ""
    if not _writable(rows):
        raise Untraced("blank nodes can't be asked for again")
    head = " ".join(f"?{name}" for name in names)
    lines = " ".join(f"({' '.join('UNDEF' if t is None else str(t) for t in row)})" for row in rows)
    return f"VALUES ({head}) {{ {lines} }}"
