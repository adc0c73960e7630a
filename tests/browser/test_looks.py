"""How things look in Chromium: names in answers, signs on maps, the tabs of the editor, what paper shows."""

from __future__ import annotations

import math
import re
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.desk import Opened
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

NAMES = "SELECT ?n { ?x a linli:District ; rdfs:label ?n FILTER(LANG(?n) = 'en') } ORDER BY ?n"
SIGNS = """signs => signs.map(one => one.getBoundingClientRect())
    .map(({x, y, width}) => [x + width / 2, y + width / 2, width / 2])"""


def test_names_in_an_answer_are_the_readers_and_can_be_had_as_they_are(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "zh-CN")
    one.write(NAMES)
    one.run()
    one.ran()
    expect(one.rows.filter(has_text="西湖区")).to_have_count(1)
    expect(one.rows.filter(has_text="Xihu")).to_have_count(0)
    expect(one.rows.filter(has_text="西湖区").locator("[title='Xihu District @en']")).to_have_count(1)
    told = one.page.locator(".retold")
    expect(told).to_contain_text("以中文显示")
    told.get_by_role("button").click()
    expect(one.rows.filter(has_text="Xihu District")).to_have_count(1)
    told.get_by_role("button").click()
    expect(one.rows.filter(has_text="西湖区")).to_have_count(1)


def test_who_asks_for_names_in_another_language_gets_those(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "en")
    one.write(NAMES.replace("'en'", "'zh-hans'"))
    one.run()
    one.ran()
    expect(one.rows.filter(has_text="西湖区")).to_have_count(1)
    expect(one.page.locator(".retold")).to_have_count(0)


def test_examples_come_by_themselves(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "zh-CN")
    expect(one.page.locator("button.example").nth(50)).to_be_attached()
    tab = one.page.get_by_role("tab").first.locator("bdi")
    one.write("# " + "很长的标题" * 20 + "\nASK {}")
    expect(tab).to_contain_text("很长的标题")
    assert tab.evaluate("one => getComputedStyle(one).textOverflow") == "ellipsis"
    assert tab.evaluate(
        "one => one.getBoundingClientRect().right <= one.parentElement.getBoundingClientRect().right"
    )


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_on_the_map_no_ring_lies_on_another(browser: Browser, site: str, size: tuple[int, int]) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.goto(f"{site}/map")
    rings = page.locator(".leaflet-container path.spot")
    expect(rings.nth(10)).to_be_attached()
    page.wait_for_timeout(300)
    for _closer in range(2):
        drawn = [tuple(one) for one in rings.evaluate_all(SIGNS)]
        near = [
            pair
            for pair in combinations(drawn, 2)
            if math.dist(pair[0][:2], pair[1][:2]) < pair[0][2] + pair[1][2] - 3
        ]
        assert near == []
        if size[0] > 1000:
            page.locator(".leaflet-control-zoom-in").click()
            page.wait_for_timeout(600)
    assert page.locator("path.leader").count() > 5
    context.close()


def test_paper_says_what_is_compared_and_nothing_to_press(page: Page, site: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{site}/compare")
    tabs = page.locator("nav.tabs a")
    assert tabs.count() > 1
    shown = [one for one in tabs.all() if one.is_visible()]
    assert [one.get_attribute("aria-current") for one in shown] == ["true"]
    expect(page.locator("[aria-labelledby=quantities]")).to_be_hidden()
    page.goto(f"{site}/questions/facilities-by-year")
    expect(page.locator(".switch")).to_be_hidden()
    axes = page.locator("svg.plot text.axis")
    assert [re.sub(r"[↑→ ]", "", one) for one in axes.all_text_contents()] == ["Facilities", "Year"]
