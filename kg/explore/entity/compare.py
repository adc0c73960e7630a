"""Things side by side: their figures, what else is said of each, and what refers to each, class by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg.explore.entity.incoming import Pointing, Sayers
from kg.explore.entity.sections import SHOWN
from kg.explore.model import Cell, Fact, Incoming, Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import TYPE
from kg.explore.statements.evidence import BASIS, INFERRED, Library, Notes, iris
from kg.explore.statements.facts import Facts, facts_about, graphs_of, mentioned
from kg.explore.statements.figures import Figures, Raw
from kg.explore.statements.tables import best_language, sort_key
from kg.labels import LABELS
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
class AroundRow:
    """One class of things, and which of them refer to each thing; ``whole`` is False where more do."""

    cls: Ref
    cells: tuple[tuple[Fact, ...], ...]
    whole: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some things side by side."""

    items: tuple[Ref, ...]
    figures: tuple[FigureRow, ...]
    values: tuple[ValueRow, ...]
    around: tuple[AroundRow, ...]
    sparql: str


@dataclass(frozen=True)
class Comparer:
    """Lays things of a class side by side, for one reader."""

    figures: Figures
    library: Library
    pointing: Pointing
    notes: Notes

    @property
    def reader(self) -> Reader:
        """Who reads."""
        return self.pointing.reader

    def compare(self, cls: str, items: Sequence[str]) -> Comparison:
        """Return some things of a class side by side. Raises QueryError."""
        raws = [raw for raw in self.figures.of(cls) if raw.item in items]
        self.figures.fetch(raws, self.reader)
        about, _ = facts_about(self.figures.engine, items, self.figures.schema.superseded)
        own = [about.get(item, {}) for item in items]
        shapes = self.figures.schema.shapes_of([cls])
        groups = [self.pointing.groups(item, shapes, self.pointing.read(item), SHOWN)[0] for item in items]
        sayers = [self.pointing.sayers(item, of) for item, of in zip(items, groups, strict=True)]
        graphs = {graph for found in sayers for said in found.values() for graph in said}
        needed = self.library.fetch_graphs(sorted({*graphs, *graphs_of(own)}))
        self.reader.names.fetch({*items, *needed, *mentioned(own)})
        return Comparison(
            items=tuple(self.reader.ref(item) for item in items),
            figures=tuple(self._figure_rows(raws, items)),
            values=tuple(self._value_rows(cls, own)),
            around=tuple(self._around_rows(groups, sayers)),
            sparql=self.figures.sparql(cls) or "",
        )

    def _figure_rows(self, raws: Sequence[Raw], items: Sequence[str]) -> list[FigureRow]:
        rows = []
        by_kind: dict[tuple[str, str], list[Raw]] = {}
        for raw in raws:
            by_kind.setdefault((raw.one("Quantity"), raw.one("Phase")), []).append(raw)
        for (quantity, phase), same in by_kind.items():
            cells = tuple(self._figure_cells([raw for raw in same if raw.item == item]) for item in items)
            rows.append(
                FigureRow(self.reader.ref(quantity), self.reader.ref(phase) if phase else None, cells)
            )
        return sorted(rows, key=_place)

    def _figure_cells(self, raws: Sequence[Raw]) -> tuple[Cell, ...]:
        """Return figures of one thing by their dates; what several sources give alike stands once.

        It is as of the last of them.
        """
        found: dict[tuple[object, ...], Cell] = {}
        for raw in sorted(raws, key=lambda one: (one.when[-1:], one.numbers)):
            cell = self.figures.cell(raw, self.reader, self.notes)
            said = tuple(tuple(fact.value for fact in of) for of in (cell.facts, cell.qualifiers, cell.units))
            earlier = found.pop(said, None)
            found[said] = _both(earlier, cell) if earlier else cell
        return tuple(found.values())

    def _value_rows(self, cls: str, own: Sequence[Facts]) -> list[ValueRow]:
        skip = {TYPE, SKOS + "altLabel", *LABELS}
        rows = []
        for shape in self.figures.schema.shapes_of([cls]):
            present = any(shape.path in facts for facts in own)
            skipped = shape.hidden or shape.embeds or shape.path in skip
            if shape.direct and present and not skipped and not self._is_inferred(own, shape.path):
                cells = tuple(self._values(facts, shape.path) for facts in own)
                rows.append(ValueRow(self.reader.term(shape.path, shape.names), cells))
        return rows

    def _is_inferred(self, own: Sequence[Facts], path: str) -> bool:
        """Say whether rules alone give a property, as they give the closure of another that has a row."""
        graphs = {graph for facts in own for said in facts.get(path, {}).values() for graph in said}
        return all(INFERRED in iris(self.library.about(graph), BASIS) for graph in graphs)

    def _around_rows(self, groups: Sequence[Sequence[Incoming]], sayers: Sequence[Sayers]) -> list[AroundRow]:
        found = [self._around(of, said) for of, said in zip(groups, sayers, strict=True)]
        primary = self.figures.schema.primary
        return [
            AroundRow(
                cls=self.reader.term(cls),
                cells=tuple(tuple(facts.get(cls, ())) for facts, _ in found),
                whole=tuple(cls not in cut for _, cut in found),
            )
            for cls in primary
            if any(cls in facts for facts, _ in found)
        ]

    def _around(
        self, groups: Sequence[Incoming], sayers: Sayers
    ) -> tuple[Mapping[str, Sequence[Fact]], set[str]]:
        """Return what refers to a thing, by class, and the classes of which more may."""
        sources: dict[str, dict[str, set[str]]] = {}
        refs: dict[str, Ref] = {}
        cut: set[str] = set()
        for group in groups:
            for link in group.items:
                for cls in self._classes(link.ref.iri):
                    said = sources.setdefault(cls, {}).setdefault(link.ref.iri, set())
                    said.update(sayers.get((link.subject, group.property.iri), ()))
                    cut |= {cls} if group.more else set()
                refs[link.ref.iri] = link.ref
        order = self.reader.sort_key
        facts = {
            cls: [Fact(refs[iri], self.notes.mark(things[iri])) for iri in sorted(things, key=order)]
            for cls, things in sources.items()
        }
        return facts, cut

    def _classes(self, iri: str) -> list[str]:
        """Return the narrowest of the classes that readers come for to which a thing belongs."""
        schema = self.figures.schema
        classes = {up for one in self.reader.names.of(iri).classes for up in schema.above(one)}
        return list(schema.narrowest(classes & set(schema.primary)))

    def _values(self, facts: Facts, path: str) -> tuple[Fact, ...]:
        values = best_language(facts.get(path, {}), self.reader)
        found = [Fact(self.reader.value(value), self.notes.mark(graphs)) for value, graphs in values.items()]
        return tuple(sorted(found, key=lambda fact: sort_key(fact.value)))[:SHOWN]


def _both(earlier: Cell, later: Cell) -> Cell:
    """Return one figure from two that say the same, with the sources of both."""

    def facts(ones: Sequence[Fact], others: Sequence[Fact]) -> tuple[Fact, ...]:
        return tuple(
            replace(one, sources=tuple(dict.fromkeys((*one.sources, *other.sources))))
            for one, other in zip(ones, others, strict=True)
        )

    return replace(
        later,
        facts=facts(earlier.facts, later.facts),
        qualifiers=facts(earlier.qualifiers, later.qualifiers),
        units=facts(earlier.units, later.units),
    )


def _place(row: FigureRow) -> tuple[int, str, str]:
    """Put first what several things have: that is what can be compared."""
    known = sum(bool(cells) for cells in row.cells)
    return (-known, row.quantity.label.value, row.phase.iri if row.phase else "")
