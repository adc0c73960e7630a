"""How pages look elsewhere than on a wide screen: magnified, on paper, to the keyboard alone."""

from __future__ import annotations

import re
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
from tests.conftest import shared_folder
from tests.crowded import HALL, crowded
from tests.together import together

pytestmark = pytest.mark.browser

TWICE = {"width": 640, "height": 450}
"""What a window of 1280 by 900 shows at 200 %."""

UNPRINTED = {"query", "question-embedded"}
"""An editor, and a part of another page."""
NOWHERE = "error"
"""What isn't there has no address to be printed."""

LOOKING = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")


Looked = dict[str, dict[str, Any]]
"""What is wrong with pages, by the kind of fault and the name of the page."""

KINDS = (
    "magnified",
    "cut on paper",
    "ways on paper",
    "faint on paper",
    "loose on paper",
    "without address",
    "told to press",
)


@pytest.fixture(scope="module")
def looked(
    browser: Browser, site: str, release: Release, tmp_path_factory: pytest.TempPathFactory, worker: str
) -> Looked:
    """Every kind of page, loaded once, by one of the workers: at 200 %, then on paper in spite of dark."""
    context = browser.new_context(viewport=TWICE, device_scale_factor=2, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_navigation_timeout(120_000)  # how quick pages are, other tests ask
    page = context.new_page()
    page.goto(f"{site}/?theme=dark")
    addresses = {
        name: address
        for name, address in pages(release).items()
        if not re.fullmatch(r"entity-(?!01|05|08)\d\d", name)
    }

    def faults(name: str) -> dict[str, Any]:
        page.set_viewport_size(TWICE)  # type: ignore[arg-type]
        page.emulate_media(media="screen")
        page.goto(site + addresses[name])
        page.evaluate(LOOKING)
        magnified = {"magnified": page.evaluate("looking.cut()")}
        return magnified if name in UNPRINTED else magnified | _on_paper(page, name)

    folder = shared_folder(tmp_path_factory, worker, "looked")
    found = together(folder, addresses, faults)
    context.close()
    assert found.keys() == addresses.keys()
    assert all(of.keys() <= {*KINDS} for of in found.values())
    return {kind: {name: of[kind] for name, of in found.items() if of.get(kind)} for kind in KINDS}


def _on_paper(page: Page, name: str) -> dict[str, Any]:
    """What is wrong with a page that was looked at already, once it is printed."""
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.emulate_media(media="print")
    ways = page.evaluate("looking.ways()")
    if page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)":
        ways = [*ways, "dark paper"]
    has_address = (
        re.search(r"https?://\S+", page.locator(".printed").inner_text()) if name != NOWHERE else True
    )
    return {
        "cut on paper": page.evaluate("looking.cut()"),
        "ways on paper": ways,
        "faint on paper": page.evaluate("looking.faint()"),
        "loose on paper": page.evaluate("looking.loose()"),
        "without address": not has_address,
        "told to press": bool(re.search("[点點][击擊]|[Cc]lick", page.locator("main").inner_text())),
    }


def test_at_200_per_cent_nothing_is_cut_off(looked: Looked):
    assert looked["magnified"] == {}


def test_on_paper_nothing_is_cut_off(looked: Looked):
    assert looked["cut on paper"] == {}


def test_on_paper_there_are_no_ways_through_the_site(looked: Looked):
    assert looked["ways on paper"] == {}


def test_on_paper_no_letters_are_white_on_white(looked: Looked):
    assert looked["faint on paper"] == {}


def test_on_paper_no_heading_ends_a_page(looked: Looked):
    assert looked["loose on paper"] == {}


def test_on_paper_a_page_says_its_address(looked: Looked):
    assert looked["without address"] == {}


def test_on_paper_nobody_is_told_to_press_anything(looked: Looked):
    assert looked["told to press"] == {}


def test_on_paper_what_is_to_be_cited_stands_there(page: Page, site: str):
    page.emulate_media(media="print")
    page.goto(f"{site}/cite?lang=en&title=Three+statements&query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+3")
    told = page.locator("main").inner_text()
    for part in ("Three statements", "SELECT * { ?s ?p ?o } LIMIT 3", "Release ", "Not kept yet"):
        assert part in told, part


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
