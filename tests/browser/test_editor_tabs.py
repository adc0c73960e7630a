"""Tabs, links and examples of the query editor."""

from __future__ import annotations

import re

import pytest

from tests.browser.desk import Desk, Opened
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser


def test_tabs_survive_a_reload(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.page.locator(".add").click()
    one.write("# kept\nASK { ?x ?y ?z }")
    one.page.reload()
    tabs = one.page.get_by_role("tab")
    expect(tabs).to_have_count(2)
    expect(one.page.locator(".cm-content")).to_contain_text("# kept")
    tabs.first.click()
    expect(one.page.locator(".cm-content")).not_to_contain_text("# kept")


def two_windows(server: str, desk: Opened) -> tuple[Desk, Desk]:
    """Two windows with a tab each, of which the first knows the second's."""
    one = desk(f"{server}/query")
    one.write("# first\nASK { ?x ?y ?z }")
    other = type(one)(one.page.context.new_page()).open(f"{server}/query")
    other.page.locator(".add").click()
    other.write("# second\nASK { ?x ?y ?z }")
    expect(one.page.get_by_role("tab")).to_have_count(2)
    return one, other


def both_changes_are_kept(window: Desk) -> None:
    window.page.reload()
    tabs = window.page.get_by_role("tab")
    expect(tabs).to_have_text([re.compile("first, changed"), re.compile("second, changed")])


def test_tabs_of_two_windows_are_both_kept(server: str, desk: Opened) -> None:
    one, other = two_windows(server, desk)
    one.write("# first, changed\nASK { ?x ?y ?z }")
    other.write("# second, changed\nASK { ?x ?y ?z }")
    both_changes_are_kept(one)


def test_a_window_that_knows_an_old_state_undoes_nothing(server: str, desk: Opened) -> None:
    one, other = two_windows(server, desk)
    # Windows have processes of their own, which hear a moment later of what another one keeps.
    one.page.evaluate(
        "const old = { ...localStorage }; Storage.prototype.getItem = (key) => old[key] ?? null"
    )
    other.write("# second, changed\nASK { ?x ?y ?z }")
    one.page.evaluate(
        """new Promise((done) => {
             const look = () => (JSON.stringify({ ...localStorage }).includes("second, changed")
                                 ? done() : setTimeout(look, 20));
             look();
           })"""
    )
    one.write("# first, changed\nASK { ?x ?y ?z }")
    both_changes_are_kept(one)


def test_tabs_that_an_earlier_version_kept_are_there(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    kept = [{"id": name, "query": f"# {name}\nASK {{}}", "view": "", "isFresh": False} for name in ("a", "b")]
    one.page.evaluate(
        "(kept) => localStorage.setItem('query-tabs', JSON.stringify({ tabs: kept, active: 'b' }))", kept
    )
    one.page.reload()
    tabs = one.page.get_by_role("tab")
    expect(tabs).to_have_text([re.compile("^a"), re.compile("^b")])
    expect(tabs.last).to_have_attribute("aria-selected", "true")


def test_a_closed_tab_can_be_opened_again(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.page.locator(".add").click()
    one.write("# mine\nASK { ?x ?y ?z }")
    one.page.get_by_role("tab", name="mine").press("Delete")
    expect(one.page.get_by_role("tab")).to_have_count(1)
    one.page.get_by_role("button", name="Open it again").click()
    expect(one.page.locator(".cm-content")).to_contain_text("# mine")


def test_an_example_takes_the_place_of_one_that_nobody_wrote_in(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    examples = one.page.locator("button.example")
    for at in range(3):
        examples.nth(at).click()
        one.ran()
    expect(one.page.get_by_role("tab")).to_have_count(1)
    one.page.locator(".cm-content").press("Control+End")
    one.type("# mine")
    examples.nth(4).click()
    expect(one.page.get_by_role("tab")).to_have_count(2)


@pytest.mark.parametrize(("locale", "group"), [("en", "Governance"), ("zh-CN", "治理"), ("zh-TW", "治理")])
def test_examples_are_grouped_and_found_by_their_words(
    server: str, desk: Opened, locale: str, group: str
) -> None:
    one = desk(f"{server}/query", locale)
    listed = one.page.locator(".example-list")
    expect(listed.get_by_role("heading", name=group)).to_be_visible()
    every = listed.locator("button").count()
    one.page.locator(".examples-panel input").fill("linli:servesGroup")
    found = listed.locator("button")
    assert 0 < found.count() < every
    one.page.locator(".examples-panel input").fill("no such example")
    expect(found).to_have_count(0)


def test_an_example_has_parameters_to_fill_in(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "zh-CN")
    one.page.locator(".examples-panel input").fill("面向老年人、儿童与年轻居民")
    one.page.locator("button.example").click()
    one.ran()
    rows = one.page.locator("table.rows").get_attribute("aria-rowcount")
    parameter = one.page.locator(".parameter").first
    expect(parameter).to_contain_text("服务人群")
    expect(parameter.locator(".chip")).to_have_count(3)
    parameter.get_by_role("button", name="儿童").click()
    parameter.get_by_role("button", name="年轻居民").click()
    expect(parameter.locator(".chip")).to_have_text("老年人")
    expect(parameter.locator(".chip button"), "one value must stay").to_have_count(0)
    one.page.get_by_role("button", name="运行").click()
    one.ran()
    assert one.page.locator("table.rows").get_attribute("aria-rowcount") != rows
    box = parameter.locator("input")
    box.fill("儿童")
    expect(parameter.locator("datalist option[value='儿童']")).to_be_attached()
    box.press("Enter")
    expect(parameter.locator(".chip")).to_have_count(2)
    assert "{ group:elderly group:children }" in one.text


def test_the_address_holds_what_was_run_and_no_more(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("ASK { ?x ?y ?z }")
    one.run()
    expect(one.page).to_have_url(re.compile("#.+"))
    one.page.reload()
    expect(one.page.locator(".boolean")).to_have_text("Yes")
    expect(one.page.get_by_role("tab")).to_have_count(1)
    one.page.locator(".cm-content").press("Control+End")
    one.type(" # more")
    expect(one.page).not_to_have_url(re.compile("#"))
