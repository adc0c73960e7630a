"""Writing a document's workbook: what a release has of it, and empty rows with drop-downs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.errors import UsageError
from kg.export.tables.workbook import escaped, openpyxl, typed
from kg.machine.whole import whole
from kg.sheets.plan import ABOUT, BETWEEN, LISTS, OTHER, OTHER_HEADING, THING, WHERE, Column, Page, Plan
from kg.terms import KG, PROV, RDF

TYPE = RDF + "type"
META = "meta"
_BUILT = frozenset({KG + "basis", PROV + "wasDerivedFrom"})
"""What the build says of graphs by itself."""
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
EMPTY = 500
"""Rows for which there are drop-downs below what is filled in."""

Row = tuple[str, str]
"""Where a row's statements stand, and the thing that they are of."""


def statements(plan: Plan, slug: str) -> list[ox.Quad]:
    """Return what a release has of a document: its graphs' statements, and what a curator said of those."""
    base = f"{plan.release.base}graph/"
    own, meta = f"{base}{slug}", f"{base}meta"
    found = []
    for name in plan.engine.store.named_graphs():
        graph = str(getattr(name, "value", ""))
        if graph == own or graph.startswith(own + "/"):
            found += list(plan.engine.store.quads_for_pattern(None, None, None, name))
    for quad in plan.engine.store.quads_for_pattern(None, None, None, ox.NamedNode(meta)):
        of = str(getattr(quad.subject, "value", ""))
        if (of == own or of.startswith(own + "/")) and quad.predicate.value not in _BUILT:
            found.append(quad)
    return sorted(found, key=str)


def write_sheets(plan: Plan, slug: str, out: Path) -> int:
    """Write the workbook of a document, with what the release has of it; return how many statements.

    Raises NotInstalled without openpyxl, StorageError.
    """
    xl = openpyxl()
    quads = statements(plan, slug)
    book = xl.Workbook()
    book.remove(book.active)
    rest = list(quads)
    for page in plan.pages:
        rows, rest = _sorted(plan, slug, page, rest)
        sheet = book.create_sheet(page.name)
        _fill(sheet, [WHERE, THING, *(one.key for one in page.columns)], _cells(plan, page, rows))
        _name(xl, sheet, ["passage", "thing", *(_called(one) for one in page.columns)])
    sheet = book.create_sheet(OTHER)
    _fill(sheet, OTHER_HEADING, (_single(plan, slug, quad) for quad in rest))
    _lists(xl, book, plan)
    about = {"document": slug, "base": plan.release.base, "release": plan.release.version}
    _fill(book.create_sheet(ABOUT), ("what", "value"), about.items())
    with whole(out) as stream:
        book.save(stream)
    return len(quads)


def _called(column: Column) -> str:
    return column.name + (f" ({column.language})" if column.language else "")


def place_of(plan: Plan, slug: str, quad: ox.Quad) -> str:
    """Return where a statement stands, as cells have it: empty for the record, p03, p03/reading, meta."""
    name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
    graph = name.removeprefix(f"{plan.release.base}graph/")
    return META if graph == META else graph.removeprefix(slug).removeprefix("/")


def is_reading(where: str) -> bool:
    """Say whether a place is a curator's reading: its rows add to what a thing is, and don't say it anew."""
    return "/" in where


def _sorted(
    plan: Plan, slug: str, page: Page, quads: Sequence[ox.Quad]
) -> tuple[Mapping[Row, Mapping[str, list[str]]], list[ox.Quad]]:
    """Return what a page's rows hold, by column, and the statements that they don't hold."""
    of = {(place_of(plan, slug, q), _subject(q)) for q in quads if _is_type(q, page.cls)}
    things = {thing for _, thing in of}
    said = {(place_of(plan, slug, q), _subject(q)) for q in quads}
    kept = {row for row in said if row in of or (is_reading(row[0]) and row[1] in things)}
    rows: dict[Row, dict[str, list[str]]] = {row: {} for row in sorted(kept) if row[0] != META}
    rest = []
    for quad in quads:
        row = (place_of(plan, slug, quad), _subject(quad))
        if row not in rows or (is_reading(row[0]) and _is_type(quad, page.cls)):
            rest.append(quad)
        elif not _is_type(quad, page.cls):
            found = _column(plan, page, quad)
            if found is None:
                rest.append(quad)
            else:
                rows[row].setdefault(found[0], []).append(found[1])
    return rows, rest


