"""What the query editor shows of answers, in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from kg.release import Release
from tests.browser.desk import COUNT, LONG, Desk, Opened, serving
from tests.browser.expecting import expect
from tests.servers import slowness

pytestmark = pytest.mark.browser

NAMES = "SELECT ?x ?n WHERE { ?x a linli:District ; rdfs:label ?n FILTER(LANG(?n) = 'zh-hans') } ORDER BY ?n"


def test_no_rows_say_why_and_lead_to_rows(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("SELECT * WHERE { ?x a linli:District ; linli:servesGroup ?group }")
    one.run()
    empty = one.page.locator(".notice.empty")
    expect(empty).to_contain_text("linli:servesGroup")
    expect(empty).to_contain_text("never occurs on linli:District")
    empty.locator(".mend").first.click()
    one.ran()
    expect(one.rows.first).to_be_visible()
    one.write("SELECT * WHERE { ?x a linli:District ; rdfs:label ?name FILTER(STRLEN(?name) > 500) }")
    one.run()
    expect(empty).to_contain_text("filter leaves nothing")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "was read as"), ("zh-CN", "这里的语言标签一律小写"), ("zh-TW", "這裡的語言標籤一律小寫")],
)
def test_a_hint_stands_beside_the_rows(server: str, desk: Opened, language: str, words: str) -> None:
    one = desk(f"{server}/query", language)
    one.write('SELECT ?n WHERE { ?x a linli:District ; rdfs:label ?n FILTER(LANG(?n) = "zh-Hans") } LIMIT 3')
    one.run()
    one.ran()
    expect(one.rows).to_have_count(3)
    hint = one.page.locator(".status .hint")
    expect(hint).to_contain_text("zh-hans")
    expect(hint).to_contain_text(words)


def test_a_long_query_is_stopped_and_its_worker_freed(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write(LONG)
    one.run()
    stop = one.page.locator("button.stop")
    expect(stop).to_be_visible()
    one.page.wait_for_timeout(500)
    stop.click()
    expect(one.page.locator(".problem")).to_contain_text("Stopped")
    # There is one worker: that it answers shows that it is free.
    started = time.monotonic()
    asked = Request(f"{server}/sparql?query={quote(COUNT)}", headers={"Accept": "text/csv"})
    assert urlopen(asked, timeout=5).status == 200
    assert time.monotonic() - started < 5


def test_a_limit_says_which_and_what_would_help(release: Release, desk: Opened, tmp_path: Path) -> None:
    with serving(tmp_path, "--release", str(release.path), KG_QUERY_TIMEOUT="0.5") as served:
        one = desk(f"{served.address}/query")
        one.write(LONG)
        one.run()
        problem = one.page.locator(".problem")
        expect(problem).to_contain_text("KG_QUERY_TIMEOUT")
        expect(problem).to_contain_text("LIMIT")


def test_a_link_gives_the_same_view_in_a_fresh_profile(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    query = (
        "SELECT ?class (COUNT(*) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY DESC(?things)"
    )
    one.write(query)
    one.run()
    one.ran()
    one.page.get_by_role("button", name="Chart").click()
    expect(one.page.locator("figure.chart")).to_be_visible()
    one.page.get_by_role("button", name="Copy link").click()
    expect(one.page).to_have_url(re.compile("#."))
    link = one.page.url
    assert len(link) < 300
    other = desk(link, "zh-TW")
    expect(other.page.locator("figure.chart")).to_be_visible()
    assert other.text == one.text


def test_100_000_rows_scroll_smoothly(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    rows = [
        {
            "n": {"type": "literal", "value": str(i), "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
            "t": {"type": "literal", "value": f"row {i * 7919 % 100_000}"},
        }
        for i in range(100_000)
    ]
    body = json.dumps({"head": {"vars": ["n", "t"]}, "results": {"bindings": rows}})
    headers = {"Row-Count": "100000", "Content-Type": "application/sparql-results+json"}
    one.page.route("**/sparql", lambda route: route.fulfill(status=200, headers=headers, body=body))
    one.write("SELECT * WHERE { ?n ?p ?t }")
    one.run()
    expect(one.status).to_contain_text("100,000")
    slowest = one.page.evaluate(
        """async () => {
          const box = document.querySelector(".scroll.rows");
          const took = [];
          for (let step = 0; step < 60; step++) {
            const started = performance.now();
            box.scrollTop = (box.scrollHeight * step) / 60;
            await new Promise(requestAnimationFrame);
            box.getBoundingClientRect();
            took.push(performance.now() - started);
          }
          return took.sort((a, b) => a - b)[Math.floor(took.length * 0.9)];
        }"""
    )
    assert slowest < 120 * slowness(), slowest
    assert one.rows.count() < 100
    one.page.locator(".scroll.rows").evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(one.rows.last).to_contain_text("99,999")
    one.page.get_by_role("columnheader", name="n").get_by_role("button").click()
    one.page.get_by_role("columnheader", name="n").get_by_role("button").click()
    expect(one.rows.first).to_contain_text("99,999")
    one.page.get_by_role("searchbox", name="Filter the rows").fill("row 4242")
    expect(one.page.locator(".table .count")).to_contain_text("of 100,000")


@pytest.mark.parametrize(
    ("query", "reason", "mend"),
    [
        ('?x a linli:District ; rdfs:label "上城区"', "zh-hans", '"上城区"@zh-hans'),
        ('?x a linli:Facility ; linli:isWithin "上城区"', "linli:isWithin", "上城区 division:"),
        ('?x a linli:District ; rdfs:label "上城"@zh-hans', '"上城区"@zh-hans', '"上城区"@zh-hans'),
    ],
)
def test_a_text_that_nothing_has_leads_to_one_that_is_there(
    server: str, desk: Opened, query: str, reason: str, mend: str
) -> None:
    one = desk(f"{server}/query", "zh-CN")
    one.write(f"SELECT * WHERE {{ {query} }}")
    one.run()
    empty = one.page.locator(".notice.empty")
    expect(empty).to_contain_text(reason)
    empty.locator(".mend", has_text=mend).first.click()
    one.ran()
    expect(one.rows.first).to_be_visible()


def test_each_view_is_remembered_in_the_link(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("SELECT ?x ?g ?p WHERE { ?x geo:hasDefaultGeometry ?g . ?g geo:asWKT ?p } LIMIT 60")
    one.run()
    one.ran()
    for view, shown in (("Map", "figure.map circle"), ("Graph", ".graph svg circle"), ("Raw", "pre.code")):
        one.page.get_by_role("button", name=view, exact=True).click()
        expect(one.page).to_have_url(re.compile(f"view={view.lower()}"))
        other = desk(one.page.url)
        expect(other.page.locator(shown).first).to_be_visible()


def test_every_iri_of_an_answer_leads_to_its_page(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write(
        "SELECT DISTINCT ?c (SAMPLE(?s) AS ?x) (SAMPLE(?g) AS ?graph) { GRAPH ?g { ?s a ?c } } GROUP BY ?c"
    )
    one.run()
    one.ran()
    links = one.page.locator("table.rows tbody a")
    expect(links.nth(40)).to_be_visible()
    # Names and pages come after the rows.
    one.page.wait_for_function(
        "server => [...document.querySelectorAll('table.rows tbody a')]"
        ".filter((a) => a.href.startsWith(server)).length > 20",
        arg=server,
    )
    addresses = {
        link for link in links.evaluate_all("all => all.map((a) => a.href)") if link.startswith(server)
    }
    assert len(addresses) > 20
    for address in addresses:
        assert urlopen(address, timeout=10).status == 200, address


def test_downloads_come_in_every_format(server: str, desk: Opened, tmp_path: Path) -> None:
    one = desk(f"{server}/query")
    begins = {
        "JSON": b'{"head"',
        "XML": b"<?xml",
        "CSV": b"x,n",
        "TSV": b"?x\t?n",
        "Parquet": b"PAR1",
        "CSVW": b"{",
    }
    graphs = ("Turtle", "N-Triples", "JSON-LD", "RDF/XML", "TriG", "N-Quads")
    one.write(NAMES)
    one.run()
    one.ran()
    for name, beginning in begins.items():
        assert _saved(one, name, tmp_path).startswith(beginning), name
    # Chromium lets a page that nobody looks at save ten files.
    one = desk(f"{server}/query")
    one.write("CONSTRUCT { ?x rdfs:label ?n } WHERE { ?x a linli:District ; rdfs:label ?n }")
    one.run()
    one.ran()
    for name in graphs:
        assert "上城区" in _saved(one, name, tmp_path).decode(), name


def _saved(one: Desk, name: str, folder: Path) -> bytes:
    page = one.page
    with page.expect_download() as waiting:
        page.locator(".downloads").get_by_role("button", name=name, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.read_bytes()


def test_the_code_for_a_query_runs_as_it_stands(server: str, desk: Opened, tmp_path: Path) -> None:
    one = desk(f"{server}/query")
    one.write(NAMES)
    one.run()
    one.ran()
    one.page.get_by_role("button", name="Code", exact=True).click()
    snippets = one.page.locator(".snippets details")
    expect(snippets.locator("summary")).to_have_text(
        [re.compile(name) for name in ("SPARQLWrapper", "pandas", "R", "curl")]
    )
    python, pandas, _, curl = snippets.locator("pre").all_inner_texts()
    program = tmp_path / "asked.py"
    program.write_text(python, encoding="utf-8")
    wrapped = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, timeout=60
    )
    assert wrapped.stdout.count("'n': '") == 13
    asked = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=True, timeout=60)
    assert len(asked.stdout.splitlines()) == 14
    # pandas itself is not among our packages; what it reads is.
    program.write_text(
        pandas.replace("import pandas as pd", "import csv, io").replace(
            "pd.read_csv(BytesIO(answer.read()))", "list(csv.reader(io.TextIOWrapper(answer, 'utf-8')))"
        ),
        encoding="utf-8",
    )
    read = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True, timeout=60)
    assert "上城区" in read.stdout
