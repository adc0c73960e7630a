"""Icon, guide for assistants, OpenSearch, feed, oEmbed, sitemap, signposts."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app
from kg_web.icon import SIZE, favicon
from tests.conftest import Project

B = "https://example.org/orchard/"
ROOT = "https://kg.example/trees"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
OPENSEARCH = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
LANGUAGES = pytest.mark.parametrize("tongue", ["en", "zh-Hans", "zh-Hant"])


@pytest.fixture(scope="module")
def client(small_release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        yield create_app(engine, Settings(public_url=ROOT), small_release).test_client()


def here(address: str) -> str:
    """A public address as a path on this server."""
    assert address.startswith(ROOT + "/"), address
    return address.removeprefix(ROOT)


def parsed(text: bytes | str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own answer


def test_the_icon_is_the_one_of_the_pages():
    file = favicon()
    kind, count, width, height, offset = (
        struct.unpack("<H", file[2:4])[0],
        struct.unpack("<H", file[4:6])[0],
        file[6],
        file[7],
        struct.unpack("<I", file[18:22])[0],
    )
    assert (kind, count, width, height) == (1, 1, SIZE, SIZE)
    png = file[offset:]
    assert len(png) == struct.unpack("<I", file[14:18])[0]
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = png.index(b"IDAT")
    rows = zlib.decompress(png[at + 4 : at + 4 + struct.unpack(">I", png[at - 4 : at])[0]])
    line = 1 + 4 * SIZE

    def pixel(x: int, y: int) -> tuple[int, ...]:
        return tuple(rows[y * line + 1 + 4 * x : y * line + 5 + 4 * x])

    assert pixel(0, 0)[3] == 0  # outside
    assert pixel(4, 4) == pixel(16, 26) == (0xAD, 0x3A, 0x24, 255)  # the square
    assert pixel(16, 15) == pixel(9, 20) == pixel(23, 12) == (255, 255, 255, 255)  # the strokes
    assert len(file) < 2048


def test_the_guide_leads_to_what_there_is(client: FlaskClient):
    text = client.get("/llms.txt").text
    lines = text.splitlines()
    assert lines[0] == "# The old orchards"
    assert lines[2].startswith("> ")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(links) > 10
    for link in links:
        assert client.get(here(link), headers={"Accept": "text/html, */*;q=0.5"}).status_code in (200, 303), (
            link
        )
    assert "\n\n\n" not in text


@LANGUAGES
def test_browsers_learn_how_to_search(client: FlaskClient, tongue: str):
    response = client.get("/opensearch.xml", headers={"Accept-Language": tongue})
    described = parsed(response.data)
    assert len(described.findtext("o:ShortName", "", OPENSEARCH)) <= 16
    assert described.findtext("o:Language", "", OPENSEARCH) == tongue
    by_type = {one.get("type"): one.get("template", "") for one in described.findall("o:Url", OPENSEARCH)}
    page = client.get(here(by_type["text/html"]).replace("{searchTerms}", "ridge"))
    assert "Long Ridge" in page.text
    answer = client.get(here(by_type["application/x-suggestions+json"]).replace("{searchTerms}", "ridge"))
    typed, names, notes, addresses = answer.json
    assert typed == "ridge"
    assert names
    assert len(names) == len(notes) == len(addresses)
    assert all(client.get(here(address)).status_code == 200 for address in addresses)
    assert 'rel="search" type="application/opensearchdescription+xml"' in client.get("/").text


@pytest.mark.parametrize("typed", ["", " ", "%%%", "no such thing", "x" * 5000, '"'])
def test_suggestions_for_whatever_is_typed(client: FlaskClient, typed: str):
    response = client.get("/suggest.json", query_string={"q": typed})
    assert response.status_code == 200
    assert response.json[0] == typed[:400]


def test_the_feed_has_each_release(orchard: Project):
    first = orchard.build(final=True)
    orchard.change("data/dataset.ttl", '"2.3.0"', '"2.4.0"')
    second = orchard.build(final=True)
    from kg.release.store import ensure_store

    ensure_store(second)
    with LocalEngine.open(second.store) as engine:
        client = create_app(engine, Settings(public_url=ROOT), second).test_client()
        feed = parsed(client.get("/releases.atom").data)
        entries = feed.findall("a:entry", ATOM)
        assert [one.findtext("a:id", "", ATOM) for one in entries] == [
            f"{B}releases/{release.version}" for release in (second, first)
        ]
        for entry in entries:
            link = entry.find("a:link", ATOM)
            assert link is not None
            assert client.get(here(link.get("href", ""))).status_code == 200
        stamps = [one.text or "" for one in feed.iter("{http://www.w3.org/2005/Atom}updated")]
        assert stamps[0] == max(stamps)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp) for stamp in stamps)
        for name in ("id", "title", "updated", "author"):
            assert feed.find(f"a:{name}", ATOM) is not None, name
        listed = client.get("/releases")
        assert "releases.atom" in listed.text
        items = [link for link in listed.headers.getlist("Link") if 'rel="item"' in link]
        assert len(items) == 2


def test_a_question_stands_in_other_pages(client: FlaskClient):
    page = client.get("/questions/harvest").text
    found = re.search(r'type="application/json\+oembed" href="([^"]+)"', page)
    assert found
    told = client.get(here(found[1].replace("&amp;", "&"))).json
    assert (told["version"], told["type"]) == ("1.0", "rich")
    frame = parsed(told["html"])
    assert frame.get("title") == told["title"] != ""
    shown = client.get(here(frame.get("src", "")))
    assert shown.status_code == 200
    assert "frame-ancestors *" in shown.headers["Content-Security-Policy"]
    small = client.get("/oembed", query_string={"url": f"{ROOT}/questions/harvest", "maxwidth": "300"}).json
    assert (small["width"], small["height"]) == (300, told["height"])
    assert 'width="300"' in small["html"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 404),
        ({"url": f"{ROOT}/questions/none"}, 404),
        ({"url": "https://other.example/questions/harvest"}, 404),
        ({"url": f"{ROOT}/page/id/tree/1"}, 404),
        ({"url": "http://[::1"}, 404),
        ({"url": f"{ROOT}/questions/harvest", "format": "xml"}, 501),
        ({"url": f'{ROOT}/questions/harvest?lang="><script>'}, 200),
        ({"url": f"{ROOT}/questions/harvest", "maxwidth": "-1", "maxheight": "9e9"}, 200),
    ],
)
def test_other_addresses_are_not_embedded(client: FlaskClient, asked: dict[str, str], status: int):
    response = client.get("/oembed", query_string=asked)
    assert response.status_code == status
    if status == 200:
        assert "<script" not in response.json["html"]
        parsed(response.json["html"])
    else:
        assert response.content_type == "application/problem+json"


def test_the_sitemap_dates_every_page(client: FlaskClient, small_release: Release):
    index = parsed(client.get("/sitemap.xml").data)
    parts = [one.text or "" for one in index.iter(f"{{{SITEMAP['s']}}}loc")]
    pages: list[str] = []
    for part in parts:
        listed = parsed(client.get(here(part)).data)
        for url in listed.findall("s:url", SITEMAP):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", url.findtext("s:lastmod", "", SITEMAP))
            pages.append(url.findtext("s:loc", "", SITEMAP))
    assert len(pages) == len({*pages})
    assert {f"{ROOT}/", f"{ROOT}/questions/harvest", f"{ROOT}/page/id/orchard/long-ridge"} <= {*pages}
    for page in pages:
        assert client.get(here(page), headers={"Accept": "text/html"}).status_code == 200, page


@pytest.mark.parametrize(
    "address", ["/page/id/orchard/long-ridge", "/resource?iri=" + quote(B + "id/orchard/long-ridge")]
)
def test_signposts_of_a_things_page(client: FlaskClient, address: str):
    response = client.get(address)
    found = response.headers.getlist("Link")
    for name in ("type", "license", "collection", "describedby"):
        assert any(f'rel="{name}"' in link for link in found), name
    assert any('rel="cite-as"' in link for link in found) == address.startswith("/page")
    for link in found:
        where = link.partition(">")[0][1:]
        if not urlsplit(where).netloc:
            assert client.get(where).status_code == 200, where


def test_what_isnt_there_has_no_signposts(client: FlaskClient):
    assert not client.get("/page/id/orchard/none").headers.getlist("Link")
