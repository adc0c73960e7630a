"""How pages look elsewhere than on a wide screen: magnified, on paper, to the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app
from tests.browser.screenshots import PAPER, pages
from tests.browser.site import serving_app
from tests.crowded import HALL, crowded

pytestmark = pytest.mark.browser

TWICE = {"width": 640, "height": 450}
"""What a window of 1280 by 900 shows at 200 %."""

UNPRINTED = {"query", "question-embedded"}
"""An editor, and a part of another page."""
NOWHERE = "error"
"""What isn't there has no address to be printed."""

LOOKING = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")


@dataclass
class Looked:
    """What is wrong with the pages, by name of the page."""

    magnified: dict[str, Any] = field(default_factory=dict)
    cut_on_paper: dict[str, Any] = field(default_factory=dict)
    ways_on_paper: dict[str, Any] = field(default_factory=dict)
    faint_on_paper: dict[str, Any] = field(default_factory=dict)
    loose_on_paper: dict[str, Any] = field(default_factory=dict)
    without_address: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def looked(browser: Browser, site: str, release: Release) -> Iterator[Looked]:
    """Every kind of page, loaded once: at 200 %, and then on paper though dark was chosen."""
    found = Looked()
    context = browser.new_context(viewport=TWICE, device_scale_factor=2, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_navigation_timeout(120_000)  # how quick pages are, other tests ask
    page = context.new_page()
    page.goto(f"{site}/?theme=dark")
    for name, address in pages(release).items():
        if re.fullmatch(r"entity-(?!01|05|08)\d\d", name):
            continue
        page.set_viewport_size(TWICE)  # type: ignore[arg-type]
        page.emulate_media(media="screen")
        page.goto(site + address)
        page.evaluate(LOOKING)
        _note(found.magnified, name, page.evaluate("looking.cut()"))
        page.set_viewport_size(PAPER)  # type: ignore[arg-type]
        page.emulate_media(media="print")
        if name in UNPRINTED:
            continue
        _note(found.cut_on_paper, name, page.evaluate("looking.cut()"))
        _note(found.ways_on_paper, name, page.evaluate("looking.ways()"))
        _note(found.faint_on_paper, name, page.evaluate("looking.faint()"))
        _note(found.loose_on_paper, name, page.evaluate("looking.loose()"))
        if name != NOWHERE and not re.search(r"https?://\S+", page.locator(".printed").inner_text()):
            found.without_address.append(name)
        if page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)":
            _note(found.ways_on_paper, name, ["dark paper"])
    context.close()
    yield found


def _note(found: dict[str, Any], name: str, faults: list[str]) -> None:
    if faults:
        found[name] = faults


def test_at_200_per_cent_nothing_is_cut_off(looked: Looked):
    assert looked.magnified == {}


def test_on_paper_nothing_is_cut_off(looked: Looked):
    assert looked.cut_on_paper == {}


def test_on_paper_there_are_no_ways_through_the_site(looked: Looked):
    assert looked.ways_on_paper == {}


def test_on_paper_no_letters_are_white_on_white(looked: Looked):
    assert looked.faint_on_paper == {}


def test_on_paper_no_heading_ends_a_page(looked: Looked):
    assert looked.loose_on_paper == {}


def test_on_paper_a_page_says_its_address(looked: Looked):
    assert looked.without_address == []


@pytest.mark.parametrize("kind", ["home", "question-bars", "coverage-region", "network"])
def test_tab_reaches_everything_in_its_order_and_shows_where_it_is(
    page: Page, site: str, release: Release, kind: str
):
    page.goto(site + pages(release)[kind])
    page.evaluate(LOOKING)
    count = page.evaluate("looking.watch()")
    assert 10 < count < 600
    for _ in range(count + 1):
        page.keyboard.press("Tab")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("looking.missed()") == []
    assert page.evaluate("looking.inOrder()"), "the order of the page is that of the keyboard"
    assert page.evaluate("[...looking.unlit]") == []


def test_long_names_break_and_much_has_its_place(browser: Browser):
    context = browser.new_context(viewport={"width": 390, "height": 740}, locale="en-GB")
    page = context.new_page()
    with serving_app(create_app(LocalEngine(crowded()), Settings())) as site:
        for address in (f"/resource?iri={HALL}", "/browse?class=https://crowded.example/ontology/Guild"):
            page.goto(site + address)
            page.evaluate(LOOKING)
            assert page.evaluate("looking.cut()") == []
    context.close()
