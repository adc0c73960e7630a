"""Workbooks of Office Open XML (ECMA-376), through openpyxl, an optional extra (``linli[xlsx]``).

A text that begins like a formula is written as text. A cell has a number or a date only where a spreadsheet
keeps it exactly: up to fifteen digits (IEEE 754), and days from March 1900 on. All else is text, so that
nothing is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kg.errors import NotExpressible
from kg.export.extras import missing
from kg.export.tables.values import READERS, fits
from kg.writers.format import Format, Kind

XLSX = Format(
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.TABLE,
    "Excel",
    extra="xlsx",
    package="openpyxl",
    packed=True,
)
MOST_ROWS = 1_048_575
"""Rows below the heading (ECMA-376 Part 1 §18.3.1.73 has what a sheet may hold; so does every program)."""
LONGEST = 32_767
"""Characters of a cell (ECMA-376 Part 1, ST_Xstring as programs bound it)."""
_DIGITS = 15
_FIRST_DAY = date(1900, 3, 1)  # spreadsheets take 1900 for a leap year, so earlier days are off by one
_WIDEST = 60
_MEASURED = 200
# What XML can't hold is written as ST_Xstring has it, and so is what looks like that (Part 1 §22.9.2.19).
_ESCAPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_CORE = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*<")
_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its heading, and its rows of Python values."""

    name: str
    heading: Sequence[str]
    rows: Iterable[Sequence[Any]]


def openpyxl() -> Any:
    """Return openpyxl. Raises NotInstalled, with what installs it, when it isn't there."""
    try:
        import openpyxl as found
    except ImportError:
        raise missing(XLSX) from None
    return found


def write(sheets: Sequence[Sheet], out: IO[bytes], *, title: str = "", creator: str = "") -> list[int]:
    """Write a workbook in constant memory; return how many rows each sheet has.

    Raises NotExpressible for more rows than a sheet holds, NotInstalled without openpyxl.
    """
    xl = openpyxl()
    book = xl.Workbook(write_only=True)
    book.properties.title, book.properties.creator = title or None, creator or None
    counts, names = [], set[str]()
    for sheet in sheets:
        page = book.create_sheet(_name(sheet.name, names))
        try:
            counts.append(_fill(xl, page, sheet))
        except BaseException:
            page.close()
            raise
    with TemporaryFile() as raw:
        book.save(raw)
        _settle(raw, out)
    return counts


def _settle(raw: IO[bytes], out: IO[bytes]) -> None:
    """Copy a workbook without its times of creation, so that the same rows give the same bytes."""
    with ZipFile(raw) as given, ZipFile(out, "w", ZIP_DEFLATED) as told:
        for name in given.namelist():
            with given.open(name) as source, told.open(_entry(name), "w") as target:
                if name == _CORE:
                    target.write(_MOMENT.sub(rb"\g<1>2000-01-01T00:00:00Z<", source.read()))
                else:
                    copyfileobj(source, target)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _fill(xl: Any, page: Any, sheet: Sheet) -> int:
    page.freeze_panes = "A2"
    rows = iter(sheet.rows)
    first = [row for _, row in zip(range(_MEASURED), rows, strict=False)]
    for at, name in enumerate(sheet.heading):
        longest = max((len(str(row[at])) for row in first if row[at] is not None), default=0)
        letter = xl.utils.get_column_letter(at + 1)
        page.column_dimensions[letter].width = min(_WIDEST, max(len(name), longest) + 2)
    bold = xl.styles.Font(bold=True)
    page.append([_cell(xl, page, name, bold) for name in sheet.heading])
    count = 0
    for part in (first, rows):
        for row in part:
            count += 1
            if count > MOST_ROWS:
                raise NotExpressible(
                    f"a sheet holds {MOST_ROWS:,} rows, and {sheet.name} has more",
                    hint="ask for CSV or Parquet",
                )
            page.append([_cell(xl, page, value) for value in row])
    if sheet.heading:
        last = xl.utils.get_column_letter(len(sheet.heading))
        page.auto_filter.ref = f"A1:{last}{count + 1}"
    return count


def _cell(xl: Any, page: Any, value: Any, font: Any = None) -> Any:
    """Return a cell; a text is one whatever it begins with, so that no program runs it as a formula."""
    if value is None or value == "":
        return None
    cell = xl.cell.WriteOnlyCell(page)
    if isinstance(value, str):
        cell.value = escaped(value)
        cell.data_type = "s"
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
    if font is not None:
        cell.font = font
    return cell


def escaped(text: str) -> str:
    """Return a text as a cell holds it; one that is too long is cut, with a note that it is."""
    whole = text
    if len(text) > LONGEST:
        whole = f"{text[: LONGEST - 80]}… [{len(text) - LONGEST + 80:,} characters more: see the CSV]"
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", whole)


def _name(wanted: str, taken: set[str]) -> str:
    """Return a valid and unused name for a sheet: at most 31 characters, none of the seven forbidden ones."""
    plain = _NAME.sub(" ", wanted).strip()[:31] or "sheet"
    name, number = plain, 2
    while name.lower() in taken:
        tail = f" {number}"
        name, number = plain[: 31 - len(tail)] + tail, number + 1
    taken.add(name.lower())
    return name


def typed(kind: str, text: str) -> Any:
    """Return a text as the value of its datatype where a cell keeps it exactly, else the text."""
    if kind not in READERS or not fits(kind, text):
        return text
    value = READERS[kind](text)
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value if value >= _FIRST_DAY else text
    if isinstance(value, float):
        return value if value - value == 0 else text  # neither infinite nor NaN
    digits = len(Decimal(value).normalize().as_tuple().digits)
    return value if digits <= _DIGITS else text


def unescaped(text: str) -> str:
    """Return a text as it was before `escaped`."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
