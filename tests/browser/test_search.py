"""Search as a reader uses it, in Chromium."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

NAMES = {"en": "Cuiyuan Siqu", "zh-Hans": "翠苑四区", "zh-Hant": "翠苑四區"}


@pytest.mark.parametrize(("tongue", "name"), NAMES.items())
def test_a_newcomer_finds_a_case_by_typing_its_pinyin(page: Page, site: str, tongue: str, name: str):
    page.goto(f"{site}/?lang={tongue}")
    box = page.get_by_role("combobox").first
    box.press_sequentially("cuiyuan", delay=20)
    case = page.get_by_role("option").filter(has_text=re.compile(rf"^\s*{name}")).first
    expect(case).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    for _ in range(5):  # what is written of more comes before it
        box.press("ArrowDown")
        if case.get_attribute("aria-selected") == "true":
            break
    expect(case).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == case.get_attribute("id")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_keyboard_goes_round_and_escape_closes(page: Page, site: str):
    page.goto(f"{site}/?lang=en")
    box = page.get_by_role("combobox").first
    box.press_sequentially("cui")
    options = page.get_by_role("option")
    expect(options).to_have_count(8)
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("cui")
    box.press("Enter")
    expect(page).to_have_url(f"{site}/search?q=cui")


def test_a_typing_mistake_still_suggests(page: Page, site: str):
    page.goto(f"{site}/?lang=zh-Hans")
    page.get_by_role("combobox").first.fill("翠宛四区")
    expect(page.get_by_role("option").first).to_contain_text("翠苑四区")


def test_search_works_without_scripts(browser: Browser, site: str):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(site)
    page.locator("#q").fill("cysq")
    page.locator("#q").press("Enter")
    page.get_by_role("link", name="翠苑四区", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("翠苑四区")
    context.close()
