"""A facet of spans, from the sidebar to the list that it cuts: with scripts and without, also on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

DOCUMENTS = "/browse?class=linli:Document&lang=en"
SPAN = re.compile(r"^(\d{4})(?:–(\d{4}))?$")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 740}


def listed(page: Page) -> int:
    """Return how many things the list says it has."""
    return int(page.locator("h1 .count").inner_text().replace(",", ""))


@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_span_of_years_leaves_as_many_as_it_says(
    browser: Browser, site: str, window: dict[str, int], scripts: bool
):
    context = browser.new_context(viewport=window, locale="en-GB", java_script_enabled=scripts)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site + DOCUMENTS)
    everything = listed(page)
    if window is PHONE:
        page.get_by_role("button", name="Narrow down").click()
    facet = page.locator(".facets > details", has=page.locator("summary", has_text="Published"))
    if facet.get_attribute("open") is None:
        facet.locator("summary").click()
    span = facet.locator("li a", has=page.locator(".name", has_text=SPAN)).first
    years = SPAN.match(span.locator(".name").inner_text())
    count = int(span.locator(".count").inner_text().replace(",", ""))
    assert years and 0 < count < everything
    span.click()
    assert listed(page) == count
    chosen = page.locator(".facets a.chosen .name", has_text=re.compile(f"^{years[0]}$"))
    expect(chosen).to_have_count(1)
    expect(page.locator(".things li").first).to_be_in_viewport()
    # What is listed was published in these years.
    page.locator(".things a").first.click()
    published = page.locator(".statement", has=page.locator("dt", has_text=re.compile("^Published$")))
    year = re.search(r"\d{4}", published.locator("dd").inner_text())
    assert year and int(years[1]) <= int(year[0]) <= int(years[2] or years[1])
    # And the choice is let go where it was made.
    page.go_back()
    if window is PHONE:
        page.get_by_role("button", name="Narrow down").click()
    chosen.click()
    assert listed(page) == everything
    context.close()
