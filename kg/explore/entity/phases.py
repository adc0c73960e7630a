"""What changed: a thing's figures of one quantity in several phases, such as before and after, side by side.

Made of the tables that the thing's page shows already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kg.explore.model import Cell, Datum, Entity, Ref, Table, TableRow
from kg.explore.ontology.schema import Schema

MOST = 12
"""How many quantities are drawn."""


@dataclass(frozen=True, slots=True)
class PhaseBar:
    """A figure in a phase: its length in shares of the longest (0 to 1000), its tone, its sources."""

    phase: Ref
    cell: Cell
    length: int
    tone: int
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity that is known in several phases, the phases in their order."""

    quantity: Ref
    bars: tuple[PhaseBar, ...]


def changes(entity: Entity, schema: Schema) -> tuple[Change, ...]:
    """Return the quantities of a thing that are told in two phases or more, by name."""
    quantities, phases = schema.playing("Quantity"), schema.playing("Phase")
    if not quantities or not phases:
        return ()
    found: dict[tuple[Ref, str], list[tuple[Ref, TableRow, Cell, Decimal]]] = {}
    for table in _tables(entity):
        columns = [column.iri for column in table.columns]
        for row in table.rows:
            quantity, phase = _ref(row, columns, quantities), _ref(row, columns, phases)
            cell = next((cell for cell in row.cells if cell.is_figure), None)
            number = _number(cell)
            if quantity and phase and cell and number is not None:
                unit = cell.units[0].value if cell.units else None
                key = (quantity, unit.iri if isinstance(unit, Ref) else "")
                found.setdefault(key, []).append((phase, row, cell, number))
    told = [
        Change(quantity, _bars(rows, schema))
        for (quantity, _unit), rows in sorted(found.items(), key=lambda pair: pair[0][0].label.value)
        if len({phase.iri for phase, *_ in rows}) > 1
    ]
    return tuple(told[:MOST])


def _bars(rows: Iterable[tuple[Ref, TableRow, Cell, Decimal]], schema: Schema) -> tuple[PhaseBar, ...]:
    def place(phase: Ref) -> tuple[float, str]:
        return (schema.orders.get(phase.iri, math.inf), phase.iri)

    rows = sorted(rows, key=lambda one: (place(one[0]), one[3]))
    longest = max(abs(number) for *_, number in rows) or Decimal(1)
    phases = list(dict.fromkeys(phase.iri for phase, *_ in rows))
    return tuple(
        PhaseBar(
            phase,
            cell,
            max(4, int(abs(number) / longest * 1000)),
            1 + phases.index(phase.iri) % 4,
            row.sources,
        )
        for phase, row, cell, number in rows
    )


def _tables(entity: Entity) -> Iterator[Table]:
    for section in entity.sections:
        for statement in section.statements:
            if statement.table:
                yield statement.table


def _ref(row: TableRow, columns: list[str], wanted: Iterable[str]) -> Ref | None:
    """Return the thing in the first of some columns that the table has."""
    for iri in wanted:
        if iri in columns:
            facts = row.cells[columns.index(iri)].facts
            return next((fact.value for fact in facts if isinstance(fact.value, Ref)), None)
    return None


def _number(cell: Cell | None) -> Decimal | None:
    values = [fact.value for fact in cell.facts] if cell else []
    try:
        numbers = [Decimal(value.value) for value in values if isinstance(value, Datum)]
    except InvalidOperation:
        return None
    finite = [number for number in numbers if number.is_finite()]
    return max(finite, default=None)
