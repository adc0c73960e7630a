"""How the pages look where they aren't looked at on a wide screen: magnified, on paper, by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from tests.browser.screenshots import PAPER, pages
from tests.browser.site import serving_app
from tests.crowded import HALL, crowded
from web import create_app

pytestmark = pytest.mark.browser

TWICE = {"width": 640, "height": 450}
"""What a window of 1280 by 900 shows at 200 %."""

# Text and controls that lie beyond the window's edge, unless what they stand in can be moved; text that its box cuts.
CUT = """() => {
  const edge = document.documentElement.clientWidth + 1;
  const movable = (e) => { for (; e; e = e.parentElement) if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return true; };
  const hidden = (e) => e.closest('.unseen, .skip, [hidden], [popover]:not(:popover-open)') || !e.checkVisibility({ visibilityProperty: true });
  const faults = [];
  for (const e of document.querySelectorAll('body *')) {
    if (hidden(e) || movable(e)) continue;
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own && !e.matches('input, select, button, img, textarea')) continue;
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    const clipped = style.overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1;
    if (box.width && (box.right > edge || box.left < -1 || clipped)) faults.push(`${e.tagName}.${e.className.baseVal ?? e.className}: ${e.textContent.trim().slice(0, 60)}`);
  }
  if (document.documentElement.scrollWidth > edge) faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
  return faults.slice(0, 5);
}"""
SHOWN = """() => [...document.querySelectorAll('header.site, footer.site, form.search, .facets, .pager, button, .skip')]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1 && !e.matches('.mark')).map((e) => e.outerHTML.slice(0, 80))"""


@dataclass
class Looked:
    """What is wrong with the pages, by name of the page."""

    magnified: dict[str, Any] = field(default_factory=dict)
    cut_on_paper: dict[str, Any] = field(default_factory=dict)
    ways_on_paper: dict[str, Any] = field(default_factory=dict)
    without_address: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def looked(browser: Browser, site: str, release: Release) -> Iterator[Looked]:
    """Every kind of page, loaded once: at 200 %, and then on paper though dark was chosen."""
    found = Looked()
    context = browser.new_context(viewport=TWICE, device_scale_factor=2, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site}/?theme=dark")
    for name, address in pages(release).items():
        if re.fullmatch(r"entity-(?!01|05|08)\d\d", name):
            continue
        page.set_viewport_size(TWICE)  # type: ignore[arg-type]
        page.emulate_media(media="screen")
        page.goto(site + address)
        _note(found.magnified, name, page.evaluate(CUT))
        page.set_viewport_size(PAPER)  # type: ignore[arg-type]
        page.emulate_media(media="print")
        if name in {"query", "question-embedded"}:  # an editor, and a part of another page, are nothing to print
            continue
        _note(found.cut_on_paper, name, page.evaluate(CUT))
        _note(found.ways_on_paper, name, page.evaluate(SHOWN))
        if not re.search(r"https?://\S+", page.locator(".printed").inner_text()):
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


def test_on_paper_a_page_says_its_address(looked: Looked):
    assert looked.without_address == []


# Notes what gets the focus, and how what is drawn there looks with it and without.
WATCH = """() => {
  window.reached = []; window.unlit = [];
  const look = (e) => { const s = getComputedStyle(e); return e.closest('svg') ? [...e.querySelectorAll('rect, circle, path, text')].map((c) => { const d = getComputedStyle(c); return d.fill + d.stroke + d.strokeWidth + d.textDecorationLine; }).join() : s.outlineStyle + s.outlineWidth + s.borderColor + s.boxShadow; };
  document.addEventListener('focusin', ({ target }) => { window.reached.push(target); target.lit = look(target); });
  document.addEventListener('focusout', ({ target }) => requestAnimationFrame(() => { if (look(target) === target.lit) window.unlit.push(target.outerHTML.slice(0, 120)); }));
}"""
REACHABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"


@pytest.mark.parametrize("kind", ["home", "question-bars", "coverage-region", "network"])
def test_tab_reaches_everything_in_its_order_and_shows_where_it_is(
    page: Page, site: str, release: Release, kind: str
):
    page.goto(site + pages(release)[kind])
    page.evaluate(WATCH)
    count = page.evaluate(
        f"""() => {{ window.wanted = [...document.querySelectorAll({REACHABLE!r})]
          .filter((e) => e.checkVisibility({{ visibilityProperty: true }}) && !e.disabled && e.tabIndex >= 0
            && !e.closest('[popover], details:not([open]) > :not(summary)')); return window.wanted.length; }}"""
    )
    assert 10 < count < 600
    for _ in range(count + 1):
        page.keyboard.press("Tab")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    missed = page.evaluate(
        "window.wanted.filter((e) => !window.reached.includes(e)).map((e) => e.outerHTML.slice(0, 120))"
    )
    assert missed == []
    order = page.evaluate(
        "window.reached.slice(0, window.wanted.length).every((e, n, all) => n === 0 || all[n - 1].compareDocumentPosition(e) & 4)"
    )
    assert order, "the order of the page is that of the keyboard"
    assert page.evaluate("[...new Set(window.unlit)]") == []


def test_long_names_break_and_much_has_its_place(browser: Browser):
    context = browser.new_context(viewport={"width": 390, "height": 740}, locale="en-GB")
    page = context.new_page()
    with serving_app(create_app(LocalEngine(crowded()), Settings())) as site:
        for address in (f"/resource?iri={HALL}", "/browse?class=https://crowded.example/ontology/Guild"):
            page.goto(site + address)
            assert page.evaluate(CUT) == []
    context.close()
