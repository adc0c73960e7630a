"""On a phone results come first; what narrows them lies behind a button, which needs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from kg.release import Release
from tests.browser.expecting import expect
from tests.browser.screenshots import pages

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 740}
COMPOUNDS = "/browse?class=linli:ResidentialCompound"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=False)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_results_come_first_and_what_was_chosen_is_told(phone: Page, site: str):
    phone.goto(site + COMPOUNDS)
    facets = phone.locator(".facets")
    expect(facets).to_be_hidden()
    expect(phone.locator(".things a").first).to_be_in_viewport()
    phone.get_by_role("button", name="Narrow down").click()
    expect(facets).to_be_visible()
    choice = facets.locator("details[open] a").first
    name = choice.locator(".name").inner_text()
    choice.click()
    expect(phone).to_have_url(re.compile(r"&"))
    expect(facets).to_be_hidden()
    expect(phone.locator(".things a").first).to_be_in_viewport()
    button = phone.get_by_role("button", name="Narrow down")
    expect(button).to_contain_text(name)
    button.press("Enter")
    expect(facets.locator("a.chosen .name").first).to_contain_text(name)
    phone.keyboard.press("Escape")
    expect(facets).to_be_hidden()


def test_all_facets_can_be_reached_on_a_short_screen(phone: Page, site: str):
    phone.goto(site + COMPOUNDS)
    phone.get_by_role("button", name="Narrow down").click()
    last = phone.locator(".facets > details > summary").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()


def test_where_there_is_room_they_stand_beside_the_results(page: Page, site: str):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}{COMPOUNDS}&lang=en")
    facets, things = page.locator(".facets"), page.locator(".things")
    expect(facets).to_be_visible()
    expect(page.locator("button.narrowing")).to_be_hidden()
    beside, results = facets.bounding_box(), things.bounding_box()
    assert beside is not None and results is not None
    assert beside["x"] + beside["width"] <= results["x"]
    assert abs(beside["y"] - results["y"]) < 40


HIDDEN = """table => [...table.querySelectorAll("tbody td")]
    .filter(one => one.textContent.trim() !== "" && one.checkVisibility())
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map(one => one.textContent.trim())"""


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_figures_have_their_phase_and_date_in_sight_and_sources_last(
    browser: Browser, site: str, release: Release, locale: str
):
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale=locale)
    page = context.new_page()
    page.goto(site + pages(release)["figures"])
    table = page.locator(".statement table.cards:has(td.figure)").first
    assert table.evaluate(HIDDEN) == []
    row = table.locator("tbody tr", has=page.locator("td[data-label] time")).first
    source, date = row.locator("td.source").bounding_box(), row.locator("td:has(time)").first.bounding_box()
    assert source is not None and date is not None
    assert (source["y"], source["x"]) > (date["y"] - 6, date["x"])
    context.close()


@pytest.mark.parametrize("locale", ["en-GB", "zh-TW"])
@pytest.mark.parametrize(
    "key",
    [
        "neighbouring-cases",  # five columns, the second text after a number
        "award-winners",  # the more columns of names
        "members-by-role",  # three of names
        "facts-told-twice",  # three, one with a long name
        "before-and-after",
    ],
)
def test_no_column_of_an_answer_is_out_of_sight(browser: Browser, site: str, key: str, locale: str):
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale=locale)
    page = context.new_page()
    page.goto(f"{site}/questions/{key}")
    assert page.locator(".answer-rows table").first.evaluate(HIDDEN) == []
    context.close()


def test_a_chart_with_its_dates_is_no_wider_than_the_screen(phone: Page, site: str):
    phone.goto(f"{site}/compare?class=linli:ResidentialCompound&lang=en")
    expect(phone.locator(".bars td.figure .kind").first).to_be_visible()
    assert phone.locator("table.bars").first.evaluate(HIDDEN) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_map_is_read_without_a_script(phone: Page, site: str):
    phone.goto(f"{site}/map")
    scroller, drawing = phone.locator("figure.atlas .pan"), phone.locator("figure.atlas svg.drawing")
    large = drawing.evaluate("one => one.getBoundingClientRect().width / one.viewBox.baseVal.width")
    assert large * 13 >= 12, "its names are as large as small print"
    assert drawing.locator(".ground text").count() > 3
    expect(scroller).to_have_attribute("tabindex", "0")
    first = drawing.locator(".spots a").first
    expect(first).to_be_in_viewport()  # what is largest, wherever on the map it lies
    name = (first.get_attribute("aria-label") or "").partition(":")[0]
    assert phone.locator(".within summary").first.inner_text().startswith(name), (
        "and a list of all stands below"
    )
