"""Reading a table by the metadata beside it: CSV on the Web (Generating RDF from Tabular Data §4.2).

We use the parts of the metadata that say what a cell becomes: aboutUrl, propertyUrl, valueUrl, datatype,
lang, default, null, separator, ordered, virtual, suppressOutput; and of a dialect delimiter, quoteChar,
header, encoding, commentPrefix and skipRows. All else is ignored.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pyoxigraph as ox

from kg.blanks import HOME
from kg.errors import DataError, Fault
from kg.reading.names import Document, metadata_of
from kg.reading.packed import unpacked
from kg.terms import RDF, WELL_KNOWN, XSD

_SLOT = re.compile(r"\{([#+/]?)([\w.%]+)\}")
_TYPES = {
    "number": "double",
    "binary": "base64Binary",
    "datetime": "dateTime",
    "any": "anyAtomicType",
    "json": "string",
    "xml": "string",
    "html": "string",
}
"""Names of datatypes that aren't XML Schema's (Metadata Vocabulary for Tabular Data §5.11.1)."""
_INHERITED = (
    "aboutUrl",
    "propertyUrl",
    "valueUrl",
    "datatype",
    "lang",
    "default",
    "null",
    "separator",
    "ordered",
)
LONGEST_CELL = 16 * 2**20
"""Characters of a cell."""

Said = Mapping[str, Any]


@dataclass(frozen=True)
class _Column:
    """A column: its name, its titles, what it inherits, and where its values go."""

    name: str
    about: str | None
    property: str
    value: str | None
    datatype: str
    lang: str
    default: str
    null: frozenset[str]
    separator: str | None
    ordered: bool
    virtual: bool
    suppressed: bool


class _Lines:
    """The rows of a table. The csv module's limit is for the whole process, so it is set for a row only."""

    def __init__(self, text: Iterable[str], dialect: dict[str, Any]) -> None:
        self._rows = csv.reader(text, **dialect)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        before = csv.field_size_limit(LONGEST_CELL)
        try:
            return next(self._rows)
        finally:
            csv.field_size_limit(before)

    @property
    def line_num(self) -> int:
        return self._rows.line_num


def rows(document: Document) -> Iterator[ox.Quad]:
    """Yield the statements of a table. Raises DataError for metadata or a table that can't be read."""
    beside = metadata_of(document.path)
    if beside is None:
        hint = f"describe its columns in {document.path.name}-metadata.json (CSV on the Web)"
        raise _fault(document.path, "a table without metadata beside it", hint=hint)
    group = _read(beside)
    table = _table(group, document.path.name, beside)
    dialect = {**group.get("dialect", {}), **table.get("dialect", {})}
    with unpacked(document.path, document.packing, document.member) as stream:
        text = io.TextIOWrapper(stream, str(dialect.get("encoding", "utf-8-sig")), newline="")
        lines = _Lines(text, _dialect(document, dialect))
        try:
            yield from _statements(lines, dialect, (group, table), document.path.name)
        except (csv.Error, ValueError) as error:
            raise _fault(document.path, str(error), lines.line_num) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _fault(path, f"the metadata can't be read: {error}") from None
    if not isinstance(found, dict):
        raise _fault(path, "the metadata is no object")
    return found


def _table(group: Said, name: str, path: Path) -> dict[str, Any]:
    """Return the description of a table in its metadata: the only one there is, or that of its name."""
    for one in group.get("tables", [group]):
        if isinstance(one, dict) and Path(str(one.get("url", name))).name == name:
            return one
    raise _fault(path, f"the metadata describes no table {name}", hint='name it in "url"')


def _dialect(document: Document, dialect: Said) -> dict[str, Any]:
    default = "\t" if ".tsv" in document.path.name else ","
    quoting = dialect.get("quoteChar", '"')
    return {
        "delimiter": dialect.get("delimiter", default),
        "quotechar": quoting,
        "quoting": csv.QUOTE_NONE if quoting is None else csv.QUOTE_MINIMAL,
        "doublequote": bool(dialect.get("doubleQuote", True)),
        "escapechar": None if dialect.get("doubleQuote", True) else "\\",
    }


def _statements(lines: _Lines, dialect: Said, above: tuple[Said, Said], url: str) -> Iterator[ox.Quad]:
    schema = above[-1].get("tableSchema", {})
    stated = schema.get("columns", [])
    for _ in range(int(dialect.get("skipRows", 0))):
        next(lines, None)
    titles = [_name(one, number) for number, one in enumerate(stated)]
    if dialect.get("header", True):
        titles = next(lines, [])
    columns = _columns(stated, titles, (*above, schema))
    mark = str(dialect.get("commentPrefix") or "")
    for number, cells in enumerate(lines, 1):
        if cells and not (mark and cells[0].startswith(mark)):
            yield from _row(columns, cells, number, lines.line_num, url)


