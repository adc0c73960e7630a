"""The pages: what they show, that they are safe with any data and any address, that they know no domain."""

import random
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app

ODD = Path(__file__).parent / "graphs" / "odd.trig"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
VOID_ELEMENTS = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "rect"}


class Checker(HTMLParser):
    """Reads a page and notes what a strict policy would stop, and whether its elements nest."""

    def __init__(self):
        super().__init__()
        self.faults, self.open, self.ids, self.text = [], [], set(), []
        self.links, self.targets, self.handlers = [], set(), 0

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)
        self.faults += [
            f"inline {name} on {tag}" for name in found if name == "style" or name.startswith("on")
        ]
        data = found.get("type") in {"application/ld+json", "application/json"}
        if tag == "style" or (tag == "script" and not found.get("src") and not data):
            self.faults.append(f"inline {tag}")
        if (identifier := found.get("id")) is not None:
            if identifier in self.ids:
                self.faults.append(f"the id {identifier} stands twice")
            self.ids.add(identifier)
        if "popovertarget" in found:
            self.targets.add(found["popovertarget"])
        for name in ("href", "src", "action"):
            if name in found:
                self.links.append(found[name])

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID_ELEMENTS:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


def check(response, status=200) -> Checker:
    assert response.status_code == status, response.text[:300]
    checker = Checker()
    checker.feed(response.text)
    checker.close()
    assert checker.faults == []
    assert checker.open == []
    assert checker.targets <= checker.ids
    scheme = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
    assert [x for x in checker.links if scheme.match(x) and not x.startswith(("http://", "https://"))] == []
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    return checker


def client_of(release: Release):
    return create_app(LocalEngine.open(release.store), Settings(), release).test_client(use_cookies=False)


@pytest.fixture(scope="module")
def default(release):
    return client_of(release)


