"""The program knows no language: one is its catalogue, and nothing else names it."""

import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from kg.engine.local import LocalEngine
from kg.languages import (
    CATALOGUES,
    ORIGINAL,
    catalogue,
    in_all,
    language_chain,
    language_of,
    languages,
    locale_of,
    name_for,
    translated,
)
from kg.release import Release
from kg.settings import Settings
from kg_web.app import create_app
from tests.test_examples_of_changes import Copy, copy
from tests.test_structure import PROGRAM, ROOT

__all__ = ["copy"]  # a fixture

PRIMARY = "|".join(
    sorted({tag.lower().partition("-")[0] for one in languages().values() for tag in (one.tag, *one.serves)})
)
NAMED = re.compile(
    rf"""[\W_](?:{PRIMARY})[-_]?han[st]\b|["'@(`](?:{PRIMARY})(?:[-_]\w+)*["')`]|@(?:{PRIMARY})\b""", re.I
)
"""A tag of a language: as a text, with a script, behind a literal, or in a selector of a style."""
TABLE = {"kg/languages.py"}
"""Where languages are named: how the table is read, whose docstring has examples."""
DATA = {"kg/vocabulary.ttl"}
"""A vocabulary that is published, as an ontology is: its names are its own data, in whatever languages it has
them, and no part of the program asks which those are."""
READ = {".py", ".ts", ".mjs", ".js", ".html", ".svg", ".xml", ".txt", ".css", ".rq", ".ru", ".ttl", ".json"}


def read(path: Path) -> bool:
    name = str(path.relative_to(ROOT))
    made = {"node_modules", "built", "translations", "test"} & {*path.parts}
    return path.suffix in READ and not made and name not in TABLE | DATA and "package-lock" not in name


def test_nothing_but_the_table_and_the_catalogues_names_a_language():
    files = [path for path in PROGRAM if read(path)]
    assert len(files) > 600
    found = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        # Words in a query or a graph are tagged as the original: what others say is in the catalogues.
        text = re.sub(rf'@{ORIGINAL}\b|"{ORIGINAL}"', "", text) if path.suffix in {".rq", ".ttl"} else text
        lines = (line for line in text.splitlines() if NAMED.search(line))
        found += [f"{path.relative_to(ROOT)}: {line.strip()[:100]}" for line in lines]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        'if language() == "en":',
        "language().startswith('zh')",
        '_FALLBACK = {"zh-hans": ()}',
        "of labels: zh-Hans",
        ":lang(zh) { color: red }",
        'rdfs:label "值"@zh-hant .',
        'literal.language in {"cmn"}',
        'path / "zh_Hans"',
    ],
)
def test_a_place_that_names_a_language_is_found(line):
    assert NAMED.search(line)


@pytest.mark.parametrize(
    "line", ["when (opened)", "a zhivago", '"english"', 'kind = "entity"', "@enum.unique"]
)
def test_what_names_none_is_let_be(line):
    assert not NAMED.search(line)


def test_who_reads_one_reads_the_next():
    assert language_chain("zh-Hans") == ("zh-hans", "zh", "zh-hant", "en")
    assert language_chain("zh-hant") == ("zh-hant", "zh", "zh-hans", "en")
    assert language_chain("en") == ("en", "zh-hans", "zh-hant")
    assert language_chain("fr-CA") == ("fr-ca", "fr", "en", "zh-hans", "zh-hant")
    # Tags that a language serves are read as it is.
    assert language_chain("zh-TW") == ("zh-tw", "zh", "zh-hant", "zh-hans", "en")


