"""Pages that are kept: the same for the same reader, another for another, and bounded."""

import pytest

from kg.engine.local import LocalEngine
from kg.settings import Settings
from kg_web import create_app
from kg_web.delivery.kept import Pages
from tests.test_explore import Counting

TREE = "/page/id/tree/01"


@pytest.fixture
def site(small_release):
    engine = Counting(LocalEngine.open(small_release.store))
    app = create_app(engine, Settings(), small_release)
    return app.test_client(use_cookies=False), engine


def read(site, path=TREE, status=200, **headers):
    client, engine = site
    engine.asked.clear()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = client.get(path, headers={"Accept": "text/html", **named})
    assert reply.status_code == status
    return reply, len(engine.asked)


def test_a_page_is_made_once(site):
    first, asked = read(site)
    again, asked_again = read(site)
    assert asked > 0
    assert asked_again == 0
    assert again.data == first.data
    assert {**again.headers, "Date": ""} == {**first.headers, "Date": ""}
    assert read(site, status=304, If_None_Match=first.headers["ETag"])[1] == 0


@pytest.mark.parametrize(
    ("path", "headers", "shown"),
    [
        (TREE, {"Accept_Language": "zh-Hans"}, b'<html lang="zh-Hans"'),
        (TREE + "?lang=zh-Hant", {}, b'<html lang="zh-Hant"'),
        (TREE, {"Cookie": "theme=dark"}, b'data-theme="dark"'),
        (TREE + "?theme=light", {}, b'data-theme="light"'),
        (TREE, {"Host": "elsewhere.example"}, b"http://elsewhere.example/page/id/tree/01"),
        (TREE + "?a=1", {}, b"?a=1"),
    ],
)
def test_who_reads_otherwise_gets_another(site, path, headers, shown):
    plain, _ = read(site)
    assert shown not in plain.data
    for _ in range(2):
        reply, _ = read(site, path, **headers)
        assert shown in reply.data
    assert read(site)[0].data == plain.data


def test_what_is_missing_is_not_kept(site):
    for _ in range(2):
        assert read(site, "/page/id/tree/999", status=404)[1] > 0


def test_the_room_is_bounded_and_the_longest_unused_goes():
    pages = Pages(room=5_000)
    for number in range(300):
        pages.put((str(number),), f"<p>{number:x}</p>")
        assert pages.get(("0",)) == "<p>0</p>"
    assert pages._size == sum(map(len, pages._pages.values())) <= 5_000
    assert pages.get(("1",)) is None
    assert pages.get(("299",)) == f"<p>{299:x}</p>"
    pages.put(("299",), "other")
    assert pages.get(("299",)) == "other"