@pytest.fixture(scope="module")
def orchard_site(small_release):
    return client_of(small_release)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A site without any release file: shapes and all come from the engine."""
    store = ox.Store()
    store.load(path=str(ODD), format=ox.RdfFormat.TRIG)
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return create_app(LocalEngine(store), Settings()).test_client(use_cookies=False)


def resource(iri: str) -> str:
    return f"/resource?iri={quote(iri, safe='')}"


BAD = "https://odd.example/id/lamp/bad"


# --- what pages show --------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/browse",
        "/browse?class=o:Tree",
        "/compare",
        "/coverage",
        "/coverage?class=o:Tree",
        "/map",
        "/query",
        "/page/id/orchard/long-ridge",
        "/page/id/tree/01",
        "/page/id/variety/snow-pear",
        "/page/id/figure/long-ridge/area-3.5",
        "/page/ontology/Tree",
        "/page/ontology/isPartOf",
        "/page/graph/tree-list",
        "/page/graph/almanac-1931/p04/reading",
        "/page/source/almanac-1931/p04",
        "/page/source/almanac-1931",
        "/page/vocabulary/fruit/pear",
        "/resource?iri=https://w3id.org/linli/kg%23Stated",
    ],
)
def test_every_page_of_an_unrelated_graph(orchard_site, path, language):
    response = orchard_site.get(path, headers={**BROWSER, "Accept-Language": language})
    check(response)
    assert f'<html lang="{language}"' in response.text
    assert len(response.data) < 150_000


def test_an_entity_has_names_figures_and_sources(orchard_site):
    text = orchard_site.get("/page/id/orchard/long-ridge", headers={"Accept-Language": "en"}).text
    for part in (
        "Long Ridge Orchard",
        "長嶺果園",
        "长岭果园",
        "Chánglǐng",
        "12,400",
        "3.5",
        "Almanac, page 4",
    ):
        assert part in text
    assert "read off the map on the facing page" in text  # the curator's reason
    assert 'class="mark stated"' in text
    assert 'class="mark read"' in text


def test_what_a_later_graph_replaced_is_silent(orchard_site):
    text = orchard_site.get("/page/id/variety/red-lantern", headers={"Accept-Language": "en"}).text
    assert "Red Lantern" in text
    assert "Red Lamp" not in text


def test_a_passage_shows_all_that_it_states(orchard_site):
    text = orchard_site.get("/page/source/almanac-1931/p09", headers={"Accept-Language": "en"}).text
    for part in ("雪梨", "紅燈籠", "燈籠蘋果", "石橋果園", "800", "Snow Pear"):
        assert part in text


def test_labels_follow_the_reader(default):
    path = "/page/id/division/nbs2023-330102012014"
    shown = {
        tag: re.search(r"<h1[^>]*><bdi>([^<]+)", default.get(path, headers={"Accept-Language": tag}).text)[1]
        for tag in ("zh-CN", "zh-TW", "en")
    }
    assert shown == {"zh-CN": "青荷苑社区", "zh-TW": "青荷苑社區", "en": "Qingheyuan Community"}


def test_the_language_is_remembered(orchard_site):
    response = orchard_site.get("/?lang=zh-Hant", headers={"Accept-Language": "en"})
    assert "lang=zh-Hant" in response.headers["Set-Cookie"]
    assert {"Accept-Language", "Cookie"} <= set(response.vary)


def test_facets_count_what_they_leave(orchard_site):
    fruit = "https://example.org/orchard/ontology/isOfVariety/https://example.org/orchard/ontology/hasFruit"
    pear = "https://example.org/orchard/vocabulary/fruit/pear"
    address = f"/browse?class=o:Tree&{quote(fruit, safe='')}={quote(pear, safe='')}"
    text = orchard_site.get(address, headers={"Accept-Language": "en"}).text
    total = int(re.search(r'<h1[^>]*>.*?<span class="count">(\d+)</span>', text, re.DOTALL)[1])
    assert text.count('href="/page/id/tree/') == total == 16
    # The facet that was chosen from still offers its other values, with their own counts.
    assert re.search(r"apple</bdi></span> <span class=\"count\">8<", text)


def test_the_sparql_behind_a_facet_gives_its_numbers(orchard_site, small_release):
    text = orchard_site.get("/browse?class=o:Tree").text
    links = re.findall(r'href="/query\?query=([^"]+)"', text)
    assert len(links) >= 4
    from urllib.parse import unquote

    engine = LocalEngine.open(small_release.store)
    answers = [engine.query(unquote(link)) for link in links]
    assert [len(answer) for answer in answers if answer.variables == ("item",)] == [24]
    sums = [sum(int(row["count"].value) for row in a.dicts()) for a in answers if "count" in a.variables]
    assert set(sums) == {24}


def test_every_query_behind_a_page_runs(default, release):
    from urllib.parse import unquote

    engine = LocalEngine.open(release.store)
    for path in ("/page/id/compound/yangtang-xiaoqu", "/compare", "/coverage", "/page/ontology/Community"):
        for link in re.findall(r'href="/query\?query=([^"]+)"', default.get(path).text):
            assert len(engine.query(unquote(link))) > 0


def test_a_comparison_has_every_figure_with_its_source(default):
    text = default.get("/compare?class=linli:ResidentialCompound", headers={"Accept-Language": "en"}).text
    quantity = re.search(r'href="(\?class=[^"]+quantity=[^"]+parking-berths)"', text)[1]
    checked = check(
        default.get("/compare" + quantity.replace("&amp;", "&"), headers={"Accept-Language": "en"})
    )
    words = " ".join(" ".join(checked.text).split())
    for figure in ("more than 200 berth", "101 berth", "93 berth"):
        assert figure in words


def test_cases_stand_side_by_side_with_bodies_facilities_and_initiatives(default):
    base = "https://w3id.org/linli/id/compound/"
    items = "".join(f"&item={base}{slug}" for slug in ("aimin-xiaoqu", "cuiyuan-siqu", "hemu-xincun"))
    text = default.get(f"/compare?class=linli:ResidentialCompound{items}&lang=en").text
    rows = {
        re.sub(r"<[^>]+>|\s+", " ", row.partition("</th>")[0]).strip(): re.split(r"<td\b", row)[1:]
        for row in re.split(r"<tr><th scope=.row.>", text)[1:]
    }
    assert "residents" in rows
    assert "Property company of Aimin Xiaoqu" in rows["body"][0]
    assert "Cuirong Parlour" in rows["deliberation brand"][1]
    assert "Sunshine canteen" in rows["facility"][2]
    assert all("Renewal of" in cell for cell in rows["renewal project"])
    assert "popovertarget" in rows["facility"][1]
    # What the closure of containment adds is no row of its own.
    assert "Within" not in rows


def test_no_page_of_the_default_data_is_heavy(default):
    for path in ("/", "/page/id/division/nbs2023-330100000000", "/page/source/hangzhou-2021-best-cases/p05"):
        response = default.get(path)
        check(response)
        assert len(response.data) < 150_000


def test_pages_of_random_things_ask_little_and_weigh_little(release, monkeypatch):
    """What a page costs, counted: its queries and its bytes. benchmarks/pages.py measures the times."""
    engine = LocalEngine.open(release.store)
    subjects = sorted({row[0].value for row in engine.query("SELECT ?s { ?s a ?type }").rows})
    things = [iri for iri in subjects if iri.startswith(release.base + "id/")]
    chosen = random.Random(7).sample(things, 200)  # noqa: S311 # a sample, no secret
    site = create_app(engine, Settings(), release).test_client(use_cookies=False)
    asked = Counter()
    query = LocalEngine.query

    def counted(self, *given, **named):
        asked[iri] += 1
        return query(self, *given, **named)

    assert site.get("/coverage", headers=BROWSER).status_code == 200  # what a process works out once
    monkeypatch.setattr(LocalEngine, "query", counted)
    for iri in [chosen[0], *chosen]:
        response = site.get("/page/" + quote(iri.removeprefix(release.base)), headers=BROWSER)
        assert response.status_code == 200
        assert len(response.data) < 150_000
    counts = sorted(asked[iri] for iri in chosen[1:])
    assert counts[0] >= 1
    assert counts[100] <= 8
    assert counts[190] <= 14
    assert counts[-1] <= 30


def test_a_missing_page_suggests_what_was_meant(default):
    response = default.get("/page/id/district/yangtang-xiaoqu", headers={**BROWSER, "Accept-Language": "en"})
    check(response, 404)
    assert "/page/id/compound/yangtang-xiaoqu" in response.text


def test_search_engines_are_told(orchard_site):
    home = orchard_site.get("/", headers=BROWSER).text
    assert '"@type": "Dataset"' in home
    assert 'rel="canonical"' in home
    index = orchard_site.get("/sitemap.xml").text
    part = re.search(r"<loc>[^<]*(/sitemap/\d+-\d+\.xml)</loc>", index)[1]
    assert "/page/id/" in orchard_site.get(part).text
    assert orchard_site.get("/sitemap/99-0.xml").status_code == 404
    assert "Sitemap:" in orchard_site.get("/robots.txt").text


# --- safety -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize(
    "path",
    [
        resource(BAD),
        resource("https://odd.example/id/lamp/good"),
        resource("https://odd.example/ontology/Lamp"),
        resource("https://odd.example/ontology/of"),
        resource("https://odd.example/graph/book/p1"),
        resource("https://odd.example/source/book/p2"),
        "/browse?class=https://odd.example/ontology/Lamp",
        "/compare?class=https://odd.example/ontology/Lamp",
        f"/compare?class=https://odd.example/ontology/Lamp&item={quote(BAD)}",
        "/",
    ],
)
def test_markup_in_the_data_is_text_on_the_page(odd, path, language):
    response = odd.get(path, headers={**BROWSER, "Accept-Language": language})
    check(response)
    for evil in ("<script>alert", "<img", "<style>*", "<b>because", "<i>what"):
        assert evil not in response.text


def test_only_web_addresses_become_links(odd):
    checked = check(odd.get(resource(BAD), headers=BROWSER))
    assert "https://ok.example/?a=1&b=2" in checked.links
    assert "javascript:alert(4)" in "".join(checked.text)
    assert not [link for link in checked.links if link.lower().startswith(("javascript:", "data:"))]


def test_names_that_turn_text_around_are_kept_apart(odd):
    text = odd.get(resource(BAD)).text
    assert re.search(r"<bdi[^>]*>\u202eevil", text)


def test_two_sources_that_differ_stand_side_by_side(odd):
    text = odd.get(resource(BAD), headers={"Accept-Language": "en"}).text
    assert text.count('<tr class="contested">') == 2
    assert "Sources differ" in text
    # a property that takes one value, with two
    assert "The sources differ:" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/resource", 404),
        ("/resource?iri=", 404),
        ("/resource?iri=not an iri", 404),
        ("/resource?iri=" + "x" * 10_000, 404),
        ("/resource?iri=https://odd.example/%3Cscript%3E", 404),
        ("/resource?iri=%ff%fe", 404),
        ("/resource?iri=a%00b", 400),
        ("/page/%ff", 400),
        ("/page/" + "a/" * 2_000, 404),
        ("/page/../../etc/passwd", 404),
        ("/page/id//x", 404),
        ("/page/id/%2e%2e/x", 404),
        ("/browse?class=nothing", 404),
        ("/browse?class=o:Tree&page=-5", 200),
        ("/browse?class=o:Tree&page=999999999999999999999", 200),
        ("/browse?class=o:Tree&page=٣", 200),
        ("/browse?class=o:Tree&page=1e9", 200),
        ("/browse?class=o:Tree&" + "&".join(f"x{n}=1" for n in range(300)), 200),
        (
            "/browse?class=o:Tree&https%3A%2F%2Fexample.org%2Forchard%2Fontology%2FstandsIn=%22%7D%20UNION",
            200,
        ),
        ("/browse?class=o:Tree&https%3A%2F%2Fexample.org%2Forchard%2Fontology%2FstandsIn=%3Ca%3E%7D%7B", 200),
        ("/links", 404),
        ("/links?iri=https://example.org/orchard/id/plot/long-ridge-north&property=x:y&page=7", 404),
        ("/compare?class=o:Tree", 404),
        ("/compare?class=o:Orchard&item=x&quantity=y", 200),
        ("/coverage?class=%22", 404),
        ("/map?class=zzz", 404),
        ("/query?query=" + quote("<script>alert(1)</script>"), 200),
        ("/?lang=%3Cscript%3E&theme=%22%3E", 200),
        ("//evil.example/x", 404),
    ],
)
def test_absurd_addresses(orchard_site, path, status):
    response = orchard_site.get(path, headers=BROWSER)
    if response.status_code in (301, 308):
        assert response.headers["Location"].startswith(("/", "http://localhost/"))
        return
    check(response, status)
    assert "<script>alert" not in response.text
    assert "//evil.example" not in re.sub(r'rel="(canonical|alternate)"[^>]*', "", response.text)


def test_an_entity_with_fifty_thousand_links():
    base = "https://many.example/"
    store = ox.Store()
    hub, link, label = (ox.NamedNode(base + name) for name in ("hub", "to", "x"))
    name = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    store.bulk_extend(
        ox.Quad(ox.NamedNode(f"{base}leaf/{number}"), link, hub, graph)
        for number in range(50_000)
        for graph in (ox.NamedNode(base + "graph"), ox.DefaultGraph())
    )
    store.add(ox.Quad(hub, name, ox.Literal("hub", language="en"), label))
    site = create_app(LocalEngine(store), Settings()).test_client(use_cookies=False)
    response = site.get(resource(base + "hub"), headers={**BROWSER, "Accept-Language": "en"})
    checked = check(response)
    assert "50,000" in "".join(checked.text)
    assert len(response.data) < 150_000
    last = site.get(
        f"/links?iri={quote(base + 'hub')}&property={quote(base + 'to')}&page=500", headers=BROWSER
    )
    check(last)
    assert last.text.count("leaf/") >= 100


def test_an_endpoint_without_a_release_has_pages(odd):
    check(odd.get("/", headers=BROWSER))
    check(odd.get("/browse", headers=BROWSER))
    assert "good lamp" in odd.get("/browse?class=https://odd.example/ontology/Lamp").text


def test_no_page_shows_how_the_program_writes_its_values(default):
    """A name of a template's own that is bound twice once put a list of dataclasses on a page."""
    written = re.compile(r"\b[A-Z]\w+\((?:ref|iri|value|label|number|property)=")
    for path in (
        "/compare?class=linli:ResidentialCompound",
        "/coverage",
        "/quality",
        "/dataset",
        "/page/ontology/ResidentialCompound",
        "/page/source/hangzhou-2021-best-cases/p05",
    ):
        page = check(default.get(path, headers={**BROWSER, "Accept-Language": "zh-Hant"}))
        assert written.search("".join(page.text)) is None, path


def test_a_class_tells_readers_nothing_that_is_said_to_the_program(default):
    page = check(
        default.get("/page/ontology/ResidentialCompound", headers={**BROWSER, "Accept-Language": "en"})
    )
    text = "".join(page.text)
    assert "{n, plural" not in text
    assert "comparable" not in text
    assert "schema:Residence" in text, "what is a fact stays"


def test_a_graph_is_called_after_its_source_and_basis(default):
    address = "/page/graph/hangzhou-2021-best-cases/p05/reading"
    for language, basis in (("en", "read"), ("zh-Hant", "編者解讀")):
        response = default.get(address, headers={**BROWSER, "Accept-Language": language})
        check(response)
        title = re.search(r"<h1[^>]*>(.*?)</h1>", response.text, re.DOTALL)
        assert title is not None
        assert " · " in title[1]
        assert basis in title[1].lower()


def test_a_language_is_told_by_its_name(default):
    address = "/page/source/hangzhou-2021-best-cases"
    for language, name in (("en", "Chinese"), ("zh-Hant", "中文")):
        response = default.get(address, headers={**BROWSER, "Accept-Language": language})
        check(response)
        assert re.search(rf"<dd>\s*[^<]*{name}", response.text), language
