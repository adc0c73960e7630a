"""Embedded nodes as tables: columns from their class's shapes, a figure's parts together in one cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.explore.model import Cell, Fact, Ref, Standing, Table, TableRow, Value
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE, Schema
from kg.explore.ontology.shapes import PropertyShape
from kg.explore.statements.evidence import Notes
from kg.explore.statements.facts import Facts, linked
from kg.labels import LABELS

SortKey: TypeAlias = tuple[int, float, str]

SHOWN = 12
"""How many rows of one table a page lists; the rest is counted, and one query away."""

# Parts of a figure that stand in the cell of its value.
_BESIDE = frozenset({"Unit", "Qualifier"})


def table(
    rows: Sequence[tuple[str, tuple[str, ...]]],
    about: Mapping[str, Facts],
    schema: Schema,
    reader: Reader,
    notes: Notes,
) -> Table:
    """Lay nodes side by side. ``rows`` are their IRIs with the graphs of the statements that lead to them.

    Of many rows those that sources give differently are shown, and the first of the others.
    """
    classes = {one for iri, _ in rows for one in linked(about.get(iri, {}), TYPE)}
    columns = _columns(schema, classes, [about.get(iri, {}) for iri, _ in rows])
    parts = {part: {s.path for s in columns if part in s.show} for part in ("Value", *_BESIDE)}
    beside = set().union(*(parts[part] for part in _BESIDE)) if parts["Value"] else set()
    # A range has two values; both stand in the column of the first.
    first = next((s.path for s in columns if "Value" in s.show), None)
    shown = [s for s in columns if s.path not in beside and (s.path == first or "Value" not in s.show)]
    layout = _Layout(shown, parts["Value"], parts["Qualifier"], parts["Unit"], reader, notes)
    ordered = sorted(rows, key=lambda row: _place(about.get(row[0], {}), shown, reader))
    many = len(ordered) > SHOWN
    # What isn't shown gets no marks: the page lists the sources of what it shows.
    every = replace(layout, notes=Notes()) if many else layout
    made = _contest([every.row(*row, about.get(row[0], {})) for row in ordered], shown, schema.rivals)
    standing = tuple(_standing(made, shown))
    if many:
        made = [
            replace(layout.row(*ordered[place], about.get(ordered[place][0], {})), contested=row.contested)
            for place, row in _worth_reading(made)
        ]
    headings = tuple(reader.term(shape.path, shape.names) for shape in shown)
    return Table(headings, tuple(made), more=len(ordered) - len(made), standing=standing)


def _standing(rows: Sequence[TableRow], columns: Sequence[PropertyShape]) -> Iterator[Standing]:
    """Yield of each quantity the figure that may stand for the thing: the latest on which sources agree.

    Of figures of one day that which most sources give. All rows are looked at, also those that aren't shown:
    a figure of ten years ago, told as if it were today's, would be false.
    """
    dates = [place for place, shape in enumerate(columns) if "Date" in shape.show]
    measures = [place for place, shape in enumerate(columns) if "Quantity" in shape.show]
    latest: dict[str, tuple[tuple[str, int], Standing]] = {}
    for row in rows:
        named = (fact.value for place in measures for fact in row.cells[place].facts)
        quantity = next((value for value in named if isinstance(value, Ref)), None)
        figure = next((cell for cell in row.cells if cell.is_figure and cell.facts), None)
        if quantity is None or figure is None or row.contested:
            continue
        said = (fact.value for place in dates for fact in row.cells[place].facts)
        key = (max((str(getattr(value, "value", "")) for value in said), default=""), len(row.sources))
        if quantity.iri not in latest or key > latest[quantity.iri][0]:
            latest[quantity.iri] = (key, Standing(quantity, figure, row))
    yield from (standing for _, standing in latest.values())


def _worth_reading(rows: Sequence[TableRow]) -> list[tuple[int, TableRow]]:
    """Return rows with their places: those that sources give differently, and the first of the others."""
    rivals_first = sorted(enumerate(rows), key=lambda pair: (not pair[1].contested, pair[0]))
    return sorted(rivals_first[:SHOWN], key=lambda pair: pair[0])


def _columns(schema: Schema, classes: set[str], rows: Sequence[Facts]) -> list[PropertyShape]:
    """Return the shapes of the columns that have anything in them; what no shape orders comes last."""
    present = {name for facts in rows for name in facts}
    shapes = [s for s in schema.shapes_of(classes) if s.direct]
    hidden = {s.path for s in shapes if s.hidden} | {TYPE, *LABELS}
    ordered = [s for s in shapes if s.path in present - hidden]
    rest = sorted(present - hidden - {s.path for s in shapes})
    # The name of a dependent node only repeats its row.
    named = [] if schema.is_dependent(classes) else [path for path in LABELS if path in present]
    return [
        *(PropertyShape("", path) for path in named[:1]),
        *ordered,
        *(PropertyShape("", path) for path in rest),
    ]


@dataclass(frozen=True)
class _Layout:
    """The columns of one table, and the properties that a figure's cell takes in."""

    columns: Sequence[PropertyShape]
    values: set[str]
    qualifiers: set[str]
    units: set[str]
    reader: Reader
    notes: Notes

    def row(self, iri: str, graphs: tuple[str, ...], facts: Facts) -> TableRow:
        """Return a node's row; ``graphs`` are those that say it belongs here."""
        cells = tuple(self._cell(shape, facts) for shape in self.columns)
        sources = {number for cell in cells for number in cell.sources} | set(self.notes.mark(graphs))
        return TableRow(self.reader.ref(iri), cells, tuple(sorted(sources)))

    def _cell(self, shape: PropertyShape, facts: Facts) -> Cell:
        if "Value" not in shape.show:
            return Cell(self._facts(facts, {shape.path}))
        beside = (self._facts(facts, self.qualifiers), self._facts(facts, self.units))
        return Cell(self._facts(facts, self.values), *beside, is_figure=True)

    def _facts(self, facts: Facts, paths: set[str]) -> tuple[Fact, ...]:
        found = [
            Fact(self.reader.value(value), self.notes.mark(graphs))
            for path in sorted(paths)
            for value, graphs in best_language(facts.get(path, {}), self.reader).items()
        ]
        return tuple(sorted(found, key=lambda fact: sort_key(fact.value)))


