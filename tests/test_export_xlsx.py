"""Workbooks, read again by openpyxl and, as what they are, by zipfile."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine import Result
from kg.engine.local import LocalEngine
from kg.errors import NotExpressible, NotInstalled
from kg.export.answers import TABLE_FORMATS
from kg.export.tables import workbook
from kg.export.tables.survey import tables
from kg.export.tables.workbook import XLSX, Sheet, typed, write
from kg.export.tables.xlsx import table_xlsx
from kg.release import Release
from kg.settings import Settings
from kg.terms import XSD
from kg.writers.format import Format
from kg_web import create_app
from tests.commands import kg as run_kg
from tests.test_export_tables import at

FORMULAS = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "=", "{=1}"]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
FIGURES = "PREFIX o: <https://example.org/orchard/ontology/> SELECT ?f ?n { ?f o:number ?n } ORDER BY ?n"


@pytest.fixture(scope="module")
def client(small_release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        yield create_app(engine, Settings(), small_release).test_client()


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def written(*values: Any) -> Any:
    out = io.BytesIO()
    write([Sheet("one", ["x"], [[value] for value in values])], out)
    return out.getvalue()


def test_a_class_as_a_workbook_has_types_units_sources_and_metadata(
    client: FlaskClient, small_release: Release
) -> None:
    response = client.get(at(small_release, "tables/Figure.xlsx"))
    assert response.status_code == 200, response.text
    assert response.mimetype == XLSX.media_type
    book = opened(response.data)
    assert book.sheetnames == ["Figure", "columns", "sources", "about"]
    figures = {row["iri"].rpartition("/")[2]: row for row in rows_of(book["Figure"])}
    assert figures["area-3.5"]["number"] == 3.5
    assert figures["harvest-800"]["number"] == 800
    assert figures["harvest-800"]["hasUnit_label"] == "kg"
    columns = {row["column"]: row for row in rows_of(book["columns"])}
    assert columns["number"]["unit"] == "see hasUnit_label"
    assert columns["number"]["name"] == "number"
    assert columns["hasQuantity"]["property"] == "https://example.org/orchard/ontology/hasQuantity"
    sources = {str(row["number"]): row for row in rows_of(book["sources"])}
    assert sources[figures["harvest-800"]["sources"]]["name"] == "Almanac, page 9"
    assert sources[figures["area-3.5"]["sources"]]["source"].endswith("/source/almanac-1931/p04")
    said = {row["what"]: row["value"] for row in rows_of(book["about"])}
    assert said["version"] == small_release.version
    assert small_release.digest in said["checksum"]
    trees = opened(client.get(at(small_release, "tables/Tree.xlsx")).data)["Tree"]
    assert {type(row["planted"]) for row in rows_of(trees)} <= {int, type(None)}


def test_a_result_as_a_workbook_has_its_sources_and_its_query(client: FlaskClient) -> None:
    response = client.get("/result.xlsx", query_string={"query": FIGURES})
    assert response.headers["Content-Disposition"] == 'attachment; filename="result.xlsx"'
    book = opened(response.data)
    rows = rows_of(book["result"])
    assert [row["n"] for row in rows] == [3.5, 800, 12400]
    names = {str(row["number"]): row["name"] for row in rows_of(book["sources"])}
    pages = ["Almanac, page 4", "Almanac, page 9", "Almanac, page 4"]
    assert [names[row["sources"]] for row in rows] == pages
    said = {row["what"]: row["value"] for row in rows_of(book["about"])}
    assert said["query"] == FIGURES
    assert said["rows"] == "3"


def test_what_cannot_be_traced_comes_and_says_so(client: FlaskClient) -> None:
    query = "SELECT ?x { VALUES ?x { 1 2 } } ORDER BY RAND()"
    book = opened(client.get("/result.xlsx", query_string={"query": query}).data)
    assert sorted(row["x"] for row in rows_of(book["result"])) == [1, 2]
    said = {row["what"]: row["value"] for row in rows_of(book["about"])}
    assert ("sources" in book.sheetnames) != said.get("sources", "").startswith("not told")


def test_a_graph_is_no_workbook(client: FlaskClient) -> None:
    refused = client.get("/result.xlsx", query_string={"query": "CONSTRUCT WHERE { ?s ?p ?o }"})
    assert refused.status_code == 400


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_like_a_formula_stays_a_text(text: str) -> None:
    data = written(text)
    (cell,) = opened(data)["one"]["A"][1:]
    assert cell.data_type == "s"
    assert cell.value == text
    xml = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in re.sub(r"<filter|<font", "", xml)


@settings(max_examples=25, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_every_text_comes_back(texts: list[str]) -> None:
    cells = [cell.value for cell in opened(written(*texts))["one"]["A"][1:]]
    unescaped = [re.sub("_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), cell) for cell in cells]
    assert [one.replace("\r\n", "\n").replace("\r", "\n") for one in unescaped] == [
        one.replace("\r\n", "\n").replace("\r", "\n") for one in texts
    ]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "2181", 2181),
        ("integer", "999999999999999", 999999999999999),
        ("integer", "1234567890123456", "1234567890123456"),
        ("decimal", "91.20", Decimal("91.20")),
        ("decimal", "0.1234567890123456", "0.1234567890123456"),
        ("double", "INF", "INF"),
        ("double", "1.5E3", 1500.0),
        ("boolean", "true", True),
        ("date", "2021-03-04", date(2021, 3, 4)),
        ("date", "1898-07-01", "1898-07-01"),
        ("date", "2021-03-04Z", "2021-03-04Z"),
        ("gYear", "2021", 2021),
        ("gYearMonth", "2021-03", "2021-03"),
        ("string", "12", "12"),
    ],
)
def test_a_cell_has_a_type_only_where_it_keeps_the_value(kind: str, text: str, value: Any) -> None:
    found = typed(XSD + kind, text)
    assert (found, type(found)) == (value, type(value))


def test_dates_are_dates_and_a_cell_that_is_too_long_says_so() -> None:
    day, long = opened(written(date(2021, 3, 4), "x" * 40_000))["one"]["A"][1:]
    assert day.value.date() == date(2021, 3, 4)
    assert day.number_format == "yyyy-mm-dd"
    assert re.search(r"… \[7,313 characters more: see the CSV\]$", long.value)


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(NotExpressible, match="a sheet holds 3 rows"):
        written(1, 2, 3, 4)


def test_no_clock_is_in_it_so_the_same_rows_give_the_same_bytes() -> None:
    data = written("a", 1, date(2021, 3, 4))
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r">(\d{4}-[^<]*)<", core)) == {"2000-01-01T00:00:00Z"}
    assert written("a", 1, date(2021, 3, 4)) == data


def test_names_of_sheets_are_what_programs_take() -> None:
    out = io.BytesIO()
    write([Sheet("a/b" * 20, ["x"], []), Sheet("a/b" * 20, ["x"], []), Sheet("?", ["x"], [])], out)
    names = opened(out.getvalue()).sheetnames
    assert len({name.lower() for name in names}) == 3
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


@pytest.mark.parametrize("format", TABLE_FORMATS, ids=lambda format: format.name)
def test_what_holds_its_own_compression_is_not_compressed_again(client: FlaskClient, format: Format) -> None:
    query = "SELECT * { " + " ".join(f"BIND('orchard' AS ?v{n})" for n in range(300)) + " }"
    reply = client.get(f"/result.{format.name}?query={query}", headers={"Accept-Encoding": "gzip"})
    assert reply.status_code == 200
    coding = None if format.name in {"xlsx", "parquet"} else "gzip"
    assert reply.headers.get("Content-Encoding") == coding


def test_a_column_called_sources_keeps_its_name() -> None:
    told = {
        "traced": True,
        "rows": [{"ways": [[0]]}],
        "statements": [{"graphs": [0]}],
        "graphs": [{"graph": "urn:g", "from": []}],
        "documents": [],
    }
    result = Result("select", ("sources",), [(ox.Literal("mine"),)])
    (row,) = rows_of(opened(table_xlsx(result, None, query="", sources=told))["result"])
    assert row == {"sources": "mine", "sources_": "1"}


def test_without_openpyxl_it_is_not_offered_and_says_what_installs_it(
    client: FlaskClient, small_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = at(small_release, "tables"), "/query", "/questions/harvest"
    assert all("xlsx" in client.get(one).text for one in shown)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert not any("xlsx" in client.get(one).text for one in shown)
    name = tables(small_release)[0].name
    for address in (f"/result.xlsx?query={'SELECT%20*%20%7B%7D'}", at(small_release, f"tables/{name}.xlsx")):
        refused = client.get(address, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json["code"]) == (501, "not-installed")
        assert "linli[xlsx]" in refused.json["hint"]
    with pytest.raises(NotInstalled):
        workbook.openpyxl()


def test_the_command_writes_one(small_release: Release, tmp_path: Path) -> None:
    out = tmp_path / "trees.xlsx"
    words = ["--class", "o:Tree", "--format", "xlsx", "--out", str(out)]
    done = run_kg("export", "--release", small_release.path, *words)
    assert done.returncode == 0, done.stderr
    assert rows_of(openpyxl.load_workbook(out)["Tree"])
