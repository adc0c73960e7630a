"""The pages speak three languages: every catalogue has every message, and nothing that is no longer said."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import kg.explore
import kg_web.rendering.i18n
from kg import resources
from kg.explore.questions.files import general
from kg.explore.questions.translate import SEPARATOR
from kg.languages import CATALOGUES
from kg.make.adding.transliterate import ABOUT
from kg.quality.measure import METRICS
from kg.settings import LIMITS
from kg.sparql.explaining.hints import KINDS
from kg.termdocs.words import WORDS
from kg.tracing.planning.reasons import TEXTS

WEB = Path(kg_web.rendering.i18n.__file__).parents[1]
LOCALES = ("zh_Hans", "zh_Hant")
METHODS = [
    ("client/**", "ignore"),
    ("static/**", "ignore"),
    ("**.html", "jinja2"),
    ("**.xml", "jinja2"),
    ("**.py", "python"),
]


def said() -> set[str]:
    """Every message of templates and code, by its singular, and those of the tables that hold words."""
    found = extract_from_dir(
        WEB, method_map=METHODS, keywords={"_": None, "gettext": None, "ngettext": (1, 2)}
    )
    messages = {message if isinstance(message, str) else message[0] for _, _, message, *_ in found}
    limits = {words for one in LIMITS.values() for words in (one.exceeded.sentence, one.exceeded.advice)}
    tables = {kind.says for kind in KINDS} | {*TEXTS} | {*WORDS.values()} | {SEPARATOR, ABOUT}
    examples = {one.value for query in general() for literals in query.said.values() for one in literals}
    examples = {one for one in examples if one.isascii()}
    return messages | tables | examples | limits - {""}


def named() -> set[tuple[str, str]]:
    """Every name and definition of a term that the program knows, with what it is of."""
    files = (METRICS, Path(kg.explore.__file__).parent / "wellknown.ttl")
    quads = [quad for path in files for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    literals = [quad for quad in quads if isinstance(quad.object, ox.Literal) and quad.object.language]
    return {(quad.subject.value, quad.object.value) for quad in literals}


def catalogue(locale: str):
    with (CATALOGUES / locale / "LC_MESSAGES" / "messages.po").open("rb") as stream:
        return read_po(stream, locale=locale)


def key(message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def text(message) -> str:
    return message.string if isinstance(message.string, str) else message.string[0]


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogue_is_complete_and_has_nothing_else(locale):
    messages = {key(m): m for m in catalogue(locale) if m.id and not m.context}
    assert {(m.context, key(m)) for m in catalogue(locale) if m.context} == named()
    assert said() - messages.keys() == set(), f"add these to kg/translations/{locale}"
    assert messages.keys() - said() == set(), f"nobody says these any more; drop them from {locale}"
    assert [k for k, m in messages.items() if not text(m).strip() or m.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_translations_keep_their_places_for_values(locale):
    for message in catalogue(locale):
        assert not list(message.check()), key(message)


def test_scripts_are_not_mixed():
    # Characters of one script alone, common in what the pages say.
    for locale, foreign in (
        ("zh_Hans", "陳圖類條項頁區與為關鍵來覽檔"),
        ("zh_Hant", "陈图类条项页区与为关键来览档"),
    ):
        mixed = {key(m): text(m) for m in catalogue(locale) if m.id and set(text(m)) & set(foreign)}
        assert mixed == {}


@pytest.mark.parametrize(
    ("header", "cookie", "query", "expected"),
    [
        ("", "", "", "en"),
        ("fr, de;q=0.8", "", "", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "", "zh-Hans"),
        ("zh", "", "", "zh-Hans"),
        ("zh-TW,en;q=0.5", "", "", "zh-Hant"),
        ("zh-HK", "", "", "zh-Hant"),
        ("zh-Hant-CN", "", "", "zh-Hant"),
        ("en-GB, zh;q=0.1", "", "", "en"),
        ("fr, zh-MO;q=0.3", "", "", "zh-Hant"),
        ("zh;q=0, en;q=0.1", "", "", "en"),
        ("zh-CN", "en", "", "en"),
        ("zh-CN", "en", "zh-Hant", "zh-Hant"),
        ("en", "nonsense", "", "en"),
        ("en", "", "nonsense", "en"),
    ],
)
def test_choice_of_language(header, cookie, query, expected):
    from flask import Request
    from werkzeug.test import EnvironBuilder

    headers = {"Accept-Language": header, "Cookie": f"lang={cookie}" if cookie else ""}
    environ = EnvironBuilder(
        "/", query_string={"lang": query} if query else {}, headers=headers
    ).get_environ()
    assert kg_web.rendering.i18n.choose(Request(environ)) == expected


def test_traditional_text_has_its_own_quotation_marks():
    """Mainland China writes “ ”, Taiwan and Hong Kong 「 」: our own words follow the reader's script."""
    wrong = [text(one) for one in catalogue("zh_Hant") if set(text(one)) & set("“”")]
    ontology = resources.ontology_dir()
    for path in sorted(ontology.rglob("*.ttl")):
        found = re.findall(r'"([^"\n]*)"@zh-hant', path.read_text(encoding="utf-8"))
        wrong += [f"{path.name}: {one}" for one in found if set(one) & set("“”")]
    for path in sorted(ontology.glob("questions/*.rq")):
        lines = re.findall(r"^# \w+@zh-hant:.*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        wrong += [f"{path.name}: {one}" for one in lines if set(one) & set("“”")]
    assert wrong == []
