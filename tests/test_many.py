"""Pages with little and with much: timelines, maps' lines of degrees, plurals, figures before and after."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.explore import Explorer, Ref, Text
from kg.explore.entity.phases import changes
from kg.explore.entity.timeline import OPEN, PLAIN, SHOWN, Moment, by_year
from kg.explore.maps.graticule import FOOT, LETTER, graticule
from kg.explore.model import Cell, Datum, Fact, Section, Statement, Table, TableRow
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app

B = "https://example.org/orchard/"
O = B + "ontology/"  # noqa: E741 # as the orchard's own prefix
PROPERTY = Ref(O + "planted", Text("planted", "en"))


@pytest.fixture(scope="module")
def explorer(small_release: Release) -> Explorer:
    return Explorer(LocalEngine.open(small_release.store), small_release)


@pytest.fixture(scope="module")
def app(small_release: Release):
    return create_app(LocalEngine.open(small_release.store), Settings(), small_release)


def moments(number: int) -> tuple[Moment, ...]:
    long_ = "An event with a name of sixty characters, and a few more " + "改" * 30
    return tuple(
        Moment(f"{1980 + n * 40 // number}-01-01", PROPERTY, Ref(f"x:{n}", Text(f"{long_} {n}", "en")))
        for n in range(number)
    )


@pytest.mark.parametrize(("number", "folded"), [(3, None), (60, False), (1_000, True)])
def test_a_timeline_of_three_sixty_and_a_thousand(app, number: int, folded: bool | None):
    with app.test_request_context("/?lang=en"):
        page = render_template_string('{% include "parts/around.html" %}', moments=moments(number), map=None)
    years = page.count("<details")
    assert years == (0 if folded is None else 40)
    assert page.count("<details open") == (40 if folded is False else 0)
    assert page.count("<li") == (number if number <= SHOWN else SHOWN // 40 * 40)  # as many of each year
    assert len(page.encode()) < 100_000
    counted = sum(int(n) for n in re.findall(r'<span class="count">(\d+)</span></summary>', page))
    assert counted == (0 if folded is None else number), "each year says how many there are"


def test_a_few_are_a_plain_list():
    assert PLAIN < OPEN < SHOWN


@given(st.lists(st.integers(1800, 2030), min_size=1, max_size=400))
def test_years_hold_every_moment_or_say_how_many_more(years: list[int]):
    found = by_year(tuple(Moment(f"{year}-05", PROPERTY, None) for year in sorted(years)))
    assert sum(one.count for one in found) == len(years)
    assert [one.year for one in found] == sorted({str(year) for year in years})


@given(st.floats(-180, 180), st.floats(-80, 80), st.floats(0.5, 50_000), st.floats(0.1, 1))
def test_lines_of_degrees_are_few_and_within(west: float, north: float, scale: float, squeeze: float):
    made = graticule((west, north), scale, squeeze, (400, 300))
    assert all(-1 <= sign.x <= 405 and -4 <= sign.y <= 300 for sign in made.signs)
    assert all(sign.x + len(sign.text) * LETTER <= 400 for sign in made.signs if sign.y == 11)
    assert all(sign.y < 300 - FOOT for sign in made.signs if sign.y != 11), "over the scale"
    if 400 / scale / squeeze < 150 and 300 / scale < 150:
        assert made.lines.count("M") <= 14
    assert graticule((0, 0), float("nan"), 1, (1, 1)).lines == ""


def test_a_class_is_called_in_the_plural(app):
    client = app.test_client()
    assert re.search(
        r'<span class="amount">24</span> <span class="what"><bdi>trees</bdi>', client.get("/?lang=en").text
    )
    assert re.search(
        r'<span class="amount">24</span> <span class="what"><bdi>果树</bdi>',
        client.get("/?lang=zh-Hans").text,
    )
    # One that doesn't say what several are called keeps its name.
    assert "<bdi>variety</bdi>" in client.get("/browse?lang=en").text


def test_figures_in_two_phases_stand_side_by_side(explorer: Explorer):
    entity, schema = explorer.entity(B + "id/orchard/long-ridge", "en"), explorer.schema
    assert entity is not None
    assert changes(entity, schema) == (), "the orchard's figures have no phases"
    phased = replace(schema)
    phased.__dict__["_playing"] = {"Quantity": ("x:quantity",), "Phase": ("x:phase",)}
    columns = tuple(Ref(name, Text(name)) for name in ("x:quantity", "x:phase", "x:value"))

    def row(phase: str, number: str) -> TableRow:
        quantity, when = Ref("x:berths", Text("berths")), Ref(f"x:{phase}", Text(phase))
        figure = Cell((Fact(Datum(number)),), is_figure=True)
        return TableRow(Ref("x:n", Text("n")), (Cell((Fact(quantity),)), Cell((Fact(when),)), figure), (1,))

    table = Table(columns, (row("after", "200"), row("before", "50"), row("odd", "many")))
    section = Section("x", None, (Statement(PROPERTY, table=table),), "")
    (change,) = changes(replace(entity, sections=(section,)), phased)
    assert {bar.phase.label.value: bar.length for bar in change.bars} == {"after": 1000, "before": 250}
