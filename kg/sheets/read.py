"""Reading a document's workbook back: its statements, or what is wrong by sheet and cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import pyoxigraph as ox

from kg.errors import DataError, Fault
from kg.export.tables.workbook import openpyxl, unescaped
from kg.languages import languages
from kg.sheets.plan import (
    ABOUT,
    BETWEEN,
    LISTS,
    OTHER,
    OTHER_HEADING,
    THING,
    WHERE,
    CellError,
    Column,
    Page,
    Plan,
)
from kg.sheets.write import META, SLUG, TYPE, is_reading

MOST_FAULTS = 100
LARGEST = 500 * 1024 * 1024
"""Bytes that a workbook may have when it is unpacked."""
_WHERE = re.compile(r"|meta|[a-z0-9-]+(?:/[a-z0-9-]+)*")
_MERGED = re.compile(rb'<mergeCell [^>]*ref="([^"]+)"')
_LANGUAGE = re.compile(r"@[a-z]+(?:-[a-z0-9]+)*")
_TAIL = 200


@dataclass
class _Reading:
    plan: Plan
    path: Path
    slug: str = ""
    quads: dict[ox.Quad, None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: str, message: str, hint: str = "") -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(f"{place}: {message}", file=self.path, hint=hint or None))

    @property
    def full(self) -> bool:
        return len(self.faults) >= MOST_FAULTS

    def graph(self, where: str) -> ox.NamedNode:
        rest = META if where == META else f"{self.slug}/{where}".rstrip("/")
        return ox.NamedNode(f"{self.plan.release.base}graph/{rest}")

    def add(self, where: str, thing: str, prop: str, term: Any) -> None:
        self.quads[ox.Quad(ox.NamedNode(thing), ox.NamedNode(prop), term, self.graph(where))] = None


def read_sheets(plan: Plan, path: Path) -> tuple[str, list[ox.Quad]]:
    """Return the document's slug and the statements of a workbook.

    Raises DataError with a fault for each cell that is wrong (the first hundred), NotInstalled.
    """
    xl = openpyxl()
    found = _Reading(plan, path)
    try:
        _look(found)
        if not found.faults:
            book = xl.load_workbook(path, read_only=True)
            _read(found, book)
            book.close()
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise DataError(f"{path} can't be read as a workbook: {error}", hint="save it as .xlsx") from error
    if found.faults:
        number = f"more than {MOST_FAULTS - 1}" if found.full else str(len(found.faults))
        raise DataError(f"{number} cells are wrong, so nothing was written", tuple(found.faults))
    return found.slug, sorted(found.quads, key=str)


def _look(found: _Reading) -> None:
    """Look at the file before it is opened: how large it gets, and whether cells are merged."""
    with ZipFile(found.path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            found.fault(
                "workbook", f"it unpacks to more than {LARGEST // 1024**2} MB", "split it by passages"
            )
            return
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        names = re.findall(r'<(?:\w+:)?sheet [^>]*name="([^"]*)"', book)
        for number, name in enumerate(names, 1):
            entry = f"xl/worksheets/sheet{number}.xml"
            if entry not in archive.namelist():
                continue
            with archive.open(entry) as stream:
                tail = b""
                while piece := stream.read(1 << 20):
                    for match in _MERGED.finditer(tail + piece):
                        hint = "unmerge them and write the value into each row"
                        found.fault(
                            f"{name}!{match[1].decode()}",
                            "cells are merged, so it isn't said which row has the value",
                            hint,
                        )
                    tail = piece[-_TAIL:]


def _read(found: _Reading, book: Any) -> None:
    pages = {page.name: page for page in found.plan.pages}
    if ABOUT not in book.sheetnames:
        found.fault("workbook", f"it has no sheet {ABOUT!r}", "begin with `kg sheet write`")
        return
    said = {str(row[0].value): str(row[1].value) for row in book[ABOUT].iter_rows() if len(row) > 1}
    found.slug = said.get("document", "")
    if not SLUG.fullmatch(found.slug):
        found.fault(f"{ABOUT}!B2", f"{found.slug!r} is no slug of a document", "such as lakeside-lifts-2024")
        return
    for name in book.sheetnames:
        if name in (ABOUT, LISTS):
            continue
        if name == OTHER:
            _singles(found, book[name])
        elif name in pages:
            _page(found, book[name], pages[name])
        else:
            found.fault(name, "no class has a sheet of this name", f"one of {', '.join((*pages, OTHER))}")


def _texts(found: _Reading, sheet: Any) -> Iterator[tuple[int, dict[str, str], dict[str, str]]]:
    """Yield each row that holds something: its number, its texts and its cells' places by heading."""
    heading: list[str] = []
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number == 1:
            heading = [str(cell.value or "").strip() for cell in row]
            continue
        if found.full:
            return
        texts, places = {}, {}
        for at, cell in enumerate(row):
            if cell.value is None or cell.value == "":
                continue
            place = f"{sheet.title}!{cell.coordinate}"
            if cell.data_type in ("f", "e"):
                what = "a formula" if cell.data_type == "f" else "an error"
                found.fault(place, f"{what} stands here, where a value must", "paste it as a value")
            elif at >= len(heading) or not heading[at]:
                found.fault(place, "nothing stands above this column", "keep the first row as it came")
            else:
                texts[heading[at]], places[heading[at]] = _text(cell.value), place
        if texts:
            yield number, texts, places


