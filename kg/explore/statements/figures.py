"""Figures across things: what is measured, of which, in which phase; for comparisons and charts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.model import Cell, Fact, Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.statements.evidence import Notes
from kg.explore.statements.tables import sort_key
from kg.sparql.bind import bind, load

MOST = 50_000
"""How many statements about figures are read of one class at most."""
PARTS = ("Quantity", "Value", "Unit", "Qualifier", "Phase", "Date")


@dataclass
class Raw:
    """A figure as the data has it: by part, the terms and the graphs that give them."""

    node: str
    item: str
    parts: dict[str, dict[object, set[str]]] = field(default_factory=dict)

    def one(self, part: str) -> str:
        """Return the IRI of a part, empty where there is none."""
        return next((str_of(term) for term in self.parts.get(part, ())), "")

    @property
    def numbers(self) -> list[Decimal]:
        """The values as numbers, in order."""
        return sorted(number for term in self.parts.get("Value", ()) if (number := decimal(term)) is not None)

    @property
    def when(self) -> tuple[str, ...]:
        """The day that the figure is of, or the first and the last; none where nobody says."""
        dates = sorted(str_of(term) for term in self.parts.get("Date", ()))
        return tuple(dict.fromkeys((*dates[:1], *dates[-1:])))

    @property
    def graphs(self) -> set[str]:
        """The graphs that give the value."""
        return set().union(*self.parts.get("Value", {"": set[str]()}).values())


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure in a chart: its phase, its text, and its ends as shares of the longest bar (0 to 1000)."""

    phase: Ref | None
    tone: int
    cell: Cell
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class BarGroup:
    """A thing and its figures of one quantity."""

    item: Ref
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures of one quantity in one unit, the largest first."""

    quantity: Ref
    unit: Ref | None
    phases: tuple[Ref, ...]
    groups: tuple[BarGroup, ...]
    sparql: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured, and of how many things."""

    ref: Ref
    things: int


def decimal(term: object) -> Decimal | None:
    """Return a literal as a number, or None."""
    try:
        number = Decimal(term.value) if isinstance(term, ox.Literal) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