def _subject(quad: ox.Quad) -> str:
    return str(getattr(quad.subject, "value", quad.subject))


def _is_type(quad: ox.Quad, cls: str) -> bool:
    return quad.predicate.value == TYPE and str(getattr(quad.object, "value", "")) == cls


def _column(plan: Plan, page: Page, quad: ox.Quad) -> tuple[str, str] | None:
    term: Term = quad.object
    for column in page.columns:
        if column.path == quad.predicate.value:
            text = plan.text(column, term)
            if text is not None:
                return column.key, text
    return None


def _cells(plan: Plan, page: Page, rows: Mapping[Row, Mapping[str, list[str]]]) -> Iterable[Sequence[Any]]:
    for (where, thing), said in rows.items():
        yield [where, plan.short(thing), *(_cell(one, said.get(one.key, ())) for one in page.columns)]


def _cell(column: Column, texts: Sequence[str]) -> Any:
    if len(texts) == 1 and len(column.datatypes) > 0:
        for kind in column.datatypes:
            value = typed(kind, texts[0])
            if not isinstance(value, str) and not hasattr(value, "isoformat"):
                return value
    return BETWEEN.join(texts)


def _single(plan: Plan, slug: str, quad: ox.Quad) -> list[str]:
    term = quad.object
    kind, text = "iri", str(getattr(term, "value", term))
    if isinstance(term, ox.Literal):
        kind = f"@{term.language}" if term.language else plan.short(term.datatype.value)
    elif isinstance(term, ox.NamedNode):
        text = plan.short(term.value)
    place = place_of(plan, slug, quad)
    return [place, plan.short(_subject(quad)), plan.short(quad.predicate.value), text, kind]


def _fill(sheet: Any, heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    for number, row in enumerate((heading, *rows), 1):
        for at, value in enumerate(row, 1):
            if value is None or value == "":
                continue
            cell = sheet.cell(number, at)
            if isinstance(value, str):
                cell.value = escaped(value)
                cell.data_type = "s"  # whatever it begins with
            else:
                cell.value = value


def _name(xl: Any, sheet: Any, names: Sequence[str]) -> None:
    """Say above each column, in a note, what it is called."""
    sheet.freeze_panes = "C2"
    for at, name in enumerate(names, 1):
        cell = sheet.cell(1, at)
        cell.font = xl.styles.Font(bold=True)
        cell.comment = xl.comments.Comment(name, "kg")
        sheet.column_dimensions[xl.utils.get_column_letter(at)].width = 24


def _lists(xl: Any, book: Any, plan: Plan) -> None:
    """Write the lists, and lay them over the columns that they are of as drop-downs."""
    lists = book.create_sheet(LISTS)
    places: dict[tuple[str, ...], str] = {}
    for page in plan.pages:
        for at, column in enumerate(page.columns, 3):
            items = tuple(column.items)
            if not items:
                continue
            if items not in places:
                letter = xl.utils.get_column_letter(len(places) + 1)
                for number, item in enumerate((column.name, *items), 1):
                    lists.cell(number, len(places) + 1).value = escaped(item)
                places[items] = f"{LISTS}!${letter}$2:${letter}${len(items) + 1}"
            rule = xl.worksheet.datavalidation.DataValidation(
                "list", formula1=places[items], allow_blank=True
            )
            rule.showErrorMessage = False  # several values may stand in a cell; reading checks each
            sheet = book[page.name]
            letter = xl.utils.get_column_letter(at)
            rule.add(f"{letter}2:{letter}{sheet.max_row + EMPTY}")
            sheet.add_data_validation(rule)


def check_slug(slug: str) -> None:
    """Raise UsageError for what is no slug."""
    if not SLUG.fullmatch(slug):
        hint = "small letters, digits and hyphens: lakeside-lifts-2024"
        raise UsageError(f"{slug!r} is no slug", hint=hint)