def _text(value: Any) -> str:
    """Return a cell's value as a curator sees it, numbers in canonical form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return unescaped(str(value)).replace("\r\n", "\n")


def _place(
    found: _Reading, number: int, name: str, texts: Mapping[str, str], places: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return where a row's statements stand and the thing that they are of; None where it doesn't say."""
    where, thing = texts.get(WHERE, "").strip(), texts.get(THING, "").strip()
    if not _WHERE.fullmatch(where):
        found.fault(
            places[WHERE], f"{where!r} is no passage", "p03, p03/reading, meta, or nothing for the record"
        )
        return None
    if not thing:
        found.fault(
            f"{name}!B{number}", "the row doesn't say of which thing it is", "an IRI, such as prefix:name"
        )
        return None
    try:
        return where, found.plan.iri(thing)
    except CellError as error:
        found.fault(places[THING], str(error), error.hint)
        return None


def _page(found: _Reading, sheet: Any, page: Page) -> None:
    columns = {column.key: column for column in page.columns}
    for number, texts, places in _texts(found, sheet):
        row = _place(found, number, sheet.title, texts, places)
        if row is None:
            continue
        if not is_reading(row[0]):
            found.add(*row, TYPE, ox.NamedNode(page.cls))
        for key, text in texts.items():
            if key in (WHERE, THING):
                continue
            if key not in columns:
                found.fault(
                    places[key], f"no column is called {key!r}", f"such as {', '.join(list(columns)[:3])}"
                )
                continue
            _values(found, row, columns[key], text, places[key])


def _values(found: _Reading, row: tuple[str, str], column: Column, text: str, place: str) -> None:
    for one in _parts(text):
        try:
            found.add(*row, column.path, found.plan.term(column, one))
        except CellError as error:
            found.fault(place, str(error), error.hint)


def _parts(text: str) -> Sequence[str]:
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


def _singles(found: _Reading, sheet: Any) -> None:
    """Read the sheet of single statements."""
    for number, texts, places in _texts(found, sheet):
        row = _place(found, number, sheet.title, texts, places)
        if row is None:
            continue
        missing = [name for name in OTHER_HEADING[2:] if name not in texts]
        if missing and missing != ["value"]:
            found.fault(f"{sheet.title}!A{number}", f"the row has no {' and no '.join(missing)}")
            continue
        try:
            term = _other(found.plan, texts.get("value", ""), texts["type"].strip())
            found.add(*row, found.plan.iri(texts["property"].strip()), term)
        except CellError as error:
            found.fault(f"{sheet.title}!C{number}", str(error), error.hint)


def _other(plan: Plan, text: str, kind: str) -> Any:
    if kind == "iri":
        return ox.NamedNode(plan.iri(text))
    if kind.startswith("@"):
        if not _LANGUAGE.fullmatch(kind):
            some = " or ".join(f"@{tag.lower()}" for tag in [*languages()][:2])
            raise CellError(f"{kind!r} is no language", f"such as {some}")
        return ox.Literal(text, language=kind[1:])
    return ox.Literal(text, datatype=ox.NamedNode(plan.iri(kind)))


def written(quads: Sequence[ox.Quad], prefixes: Mapping[str, str]) -> bytes:
    """Return statements as TriG, as our writers have it."""
    from kg.mediatypes import TRIG
    from kg.writers.rdf import serialise

    return serialise(quads, TRIG, prefixes=prefixes)
