"""LibreOffice Calc, without a window, opens our workbooks, calculates and writes them back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kg.release import Release
from kg.sheets.plan import Plan
from kg.sheets.read import read_sheets
from kg.sheets.write import statements, write_sheets
from tests.commands import kg as run_kg
from tests.test_sheets import B, cell

pytestmark = pytest.mark.tool
Calc = Callable[[Path], Path]


@pytest.fixture
def calc(tmp_path: Path) -> Calc:
    """What LibreOffice writes of a workbook that it has opened and calculated anew."""

    def saved(path: Path) -> Path:
        out = tmp_path / "saved"
        profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
        form = "xlsx:Calc MS Excel 2007 XML"
        words = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(out), str(path)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert (out / path.name).exists(), done.stderr
        return out / path.name

    return saved


def values(path: Path) -> dict[str, list[list[Any]]]:
    with closing(openpyxl.load_workbook(path, data_only=True)) as book:
        return {
            sheet.title: [[_value(one) for one in row] for row in sheet.iter_rows(values_only=True)]
            for sheet in book
        }


def _value(value: Any) -> Any:
    """A value with its type; whole numbers are numbers alike, as they are in a workbook's file."""
    return (type(value).__name__ if not isinstance(value, float) else "int", value)


@pytest.mark.parametrize("of", ["Figure", "Tree"])
def test_a_download_keeps_its_sheets_values_and_types(
    small_release: Release, tmp_path: Path, calc: Calc, of: str
) -> None:
    ours = tmp_path / "ours.xlsx"
    words = ["--class", f"o:{of}", "--format", "xlsx", "--out", str(ours)]
    done = run_kg("export", "--release", small_release.path, *words)
    assert done.returncode == 0, done.stderr
    assert values(calc(ours)) == values(ours)


def test_calc_reckons_with_our_figures(small_release: Release, tmp_path: Path, calc: Calc) -> None:
    ours = tmp_path / "ours.xlsx"
    words = ["--class", "o:Figure", "--format", "xlsx", "--out", str(ours)]
    assert run_kg("export", "--release", small_release.path, *words).returncode == 0
    book = openpyxl.load_workbook(ours)
    sheet = book["Figure"]
    column = next(one.column_letter for one in sheet[1] if one.value == "number")
    numbers = [one.value for one in sheet[column][1:] if one.value is not None]
    book.create_sheet("sum")["A1"] = f"=SUM(Figure!{column}2:{column}{sheet.max_row})"
    book.save(ours)
    assert values(calc(ours))["sum"][0][0][1] == pytest.approx(sum(numbers))
    assert sum(numbers) > 12400


def test_a_workbook_of_a_document_survives_calc(small_release: Release, tmp_path: Path, calc: Calc) -> None:
    """Lists of what may be chosen stay, and what is read back is what was filled in."""
    ours = tmp_path / "almanac.xlsx"
    with closing(Plan(small_release)) as plan:
        write_sheets(plan, "almanac-1931", ours)
        book = openpyxl.load_workbook(ours)
        figures, row = book["Figure"], book["Figure"].max_row + 1
        new = {"where": "p09", "thing": B + "id/figure/new", "o:number": 2.5, "o:hasUnit": "kg"}
        for heading, value in new.items():
            cell(figures, heading, row).value = value
        tree, row = book["Tree"], book["Tree"].max_row + 1
        for heading, value in {"where": "p09", "thing": B + "id/tree/new", "o:planted": 1899}.items():
            cell(tree, heading, row).value = value
        book.save(ours)
        theirs = calc(ours)
        assert choices(theirs) == choices(ours)
        assert any(choices(ours).values())
        assert read_sheets(plan, theirs) == read_sheets(plan, ours)
        _, read = read_sheets(plan, theirs)
        assert len(read) > len(statements(plan, "almanac-1931"))


def choices(path: Path) -> dict[str, set[tuple[str, str]]]:
    """The drop-downs of each sheet: from which cells, and for which columns."""
    with closing(openpyxl.load_workbook(path)) as book:
        return {
            sheet.title: {
                (rule.formula1.replace("$", "").replace("'", ""), str(part).split(":")[0])
                for rule in sheet.data_validations.dataValidation
                if rule.type == "list"
                for part in str(rule.sqref).split()
            }
            for sheet in book
        }
