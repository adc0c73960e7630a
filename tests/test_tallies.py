"""How many there are stands on /coverage: what the graph's own questions count, with a way to each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.questions.collection import Questions
from kg.explore.questions.files import read_folder
from kg.explore.questions.tallies import tallies
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web import create_app
from tests.questions.regenerate import questions, read

ONTOLOGY = Path(__file__).parents[1] / "ontology"
COUNT = """# title@en: How many trees, and how many bear?
# title@zh-hans: 果树有多少？
# count: ?trees ?bearing ?absent
PREFIX o: <https://example.org/orchard/ontology/>
SELECT (COUNT(DISTINCT ?tree) AS ?trees) (COUNT(DISTINCT ?in) AS ?bearing)
WHERE { ?tree a o:Tree . OPTIONAL { ?tree o:standsIn ?plot . BIND(?tree AS ?in) } }
"""
COLUMNS = "name,en,zh-hans,part\ntrees,Trees,果树数,\nbearing,In a plot,在地块者,\n"
WHOLE = re.compile(
    r"\(COUNT\(DISTINCT \?(?P<one>\w+)\) AS (?P<count>\?\w+)\).*?WHERE \{\s*\?(?P=one) a linli:(?P<cls>\w+)",
    re.DOTALL,
)
"""The number of all that is of a class, as a question counts it."""
ENTRY = re.compile(r'<div class="statement"><dt>(.*?)</dt><dd>(.*?)</dd></div>', re.DOTALL)


@pytest.fixture
def engine(small_release: Release) -> Iterator[LocalEngine]:
    with LocalEngine.open(ensure_store(small_release)) as opened:
        yield opened


def site(engine: LocalEngine, release: Release, folder: Path, **files: str) -> FlaskClient:
    """Return the pages of a release with other questions than its own."""
    (folder / "columns.csv").write_text(COLUMNS, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.rq").write_text(text, encoding="utf-8")
    app = create_app(engine, Settings(), release)
    app.extensions["publication"].explorer.questions = Questions(folder)
    return app.test_client()


def counted(page: str) -> str:
    """Return the section of a page that says how many there are, empty without one."""
    return page.partition('aria-labelledby="counted"')[2].partition("</section>")[0]


def told(html: str) -> str:
    """Return what a reader reads of it."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_a_question_that_counts_stands_there(engine: LocalEngine, small_release: Release, tmp_path: Path):
    client = site(engine, small_release, tmp_path, trees=COUNT, other=COUNT.replace("# count:", "# choose:"))
    [(name, said)] = ENTRY.findall(counted(client.get("/coverage?lang=en").text))
    assert told(name) == "Trees"
    assert told(said) == "24 In a plot 24 How many trees, and how many bear?"
    assert 'href="/questions/trees"' in said
    assert client.get("/questions/trees").status_code == 200
    assert "果树数" in counted(client.get("/coverage?lang=zh-Hans").text)


def test_a_graph_whose_questions_count_nothing_shows_nothing(engine: LocalEngine, small_release: Release):
    page = create_app(engine, Settings(), small_release).test_client().get("/coverage?lang=en")
    assert page.status_code == 200
    assert "What is in the graph" not in page.text
    assert tallies(Explorer(engine).answerer, Explorer(engine).reader("en"), engine) == ()


def test_one_that_names_no_column_or_has_no_row_is_passed_over(
    engine: LocalEngine, small_release: Release, tmp_path: Path
):
    astray = COUNT.replace("# count: ?trees ?bearing ?absent", "# count: ?absent")
    empty = "# title@en: None?\n# count: ?trees\nSELECT ?trees WHERE { ?trees a <urn:nothing> }\n"
    page = site(engine, small_release, tmp_path, astray=astray, empty=empty).get("/coverage?lang=en")
    assert page.status_code == 200
    assert counted(page.text) == ""


def test_one_that_fails_says_so_and_the_page_is_not_kept(
    engine: LocalEngine, small_release: Release, tmp_path: Path
):
    broken = "# title@en: Broken?\n# count: ?x\nSELECT ?x { ?x"
    client = site(engine, small_release, tmp_path, broken=broken, trees=COUNT)
    (broke, why), (_, trees) = ENTRY.findall(counted(client.get("/coverage?lang=en").text))
    assert (told(broke), told(why)) == ("Broken?", "This can't be answered now. Broken?")
    assert told(trees).startswith("24")
    client.application.extensions["publication"].explorer.questions = Questions(None)
    client.application.extensions["publication"].explorer.answerer.questions = Questions(None)
    assert counted(client.get("/coverage?lang=en").text) == ""


def test_the_release_tells_every_count_as_expected(default_site: FlaskClient):
    every = read_folder(ONTOLOGY / "questions")
    counting = {one.key: one.one("count") for one in every if one.one("count")}
    assert {path.stem for path in questions() if path.stem.startswith("count-")} == counting.keys()
    for language in ("en", "zh-hans", "zh-hant"):
        shown = {}
        for _, said in ENTRY.findall(counted(default_site.get(f"/coverage?lang={language}").text)):
            key = re.search(r'href="/questions/([^"]+)"', said)
            assert key
            shown[key[1]] = re.findall(r'<data value="(\d+)">', said)
        assert shown == {key: expected(key, names) for key, names in counting.items()}


def test_a_class_is_counted_alike_on_each_page(default_site: FlaskClient):
    """A question that counts a class begins with all of it, and has what it leaves out as a part."""
    home = by_class(default_site, "/?lang=en", r'class="amount">')
    quality = by_class(default_site, "/quality?lang=en", r'class="count">')
    compared = set()
    for one in read_folder(ONTOLOGY / "questions"):
        whole = WHOLE.search(one.sparql)
        if not one.one("count") or not whole or whole["count"] != one.one("count").split()[0]:
            continue
        cls = f"https://w3id.org/linli/ontology/{whole['cls']}"
        [first, *_] = expected(one.key, one.one("count"))
        elsewhere = {pages[cls] for pages in (home, quality) if cls in pages}
        assert elsewhere <= {first}, one.key
        compared |= {whole["cls"]} if elsewhere else set()
    assert compared >= {"Body", "Document", "Facility", "ResidentialCompound", "Service"}


def by_class(client: FlaskClient, address: str, before: str) -> dict[str, str]:
    """Return the count beside each link to a class."""
    links = re.findall(
        rf'class=([^"#]+)(?:#\w+)?">(?:(?!</p>|</li>).)*?{before}([\d,]+)', client.get(address).text
    )
    return {unquote(cls): count.replace(",", "") for cls, count in links}


def expected(key: str, names: str) -> list[str]:
    """Return the values of the columns that a header names, in the first of the rows expected."""
    variables, rows = read(key)
    return [rows[0][variables.index(name.lstrip("?"))] for name in names.split()]


def test_every_count_is_a_column_of_its_query():
    for one in read_folder(ONTOLOGY / "questions"):
        selected = one.sparql[: one.sparql.index("WHERE")]
        for name in one.one("count").split():
            assert name.startswith("?"), one.key
            assert re.search(rf"AS {re.escape(name)}\)", selected), (one.key, name)