class Figures:
    """The figures of comparable things, read once for each class."""

    def __init__(self, engine: Engine, schema: Schema) -> None:
        self.engine = engine
        self.schema = schema
        self._raw: dict[str, tuple[Raw, ...]] = {}

    def sparql(self, cls: str) -> str | None:
        """Return the query for all figures of a class; None when no shape tells what a figure is."""
        parts = [path for part in PARTS for path in self.schema.playing(part)]
        if not parts or not self.schema.embedding:
            return None
        types = nodes(self.schema.below(cls))
        return bind(
            load("kg/explore/statements/figures"),
            type=types,
            leads=nodes(sorted(self.schema.embedding)),
            part=nodes(parts),
        )

    def of(self, cls: str) -> tuple[Raw, ...]:
        """Return all figures of the things of a class. Raises QueryError."""
        if cls not in self._raw:
            self._raw[cls] = tuple(self._read(cls))
        return self._raw[cls]

    def _read(self, cls: str) -> Iterable[Raw]:
        paths = {part: self.schema.playing(part) for part in PARTS}
        parts = {path: part for part in PARTS for path in paths[part]}
        if not parts or not self.schema.embedding:
            return ()
        rows = ask(
            self.engine,
            "kg/explore/statements/figures",
            limit=MOST,
            type=nodes(self.schema.below(cls)),
            leads=nodes(sorted(self.schema.embedding)),
            part=nodes(parts),
        )
        found: dict[tuple[str, str], Raw] = {}
        for row in rows:
            item, node = str_of(row["item"]), str_of(row["node"])
            raw = found.setdefault((item, node), Raw(node, item))
            by_term = raw.parts.setdefault(parts[str_of(row["property"])], {})
            by_term.setdefault(row["value"], set()).add(str_of(row["graph"]))
        return [raw for raw in found.values() if raw.numbers and raw.one("Quantity")]

    def quantities(self, cls: str, reader: Reader) -> tuple[Quantity, ...]:
        """Return what is measured of a class's things, the most often measured first. Raises QueryError."""
        things: dict[str, set[str]] = {}
        for raw in self.of(cls):
            things.setdefault(raw.one("Quantity"), set()).add(raw.item)
        reader.names.fetch(things)
        found = [Quantity(reader.ref(iri), len(of)) for iri, of in things.items()]
        return tuple(sorted(found, key=lambda one: (-one.things, one.ref.label.value)))

    def charts(self, cls: str, quantity: str, reader: Reader, notes: Notes) -> tuple[Chart, ...]:
        """Return a chart of a quantity for each unit it is given in. Raises QueryError."""
        raws = [raw for raw in self.of(cls) if raw.one("Quantity") == quantity]
        return tuple(
            self.chart(cls, raws, unit, reader, notes) for unit in sorted({r.one("Unit") for r in raws})
        )

    def chart(self, cls: str, raws: Sequence[Raw], unit: str, reader: Reader, notes: Notes) -> Chart:
        """Lay the figures of one quantity and unit out as bars. Raises QueryError."""
        fitting = [raw for raw in raws if raw.one("Unit") == unit]
        self.fetch(fitting, reader)
        longest = max((abs(n) for raw in fitting for n in raw.numbers), default=Decimal(1)) or Decimal(1)
        orders = self.schema.orders
        phases = sorted({r.one("Phase") for r in fitting}, key=lambda iri: (orders.get(iri, math.inf), iri))
        by_item: dict[str, list[Raw]] = {}
        for raw in fitting:
            by_item.setdefault(raw.item, []).append(raw)
        largest = {item: max(max(raw.numbers) for raw in own) for item, own in by_item.items()}
        order = sorted(by_item, key=lambda item: (-largest[item], reader.sort_key(item)))
        groups = []
        for item in order:
            own = sorted(
                by_item[item], key=lambda raw: (phases.index(raw.one("Phase")), raw.when, raw.numbers)
            )
            bars = tuple(self._bar(raw, longest, phases, reader, notes) for raw in own)
            groups.append(BarGroup(reader.ref(item), bars))
        return Chart(
            quantity=reader.ref(fitting[0].one("Quantity")) if fitting else Ref("", reader.ref("").label),
            unit=reader.ref(unit) if unit else None,
            phases=tuple(reader.ref(phase) for phase in phases if phase),
            groups=tuple(groups),
            sparql=self.sparql(cls) or "",
        )

    def _bar(self, raw: Raw, longest: Decimal, phases: Sequence[str], reader: Reader, notes: Notes) -> Bar:
        low, high = raw.numbers[0], raw.numbers[-1]
        ranged = len(raw.numbers) > 1
        start = round(low / longest * 1000) if ranged else 0
        phase = raw.one("Phase")
        return Bar(
            phase=reader.ref(phase) if phase else None,
            tone=[p for p in phases if p].index(phase) + 1 if phase else 0,
            cell=self.cell(raw, reader, notes),
            start=max(0, start),
            length=max(2, round(abs(high) / longest * 1000) - max(0, start)),
        )

    def cell(self, raw: Raw, reader: Reader, notes: Notes) -> Cell:
        """Return a figure as a table's cell."""
        return Cell(
            _facts(raw.parts.get("Value", {}), reader, notes),
            _facts(raw.parts.get("Qualifier", {}), reader, notes),
            _facts(raw.parts.get("Unit", {}), reader, notes),
            is_figure=True,
            when=raw.when,
        )

    def fetch(self, raws: Iterable[Raw], reader: Reader) -> None:
        """Load the names that figures need."""
        needed: set[str] = set()
        for raw in raws:
            needed.add(raw.item)
            needed.update(
                t.value for terms in raw.parts.values() for t in terms if isinstance(t, ox.NamedNode)
            )
        reader.names.fetch(needed)


def _facts(terms: Mapping[object, set[str]], reader: Reader, notes: Notes) -> tuple[Fact, ...]:
    facts = [Fact(reader.value(term), notes.mark(graphs)) for term, graphs in terms.items()]
    return tuple(sorted(facts, key=lambda fact: sort_key(fact.value)))
