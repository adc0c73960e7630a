"""The five ways from the home page that `test_newcomers_tasks` clicks, by keyboard alone.

In Traditional Chinese, on a narrow window magnified to 200 %: at each step nothing is cut off, and what has
the focus is in sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

LOOKING = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")
MAGNIFIED = {"width": 320, "height": 370}
"""A window of 640 by 740 at 200 %: the narrowest that WCAG 2.2 (1.4.10) asks for."""


class Typist:
    """Somebody without a mouse: Tab, Enter and letters."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        self.look()

    def look(self) -> None:
        """See that nothing is cut off."""
        self.page.evaluate(LOOKING)
        assert self.page.evaluate("looking.cut()") == [], self.page.url

    def reach(self, place: Locator, most: int = 400) -> None:
        """Press Tab until a place has the focus."""
        handle = place.element_handle()
        assert handle is not None
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if handle.evaluate("one => one === document.activeElement"):
                break
        expect(place).to_be_focused()
        expect(place).to_be_in_viewport()

    def follow(self, place: Locator) -> None:
        """Reach a link and press Enter."""
        self.reach(place)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def ask(self, place: Locator, text: str) -> None:
        """Reach a field, write and press Enter."""
        self.reach(place)
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()


@pytest.fixture
def typist(browser: Browser, site: str) -> Iterator[Typist]:
    context = browser.new_context(
        viewport=MAGNIFIED,  # type: ignore[arg-type]
        device_scale_factor=2,
        locale="zh-TW",
        accept_downloads=True,
    )
    yield Typist(context.new_page(), f"{site}/?lang=zh-Hant")
    context.close()


def test_which_case_gained_most_parking_and_who_says_so(typist: Typist):
    page = typist.page
    typist.follow(page.locator(".answers a", has_text="停車位").first)
    row = page.locator(".answer-rows tbody tr").first
    expect(row).to_contain_text("471")
    typist.reach(row.locator("button.mark").first)
    page.keyboard.press("Enter")
    card = page.locator(".card:popover-open")
    expect(card).to_contain_text("原文所述")
    typist.look()
    page.keyboard.press("Tab")
    assert card.evaluate("one => one.contains(document.activeElement)"), "the card's links come next"
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_who_governs_a_neighbourhood_and_how(typist: Typist):
    page = typist.page
    typist.ask(page.locator("#seek"), "青荷苑")
    typist.follow(page.locator(".found a", has_text=re.compile("^青荷苑社[区區]")).first)
    acting = page.locator("section.acting")
    expect(acting).to_contain_text(re.compile("[聯联]合|參與"))
    who = acting.locator("svg.diagram.narrow a").first
    typist.reach(who)


def test_lifts_by_year_as_a_picture_with_its_source(typist: Typist):
    page = typist.page
    typist.follow(page.locator(".answers a", has_text="電梯").first)
    expect(page.locator("figure.plot svg.plot:visible")).to_have_count(1)
    for place in (page.locator("a[download]", has_text="SVG"), page.get_by_role("button", name="PNG")):
        typist.reach(place)
        with page.expect_download():
            page.keyboard.press("Enter")


def test_what_a_compound_got_for_whom_and_run_by_whom(typist: Typist):
    page = typist.page
    typist.ask(page.locator("#seek"), "翠苑四區")
    typist.follow(page.locator(".found a", has_text=re.compile("^翠苑四[区區]")).first)
    got = page.locator(".statement.tells", has=page.locator("dt", has_text=re.compile("^設施"))).first
    expect(got).to_contain_text("老年人")
    typist.reach(got.locator("a").nth(1))
    expect(page.locator("section.unknown")).to_contain_text("物業管理")


def test_what_is_not_known_of_a_district(typist: Typist):
    page = typist.page
    typist.follow(page.locator("nav.main a", has_text="覆蓋"))
    typist.follow(page.locator("table.heat th a", has_text=re.compile("^[临臨]安[区區]")))
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("[临臨]安[区區]，還不知道什麼"))
    typist.follow(page.locator(".expects a.missing").first)
    expect(page.locator("ul.things li").first).to_be_visible()
