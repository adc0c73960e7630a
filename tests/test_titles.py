"""What stands in a browser's tab, and the signs that stand between Chinese words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from markupsafe import Markup

import kg_web
from kg.engine.local import LocalEngine
from kg.explore.model import Datum
from kg.languages import CATALOGUES
from kg.release import Release
from kg.settings import Settings
from kg.terms import DCTERMS
from kg_web import create_app
from kg_web.rendering.present import TITLE, shortened
from kg_web.rendering.tongues import tongue

CHINESE = "\u3400-\u9fff"
HALF = re.compile(rf"[{CHINESE}”’）》」][,:;!?()]|[,:;!?()][{CHINESE}“‘（《「]")
"""A sign of half width beside Chinese, which has its own."""


@pytest.fixture(scope="module")
def site(default_site: FlaskClient) -> FlaskClient:
    return default_site


def title(site: FlaskClient, address: str, language: str) -> str:
    return titled(site.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text)


def titled(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found, page[:500]
    return html.unescape(found[1])


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_titles_have_the_signs_of_their_language(
    site: FlaskClient, every_kind: Callable[[str], dict[str, str]], language: str
):
    titles = {name: titled(page) for name, page in every_kind(language).items()}
    assert {name: one for name, one in titles.items() if HALF.search(one)} == {}
    assert all(one.strip("· \n") == one for one in titles.values())
    assert title(site, "/search?q=x", language).startswith("搜索：x" if language == "zh-Hans" else "搜尋：x")


def test_titles_are_short(site: FlaskClient):
    words = "old & new " * 30
    found = title(site, f"/search?q={words.replace('&', '%26')}", "en")
    own = found.rpartition(" · ")[0]
    assert len(own) <= TITLE
    assert own.startswith("Search: old & new old & new")
    assert own.endswith("…")


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("a word more", 8, "a word…"),
        ("老旧小区综合改造", 5, "老旧小区…"),
        ("cafe\u0301s", 5, "caf…"),
        (Markup("a &amp; b and c"), 6, "a & b…"),
        (Markup("a &amp; b"), 5, "a & b"),
        ("", 5, ""),
    ],
)
def test_what_is_too_long_ends_in_an_ellipsis(text: str, most: int, shown: str):
    assert shortened(text, most) == shown


@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant"])
def test_catalogues_have_the_signs_of_their_language(locale: str):
    with (CATALOGUES / locale / "LC_MESSAGES" / "messages.po").open("rb") as stream:
        messages = [one for one in read_po(stream, locale=locale) if one.id]
    texts = [
        text for one in messages for text in ([one.string] if isinstance(one.string, str) else one.string)
    ]
    assert len(texts) > 300
    assert [text for text in texts if HALF.search(text)] == []


def test_templates_leave_signs_between_words_to_the_language():
    """What stands behind a value is said in a message: a template's own colon would be any language's."""
    folder = Path(kg_web.__file__).parent / "templates"
    found = []
    for path in folder.rglob("*.*ml"):
        text = re.sub(r"{#.*?#}|{%.*?%}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        shown = re.sub(r"<[^>{]*(?:{{.*?}}[^>{]*)*>", "", text)
        aloud = " ".join(re.findall(r'(?:aria-label|title)="([^"{]*(?:{{.*?}}[^"{]*)*)"', text))
        for part in (shown, aloud):
            signs = re.finditer(r"}}[:;,!?](?=\s|$)", part)
            found += [(path.name, part[one.start() : one.end() + 20]) for one in signs]
    assert found == []


def test_templates_leave_spaces_between_sentences_to_the_language():
    """Behind a full stop or a colon of full width there is no space: the language says whether there is."""
    folder = Path(kg_web.__file__).parent / "templates"
    spaced = re.compile(r'_\("[^"]*[.:;!?]"[^}]*\) \}\} (?=\{[{%]|<(?:a|bdi|code|em|strong|span|data))')
    found = [
        (path.name, one[0])
        for path in folder.rglob("*.html")
        for one in spaced.finditer(path.read_text("utf-8"))
    ]
    assert found == []


def test_a_language_is_named_with_the_brackets_of_the_reader_s(release: Release):
    app = create_app(LocalEngine.open(release.store), Settings(), release)
    for reader, name in (
        ("en", "Chinese (Pinyin Romanization)"),
        ("zh-Hans", "中文（拼音罗马字）"),
        ("zh-Hant", "中文（漢語拼音）"),
    ):
        with app.test_request_context("/", headers={"Accept-Language": reader}):
            assert tongue(Datum("zh-latn-pinyin"), DCTERMS + "language") == name
            assert "(" not in tongue(Datum("en"), DCTERMS + "language")
