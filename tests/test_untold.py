"""Why sources aren't told: in one table, and on pages in the reader's language."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

import kg.tracing
import kg_web
from kg.engine.local import LocalEngine
from kg.languages import catalogue
from kg.release import Release
from kg.settings import Settings
from kg.tracing.planning import reasons
from kg_web import create_app
from kg_web.rendering.i18n import LANGUAGES

SOURCES = [
    *Path(str(kg.tracing.__file__)).parent.rglob("*.py"),
    *Path(str(kg_web.__file__)).parent.glob("views/**/*.py"),
    *Path(str(kg_web.__file__)).parent.glob("protocol/**/*.py"),
]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def written(node: ast.expr) -> str | None:
    """A text as code writes it, a capital in each of its places; None for what isn't written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)  # type: ignore[misc]
    return None


def said() -> Iterator[tuple[str, str]]:
    """What code says where sources aren't told: the arguments of refusals and reasons, and what rows lack."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found: list[ast.expr] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("untraceable", "Untraced"):
                    form, *hint = node.args
                    frame = ast.Constant(reasons.REFUSAL.format(form=written(form) or "X"))
                    found = [frame, form, *hint] if node.func.id == "untraceable" else [form]
            elif isinstance(node, ast.Assign) and any(
                getattr(one, "attr", getattr(one, "id", "")) in ("lacking", "TOO_MANY", "NO_WAY")
                for one in node.targets
            ):
                found = [node.value]
            for one in found:
                if (text := written(one)) is not None:
                    yield f"{path.name}:{node.lineno}", text


def test_all_that_is_said_is_in_the_table() -> None:
    told = list(said())
    assert len(told) > 60
    # A word such as LATERAL is SPARQL's own.
    strangers = [(at, text) for at, text in told if reasons.read(text) is None and not text.isupper()]
    assert strangers == []


@given(st.sampled_from(reasons.TEXTS), st.text(min_size=1, max_size=8))
def test_a_text_is_found_again_whatever_stands_in_it(text: str, value: str) -> None:
    fitting = {"word": "LATERAL", "number": "12.5"}
    filled = re.sub(r"\{(\w+)\}", lambda match: fitting.get(match[1], value), text)
    found = reasons.read(filled)
    assert found is not None
    assert "{" in text or found == (text, {})
    assert reasons.retold(filled, lambda one: one) == filled


@given(st.text(max_size=40))
def test_what_is_no_such_text_stays(text: str) -> None:
    if reasons.read(text) is None:
        assert reasons.retold(text, lambda _: "never") == text


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_a_translation_keeps_the_places(language: str) -> None:
    for text in reasons.TEXTS:
        told = catalogue(language).ugettext(text)
        assert sorted(re.findall(r"\{\w+\}", told)) == sorted(re.findall(r"\{\w+\}", text)), text


# Pages

DESCRIBE = "DESCRIBE <https://example.org/orchard/id/orchard/long-ridge>"
LATERAL = "SELECT ?x { ?x ?y ?z LATERAL { ?z ?v ?w } }"
WORDS = {
    "en": ("the sources of DESCRIBE queries can't be traced", "ask with SELECT, ASK or CONSTRUCT"),
    "zh-Hans": ("无法追溯来源：DESCRIBE 查询", "请改用 SELECT、ASK 或 CONSTRUCT"),
    "zh-Hant": ("無法追溯來源：DESCRIBE 查詢", "請改用 SELECT、ASK 或 CONSTRUCT"),
}


@pytest.fixture
def client(small_release: Release, tmp_path: Path) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        settings = Settings(citations=str(tmp_path / "citations.sqlite3"))
        yield create_app(engine, settings, small_release).test_client()


def shown(client: FlaskClient, address: str, language: str) -> str:
    joint = "&" if "?" in address else "?"
    page = client.get(f"{address}{joint}lang={language}", headers={"Accept": "text/html"})
    return unescape(page.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_a_refusal_in_the_readers_language(client: FlaskClient, language: str) -> None:
    page = shown(client, f"/references.ris?{urlencode({'query': DESCRIBE})}", language)
    for words in WORDS[language]:
        assert words in page
    main = page[page.index("<main") : page.index("</main")]
    assert (WORDS["en"][0] in main) == (language == "en")
    problem = client.get(f"/references.ris?{urlencode({'query': DESCRIBE, 'lang': language})}")
    assert problem.json is not None
    assert (problem.json["detail"], problem.json["hint"]) == WORDS["en"]  # programs get it as it is


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kept_citation_says_why_in_the_readers_language(client: FlaskClient, language: str) -> None:
    kept = client.post("/cite?lang=en", data={"query": DESCRIBE, "sources": "1"}).headers["Location"]
    assert WORDS[language][0] in shown(client, kept, language)
    record = client.get(kept, headers={"Accept": "application/json"}).json
    assert record is not None
    assert record["sources"]["reason"] == WORDS["en"][0]


def test_the_editor_knows_all_of_them(client: FlaskClient) -> None:
    assert "untold." not in shown(client, "/query", "en")
    for language in ("zh-Hans", "zh-Hant"):
        page = client.get(f"/query?lang={language}").text
        found = re.search(r'id="editor-strings">(.*?)</script>', page, re.DOTALL)
        assert found is not None
        strings = json.loads(found[1])
        told = {
            key.removeprefix("untold."): text for key, text in strings.items() if key.startswith("untold.")
        }
        assert told.keys() == {*reasons.TEXTS}
        assert all(CHINESE.search(text) for text in told.values())
