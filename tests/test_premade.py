"""Pages made beforehand: those that a reader would get, at any address; and a maker that stands aside."""

import shutil
import signal
import sqlite3
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.release import Release, open_release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web.app import create_app
from kg_web.delivery import premade
from kg_web.delivery.premade import Premade
from kg_web.links import href
from kg_web.rendering.i18n import LANGUAGES
from kg_web.server.premake import HUBS, addresses, premake
from tests.servers import fetch, kg_serve, wait_until

THINGS = 5
ROOTS = ["http://localhost", "https://graph.example.org", "http://[::1]:8123", "https://example.org:8443"]


@pytest.fixture(scope="module")
def made_once(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with premade pages, to copy."""
    own = tmp_path_factory.mktemp("made") / small_release.path.name
    shutil.copytree(small_release.path, own)
    premake(open_release(own), THINGS)
    return own


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Release:
    """A release of one's own with premade pages."""
    return open_release(Path(shutil.copytree(made_once, tmp_path / made_once.name)))


def app(release: Release, premade: int = THINGS, public_url: str = "") -> Flask:
    engine = LocalEngine.open(ensure_store(release))
    return create_app(engine, Settings(premade=premade, public_url=public_url), release)


def page(
    client: FlaskClient, path: str, root: str, language: str = "en", cookie: str = ""
) -> tuple[int, str]:
    headers = {"Accept": "text/html", "Accept-Language": language, **({"Cookie": cookie} if cookie else {})}
    reply = client.get(path, base_url=root, headers=headers)
    return reply.status_code, reply.text


def test_a_premade_page_is_the_one_that_is_made_for_a_reader(made: Release):
    own = addresses(app(made, 0), THINGS)
    paths = list(own)
    assert len(paths) > THINGS
    assert {"/", "/browse", "/coverage", "/map", "/questions"} <= set(paths)
    live, ready = app(made, 0).test_client(use_cookies=False), app(made).test_client(use_cookies=False)
    for path in paths:
        for language in LANGUAGES:
            for root in ROOTS:
                assert page(ready, path, root, language) == page(live, path, root, language), (path, root)


def test_what_most_point_at_is_made_too(small_release: Release):
    of = app(small_release, 0)
    explorer = of.extensions["publication"].explorer
    points = Counter(
        quad.object.value
        for quad in explorer.engine.store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        if isinstance(quad.object, ox.NamedNode)
    )
    hubs = explorer.pointed_at(10)
    assert hubs == sorted(points, key=lambda iri: (-points[iri], iri))[:10]
    richest = {*explorer.richest(10 * HUBS)}
    with of.test_request_context():
        assert {href(iri) for iri in hubs} <= {*addresses(of, 10 * HUBS)}
    assert {*hubs} - richest, "the richest wouldn't have them"


def test_the_public_address_stands_in_premade_pages(made: Release):
    public = "https://graph.example.org/under/a/path"
    pages = [page(app(made, n, public).test_client(), "/", "http://inside:8000") for n in (0, THINGS)]
    assert pages[0] == pages[1]
    assert public in pages[0][1]


def test_no_view_is_asked_for_a_premade_page(made: Release, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    of, plain = app(made), app(made, 0)
    for one in (of, plain):
        monkeypatch.setattr(one.extensions["publication"].explorer, "reader", asked.append)
    assert page(of.test_client(), "/coverage", ROOTS[0], "zh-Hans")[0] == 200
    assert asked == []
    page(plain.test_client(), "/coverage", ROOTS[0], "zh-Hans")
    assert asked[:1] == ["zh-Hans"]


@pytest.mark.parametrize(
    ("path", "root", "cookie"),
    [
        ("/coverage", "http://localhost/below", ""),
        ("/coverage", "http://localhost", "theme=dark"),
        ("/coverage?class=o:Tree", "http://localhost", ""),
    ],
)
def test_what_was_not_made_is_made(made: Release, path: str, root: str, cookie: str):
    shown = [page(app(made, n).test_client(), path, root, cookie=cookie) for n in (0, THINGS)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("root", ['http://a"b', "http://a<b>", "javascript://x", "http://a b", "http://a&b"])
def test_an_odd_address_is_put_into_no_premade_page(made: Release, root: str):
    assert Premade(made, THINGS).get(("/", "", "en"), "http://a") is not None
    assert Premade(made, THINGS).get(("/", "", "en"), root) is None


def test_pages_of_another_program_are_not_shown(made: Release, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(premade, "program", lambda: "another")
    assert Premade(made, THINGS).get(("/", "", "en"), "http://a") is None


def test_pages_of_other_data_are_not_shown(made: Release):
    stamp = made.path / premade.FOLDER / "ready.json"
    stamp.write_text(stamp.read_text().replace(made.digest, "0" * len(made.digest)))
    assert Premade(made, THINGS).get(("/", "", "en"), "http://a") is None


def test_a_damaged_file_costs_only_its_pages(made: Release):
    file = made.path / premade.FOLDER / "pages.sqlite3"
    file.write_bytes(file.read_bytes()[:4096] + b"\0" * 8192)
    shown = [page(app(made, n).test_client(), "/coverage", ROOTS[0]) for n in (0, THINGS)]
    assert shown[0] == shown[1]
    assert shown[0][0] == 200


def test_a_page_with_an_answer_that_failed_is_neither_kept_nor_premade(
    made: Release, monkeypatch: pytest.MonkeyPatch
):
    from kg.errors import QueryError
    from kg.explore.questions.answers import Answerer

    shutil.rmtree(made.path / premade.FOLDER)
    result = Answerer.result

    def failing(*_arguments: object) -> object:
        raise QueryError("no answer today")

    monkeypatch.setattr(Answerer, "result", failing)
    of = app(made, 0)
    premake(made, THINGS)
    with sqlite3.connect(made.path / premade.FOLDER / "pages.sqlite3") as pages:
        assert not list(pages.execute("SELECT path FROM page WHERE path = '/'"))
    poor = page(of.test_client(), "/", ROOTS[0])
    monkeypatch.setattr(Answerer, "result", result)
    assert page(of.test_client(), "/", ROOTS[0]) != poor


@pytest.mark.long
@pytest.mark.alone  # beside other tests what has the least right to the processor gets none
def test_a_server_makes_them_beside_its_work_and_ends_the_maker(small_release: Release, tmp_path: Path):
    own = tmp_path / "releases" / small_release.path.name
    shutil.copytree(small_release.path, own)
    ready = own / premade.FOLDER / "ready.json"
    with kg_serve(open_release(own), tmp_path, {"KG_WORKERS": "1", "KG_PREMADE": "5"}) as served:
        assert fetch(served.url + "/").status == 200
        wait_until(ready.exists, 60, "the pages")
        wait_until(lambda: len(served.children()) == 1, 10, "the maker's end")
        before = fetch(served.url + "/coverage").body
    with kg_serve(open_release(own), tmp_path, {"KG_WORKERS": "1"}) as served:
        assert fetch(served.url + "/coverage").body.replace(served.url.encode(), b"") == before.replace(
            fetch_root(before), b""
        )


def fetch_root(body: bytes) -> bytes:
    """The address of the server that a page came from."""
    return body.partition(b'rel="canonical" href="')[2].partition(b"/coverage")[0]


def test_a_stopped_server_leaves_no_maker_and_nothing_half_made(small_release: Release, tmp_path: Path):
    own = tmp_path / "releases" / small_release.path.name
    shutil.copytree(small_release.path, own)
    with kg_serve(open_release(own), tmp_path, {"KG_WORKERS": "1", "KG_PREMADE": "100000"}) as served:
        everyone = served.everyone()
        assert any("premake" in command(pid) for pid in everyone)
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(30)
    assert not any("premake" in command(pid) for pid in everyone)
    premake(open_release(own), THINGS)
    assert not list(own.glob(".pages-*"))


def command(pid: int) -> str:
    """The command line of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
