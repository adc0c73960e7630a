"""What tests in the browser share: the browser, pages, servers, and a desk to write queries at.

The whole folder shares them: to start a server and make its first pages takes longer than most tests do.
Each test has windows to itself, new ones or, of the editor, emptied ones; what kills a server or changes
its settings starts its own. They end with the folder, since Playwright's event loop stays in this thread,
where other tests run theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kg.complete import ensure
from kg.release import Release
from kg.search import ensure_index
from tests.browser import chromium
from tests.browser import site as pages
from tests.browser.desk import Desk, serving, warm
from tests.browser.windows import Windows


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="package")
def site(release: Release) -> Iterator[str]:
    """The pages of the default release."""
    with pages.serving(release) as address:
        yield address


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when it asks another host for anything, or a script of it fails."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    hosts, errors = set(), []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert hosts <= {"127.0.0.1"}
    assert errors == []


@pytest.fixture(scope="package")
def server(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    ensure_index(release)
    ensure(release)
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, "--release", str(release.path), KG_QUERY_TIMEOUT="30") as served:
        warm(served.address)
        yield served.address


@pytest.fixture(scope="package")
def orchard_server(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    ensure_index(small_release)
    ensure(small_release)
    folder = tmp_path_factory.mktemp("served-orchard")
    with serving(folder, "--release", str(small_release.path)) as served:
        warm(served.address)
        yield served.address


@pytest.fixture
def desk(windows: Windows) -> Iterator[Callable[..., Desk]]:
    with ExitStack() as had:

        def opened(address: str, locale: str = "en", *, ready: bool = True, **options: Any) -> Desk:
            size = {"width": 1280, "height": 900}
            page = had.enter_context(windows.window(locale=locale, viewport=size, **options))
            page.context.set_default_timeout(10_000)
            made = Desk(page)
            had.callback(made.leave)
            return made.open(address, ready=ready)

        yield opened
