"""The map in Chromium: it can be moved about in, within our policy, and leads to things."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from kg.release import Release
from tests.browser.expecting import expect
from tests.browser.site import serving

pytestmark = pytest.mark.browser

TREE = "https://example.org/orchard/ontology/Tree"


@pytest.fixture(scope="module")
def site(small_release: Release) -> Iterator[str]:
    with serving(small_release) as address:
        yield address


def test_a_ring_opens_and_leads_to_a_thing_and_nothing_is_fetched_elsewhere(browser: Browser, site: str):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/map?class={TREE}")
    ring = page.locator("path.spot.approximate")
    expect(ring).to_have_count(1)
    page.get_by_role("button", name="Closer").click()
    ring.click()
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("Approximate")
    popup.get_by_role("link", name="Tree 1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tree 1")
    assert said == []
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
    context.close()


def test_without_scripts_a_ring_leads_to_the_list_of_its_things(browser: Browser, site: str):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{site}/map?class={TREE}")
    page.locator("svg a").first.click()
    expect(page).to_have_url(f"{site}/map?class={TREE}#at-1")
    expect(page.locator("#at-1").get_by_role("link", name="Tree 1", exact=True)).to_be_visible()
    context.close()
