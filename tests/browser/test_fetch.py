"""Scripts of another site read a thing, a CONSTRUCT and a SELECT by the browser's ``fetch`` (CORS)."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Page

from kg.release import Release
from tests.reading import Addresses, numbers
from tests.servers import Served, canned, peer

pytestmark = pytest.mark.browser

FETCH = """async ([url, accept]) => {
    const headers = { Accept: accept, "X-Odd": "1", "If-None-Match": '"none"' };
    const reply = await fetch(url, { headers });
    return [reply.status, await reply.text(), reply.headers.get("ETag")];
}"""


@pytest.fixture(scope="module")
def at(orchard_served: Served) -> Addresses:
    return Addresses(orchard_served.url)


@pytest.fixture(scope="module")
def elsewhere(browser: Browser) -> Iterator[Page]:
    """A page of another origin."""
    with peer(canned(200, b"<!doctype html><title>Elsewhere</title>", Content_Type="text/html")) as address:
        page = browser.new_page()
        page.goto(address)
        yield page
        page.close()


def test_what_another_site_reads(elsewhere: Page, at: Addresses, small_release: Release):
    right = numbers(small_release)

    def get(url: str, accept: str) -> str:
        status, text, tag = elsewhere.evaluate(FETCH, [url, accept])
        assert status == 200
        assert tag
        return text

    found = get(at.thing, "text/turtle")
    assert len(list(ox.parse(found, format=ox.RdfFormat.TURTLE))) == right.thing
    assert len(get(at.graph, "application/n-triples").splitlines()) == right.graph
    assert len(get(at.rows, "text/csv").splitlines()) == right.rows + 1
    assert len(get(at.table, "*/*").splitlines()) == right.rows + 1
    for path in (
        "/dataset.ttl",
        "/.well-known/void",
        "/search.json?q=ridge",
        "/map.geojson",
        "/data/ontology.ttl",
    ):
        assert get(at.server + path, "*/*")
