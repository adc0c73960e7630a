"""What is expected of a page is so, or fails, as Playwright's own expectations do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect as playwrights

from tests.browser.expecting import expect

pytestmark = pytest.mark.browser

LATE = """<main><p>one</p><p id="late"></p></main><script>setTimeout(() => {
    document.getElementById("late").outerHTML = "<b>come</b>"; history.replaceState({}, "", "#come") }, 300)
</script>"""
COME = "(name) => { setTimeout(() => document.body.prepend(document.createElement(name)), 700) }"


def test_what_comes_is_waited_for(page: Page, orchard_server: str) -> None:
    page.route("**/late", lambda route: route.fulfill(body=LATE, content_type="text/html"))
    page.goto(f"{orchard_server}/late")
    expect(page.locator("b")).to_be_visible()
    page.goto(f"{orchard_server}/late")
    expect(page.locator("b")).to_contain_text(re.compile("come"))
    page.goto(f"{orchard_server}/late")
    expect(page).to_have_url(re.compile("#come$"))
    page.goto(f"{orchard_server}/late")
    expect(page).to_have_url(f"{orchard_server}/late#come")
    expect(page.locator("i")).to_be_hidden()
    expect(page.locator("p")).to_have_count(1)


@pytest.mark.parametrize(
    ("which", "name", "words"),
    [
        ("i", "to_be_visible", ()),
        ("i", "to_contain_text", ("x",)),
        ("p", "to_contain_text", ("one",)),  # there are two
        ("p.a", "to_contain_text", ("two",)),
        ("p.a", "not_to_contain_text", ("one",)),
        ("p", "to_have_count", (3,)),
        ("p.b", "to_be_visible", ()),
    ],
)
def test_what_does_not_come_fails_in_time_with_playwrights_words(
    page: Page, which: str, name: str, words: tuple
) -> None:
    page.set_content("<main><p class=a>one</p><p class=b hidden>two</p></main>")
    said = []
    for expecting in (playwrights, expect):
        with pytest.raises(AssertionError) as failed:
            getattr(expecting(page.locator(which)), name)(*words, timeout=200)
        said.append(str(failed.value).split("Call log")[0])
    assert said[0] == said[1]


def test_nothing_is_written_down_while_something_is_waited_for(page: Page) -> None:
    """Playwright reads the style of all that stands on the page, for a message that nobody may need."""
    page.set_content("<main>" + "<p>words</p>" * 5_000 + "</main>")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def worked() -> float:
        told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return told["TaskDuration"]

    took = []
    for name, expecting in (("b", playwrights), ("i", expect)):
        page.evaluate(COME, name)
        before = worked()
        expecting(page.locator(name)).to_be_attached()
        took.append(worked() - before)
    assert took[1] < took[0] / 4, took
