"""On a phone results come first; what narrows them lies behind a button, which needs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

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
