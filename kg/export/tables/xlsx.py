"""Tables as workbooks for spreadsheets: typed cells, and sheets with columns' meanings, sources, metadata."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import IO, Any

import pyoxigraph as ox

from kg.engine import Result
from kg.engine.answers.csv_rows import plain
from kg.errors import UsageError
from kg.export.about import About, about, graphs
from kg.export.graphs.dump import LineStream, Part, lines_of
from kg.export.graphs.subjects import Shelf, labels
from kg.export.tables.csvw import rows
from kg.export.tables.glossary import Glossary
from kg.export.tables.survey import IRI, TEXT, Column, Table
from kg.export.tables.workbook import Sheet, openpyxl, typed, write
from kg.languages import ORIGINAL
from kg.release import Release
from kg.sparql.bind import load
from kg.terms import PROV
from kg.tracing.origins import upward

_FROM = PROV + "wasDerivedFrom"
SOURCES = ("number", "source", "name", "document", "document name")
COLUMNS = ("column", "name", "property", "type", "language", "unit", "meaning")

Terms = Mapping[str, Mapping[str, Mapping[str, str]]]


def write_xlsx(release: Release, table: Table, out: IO[bytes], terms: Glossary | None = None) -> int:
    """Write a class's table as a workbook and return the number of rows; ``terms`` say what columns mean.

    The last column has the numbers of each row's sources, which the sheet of sources lists. Raises
    NotExpressible for more rows than a sheet holds, NotInstalled without openpyxl.
    """
    openpyxl()
    one = about(release)
    language = release.languages[0] if release.languages else ORIGINAL
    with Shelf(_graphs_by_subject(release)) as holding, Shelf(labels(release, language)) as names:
        cited = _Cited(release, names)
        body = Sheet(
            table.name,
            ["iri", *(column.name for column in table.columns), "sources"],
            _rows(release, table, holding, cited),
        )
        columns = Sheet("columns", COLUMNS, _columns(release, table, terms or {}))
        # The sources are known only when all rows have been written, so their sheet comes after.
        sources = Sheet("sources", SOURCES, cited.rows())
        metadata = Sheet("about", ("what", "value"), _about(one, {"class": table.cls}, release))
        return write([body, columns, sources, metadata], out, title=one.title, creator=one.publisher)[0]


def _rows(release: Release, table: Table, holding: Shelf, cited: _Cited) -> Iterator[list[Any]]:
    for iri, cells in rows(release, table):
        found = [_value(column, cell) for column, cell in zip(table.columns, cells, strict=True)]
        yield [iri, *found, cited.numbers(holding.get(iri).split())]


def _value(column: Column, values: Sequence[str]) -> Any:
    if not values:
        return None
    if column.separator:
        return column.separator.join(values)
    return typed(column.kind if column.exact and not column.language else TEXT, values[0])


def _columns(release: Release, table: Table, terms: Terms) -> Iterator[list[str]]:
    units = _units(release, table)
    yield ["iri", "", "", IRI, "", "", "what the row is about"]
    for one in table.columns:
        said = terms.get(one.property, {})
        kind = one.kind if one.role == "value" else TEXT
        yield [
            one.name,
            said.get("label", {}).get(ORIGINAL, ""),
            one.property if one.role == "value" else "",
            kind + (f", several, with {one.separator} between" if one.separator else ""),
            one.language,
            units.get(one.property, "") if one.role == "value" else "",
            said.get("definition", {}).get(ORIGINAL, ""),
        ]
    yield ["sources", "", "", TEXT, "", "", "numbers in the sheet of sources"]


def _units(release: Release, table: Table) -> dict[str, str]:
    """Return which column holds the unit of a figure's number, by the property of the number."""
    if "shapes.ttl" not in release.manifest["files"]:
        return {}
    store = ox.Store()
    store.load(path=str(release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
    found = store.query(load("kg/export/tables/units"))
    pairs = {(row["value"].value, row["unit"].value) for row in found}  # type: ignore[union-attr] # a SELECT
    by_property = {column.property: column.name for column in table.columns if column.role != "value"}
    by_property = {c.property: c.name for c in table.columns if c.role == "value"} | by_property
    return {value: f"see {by_property[unit]}" for value, unit in pairs if unit in by_property}


def _graphs_by_subject(release: Release) -> Iterator[tuple[str, str]]:
    """Yield each subject with the graphs that say something of it; one pass."""
    quads = ox.parse(LineStream(lines_of(release, Part())), format=ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
    for subject, group in groupby(quads, key=attrgetter("subject")):
        yield subject.value, " ".join(sorted({str(quad.graph_name)[1:-1] for quad in group}))


class _Cited:
    """The sources of rows, numbered as they are met: what graphs were made from, else the graphs."""

    def __init__(self, release: Release, names: Shelf) -> None:
        self.names = names
        self._numbers: dict[str, int] = {}
        self._from: dict[str, list[str]] = {}
        self._above: dict[str, str] = {}
        up = set(upward(release))
        marks = tuple(f"<{iri}>".encode() for iri in (_FROM, *up))
        with release.file("dataset.nq").open("rb") as lines:
            for line in lines:
                if any(mark in line for mark in marks):
                    quad = next(iter(ox.parse(line, format=ox.RdfFormat.N_QUADS)))
                    if quad.predicate.value == _FROM:
                        self._from.setdefault(str(quad.subject)[1:-1], []).append(str(quad.object)[1:-1])
                    elif quad.predicate.value in up:
                        self._above[str(quad.subject)[1:-1]] = str(quad.object)[1:-1]

    def numbers(self, graphs: Sequence[str]) -> str:
        """Return the numbers of the sources of some graphs, in order."""
        found = {source for graph in graphs for source in self._from.get(graph, [graph])}
        own = sorted(self._numbers.setdefault(one, len(self._numbers) + 1) for one in sorted(found))
        return " ".join(map(str, own))

    def rows(self) -> Iterator[list[Any]]:
        """Yield a row for each source that was met."""
        for source, number in self._numbers.items():
            whole = self._above.get(source, "")
            yield [number, source, self.names.get(source), whole, self.names.get(whole) if whole else ""]


def _about(one: About, more: Mapping[str, str], release: Release | None = None) -> Iterator[list[str]]:
    """Yield what a workbook says of itself."""
    found = {
        "title": one.title,
        "version": one.version,
        "issued": one.date,
        "as of": one.as_of,
        "licence": one.license,
        "rights": one.rights,
        "cite as": one.citation,
        "dataset": one.dataset,
        "checksum": f"sha256 {one.digest} (dataset.nq of this release)",
        **more,
    }
    yield from ([key, value] for key, value in found.items() if value)
    if release is not None:
        for graph, term in graphs(release).rights:
            yield [f"rights in {graph}", str(getattr(term, "value", term))]


def table_xlsx(
    result: Result,
    one: About | None,
    *,
    query: str,
    checksum: str = "",
    sources: Mapping[str, Any] | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Return a query's rows as a workbook.

    ``sources`` are those of its rows, as their JSON has them; ``names`` what passages and documents are
    called. Raises UsageError for a graph, NotExpressible for more rows than a sheet holds, NotInstalled
    without openpyxl.
    """
    if result.kind != "select":
        raise UsageError("only rows make a table", hint="ask with SELECT; a graph can be had as Turtle")
    told = sources if sources and sources.get("traced") else None
    passages: dict[str, tuple[int, str]] = {}
    marks = [_marks(row, told, passages) for row in told["rows"]] if told else []
    body = (
        [*(_term(term) for term in row), *([marks[at]] if told else [])] for at, row in enumerate(result.rows)
    )
    heading = [*result.variables, *([_free("sources", result.variables)] if told else [])]
    listed = (
        [number, iri, names.get(iri, ""), whole, names.get(whole, "")]
        for iri, (number, whole) in passages.items()
    )
    more = {"rows": f"{len(result.rows)}", "query": query, "checksum of the rows": checksum}
    if sources and not told:
        more["sources"] = f"not told: {sources.get('reason', '')}"
    metadata = _about(one, more) if one else ([key, value] for key, value in more.items() if value)
    sheets = [
        Sheet("result", heading, body),
        Sheet("columns", ("column", "type", "language"), _kinds(result)),
    ]
    if told:
        sheets.append(Sheet("sources", SOURCES, listed))
    out = io.BytesIO()
    write([*sheets, Sheet("about", ("what", "value"), metadata)], out, title=one.title if one else "")
    return out.getvalue()


def _term(term: Any) -> Any:
    if term is None:
        return None
    if isinstance(term, ox.Literal) and not term.language:
        return typed(term.datatype.value, term.value)
    return plain(term)


def _kinds(result: Result) -> Iterator[list[str]]:
    """Yield each column with the types and languages of its values, which share a column here."""
    for place, name in enumerate(result.variables):
        terms = [row[place] for row in result.rows if row[place] is not None]
        kinds = {t.datatype.value if isinstance(t, ox.Literal) else IRI for t in terms}
        tags = {t.language for t in terms if isinstance(t, ox.Literal) and t.language}
        yield [name, " ".join(sorted(kinds)), " ".join(sorted(tags))]


def _marks(row: Mapping[str, Any], told: Mapping[str, Any], passages: dict[str, tuple[int, str]]) -> str:
    """Return the numbers of a row's passages, and note those that are new."""
    statements = {number for way in row["ways"] for number in way} | set(row.get("others", ()))
    held = {graph for number in statements for graph in told["statements"][number]["graphs"]}
    found = set()
    for graph in (told["graphs"][number] for number in sorted(held)):
        for origin in graph["from"] or [{"passage": graph["graph"]}]:
            whole = told["documents"][origin["document"]]["document"] if "document" in origin else ""
            found.add(passages.setdefault(origin["passage"], (len(passages) + 1, whole))[0])
    return " ".join(map(str, sorted(found)))


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
