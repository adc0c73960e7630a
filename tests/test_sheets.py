"""`kg sheet`: workbooks that curators fill, written and read by openpyxl, as Excel would leave them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pyoxigraph as ox
import pytest

from kg.errors import DataError
from kg.release import Release
from kg.sheets.plan import Plan
from kg.sheets.read import read_sheets, written
from kg.sheets.write import statements, write_sheets
from tests.commands import kg as run_kg
from tests.conftest import Project
from tests.servers import ROOT

B = "https://example.org/orchard/"


@pytest.fixture(scope="module")
def plan(small_release: Release) -> Iterator[Plan]:
    with closing(Plan(small_release)) as opened:
        yield opened


@pytest.fixture
def template(plan: Plan, tmp_path: Path) -> Path:
    write_sheets(plan, "almanac-1931", tmp_path / "almanac.xlsx")
    return tmp_path / "almanac.xlsx"


Change = Callable[[Callable[[Any], None]], Path]


@pytest.fixture
def changed(template: Path) -> Change:
    """What a curator does to the workbook, and saves."""

    def change(what: Callable[[Any], None]) -> Path:
        book = openpyxl.load_workbook(template)
        what(book)
        book.save(template)
        return template

    return change


def cell(sheet: Any, heading: str, row: int) -> Any:
    return next(one for one in sheet[row] if sheet.cell(1, one.column).value == heading)


def row_of(sheet: Any, thing: str) -> int:
    return next(row[0].row for row in sheet.iter_rows(min_row=2) if str(row[1].value).endswith(thing))


def faults(plan: Plan, path: Path) -> list[str]:
    with pytest.raises(DataError) as raised:
        read_sheets(plan, path)
    return [f"{fault.message} | {fault.hint or ''}" for fault in raised.value.faults]


def test_the_sheets_and_columns_are_the_shapes(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    assert {"Tree", "Variety", "Orchard", "Figure", "statements", "lists", "about"} <= set(book.sheetnames)
    heading = [one.value for one in book["Figure"][1]]
    assert heading == ["where", "thing", "o:hasQuantity", "o:number", "o:hasUnit"]
    assert "rdfs:label@zh-hans" in {one.value for one in book["Tree"][1]}
    assert book["Tree"]["C1"].comment is not None
    rules = {str(rule.sqref)[0]: rule.formula1 for rule in book["Figure"].data_validations.dataValidation}
    assert set(rules) == {"C", "E"}
    (letter, last) = re.fullmatch(r"lists!\$(\w)\$2:\$\w\$(\d+)", rules["E"]).groups()  # type: ignore[union-attr]
    offered = [book["lists"][f"{letter}{row}"].value for row in range(2, int(last) + 1)]
    assert any(one.endswith("unit/kilogram]") for one in offered)


@pytest.mark.parametrize("slug", ["almanac-1931", "tree-list"])
def test_a_round_trip_loses_nothing(plan: Plan, tmp_path: Path, slug: str) -> None:
    stated = statements(plan, slug)
    assert write_sheets(plan, slug, tmp_path / "x.xlsx") == len(stated) > 10
    assert read_sheets(plan, tmp_path / "x.xlsx") == (slug, stated)
    parsed = ox.parse(written(stated, plan.release.prefixes), format=ox.RdfFormat.TRIG)
    assert sorted(parsed, key=str) == stated


def test_what_has_a_column_stands_there_also_in_a_reading(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    single = {(row[1], row[2]) for row in book["statements"].iter_rows(min_row=2, values_only=True)}
    orchard = B + "id/orchard/long-ridge"
    assert not {prop for _, prop in single} & {"o:number", "o:hasUnit", "o:hasQuantity", "o:point"}
    assert not [prop for thing, prop in single if thing == orchard]
    places = {row[0].value: row for row in book["Orchard"].iter_rows() if row[1].value == orchard}
    assert set(places) == {"p04", "p04/reading"}
    row = row_of(book["Figure"], "area-3.5")
    assert cell(book["Figure"], "o:number", row).value == 3.5
    assert cell(book["Figure"], "where", row).value == "p04"


def test_what_a_curator_fills_in_becomes_statements(plan: Plan, changed: Change) -> None:
    def fill(book: Any) -> None:
        sheet = book["Figure"]
        row = sheet.max_row + 1
        said = {"where": "p09", "thing": B + "id/figure/new", "o:number": 2.5, "o:hasUnit": "kg"}
        for heading, value in said.items():
            cell(sheet, heading, row).value = value
        tree = book["Tree"]
        row = tree.max_row + 1
        for heading, value in {
            "where": "p09",
            "thing": B + "id/tree/new",
            "rdfs:label@en": "One\nand another",
            "o:planted": 1899,
        }.items():
            cell(tree, heading, row).value = value

    before = set(statements(plan, "almanac-1931"))
    slug, quads = read_sheets(plan, changed(fill))
    assert slug == "almanac-1931"
    found = {str(quad) for quad in set(quads) - before}
    graph = f"<{B}graph/almanac-1931/p09>"
    new = f"<{B}id/figure/new>"
    assert before <= set(quads)
    assert f'{new} <{B}ontology/number> "2.5"^^<http://www.w3.org/2001/XMLSchema#decimal> {graph}' in found
    assert f"{new} <{B}ontology/hasUnit> <{B}vocabulary/unit/kilogram> {graph}" in found
    assert sum('"One"@en' in one or '"and another"@en' in one for one in found) == 2
    assert any('"1899"^^<http://www.w3.org/2001/XMLSchema#gYear>' in one for one in found)


def test_a_wrong_unit_is_named_by_its_cell(plan: Plan, changed: Change) -> None:
    places = []

    def spoil(book: Any) -> None:
        one = cell(book["Figure"], "o:hasUnit", row_of(book["Figure"], "area-3.5"))
        one.value = "hektare"
        places.append(one.coordinate)
        other = cell(book["Figure"], "o:number", row_of(book["Figure"], "harvest-800"))
        other.value = "800 kg"
        places.append(other.coordinate)

    wrong = faults(plan, changed(spoil))
    assert len(wrong) == 2
    assert any(one.startswith(f"Figure!{places[0]}: 'hektare' is not in the list") for one in wrong)
    assert any("unit/hectare]" in one for one in wrong)
    assert any(one.startswith(f"Figure!{places[1]}: '800 kg' is no integer or decimal") for one in wrong)


def test_merged_cells_formulas_and_strange_columns_are_named(plan: Plan, changed: Change) -> None:
    path = changed(lambda book: book["Tree"].merge_cells("C2:C4"))
    assert faults(plan, path)[0].startswith("Tree!C2:C4: cells are merged")

    def spoil(book: Any) -> None:
        book["Tree"].unmerge_cells("C2:C4")
        book["Figure"]["D2"].value = "=1+1"
        book["Figure"]["Z2"].value = "x"
        book["Variety"]["A2"].value = "Page 4"
        book.create_sheet("Cars")

    wrong = "\n".join(faults(plan, changed(spoil)))
    assert "Figure!D2: a formula stands here" in wrong
    assert "Figure!Z2: nothing stands above this column" in wrong
    assert "Variety!A2: 'Page 4' is no passage" in wrong
    assert "Cars: no class has a sheet of this name" in wrong


def test_what_is_no_workbook_is_said(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("no zip")
    with pytest.raises(DataError, match="can't be read as a workbook"):
        read_sheets(plan, tmp_path / "x.xlsx")


def test_a_hundred_faults_are_enough(plan: Plan, changed: Change) -> None:
    def spoil(book: Any) -> None:
        for row in range(2, 400):
            book["Figure"].cell(row, 1).value = "no passage"

    assert len(faults(plan, changed(spoil))) == 100


@pytest.mark.long
def test_a_hundred_thousand_rows_are_read(plan: Plan, changed: Change) -> None:
    def fill(book: Any) -> None:
        sheet = book["Figure"]
        for number in range(100_000):
            sheet.append(["p09", f"{B}id/figure/n{number}", "", number, "kg"])

    quads = read_sheets(plan, changed(fill))[1]
    assert len(quads) > 300_000


def test_the_commands_write_and_read(small_release: Release, tmp_path: Path) -> None:
    """The lines of the document for curators, with a document that the release has."""
    document = (ROOT / "docs" / "curating.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ {4}kg (sheet .*)$", document, re.MULTILINE)
    assert [line.split()[1] for line in lines] == ["write", "read"]
    (tmp_path / "data" / "almanac-1931").mkdir(parents=True)
    for line in lines:
        words = line.replace("lakeside-2024", "almanac-1931").split()
        done = run_kg(*words, "--release", small_release.path, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert "GRAPH" in (tmp_path / "data" / "almanac-1931" / "sheet.trig").read_text(encoding="utf-8")
    wrong = run_kg("sheet", "write", "No Slug", "--out", "x.xlsx", "--release", small_release.path)
    assert wrong.returncode == 2


def test_a_document_kept_as_a_sheet_builds_the_same_release(
    plan: Plan, template: Path, orchard: Project, small_release: Release
) -> None:
    quads = read_sheets(plan, template)[1]
    folder = orchard.data / "almanac-1931"
    for path in folder.iterdir():
        path.unlink()
    (folder / "sheet.trig").write_bytes(written(quads, plan.release.prefixes))
    assert orchard.build().digest == small_release.digest
