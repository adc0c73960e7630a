"""Terms as the engine writes them in TSV: tracing works with these texts, called cells.

An answer with its sources looks at far more terms than the plain one. The engine writes all of them at once
(SPARQL 1.1 Query Results CSV and TSV §4), and texts are compared, counted and written many times faster than
objects; equal terms have equal cells. A cell is turned into a term only when a term is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TypeAlias, cast, overload

import pyoxigraph as ox

from kg.engine import Result, Row, Term, functions
from kg.engine.answers.results import term_as_json
from kg.engine.door import Order
from kg.engine.local import as_result, failure
from kg.errors import QueryLimit
from kg.terms import XSD

Cell: TypeAlias = str
"""A term, or `UNBOUND`."""
CellRow: TypeAlias = tuple[Cell, ...]

UNBOUND = ""
_KEPT = 20_000
_LARGEST = 128_000_000
"""Bytes of one answer of the engine that are looked at."""
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}
_BARE = {
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+"),
}
"""Values that stand without quotes, by their datatypes (§4.1.2, after Turtle)."""
_WRITTEN = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def cell_of(term: Term | None) -> Cell:
    """Return a term as the engine writes it."""
    if isinstance(term, ox.NamedNode):
        return f"<{term.value}>"
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    if isinstance(term, ox.Triple):
        return f"<<( {cell_of(term.subject)} {cell_of(term.predicate)} {cell_of(term.object)} )>>"
    return UNBOUND if term is None else _literal(term)


def _literal(term: ox.Literal) -> Cell:
    text = f'"{term.value.translate(_WRITTEN)}"'
    if term.language is not None:
        return f"{text}@{term.language}" + (f"--{term.direction.value}" if term.direction is not None else "")
    datatype = term.datatype.value
    if datatype in _BARE and _BARE[datatype].fullmatch(term.value):
        return term.value
    return text if datatype == XSD + "string" else f"{text}^^<{datatype}>"


def term_of(cell: Cell) -> Term | None:
    """Return the term of a cell, None where it is unbound."""
    if not cell:
        return None
    if cell[0] == "<" and cell[1] != "<":
        return ox.NamedNode(cell[1:-1])
    if cell[0] == "_":
        return ox.BlankNode(cell[2:])
    if cell[0] == '"':
        return _quoted(cell)
    for datatype, pattern in _BARE.items():
        if pattern.fullmatch(cell):
            return ox.Literal(cell, datatype=ox.NamedNode(datatype))
    return _parsed(cell)


def _quoted(cell: Cell) -> ox.Literal:
    found = _LITERAL.fullmatch(cell)
    if found is None:
        raise ValueError(cell)
    text, tag, datatype = found.groups()
    value = _ESCAPE.sub(lambda one: _ESCAPED.get(one[1], one[1]), text)
    if tag is not None:
        language, _, direction = tag.partition("--")
        way = ox.BaseDirection(direction) if direction else None
        return ox.Literal(value, language=language, direction=way)
    return ox.Literal(value, datatype=ox.NamedNode(datatype) if datatype else None)


def _parsed(cell: Cell) -> Term:
    quads = ox.parse(f"<urn:x> <urn:x> {cell} .", format=ox.RdfFormat.TURTLE)
    term: Term = next(iter(quads)).object
    return term


class _AsJson(dict[Cell, str]):
    """Cells as SPARQL 1.1 Query Results JSON writes them (§3.2.2), each made once."""

    def __missing__(self, cell: Cell) -> str:
        term = term_of(cell)
        assert term is not None  # noqa: S101 - what is unbound isn't written
        self[cell] = text = json.dumps(term_as_json(term), ensure_ascii=False, separators=(",", ":"))
        return text


_as_json = _AsJson()


def as_json_texts() -> dict[Cell, str]:
    """Return an empty table, for one answer, that gives the JSON of each cell that is bound."""
    if len(_as_json) > _KEPT:
        _as_json.clear()
    return _as_json


class Terms(Sequence[Row]):
    """Rows of cells as rows of terms; all are made when the first is read."""

    def __init__(self, cells: Rows) -> None:
        self.cells = cells

    @cached_property
    def _made(self) -> list[Row]:
        known = {cell: term_of(cell) for column in self.cells.columns for cell in column}
        return [tuple(map(known.__getitem__, row)) for row in self.cells.keys(self.cells.names)]

    def __len__(self) -> int:
        return self.cells.count

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        return self._made[at]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._made)


class _Sink:
    """Takes what the engine writes, up to a bound, since cells made of it take several times its memory."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._left = _LARGEST

    def write(self, data: bytes) -> int:
        """Take some bytes. Raises QueryLimit."""
        self._left -= len(data)
        if self._left < 0:
            raise QueryLimit(
                f"its solutions, with all that they rest on, are more than {_LARGEST // 1_000_000} MB",
                limit="sources",
                hint="ask for less at once, or without sources",
            )
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: all is kept at once."""


@dataclass(frozen=True)
class Rows:
    """The solutions of a query, column by column in the order of ``names``."""

    names: tuple[str, ...]
    columns: Sequence[Sequence[Cell]]
    count: int

    @classmethod
    def read(cls, answer: ox.QuerySolutions, order: Order) -> Rows:
        """Read the engine's answer to its end.

        Raises EngineError when that can't be done, QueryLimit where it is more than can be looked at.
        """
        try:
            names = tuple(variable.value for variable in answer.variables)
            sink = _Sink()
            answer.serialize(cast(IO[bytes], sink), format=ox.QueryResultsFormat.TSV)
            functions.check()
            return cls._split(names, b"".join(sink.parts).decode())
        except (SyntaxError, OSError, ValueError, RuntimeError) as error:
            told = failure(error, order)
            told.__cause__ = None
        raise told  # outside of the handler, as in kg.engine.local

    @classmethod
    def _split(cls, names: tuple[str, ...], written: str) -> Rows:
        _, _, body = written.partition("\n")
        if not names:
            return cls((), (), body.count("\n"))
        cells = body.replace("\n", "\t").split("\t")
        cells.pop()  # what stands behind the last row's end
        width = len(names)
        return cls(names, [cells[at::width] for at in range(width)], len(cells) // width)

    def column(self, name: str) -> Sequence[Cell]:
        """Return a variable's values."""
        return self.columns[self.names.index(name)]

    def keys(self, names: Sequence[str]) -> list[CellRow]:
        """Return the rows' values of some variables."""
        if not names:
            return [()] * self.count
        return list(zip(*map(self.column, names), strict=True))

    def first(self, width: int) -> Rows:
        """Return the first columns alone."""
        return (
            self if width == len(self.names) else Rows(self.names[:width], self.columns[:width], self.count)
        )

    @property
    def result(self) -> Result:
        """Return the rows as the `Result` of a SELECT."""
        return Result("select", self.names, Terms(self))


def cells_of(result: Result) -> Rows:
    """Return the cells of a SELECT's answer."""
    if isinstance(result.rows, Terms):
        return result.rows.cells
    columns = [list(map(cell_of, column)) for column in zip(*result.rows, strict=True)]
    return Rows(result.variables, columns or [[]] * len(result.variables), len(result.rows))


def read(answer: object, order: Order) -> Result:
    """Read the engine's answer to its end, as `as_result` does, but rows as cells. Raises EngineError."""
    return (
        Rows.read(answer, order).result if isinstance(answer, ox.QuerySolutions) else as_result(answer, order)
    )


def values(names: Sequence[str], rows: Sequence[CellRow]) -> str:
    """Return rows as a VALUES clause; all of them must be writable (`is_writable`)."""
    if not names:
        return ""
    head = " ".join(f"?{name}" for name in names)
    lines = " ".join(f"({' '.join(cell or 'UNDEF' for cell in row)})" for row in rows)
    return f"VALUES ({head}) {{ {lines} }}"


def is_writable(row: CellRow) -> bool:
    """Whether VALUES can hold a row: a query can't name a blank node."""
    return not any(cell.startswith(("_:", "<<")) for cell in row)
