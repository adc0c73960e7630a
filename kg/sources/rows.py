"""From rows to statements: a table's columns compiled once into what is done for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import SourceError
from kg.sources.literals import CANONICAL, Shortener, literal
from kg.sources.mapping import Column, Lookup, Scope, Table
from kg.sources.readers import Cells
from kg.sources.sorted_turtle import Statement
from kg.sources.templates import Row, Template

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class LookupTable:
    """A lookup with the rows it holds: by key, the cells that it adds."""

    lookup: Lookup
    rows: Mapping[Key, Sequence[str | None]]


class TableRules:
    """What a table's mapping does with a row: `row` reads it, `statements` says what it states."""

    def __init__(self, table: Table, lookups: Sequence[LookupTable], shorten: Shortener, scope: str) -> None:
        self._table = table
        self._lookups = lookups
        self._shorten = shorten
        self._scope = scope
        self._physical = tuple(column for column in table.columns if not column.virtual)
        self._emitters = tuple(
            _emitter(column, column.about, column.property, shorten)
            for column in table.columns
            if column.property is not None and column.about is not None
        )
        self._seen: set[Key] = set()

    def row(self, cells: Cells) -> Row | None:
        """Return the row of some cells, looked up and checked; None if the mapping leaves it out.

        Raises SourceError for a cell that can't be what its column says, a key that comes twice, or a row
        without a match in a lookup that demands one.
        """
        row: dict[str, str | None] = {}
        for column, cell in zip(self._physical, cells, strict=True):
            row[column.name] = _read(column, cell)
        for column in self._table.columns:
            if column.virtual:
                row[column.name] = column.default
        for name, condition in self._table.where.items():
            if not condition.fullmatch(row[name] or ""):
                return None
        if self._table.scope and not in_scope(self._table.scope, row, self._scope):
            return None
        for table in self._lookups:
            if not _look_up(table, row):
                return None
        self._check_key(row)
        return row

    def statements(self, row: Row) -> Iterator[Statement]:
        """Give the statements of a row. Raises SourceError when an IRI can't be made of it."""
        for emit in self._emitters:
            statement = emit(row)
            if statement is not None:
                yield statement

    def _check_key(self, row: Row) -> None:
        if not self._table.primary_key:
            return
        key = tuple(row[name] for name in self._table.primary_key)
        if key in self._seen:
            raise SourceError(f"the key {', '.join(map(str, key))} comes a second time")
        self._seen.add(key)


def in_scope(rule: Scope, row: Row, scope: str) -> bool:
    """Tell whether a row belongs to a scope. A row without a key belongs to the empty scope alone."""
    key = row[rule.column]
    if key is not None and rule.pattern is not None:
        match = rule.pattern.fullmatch(key)
        key = next((group for group in match.groups() if group is not None), None) if match else None
    if key is None:
        return scope == ""
    return key.startswith(scope) or scope.startswith(key)


def _read(column: Column, cell: str | None) -> str | None:
    """Return a cell's canonical text, or None where it is empty."""
    if cell is None or cell in column.nulls:
        cell = column.default
    if cell is None:
        if column.required:
            raise SourceError(f"{column.title} is empty")
        return None
    if column.pattern is not None and not column.pattern.fullmatch(cell):
        raise SourceError(f"{column.title} is {_shown(cell)}, which {column.pattern.pattern!r} doesn't allow")
    # A datatype of our own (an IRI) is a string with a name: it has no other form.
    canonical = CANONICAL.get(column.datatype)
    if canonical is None or column.datatype == "string":
        return cell
    try:
        return canonical(cell)
    except (ValueError, KeyError):
        raise SourceError(f"{column.title} is {_shown(cell)}, not of type {column.datatype}") from None


def _shown(cell: str) -> str:
    """Return a cell as a message can bear it."""
    return repr(cell) if len(cell) <= 80 else f"{cell[:80]!r}... ({len(cell)} characters)"


def _look_up(table: LookupTable, row: dict[str, str | None]) -> bool:
    """Add to the row what the lookup has for it; tell whether the row stays."""
    key = tuple(row[name] for _, name in table.lookup.match)
    found = table.rows.get(key)
    if found is None and table.lookup.missing == "error":
        raise SourceError(
            f"{table.lookup.url} has no row for {', '.join(map(str, key))}",
            hint='add one, or let the lookup have "missing": "skip" or "null"',
        )
    if found is None and table.lookup.missing == "skip":
        return False
    row.update((name, found[i] if found else None) for i, (_, name) in enumerate(table.lookup.take))
    return True


def _emitter(
    column: Column, about: Template, property_: str, shorten: Shortener
) -> Callable[[Row], Statement | None]:
    """Compile a column into what makes its statement of a row, or None where the row says nothing."""
    predicate = shorten.predicate(property_)
    subject = _iri_maker(about, shorten)
    obj = _iri_maker(column.value, shorten) if column.value else _literal_maker(column, shorten)
    # CSVW: an empty cell says nothing; a virtual column has no cell, its templates decide.
    cell = None if column.virtual else column.name

    def emit(row: Row) -> Statement | None:
        if cell is not None and row[cell] is None:
            return None
        o = obj(row)
        if o is None:
            return None
        s = subject(row)
        if s is None:
            raise SourceError(f"the subject of {column.name} can't be named: a cell of its template is empty")
        return s, predicate, o

    return emit


def _iri_maker(template: Template, shorten: Shortener) -> Callable[[Row], str | None]:
    if not template.columns:
        constant = shorten(template.iri({}) or "")
        return lambda _row: constant

    def make(row: Row) -> str | None:
        iri = template.iri(row)
        return None if iri is None else shorten(iri)

    return make


def _literal_maker(column: Column, shorten: Shortener) -> Callable[[Row], str | None]:
    datatype = shorten.datatype(column.datatype)

    def make(row: Row) -> str | None:
        text = column.template.fill(row) if column.template else row[column.name]
        return None if text is None else literal(text, language=column.language, datatype=datatype)

    return make
