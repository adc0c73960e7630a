"""What a page weighs: its own text, and all that a browser fetches for it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kg.release import Release
from tests.browser.screenshots import pages

MOST = 150_000
"""Bytes that a page may have, by itself and as it is transferred with its style sheets and scripts."""
APART = re.compile(r"/built/(map|editor)\.(js|css)")
"""What moves the map, and the editor: programs that one page each needs, and no other fetches."""

LIGHT = {"query": 75_000}
"""Bytes of the text of pages that could easily hold more than anybody reads at once."""

NOWHERE = "/page/id/nothing"
"""The error page, which is a kind of page too."""

_ASSETS = re.compile(r'(?:<link rel="stylesheet" href|<script type="module" src)="([^"]+)"')


@pytest.fixture(scope="module")
def site(default_site: FlaskClient) -> FlaskClient:
    return default_site


def got(site: FlaskClient, address: str, **headers: str) -> bytes:
    response = site.get(address, headers={"Accept": "text/html,*/*;q=0.8", **headers})
    assert response.status_code == (404 if address == NOWHERE else 200), address
    return bytes(response.data)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_no_kind_of_page_is_heavy(every_kind: Callable[[str], dict[str, str]], language: str):
    sizes = {name: len(page.encode()) for name, page in every_kind(language).items()}
    assert {name: size for name, size in sizes.items() if size >= LIGHT.get(name, MOST)} == {}
    assert LIGHT.keys() <= sizes.keys()


def test_nor_is_what_a_browser_fetches_for_it(
    site: FlaskClient, release: Release, every_kind: Callable[[str], dict[str, str]]
):
    packed = {"Accept-Encoding": "gzip", "Accept-Language": "en"}
    shown = every_kind("en")
    sizes: dict[str, int] = {}
    heavy = {}
    for name, address in pages(release).items():
        wanted = set(_ASSETS.findall(shown[name]))
        assert wanted, f"{name}: a page without a style sheet is read wrongly here"
        for asset in wanted - sizes.keys():
            sizes[asset] = len(got(site, asset, **packed))
        apart = {one for one in wanted if APART.search(one)}
        assert not apart or name in {"map", "query"}, f"{name} fetches {apart}"
        size = len(got(site, address, **packed)) + sum(sizes[one] for one in wanted - apart)
        if size >= MOST:
            heavy[name] = size
    assert heavy == {}
    assert any(APART.search(one) for one in sizes), "what stands apart is still fetched by that name"
