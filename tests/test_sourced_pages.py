"""Pages that show what an answer rests on, without a script: questions, and citations made with sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg.tracing.excerpt import SHOWN, shortened
from kg_web import create_app

B = "https://example.org/orchard/"
P04 = "/source/almanac-1931/p04"


@pytest.fixture
def client(small_release: Release, tmp_path: Path) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        settings = Settings(citations=str(tmp_path / "citations.sqlite3"))
        yield create_app(engine, settings, small_release).test_client()


def links(page: str) -> dict[str, str]:
    """The addresses of a page's links, by their words."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return {re.sub(r"<[^>]*>", "", words).strip(): unescape(address) for address, words in found}


@pytest.mark.parametrize(
    ("language", "switch", "weight", "sentence", "back"),
    [
        ("en", "With sources", "Stated by 1 text independently", "The answer rests on", "Without sources"),
        ("zh-Hans", "附来源", "由 1 篇文本各自独立陈述", "答案依据文献", "不附来源"),
        ("zh-Hant", "附來源", "由 1 篇文本各自獨立陳述", "答案依據文獻", "不附來源"),
    ],
)
def test_a_questions_rows_lead_to_their_passages_without_a_script(
    client: FlaskClient, language: str, switch: str, weight: str, sentence: str, back: str
) -> None:
    plain = client.get(f"/questions/harvest?lang={language}").text
    assert weight not in plain
    page = client.get(links(plain)[switch]).text
    cells = re.findall(r'<td class="sources">(.*?)</td>', page, re.DOTALL)
    assert len(cells) == len(re.findall("<tr>", page)) - 1
    assert all(weight in cell for cell in cells)
    assert sentence in page
    first = links(cells[0])
    assert first["[1]"].endswith(P04) or first["[2]"].endswith(P04)
    passage = client.get(next(iter(first.values())), follow_redirects=True)
    assert passage.status_code == 200
    assert links(page)[back].partition("#")[0] == f"/questions/harvest?lang={language}"


def test_a_questions_documents_can_be_had_as_a_reference_list(client: FlaskClient) -> None:
    page = client.get("/questions/harvest?sources=1&lang=en").text
    address = links(page)["RIS"]
    listed = client.get(address)
    assert listed.status_code == 200
    # The list of the answer's documents: breadcrumbs are a list too.
    numbered = re.search(r"answer-sources.*?<ol>(.*?)</ol>", page, re.DOTALL)
    assert numbered is not None
    assert listed.text.count("TY  - ") == numbered[1].count("<li>")
    names = [
        re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<li>(.*?)</li>", numbered[1], re.DOTALL)
    ]
    works = client.get(links(page)["GB/T 7714"]).text.splitlines()
    assert len(names) > 1
    for number, (name, work) in enumerate(zip(names, works, strict=True), 1):  # as the rows' links are
        assert work.startswith(f"[{number}] {unescape(name)}[EB/OL]")


def test_a_choice_keeps_the_switch(client: FlaskClient) -> None:
    page = client.get("/questions/trees-of-kinds?sources=1&lang=en").text
    assert '<input type="hidden" name="sources" value="1">' in page
    assert 'name="sources"' not in client.get("/questions/trees-of-kinds?lang=en").text


def test_a_citation_made_with_sources_keeps_them(client: FlaskClient) -> None:
    page = client.get("/questions/harvest?sources=1&lang=en").text
    form = client.get(links(page)["Cite this"]).text
    assert re.search(r'name="sources" value="1" checked', form)
    query = re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)
    assert query is not None
    data = {"query": unescape(query[1])}
    plain = client.post("/cite", data=data).headers["Location"]
    kept = client.post("/cite", data=data | {"sources": "1"}).headers["Location"]
    assert kept != plain
    shown = client.get(f"{kept}?lang=en", headers={"Accept": "text/html"}).text
    assert "The answer rests on" in shown
    assert any(address.endswith(P04) for address in links(shown).values())
    record = client.get(kept, headers={"Accept": "application/json"}).json
    assert record is not None
    assert len(record["sources"]["rows"]) == len(record["head"])
    assert record["sources"]["all"] == len(record["sources"]["documents"])
    untold = client.get(plain, headers={"Accept": "application/json"}).json
    assert untold is not None
    assert untold["sources"] is None
    assert "The answer rests on" not in client.get(f"{plain}?lang=en", headers={"Accept": "text/html"}).text


def test_what_cannot_be_traced_is_cited_and_says_why(client: FlaskClient) -> None:
    query = f"DESCRIBE <{B}id/orchard/long-ridge>"
    kept = client.post("/cite", data={"query": query, "sources": "1"}).headers["Location"]
    page = client.get(f"{kept}?lang=en", headers={"Accept": "text/html"}).text
    assert "can&#39;t be told" in page or "can't be told" in page
    assert "DESCRIBE" in page


def test_a_row_of_many_passages_shows_the_first_and_counts_the_rest() -> None:
    graphs = [{"graph": f"g{n}", "from": [{"passage": f"p{n:02}", "document": 0}]} for n in range(20)]
    told = {
        "traced": True,
        "summary": {"rows": 1, "documents": 1},
        "documents": [{"document": "d", "text": 0}],
        "graphs": graphs,
        "statements": [{"graphs": [n]} for n in range(20)],
        "rows": [{"ways": [list(range(20))], "documents": [0], "independent": 1}],
    }
    (row,) = shortened(told, [0])["rows"]
    assert [one for one, _ in row["passages"]] == [f"p{n:02}" for n in range(SHOWN)]
    assert row["left"] == 20 - SHOWN
