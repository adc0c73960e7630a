"""What pages are made of: plain, frozen records, with every name already in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.typography import printed


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text and its language tag, empty where it has none."""

    value: str
    language: str = ""

    @classmethod
    def printed(cls, value: str, language: str | None) -> Text:
        """Return a text of the data as its language prints it (`kg.typography`)."""
        return cls(printed(value, language or ""), language or "")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing that a page can lead to: its IRI, its name and, where known, what it is.

    ``named`` is False when the name is only the end of the IRI, for want of a label.
    """

    iri: str
    label: Text
    kind: Text | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Datum:
    """A literal: its text, language tag and datatype (an IRI)."""

    value: str
    language: str = ""
    datatype: str = ""


Value: TypeAlias = Ref | Datum


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and the numbers of the sources (`Evidence.number`) that give it."""

    value: Value
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a graph's statements may be believed: what it rests on, how surely, and where to read it.

    ``basis`` is the local name of a ``kg:Basis`` ("Stated"), empty where nothing is said. ``number`` is its
    mark on the page.
    """

    number: int
    graph: Ref
    basis: str = ""
    basis_label: Text | None = None
    basis_note: Text | None = None
    confidence: str = ""
    confidence_label: Text | None = None
    reasons: tuple[Text, ...] = ()
    origins: tuple[Origin, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a graph was made from, such as a passage: its trail (the document it belongs to) and its gist."""

    ref: Ref
    trail: tuple[Ref, ...] = ()
    summary: Text | None = None
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """A property and its values in one line, without marks."""

    property: Ref
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an embedded table: its values, and the figure's parts when it holds the number.

    ``when`` is of what day it is, or of what first and last, where it stands without a column that says so.
    """

    facts: tuple[Fact, ...] = ()
    qualifiers: tuple[Fact, ...] = ()
    units: tuple[Fact, ...] = ()
    is_figure: bool = False
    when: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[int, ...]:
        """The marks of all that the cell shows."""
        every = (*self.qualifiers, *self.facts, *self.units)
        return tuple(dict.fromkeys(number for fact in every for number in fact.sources))


@dataclass(frozen=True, slots=True)
class TableRow:
    """An embedded node: its cells in the order of the columns, and the sources of them all.

    ``contested`` is True when another row says something else of the very same.
    """

    node: Ref
    cells: tuple[Cell, ...]
    sources: tuple[int, ...]
    contested: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure that may stand for a thing: the latest of its quantity on which sources agree, and its row."""

    quantity: Ref
    figure: Cell
    row: TableRow


@dataclass(frozen=True, slots=True)
class Table:
    """Embedded nodes side by side. ``more`` counts those that aren't shown.

    ``standing`` has of each quantity the figure that may stand for the thing, be its row shown or not.
    """

    columns: tuple[Ref, ...]
    rows: tuple[TableRow, ...]
    more: int = 0
    standing: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A thing of a page's story: what is told beside its name, when it was, and the marks of its sources."""

    ref: Ref
    details: tuple[Detail, ...] = ()
    when: str = ""
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """What is expected of a page's things and not told of some: of how many, of all of them."""

    property: Ref
    missing: int
    total: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A property of an entity with all its values; a table in their place when they are embedded nodes.

    ``told`` are its things when a shape tells something beside them, or leads to them from afar; ``key`` is
    the local name of the shape, or of the property without one; ``actors`` says that it leads to who acts;
    ``untold`` is what is expected of its things and lacking.

    ``contested`` is True when a property that takes one value has several; ``inferred`` when rules alone give
    all of them.
    """

    property: Ref
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    contested: bool = False
    told: tuple[Told, ...] = ()
    untold: tuple[Untold, ...] = ()
    key: str = ""
    actors: bool = False
    inferred: bool = False
    more: int = 0
    sparql: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Statements under one heading. ``title`` is None for those that no shape groups."""

    key: str
    title: Text | None
    statements: tuple[Statement, ...]
    sparql: str


@dataclass(frozen=True, slots=True)
class Link:
    """A thing that points here; ``via`` is the dependent node through which it does, if one lies between."""

    ref: Ref
    via: Ref | None = None
    sources: tuple[int, ...] = ()

    @property
    def subject(self) -> str:
        """The IRI of what points here itself."""
        return self.via.iri if self.via else self.ref.iri


@dataclass(frozen=True, slots=True)
class Incoming:
    """The things that point here by one property: how many, and the first of them.

    ``inverse`` tells that a shape named the property as seen from here. ``more`` counts what isn't shown.
    ``sources`` are the marks of all the shown ones, where they share them and have none of their own.
    """

    property: Ref
    count: int
    items: tuple[Link, ...]
    sparql: str
    inverse: bool = False
    more: int = 0
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Entity:
    """All that an entity's page shows.

    ``is_graph`` says that it is, or may be, a named graph; ``is_origin`` that graphs were made from it.
    """

    iri: str
    label: Text
    names: tuple[Fact, ...]
    kinds: tuple[Ref, ...]
    trail: tuple[Ref, ...]
    summary: Fact | None
    sections: tuple[Section, ...]
    incoming: tuple[Incoming, ...]
    evidence: Mapping[int, Evidence]
    sparql: str
    truncated: bool = False
    is_graph: bool = False
    is_origin: bool = False
    same: tuple[str, ...] = field(default=())
