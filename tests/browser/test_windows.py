"""A window that another test had is as a new one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

KEPT = """() => ({
    stored: { ...localStorage }, cookies: document.cookie, size: [innerWidth, innerHeight],
    title: document.title, lit: document.querySelector("a:hover") !== null })"""


def test_nothing_is_left_of_the_test_before(browser: Browser, orchard_server: str) -> None:
    windows, address, asked = Windows(browser), f"{orchard_server}/", []
    with windows.window(locale="en-GB") as page:
        page.goto(address)
        new = page.evaluate(KEPT)
        page.context.add_cookies([{"name": "a", "value": "b", "url": address}])
        page.evaluate("localStorage.setItem('a', 'b'); sessionStorage.clear()")
        page.set_viewport_size({"width": 300, "height": 300})
        page.route("**/*", lambda route: asked.append(route.request.url) or route.fulfill(body="mine"))
        page.context.new_page().goto(address)
        page.reload()
        page.mouse.move(40, 40)
        assert asked
        assert page.evaluate(KEPT) != new
        had = page
    asked.clear()
    with windows.window(locale="en-GB") as page:
        assert page is had
        assert page.url == "about:blank"
        assert page.context.pages == [page]
        page.goto(address)
        assert page.evaluate(KEPT) == new
        assert page.context.cookies() == []
        assert asked == []


def test_windows_had_at_once_are_several_and_of_their_kind(browser: Browser, orchard_server: str) -> None:
    windows = Windows(browser)
    with windows.window(locale="en-GB") as one, windows.window(locale="en-GB") as other:
        assert one.context is not other.context
        with windows.window(locale="zh-CN") as third:
            third.goto(f"{orchard_server}/")
            assert third.evaluate("navigator.language") == "zh-CN"


def test_a_window_that_a_test_has_closed_is_had_by_no_other(browser: Browser) -> None:
    windows = Windows(browser)
    with windows.window() as closed:
        closed.close()
    with windows.window() as page:
        assert page is not closed
        page.goto("about:blank")
