"""What the editor shows of wide answers: numbers in sight, what says nothing folded away until asked for."""

from __future__ import annotations

import re

import pytest

from tests.browser.desk import Opened
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

BERTHS = """SELECT ?case ?name ?district ?quantity ?phase ?berths ?unit WHERE {
  ?case rdfs:label ?name ; linli:isWithin ?district ; linli:hasMeasurement ?m .
  ?district a linli:District .
  ?m linli:hasQuantity ?quantity ; linli:hasPhase ?phase ; linli:value ?berths ; linli:hasUnit ?unit .
  FILTER(?quantity = quantity:parking-berths && LANG(?name) = "zh-hans")
} ORDER BY DESC(?berths)"""


def test_a_row_is_found_by_a_number_however_it_is_written(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "en")
    one.write('SELECT ?n { VALUES ?n { 2011699 "some 3,800 homes" "12, 345" } }')
    one.run()
    one.ran()
    field = one.page.get_by_label("Filter the rows")
    for typed, shown in (
        ("2,011,699", ["2,011,699"]),
        ("2011699", ["2,011,699"]),
        ("3800", ["some 3,800 homes"]),
        ("12345", []),
    ):
        field.fill(typed)
        expect(one.rows).to_have_text([re.compile(re.escape(text)) for text in shown])


@pytest.mark.parametrize(
    ("language", "equal", "unfold", "fold"),
    [
        ("en", "In all rows:", "Show the", "Fold these columns away"),
        ("zh-CN", "各行相同：", "显示收起的", "收起"),
        ("zh-TW", "各列相同：", "顯示收起的", "收起"),
    ],
)
def test_columns_that_say_nothing_fold_away_and_numbers_are_in_sight(
    server: str, desk: Opened, language: str, equal: str, unfold: str, fold: str
) -> None:
    one = desk(f"{server}/query", language)
    one.write(BERTHS)
    one.run()
    one.ran()
    heads = one.page.locator("table.rows thead .sort")
    # Equal in all rows: quantity and unit. The name only repeats how the case is called.
    expect(heads).to_have_text(["case", "berths", "district", "phase"])
    folded = one.page.locator(".folded")
    expect(folded).to_contain_text(equal)
    expect(folded).to_contain_text("quantity")

    figure = one.rows.first.locator("td.figure")
    expect(figure).to_be_in_viewport(ratio=1)
    expect(figure).to_have_css("text-align", "end")
    expect(one.page.locator("thead th.figure")).to_have_css("text-align", "end")
    box, around = figure.bounding_box(), one.page.locator(".scroll.rows").bounding_box()
    assert box is not None and around is not None
    assert box["x"] + box["width"] <= around["x"] + around["width"]
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 1280

    button = folded.get_by_role("button")
    expect(button).to_contain_text(unfold)
    button.press("Enter")
    expect(heads).to_have_text(["case", "name", "district", "quantity", "phase", "berths", "unit"])
    expect(button).to_be_focused()
    expect(button).to_contain_text(fold)
    button.click()
    expect(heads).to_have_count(4)


def test_machine_names_fold_away_where_the_things_have_no_other(server: str, desk: Opened) -> None:
    """Of a thing that nothing names, the column that the query calls its name is the readable one."""
    one = desk(f"{server}/query")
    one.write(
        "SELECT ?thing ?thingName ?n WHERE { VALUES (?thing ?thingName ?n) {"
        ' (<urn:example:4711> "One" 5) (<urn:example:4712> "Two" 7) } }'
    )
    one.run()
    one.ran()
    one.page.get_by_role("button", name="Table", exact=True).click()
    heads = one.page.locator("table.rows thead .sort")
    expect(heads).to_have_text(["thingName", "n"])
    expect(one.page.locator("table.rows")).not_to_contain_text("4711")
    one.page.locator(".folded button").click()
    expect(heads).to_have_text(["thing", "thingName", "n"])
    expect(one.page.locator("table.rows")).to_contain_text("4711")


def test_a_fault_is_told_in_the_readers_language(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "zh-CN")
    one.write("SELECT ?x WHERE { ?x a linli:District ")
    one.run()
    problem = one.page.locator(".problem")
    expect(problem).to_contain_text("没有闭合")
    expect(problem).not_to_contain_text("not closed")


def test_the_drawing_of_a_graph_has_room(server: str, desk: Opened) -> None:
    """Nodes don't gather at the edges, and a relation that is the only one is named once."""
    one = desk(f"{server}/query")
    one.write(
        "CONSTRUCT { ?body linli:hasMember ?m } WHERE"
        " { ?body a linli:JointBody ; linli:hasMembership/linli:hasMember ?m } LIMIT 40"
    )
    one.run()
    one.ran()
    dots = one.page.locator(".graph svg circle.dot")
    expect(dots.nth(20)).to_be_visible()
    places = dots.evaluate_all("all => all.map((one) => [+one.getAttribute('cx'), +one.getAttribute('cy')])")
    at_an_edge = [1 for x, y in places if x <= 60 or x >= 840 or y <= 24 or y >= 584]
    assert len(at_an_edge) <= 4, "the outermost of each side alone"
    expect(one.page.locator(".graph svg text.value")).to_have_count(0)
