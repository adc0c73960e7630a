"""The search page and its JSON, as docs/search-api.md describes it."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.engine.local import LocalEngine
from kg.settings import Settings
from kg_web import create_app
from kg_web.views.things import search as search_page
from tests.documents import document_text
from tests.tiny import named, release_of

DOCUMENT = document_text("search-api.md")
LANGUAGES = {"en": "Cuiyuan Siqu", "zh-Hans": "翠苑四区", "zh-Hant": "翠苑四區"}


def client_of(release):
    return create_app(LocalEngine.open(release.store), Settings(), release).test_client()


@pytest.fixture(scope="module")
def client(release):
    return client_of(release)


@pytest.fixture(scope="module")
def small(small_release):
    return client_of(small_release)


def page(client, path, **more) -> str:
    response = client.get(path, **more)
    assert response.status_code == 200, response.text
    return response.text


def ask(client, **parameters):
    response = client.get("/search.json", query_string=parameters)
    assert response.status_code == 200, response.text
    return response.get_json()


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs))

    def to(self, start: str) -> list[str]:
        return [link["href"] for link in self.found if (link.get("href") or "").startswith(start)]


# --- the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tongue", "name"), LANGUAGES.items())
def test_the_page_leads_to_what_was_found_in_the_readers_language(client, tongue, name):
    html = page(client, "/search?q=cuiyuansiqu", headers={"Accept-Language": tongue})
    assert f"<bdi>{name}</bdi></a>" in html
    assert Links(html).to("/page/")[0] == "/page/id/compound/cuiyuan-siqu"


def test_hits_stand_in_groups_by_class_with_their_place(small):
    html = page(small, "/search?q=long+ridge")
    assert re.search(r"<h2[^>]*>\s*<bdi>orchard</bdi>", html)
    html = page(small, "/search?q=tree+1")
    main = re.sub(r"<[^>]+>", " ", html.partition("<main")[2])
    assert re.search(r"Tree 1\s+in\s+Long Ridge Orchard\s+North slope", main)


def test_classes_that_readers_come_for_stand_first(small):
    """However many more of the others are found."""
    application = small.application
    with application.test_request_context():
        schema = application.extensions["publication"].explorer.schema
        sought, other = schema.primary[0], "https://example.org/other"
        found = search_page._sought_first({other: 9, sought: 1})
    assert found == [(sought, 1), (other, 9)]


def test_classes_lead_to_a_narrower_search(small):
    html = page(small, "/search?q=tree")
    narrower = [href for href in Links(html).to("?q=tree") if "class=" in href]
    assert narrower
    page(small, "/search" + narrower[0].replace("&amp;", "&"))


def test_nothing_found_offers_what_is_close(small):
    html = page(small, "/search?q=long+rigde")
    assert "These come close" in html
    assert Links(html).to("/page/")


def test_nothing_asked_says_what_can_be(small):
    assert "pinyin" in page(small, "/search").partition("<main")[2]


def test_a_long_text_is_cut_and_says_so(small):
    for text in ("x" * 10_000, quote("果") * 5_000):
        html = page(small, "/search?class=o:Tree&q=" + text, follow_redirects=True)
        assert "only its beginning" in html
        assert "tree" in html.partition("<main")[2]
        assert len(html) < 75_000
    assert page(small, "/search?q=" + "x" * 400)


@pytest.mark.parametrize("number", ["0", "-1", "999999999999", "x", ""])
def test_absurd_pages_are_pages(client, number):
    page(client, f"/search?q=a&page={number}")


def test_pages_can_be_leafed_through(client):
    first, second = (page(client, f"/search?q=330106&page={n}") for n in (1, 2))
    ours = [set(Links(html).to("/page/id/")) for html in (first, second)]
    assert len(ours[0]) == 40
    assert len(ours[1]) == 40
    assert not ours[0] & ours[1]


def test_markup_in_a_text_or_a_name_stays_text(tmp_path, small):
    html = page(small, '/search?q=<script>alert(1)</script>"%20onload=')
    assert "<script>alert" not in html
    lines = named("x:a", "<img src=x onerror=alert(1)> \u202eevil@en")
    release = release_of(tmp_path, lines)
    from kg.release.store import ensure_store

    ensure_store(release)
    html = page(client_of(release), "/search?q=img")
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=%E7%BF", "q=%00", "q=%", "q=%ED%A0%80", "class=%ff&q=a", "q&&=;"]
)
@pytest.mark.parametrize("path", ["/search", "/search.json"])
def test_broken_text_is_refused_or_only_text(client, path, query):
    response = client.get(path, environ_overrides={"QUERY_STRING": query})
    assert response.status_code in (200, 400)
    assert b"Traceback" not in response.data


def test_an_endpoint_alone_has_no_search(small_release):
    app = create_app(LocalEngine.open(small_release.store), Settings(), None)
    response = app.test_client().get("/search.json?q=a")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


# --- the JSON ---------------------------------------------------------------------------------------------


def keys_of(value) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys_of(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(keys_of(one) for one in value))
    return set()


def test_the_answer_has_what_the_document_says_and_no_more(client):
    answer = ask(client, q="cuiyuan", limit=10)
    example = DOCUMENT.partition("an example cut short:")[2].partition("\n- ")[0]
    assert keys_of(answer) == set(re.findall(r'"(\w+)":', example))
    parameters = set(re.findall(r"^\| `(\w+)`", DOCUMENT, flags=re.MULTILINE))
    source = Path(search_page.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'(?:args\.get(?:list)?|_number)\("(\w+)"', source))
    assert parameters == read


def test_json_answers_in_a_language_and_within_a_class(client):
    for tongue, name in LANGUAGES.items():
        answer = ask(client, q="cysq", language=tongue)
        assert answer["language"] == tongue
        assert answer["hits"][0]["label"] == {"text": name, "language": tongue}
        assert answer["hits"][0]["iri"].endswith("/compound/cuiyuan-siqu")
    kind = answer["classes"][0]
    narrow = ask(client, q="cysq", **{"class": kind["iri"], "limit": 100})
    assert narrow["total"] == kind["count"] == len(narrow["hits"])
    assert all(kind["iri"] in [one["iri"] for one in hit["classes"]] for hit in narrow["hits"])


def test_json_pages_and_counts(client):
    whole = ask(client, q="330106", limit=50)
    parts = [ask(client, q="330106", limit=10, offset=at)["hits"] for at in range(0, 50, 10)]
    assert whole["hits"] == [hit for part in parts for hit in part]
    assert ask(client, q="330106", limit=0)["total"] == whole["total"]


@pytest.mark.parametrize(
    "wrong", ["limit=x", "limit=101", "limit=-1", "offset=1001", "offset=1e3", "limit=٣"]
)
def test_json_refuses_numbers_out_of_bounds(client, wrong):
    response = client.get(f"/search.json?q=a&{wrong}")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert wrong.partition("=")[0] in response.get_json()["detail"]


def test_json_may_be_asked_from_other_sites_and_sets_no_cookie(client):
    response = client.get("/search.json?q=a&language=zh-Hant")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response.headers
