"""From a question to the passage that a row rests on, in a real browser against a real server."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.browser.desk import Opened
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

BASE = "https://example.org/orchard/"
QUERY = (
    f"PREFIX o: <{BASE}ontology/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "SELECT ?area { ?x rdfs:label 'Long Ridge Orchard'@en ; o:hasFigure/o:number ?area } ORDER BY ?area"
)


def test_a_row_leads_to_its_passage_in_two_clicks(orchard_server: str, desk: Opened) -> None:
    one = desk(f"{orchard_server}/query?query={quote(QUERY)}")
    expect(one.rows).to_have_count(2)
    assert one.page.locator("td.sources").count() == 0
    one.page.get_by_role("button", name="With sources").click()
    expect(one.page.locator("td.sources")).to_have_count(2)
    expect(one.page.locator(".answer-sources li")).to_have_text("Almanac, page 4")
    link = one.page.locator("td.sources a").first
    expect(link).to_have_text("[1]")
    expect(link).to_have_attribute("title", "Almanac, page 4")
    link.click()
    expect(one.page).to_have_url(re.compile("source/almanac-1931/p04"))
    expect(one.page.locator("h1")).to_contain_text("Almanac, page 4")


def test_the_address_keeps_the_switch_and_the_list_can_be_downloaded(
    orchard_server: str, desk: Opened
) -> None:
    one = desk(f"{orchard_server}/query?sources=1&query={quote(QUERY)}", "zh-CN")
    expect(one.page.locator("td.sources a").first).to_have_text("[1]")
    expect(one.page.get_by_role("button", name="附来源")).to_have_attribute("aria-pressed", "true")
    with one.page.expect_download() as download:
        one.page.get_by_role("link", name="RIS").click()
    assert "TI  - 年鉴第 4 页" in download.value.path().read_text(encoding="utf-8")
    one.page.get_by_role("button", name="附来源").click()
    expect(one.page.locator("td.sources")).to_have_count(0)
    expect(one.rows).to_have_count(2)


def test_a_question_leads_to_a_rows_passage_in_two_clicks_without_a_script(
    orchard_server: str, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{orchard_server}/questions/harvest?lang=en")
    expect(page.locator("td.sources")).to_have_count(0)
    page.get_by_role("link", name="With sources").click()
    cell = page.locator("td.sources").first
    expect(cell).to_contain_text("Stated by 1 text independently")
    cell.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("source/"))
    expect(page.locator("h1")).not_to_be_empty()
    page.context.close()
