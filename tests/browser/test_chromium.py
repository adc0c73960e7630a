"""How Chromium is started for the tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium

pytestmark = pytest.mark.browser


def test_what_playwright_turns_off_stays_off(browser: Browser) -> None:
    said = browser.new_browser_cdp_session().send("SystemInfo.getInfo")["commandLine"]
    *theirs, ours = (set(one.split(",")) for one in re.findall(r"--disable-features=(\S+)", said))
    assert theirs, (
        "Playwright no longer turns anything off by this flag: tests/browser/chromium.py needn't either"
    )
    assert theirs[0] - ours == set()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, on a system where we may not install anything."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def _put(path: Path, name: str) -> str:
    made = path / name
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    return str(made)


def test_the_shell_is_taken_before_a_whole_one_and_either_will_do(path: Path) -> None:
    assert chromium.find() is None
    whole = _put(path, "chromium")
    assert chromium.find() == whole
    assert chromium.main() == 0
    assert chromium.find() == whole
    shell = _put(path, "chromium-headless-shell")
    assert chromium.find() == shell


def test_a_whole_one_serves_where_the_shell_cannot_be_installed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise subprocess.CalledProcessError(100, "apt-get")

    monkeypatch.setattr(chromium, "has_debian", lambda: True)
    monkeypatch.setattr(chromium, "install", fail)
    assert chromium.main() == 1
    _put(path, "chromium")
    assert chromium.main() == 0
