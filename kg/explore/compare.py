"""Things side by side: their figures, and what else is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.explore.entity import SHOWN
from kg.explore.evidence import Library, Notes
from kg.explore.facts import Facts, facts_about, graphs_of, mentioned
from kg.explore.figures import Figures, Raw
from kg.explore.model import Cell, Fact, Ref
from kg.explore.names import LABELS, Reader
from kg.explore.schema import TYPE
from kg.explore.tables import best_language, sort_key
from kg.terms import SKOS

MOST = 8
"""How many things stand side by side at most."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One quantity in one phase, and each thing's figures of it."""

    quantity: Ref
    phase: Ref | None
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One property, and what each thing has."""

    property: Ref
    cells: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some things side by side."""

    items: tuple[Ref, ...]
    figures: tuple[FigureRow, ...]
    values: tuple[ValueRow, ...]
    sparql: str


@dataclass(frozen=True)
class Comparer:
    """Lays things of a class side by side, for one reader."""

    figures: Figures
    library: Library
    reader: Reader
    notes: Notes

    def compare(self, cls: str, items: Sequence[str]) -> Comparison:
        """Return some things of a class side by side. Raises QueryError."""
        raws = [raw for raw in self.figures.of(cls) if raw.item in items]
        self.figures.fetch(raws, self.reader)
        about, _ = facts_about(self.figures.engine, items, self.figures.schema.superseded)
        own = [about.get(item, {}) for item in items]
        needed = self.library.fetch_graphs(graphs_of(own))
        self.reader.names.fetch({*items, *needed, *mentioned(own)})
        return Comparison(
            items=tuple(self.reader.ref(item) for item in items),
            figures=tuple(self._figure_rows(raws, items)),
            values=tuple(self._value_rows(cls, own)),
            sparql=self.figures.sparql(cls) or "",
        )

    def _figure_rows(self, raws: Sequence[Raw], items: Sequence[str]) -> list[FigureRow]:
        rows = []
        by_kind: dict[tuple[str, str], list[Raw]] = {}
        for raw in raws:
            by_kind.setdefault((raw.one("Quantity"), raw.one("Phase")), []).append(raw)
        for (quantity, phase), same in by_kind.items():
            cells = tuple(
                tuple(self.figures.cell(raw, self.reader, self.notes) for raw in same if raw.item == item)
                for item in items
            )
            rows.append(
                FigureRow(self.reader.ref(quantity), self.reader.ref(phase) if phase else None, cells)
            )
        return sorted(rows, key=_place)

    def _value_rows(self, cls: str, own: Sequence[Facts]) -> list[ValueRow]:
        skip = {TYPE, SKOS + "altLabel", *LABELS}
        rows = []
        for shape in self.figures.schema.shapes_of([cls]):
            present = any(shape.path in facts for facts in own)
            if shape.direct and present and not (shape.hidden or shape.embeds or shape.path in skip):
                cells = tuple(self._values(facts, shape.path) for facts in own)
                rows.append(ValueRow(self.reader.term(shape.path, shape.names), cells))
        return rows

    def _values(self, facts: Facts, path: str) -> tuple[Fact, ...]:
        values = best_language(facts.get(path, {}), self.reader)
        found = [Fact(self.reader.value(value), self.notes.mark(graphs)) for value, graphs in values.items()]
        return tuple(sorted(found, key=lambda fact: sort_key(fact.value)))[:SHOWN]


def _place(row: FigureRow) -> tuple[int, str, str]:
    """Put first what several things have: that is what can be compared."""
    known = sum(bool(cells) for cells in row.cells)
    return (-known, row.quantity.label.value, row.phase.iri if row.phase else "")