def _name(column: Said, number: int) -> str:
    titles = column.get("titles", "")
    titles = next(iter(titles.values()), "") if isinstance(titles, dict) else titles
    first = titles[0] if isinstance(titles, list) and titles else titles
    return str(column.get("name") or first or f"_col.{number + 1}")


def _columns(stated: Any, titles: list[str], above: tuple[Said, ...]) -> list[_Column]:
    described = list(stated) + [{"titles": title} for title in titles[len(stated) :]]
    return [_column(one, _name(one, number), above) for number, one in enumerate(described)]


def _column(said: Said, name: str, above: tuple[Said, ...]) -> _Column:
    inherited: dict[str, Any] = {}
    for one in (*above, said):
        inherited |= {key: one[key] for key in _INHERITED if key in one}
    datatype = inherited.get("datatype", "string")
    if isinstance(datatype, dict):
        datatype = datatype.get("@id") or datatype.get("base", "string")
    null = inherited.get("null", "")
    return _Column(
        name=quote(name, safe="_.%"),
        about=inherited.get("aboutUrl"),
        property=inherited.get("propertyUrl") or f"#{quote(name, safe='')}",
        value=inherited.get("valueUrl"),
        datatype=str(datatype),
        lang=str(inherited.get("lang", "und")),
        default=str(inherited.get("default", "")),
        null=frozenset(null if isinstance(null, list) else [null]),
        separator=inherited.get("separator"),
        ordered=bool(inherited.get("ordered")),
        virtual=bool(said.get("virtual")),
        suppressed=bool(said.get("suppressOutput")),
    )


def _row(columns: list[_Column], cells: list[str], number: int, line: int, url: str) -> Iterator[ox.Quad]:
    values = {
        column.name: cell or column.default
        for column, cell in zip([c for c in columns if not c.virtual], cells, strict=False)
    }
    values |= {"_row": str(number), "_sourceRow": str(line)}
    unnamed = ox.BlankNode()
    for column in columns:
        value = values.get(column.name, "")
        if column.suppressed or (not column.virtual and value in column.null):
            continue
        filled = {**values, "_name": column.name, "_column": column.name}
        subject = ox.NamedNode(_expanded(column.about, filled, url)) if column.about else unnamed
        predicate = ox.NamedNode(_expanded(column.property, filled, url))
        if column.value:
            yield ox.Quad(subject, predicate, ox.NamedNode(_expanded(column.value, filled, url)))
        elif not column.virtual:
            yield from _cell(subject, predicate, column, value)


def _cell(
    subject: ox.NamedNode | ox.BlankNode, predicate: ox.NamedNode, column: _Column, value: str
) -> Iterator[ox.Quad]:
    parts = value.split(column.separator) if column.separator else [value]
    terms = [_literal(column, part.strip() if column.separator else part) for part in parts]
    if not (column.separator and column.ordered):
        yield from (ox.Quad(subject, predicate, term) for term in terms)
        return
    nodes: list[ox.NamedNode | ox.BlankNode] = [*(ox.BlankNode() for _ in terms), ox.NamedNode(RDF + "nil")]
    yield ox.Quad(subject, predicate, nodes[0])
    for place, term in enumerate(terms):
        yield ox.Quad(nodes[place], ox.NamedNode(RDF + "first"), term)
        yield ox.Quad(nodes[place], ox.NamedNode(RDF + "rest"), nodes[place + 1])


def _literal(column: _Column, value: str) -> ox.Literal:
    if column.datatype == "string":
        return ox.Literal(value, language=column.lang) if column.lang != "und" else ox.Literal(value)
    if "://" in column.datatype:
        return ox.Literal(value, datatype=ox.NamedNode(column.datatype))
    return ox.Literal(value, datatype=ox.NamedNode(XSD + _TYPES.get(column.datatype, column.datatype)))


def _expanded(template: str, values: Mapping[str, str], url: str) -> str:
    """Return the IRI of a URI template (RFC 6570, levels 1 and 2), with a prefix's IRI for the prefix."""

    def fill(slot: re.Match[str]) -> str:
        kind, name = slot.groups()
        value = values.get(name, "")
        head = kind if kind in "#/" and value else ""
        return head + quote(value, safe=":/?#[]@!$&'()*+,;=~" if kind in ("+", "#") else "~")

    filled = _SLOT.sub(fill, template)
    prefix, colon, local = filled.partition(":")
    if colon and not local.startswith("//") and prefix in WELL_KNOWN:
        return WELL_KNOWN[prefix] + local
    return (
        filled
        if "://" in filled or filled.startswith("urn:")
        else urljoin(f"{HOME}graph/{quote(url)}", filled)
    )


def _fault(path: Path, message: str, line: int | None = None, *, hint: str | None = None) -> DataError:
    return DataError("a file can't be read", (Fault(message, path, line, hint=hint),))
