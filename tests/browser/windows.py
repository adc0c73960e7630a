"""Windows that tests have one after the other, each as if it were new.

The first page of a new window takes Chromium twice as much work as a further one. So a window that a test has
done with is emptied: of what pages kept, of cookies, of other windows beside it, of all that the test set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, Request


class _Window:
    """A page in a context of its own, and the origins that it asked for anything."""

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.size = self.page.viewport_size
        self.origins: set[str] = set()
        self.context.on("request", self._note)

    def _note(self, request: Request) -> None:
        there = urlsplit(request.url)
        self.origins.add(f"{there.scheme}://{there.netloc}")

    def empty(self) -> None:
        """Leave nothing of a test. Raises playwright's Error when the page can't be had back."""
        page, context = self.page, self.context
        for other in context.pages:
            if other is not page:
                other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.goto("about:blank")
        session = context.new_cdp_session(page)
        for origin in self.origins:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        self.origins.clear()
        context.clear_cookies()
        if self.size and page.viewport_size != self.size:
            page.set_viewport_size(self.size)
        page.mouse.move(0, 0)


class Windows:
    """The windows of a browser, by the options of their contexts."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[_Window]] = {}

    @contextmanager
    def window(self, **options: Any) -> Iterator[Page]:
        """Have a window, with the options that ``Browser.new_context`` takes, until it is given back.

        What a test may leave is: storage, cookies, routes, another size, windows beside it. What it can't
        take back, such as a script for every page, or another medium, needs a context of its own.
        """
        free = self._free.setdefault(json.dumps(options, sort_keys=True), [])
        window = free.pop() if free else _Window(self._browser, options)
        try:
            yield window.page
        finally:
            try:
                window.empty()
                free.append(window)
            except Error:  # it was closed, or doesn't answer
                window.context.close()