@pytest.mark.parametrize(
    ("tag", "served"),
    [
        ("zh", "zh-Hans"),
        ("ZH-hk", "zh-Hant"),
        ("zh-cmn-Hant", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh-latn-pinyin", "zh-Hans"),
        ("cmn", "zh-Hans"),
        ("en-GB", "en"),
        ("eng", None),
        ("fr", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_tag_finds_the_language_that_serves_it(tag, served):
    found = language_of(tag)
    assert (found.tag if found else None) == served


def test_numbers_are_those_of_a_language_that_cldr_has():
    assert [locale_of(tag) for tag in ("zh-Hans", "en-GB", "qaa", "qaa-Latn", "", "a b")] == [
        "zh_Hans",
        "en_GB",
        "en",
        "en",
        "en",
        "en",
    ]


def test_a_message_is_said_in_each_language_that_has_it():
    assert in_all("Questions") == {"en": "Questions", "zh-hans": "问题", "zh-hant": "問題"}
    assert in_all("nobody says this") == {"en": "nobody says this"}
    assert translated("Questions", "zh-CN") == "问题"
    assert translated("Questions", "fr") == "Questions"
    assert translated("Questions", "zh-CN", "in no such context") == "Questions"


def test_habits_are_the_catalogues_own():
    simplified = languages()["zh-Hans"]
    assert (simplified.space, simplified.between_places, simplified.widest_first) == ("", "", True)
    assert simplified.brackets == "（）"
    original = languages()[ORIGINAL]
    assert (original.space, original.between_places, original.widest_first) == (" ", ", ", False)
    assert original.brackets == ""


def test_each_language_brings_how_it_is_set(small_release: Release):
    client = create_app(LocalEngine.open(small_release.store), Settings(), small_release).test_client()
    sheet = client.get("/languages.css")
    assert sheet.mimetype == "text/css"
    for language in languages():
        assert (f":lang({language})" in sheet.text) == (language != ORIGINAL)
    for page in ("/", "/questions/harvest/embed"):
        links = re.findall(r'<link rel="stylesheet" href="([^"?]+)', client.get(page).text)
        # Behind what it adds to, and before what stands on both.
        assert links[1:3] == ["/static/style/type.css", "/languages.css"], page


HABITS = {"X-Language-Name": "Qa", "X-Serves": "qab", "X-Reads-Too": "zh-Hans", "X-Word-Space": "no"}
PLACES = {"X-Address-Order": "widest first"}


def pseudo(root: Path, **more: str) -> None:
    """Add a language to a copy of the program, by its catalogue: every message in brackets."""
    with (CATALOGUES / "zh_Hans/LC_MESSAGES/messages.po").open("rb") as stream:
        messages = read_po(stream)
    for one in messages:
        if one.id:
            said = one.id if isinstance(one.id, str) else one.id[-1]
            one.string = f"⟦{said}⟧" if isinstance(one.id, str) else (f"⟦{said}⟧",)
    body = BytesIO()
    write_po(body, messages, omit_header=True)
    head = {"Language": "qaa", "Content-Type": "text/plain; charset=utf-8", **HABITS, **more}
    head["Plural-Forms"] = "nplurals=1; plural=0;"
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in head.items())
    path = root / "kg/translations/qaa/LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True)
    (root / "kg/translations/qaa/type.css").write_text(":lang(qaa) { --leading: 3 }", encoding="utf-8")
    path.write_text(f'msgid ""\nmsgstr ""\n{lines}\n{body.getvalue().decode()}', encoding="utf-8")


ASKED = '''
import json
paths = """/ /questions /questions/harvest /browse /compare /coverage /quality /ontology/ /search?q=ridge
/query /dataset /releases /network /map /changes /cite /page/id/plot/long-ridge-north
/page/id/tree/long-ridge-1 /nowhere /llms.txt /opensearch.xml
/languages.css""".split()
said = {}
for path in paths:
    reply = client.get(path, headers={"Accept-Language": ACCEPT, "Accept": "text/html"})
    said[path] = [reply.status_code, reply.text]
print(json.dumps(said))
'''


def texts(page: str) -> set[str]:
    """Return the pieces of text of a page, without scripts."""
    bare = re.sub(r"<(script|style|title)\b.*?</\1>", "", page, flags=re.S)
    return {unescape(one).strip() for one in re.findall(r">([^<>]+)<", bare)} - {""}


def test_a_language_is_added_by_its_catalogue_alone(copy: Copy, small_release):
    copy.make_script("editor")
    plain = json.loads(copy.browse(small_release, ASKED.replace("ACCEPT", '"en"')))
    pseudo(copy.root, **PLACES)
    said = json.loads(copy.browse(small_release, ASKED.replace("ACCEPT", '"qab;q=0.9, en;q=0.1"')))
    assert {path: code for path, (code, _) in said.items()} == {p: code for p, (code, _) in plain.items()}
    messages = {one for one in catalogue("zh-Hans")._catalog if isinstance(one, str)}
    leaks = {}
    for path, (_, page) in said.items():
        if path.endswith((".txt", ".xml", ".css")):
            continue
        assert '<html lang="qaa"' in page, path
        assert "⟦" in page, path
        # What the program says itself is said in the language, unless the data says the same words.
        mine = texts(plain[path][1]) & texts(page) & messages
        if mine:
            leaks[path] = mine
    assert leaks == {}
    # Names are those that its readers read too, and the documentation of the vocabulary speaks it.
    assert "老果园" in said["/"][1]
    assert "⟦Properties⟧" in said["/ontology/"][1]
    assert ":lang(qaa)" in said["/languages.css"][1]


TOLD = """
from kg.explore.model import Datum, Ref, Text
from kg.terms import XSD
from kg_web.rendering.numbers import amount, day
from kg_web.rendering.wording import joined, measured, placed
near, far = (Ref(f"x:{name}", Text(name, "qaa")) for name in ("near", "far"))
with client.application.test_request_context("/?lang=LANGUAGE"):
    print(placed([near, far]), joined(["a", "b"]), amount("1234.5"), day("2026-11-28"), sep="|")
    print(measured(Datum("7", "", XSD + "integer"), near, Datum("about")))
"""


def test_habits_of_a_language_are_those_of_its_header(copy: Copy, small_release):
    pseudo(copy.root, **PLACES)
    said = copy.browse(small_release, TOLD.replace("LANGUAGE", "qaa"))
    assert said.splitlines() == ["farnear|a and b|1,234.5|November 28, 2026", "about 7near"]
    said = copy.browse(small_release, TOLD.replace("LANGUAGE", "en"))
    assert said.splitlines() == ["near, far|a and b|1,234.5|November 28, 2026", "about 7 near"]


@pytest.mark.parametrize(
    ("tag", "names"),
    [
        ("zh-hans", ("Simplified Chinese", "简体中文", "簡體中文")),
        ("zh-latn-pinyin", ("Chinese (Pinyin Romanization)", "中文（拼音罗马字）", "中文（漢語拼音）")),
        ("en", ("English", "英语", "英文")),
        ("qxx", ("qxx", "qxx", "qxx")),
    ],
)
def test_a_language_is_called_as_its_reader_does(tag: str, names: tuple[str, ...]):
    assert tuple(name_for(tag, reader) for reader in ("en", "zh-hans", "zh-hant")) == names


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Names in Simplified Chinese, made from names in Traditional Chinese by opencc-t2s."),
        ("zh-hans", "由繁体中文名称经 opencc-t2s 推得的简体中文名称。"),
        ("zh-hant", "由繁體中文名稱經 opencc-t2s 推得的簡體中文名稱。"),
        ("zh-hans", "由简体中文名称经 pinyin 推得的中文（拼音罗马字）名称。"),
    ],
)
def test_graphs_of_derived_names_say_languages_by_their_names(
    small_release: Release, language: str, said: str
):
    with small_release.file("dataset.nq").open(encoding="utf-8") as lines:
        assert any(f'"{said}"@{language} ' in line for line in lines)
