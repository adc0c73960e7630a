"""What somebody who knows no RDF wants to find out from the home page, in at most three clicks each."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from opencc import OpenCC
from playwright.sync_api import Page

from tests.browser.clicks import Clicker
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])


TRADITIONAL = OpenCC("s2tw")


def said(language: str, en: str, hans: str) -> re.Pattern[str]:
    """What stands on the page of a language: names that have no Traditional form stay Simplified."""
    if language == "en":
        return re.compile(en)
    return re.compile(f"{hans}|{TRADITIONAL.convert(hans)}" if language == "zh-Hant" else hans)


@LANGUAGES
def test_which_case_gained_most_parking_and_who_says_so(page: Page, site: str, language: str):
    reader = Clicker(page, f"{site}/?lang={language}")
    lead = page.locator(".answers a", has_text=said(language, "parking berths", "停车位")).first
    expect(lead).to_contain_text(said(language, "471 parking berths", "471 个停车位"))
    reader.click(lead)
    first = page.locator(".answer-rows tbody tr").first
    expect(first).to_contain_text("471")
    reader.click(first.locator("button.mark").first)
    card = page.locator(".card:popover-open")
    expect(card).to_contain_text(said(language, "stated by the passage", "原文所述"))
    expect(card.locator(".place a").first).to_be_visible()


@LANGUAGES
def test_who_governs_a_neighbourhood_and_how(page: Page, site: str, language: str):
    reader = Clicker(page, f"{site}/?lang={language}")
    reader.enter(page.locator("#seek"), "青荷苑")
    reader.click(
        page.locator(".found a", has_text=said(language, "^Qingheyuan Community", "^青荷苑社区")).first
    )
    acting = page.locator("section.acting")
    for who, how in ((("Honghe Hui", "红荷荟"), ("Joint bod|took part", "联合|参与")),):
        expect(acting.locator("svg.diagram").first).to_contain_text(said(language, *who))
        expect(acting.locator("svg.diagram .relation").first).to_be_visible()
        expect(acting).to_contain_text(said(language, *how))
    page.locator("section.acting svg a").first.focus()
    assert reader.left == 1


@LANGUAGES
def test_lifts_by_year_as_a_picture_with_its_source(page: Page, site: str, language: str, tmp_path: Path):
    reader = Clicker(page, f"{site}/?lang={language}")
    reader.click(page.locator(".answers a", has_text=said(language, "lifts", "电梯")).first)
    expect(page.locator("figure.plot svg.plot")).to_be_visible()
    vector = reader.save(page.locator("a[download]", has_text="SVG"))
    vector.save_as(tmp_path / "lifts.svg")
    text = (tmp_path / "lifts.svg").read_text(encoding="utf-8")
    ET.fromstring(text)  # noqa: S314 # our own
    for part in (
        said(language, "lifts", "电梯"),
        said(language, "Source: ", "来源"),
        re.compile("/questions/lifts-by-year"),
    ):
        assert part.search(text), part
    picture = reader.save(page.get_by_role("button", name="PNG"))
    picture.save_as(tmp_path / "lifts.png")
    begin = (tmp_path / "lifts.png").read_bytes()[:24]
    assert begin[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", begin[16:24])
    assert width >= 1500 and height > 400, "sharp enough for a slide"


@LANGUAGES
def test_what_a_compound_got_for_whom_and_run_by_whom(page: Page, site: str, language: str):
    reader = Clicker(page, f"{site}/?lang={language}")
    reader.enter(page.locator("#seek"), "翠苑四区")
    reader.click(page.locator(".found a", has_text=said(language, "^Cuiyuan Siqu", "^翠苑四区")).first)
    got = page.locator(
        ".statement.tells", has=page.locator("dt", has_text=said(language, "^Facilit", "^设施"))
    )
    expect(got.first).to_be_visible()
    expect(got.first.locator("li").nth(2)).to_be_visible()
    expect(got.first).to_contain_text(said(language, "older|old people", "老年人"))
    # Who runs it no document tells; the page says that instead of leaving the reader to guess.
    expect(page.locator("section.unknown")).to_contain_text(said(language, "Managed by", "物业管理"))
    assert reader.left == 1


@LANGUAGES
def test_what_is_not_known_of_a_district(page: Page, site: str, language: str):
    reader = Clicker(page, f"{site}/?lang={language}")
    reader.click(page.locator("nav.main a", has_text=said(language, "^Coverage$", "^覆盖")))
    reader.click(page.locator("table.heat th a", has_text=said(language, "^Lin.?an District", "^临安区")))
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        said(language, "What isn't known of Lin.?an District", "关于临安区，还不知道什么")
    )
    expect(page.locator("#untold")).to_be_visible()
    expect(page.locator(".expects .missing").first).to_be_visible()
    reader.click(page.locator(".expects a.missing").first)
    expect(page.locator("ul.things li").first).to_be_visible()
    expect(page.locator(".trail")).to_contain_text(said(language, "Lin.?an District", "临安区"))
