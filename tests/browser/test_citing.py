"""Citing a result as a reader does it, in Chromium: from the answer to the landing page and back."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from kg.release import Release
from kg.settings import Settings
from tests.browser.expecting import expect
from tests.browser.site import serving

pytestmark = pytest.mark.browser

TREES = "SELECT ?tree WHERE { ?tree a <https://example.org/orchard/ontology/Tree> } ORDER BY ?tree"


@pytest.fixture(scope="module")
def site(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = tmp_path_factory.mktemp("citations") / "citations.sqlite3"
    with serving(small_release, Settings(citations=str(store))) as address:
        yield address


def test_a_result_is_cited_from_beside_it(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{site}/query")
    page.wait_for_selector("#editor[data-ready]")
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(TREES)
    page.keyboard.press("Control+Enter")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Cite this result").click()
    keep_and_check(opened.value)
    context.close()


def test_a_result_is_cited_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/query?query={quote(TREES)}")
    page.get_by_role("button", name="Cite this result").click()
    keep_and_check(page)
    context.close()


def keep_and_check(page: Page) -> None:
    """Keep the citation that a page offers, look at its landing page, and run it again."""
    expect(page.locator("#query")).to_have_value(TREES)
    page.get_by_label("Title").fill("The trees <of> 翠苑")
    page.get_by_role("button", name="Keep this citation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The trees <of> 翠苑")
    expect(page.get_by_text("The first 10 of 24 rows.")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="csv", exact=True).click()
    assert len(saved.value.path().read_text("utf-8").splitlines()) == 25
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("Unchanged: the same rows, the same checksum.")).to_be_visible()
