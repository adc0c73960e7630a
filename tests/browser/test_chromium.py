"""How Chromium is started for the tests."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_what_playwright_turns_off_stays_off(browser: Browser) -> None:
    said = browser.new_browser_cdp_session().send("SystemInfo.getInfo")["commandLine"]
    *theirs, ours = (set(one.split(",")) for one in re.findall(r"--disable-features=(\S+)", said))
    assert theirs, (
        "Playwright no longer turns anything off by this flag: tests/browser/chromium.py needn't either"
    )
    assert theirs[0] - ours == set()
