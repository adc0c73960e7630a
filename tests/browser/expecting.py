"""Playwright's ``expect``, without what it does while it waits.

For the message of a failure Playwright writes down the whole page, as a screen reader has it, whenever it
looks for something that isn't there yet: it looks several times, and the page can do nothing meanwhile. A
quarter of what the editor's page did in a test was this. So what isn't there is waited for first; then
Playwright is asked as ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Locator, LocatorAssertions, Page, PageAssertions
from playwright.sync_api import expect as playwrights

_PATIENCE = 5_000
"""Milliseconds that Playwright waits by itself."""
_WITHOUT = ("not_", "to_be_hidden", "to_have_count")
"""How expectations begin of what needn't be there."""


def expect(what: Locator | Page, told: str | None = None) -> Any:
    """Return what can be expected of a part of a page, or of its address, as ``playwright.expect`` does."""
    return _Expected(what, playwrights(what, told))


class _Expected:
    def __init__(self, what: Locator | Page, asked: LocatorAssertions | PageAssertions) -> None:
        self._what, self._asked = what, asked

    def __getattr__(self, name: str) -> Callable[..., None]:
        asked = getattr(self._asked, name)
        if name.startswith(_WITHOUT):
            return asked

        def expected(*words: Any, timeout: float = _PATIENCE, **more: Any) -> None:
            until = time.monotonic() + timeout / 1000
            self._wait(name, words, timeout)
            # At least once: an expectation says best what was found instead.
            asked(*words, timeout=max((until - time.monotonic()) * 1000, 1), **more)

        return expected

    def _wait(self, name: str, words: tuple[Any, ...], timeout: float) -> None:
        try:
            if isinstance(self._what, Locator):
                state = "visible" if name == "to_be_visible" else "attached"
                # Of several it is enough that one is there: whether there may be, the expectation says.
                self._what.first.wait_for(state=state, timeout=timeout)
            elif name == "to_have_url":
                wanted = words[0]
                fits = wanted.search if hasattr(wanted, "search") else wanted.__eq__
                self._what.wait_for_url(lambda url: bool(fits(url)), wait_until="commit", timeout=timeout)
        except Error:
            pass