def best_language(values: Mapping[Term, tuple[str, ...]], reader: Reader) -> Mapping[Term, tuple[str, ...]]:
    """Drop the texts in other languages where one suits the reader; values without a language all stay."""
    best = reader.text(v for v in values if isinstance(v, ox.Literal) and v.language)
    if best is None:
        return values
    return {
        value: graphs
        for value, graphs in values.items()
        if not isinstance(value, ox.Literal) or value.language in {None, best.language}
    }


def sort_key(value: Value, orders: Mapping[str, float] = MappingProxyType({})) -> SortKey:
    """Order values: numbers by size, then texts, then things by their list's order and name."""
    if isinstance(value, Ref):
        return (2, orders.get(value.iri, math.inf), value.label.value)
    try:
        return (0, float(value.value), value.value)
    except ValueError:
        return (1, 0.0, value.value)


def _place(facts: Facts, columns: Sequence[PropertyShape], reader: Reader) -> tuple[SortKey, ...]:
    """Order rows by a counting column if there is one, then by the columns from left to right.

    Figures of one quantity stand together: by what they are of, phase and date, and by their size at last.
    """
    keys: list[SortKey] = []
    counting: list[SortKey] = []
    orders = reader.names.schema.orders
    for shape in _weighed(columns):
        dated = "Date" in shape.show
        values = [reader.value(value) for value in facts.get(shape.path, {})]
        key = min((_row_key(value, orders, dated, reader) for value in values), default=(3, 0.0, ""))
        counted = key[0] == 0 and "Value" not in shape.show
        (counting if counted else keys).append(key)
    return (*counting, *keys)


def _weighed(columns: Sequence[PropertyShape]) -> Sequence[PropertyShape]:
    """Return columns by their weight in the order of rows: as they stand, or as figures want it."""
    if not any("Value" in shape.show for shape in columns):
        return columns
    return sorted(columns, key=lambda shape: min((_WEIGHT.get(role, 3) for role in shape.show), default=3))


_WEIGHT = {"Quantity": 0, "Phase": 1, "Date": 2, "Value": 4}


def _row_key(value: Value, orders: Mapping[str, float], dated: bool, reader: Reader) -> SortKey:
    """Order a cell's value: a year is a date here and no number, a thing goes by its name as it is read."""
    if dated and not isinstance(value, Ref):
        return (1, 0.0, value.value)
    key = sort_key(value, orders)
    return (*key[:2], "\0".join(reader.sort_key(value.iri))) if isinstance(value, Ref) else key


def _contest(
    rows: Sequence[TableRow], columns: Sequence[PropertyShape], rivals: frozenset[str]
) -> list[TableRow]:
    """Mark the rows that give one figure differently: same in all but the value, and from other sources.

    Those that the data itself sets against each other, by one of the properties ``rivals``, are marked too.
    """
    if not any("Quantity" in shape.show for shape in columns):
        return list(rows)
    about: dict[tuple[object, ...], list[TableRow]] = {}
    for row in rows:
        about.setdefault(_subject(row), []).append(row)
    marked = []
    against = [place for place, shape in enumerate(columns) if shape.path in rivals]
    for row in rows:
        same = about[_subject(row)]
        said = {tuple(_plain(f) for c in one.cells if c.is_figure for f in c.facts) for one in same}
        contested = len(said) > 1 or any(row.cells[place].facts for place in against)
        marked.append(TableRow(row.node, row.cells, row.sources, contested))
    return marked


def _subject(row: TableRow) -> tuple[object, ...]:
    """Return what a row's figure is about: all its cells but the figure, and the figure's unit."""
    key: list[object] = []
    for cell in row.cells:
        facts = cell.units if cell.is_figure else cell.facts
        key.append(tuple(_plain(fact) for fact in facts))
    return tuple(key)


def _plain(fact: Fact) -> str:
    return fact.value.iri if isinstance(fact.value, Ref) else fact.value.value
