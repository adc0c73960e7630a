"""Facets by spans of years, as the ontology's shapes ask for them: a page counts what a query counts."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web.app import create_app

LINLI = "https://w3id.org/linli/ontology/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PUBLISHED = {"en": "Published", "zh-Hans": "发布日期", "zh-Hant": "發布日期"}
START = {"en": "Start", "zh-Hans": "开始", "zh-Hant": "開始"}
CUT = [
    ("Document", "http://purl.org/dc/terms/issued", PUBLISHED),
    ("RenewalProject", LINLI + "startDate", START),
    ("Facility", LINLI + "startDate", START),
]
CHOICE = re.compile(r'<li><a [^>]*href="([^"]*)".*?<span class="count">([\d,]+)<', re.DOTALL)


@pytest.fixture(scope="module")
def engine(release: Release) -> LocalEngine:
    return LocalEngine.open(ensure_store(release))


@pytest.fixture(scope="module")
def client(engine: LocalEngine, release: Release) -> FlaskClient:
    return create_app(engine, Settings(), release).test_client(use_cookies=False)


def starts(engine: LocalEngine, cls: str, property: str) -> list[tuple[str, int]]:
    """Each thing of a class with each year that the property gives it."""
    type, asked = ox.NamedNode(LINLI + cls), ox.NamedNode(property)
    return sorted(
        {
            (quad.subject.value, int(dated.object.value[:4]))
            for quad in engine.store.quads_for_pattern(None, TYPE, type, ox.DefaultGraph())
            for dated in engine.store.quads_for_pattern(quad.subject, asked, None, ox.DefaultGraph())
        }
    )


@pytest.mark.parametrize(("cls", "property", "names"), CUT, ids=[f"{cls}" for cls, *_ in CUT])
def test_spans_of_years_hold_what_a_query_counts(
    cls: str, property: str, names: dict[str, str], client: FlaskClient, engine: LocalEngine
):
    dated = starts(engine, cls, property)
    for language, name in names.items():
        page = client.get(
            "/browse", query_string={"class": LINLI + cls}, headers={"Accept-Language": language}
        ).text
        facet = page.partition(f"<summary><span><bdi>{name}</bdi>")[2].partition("</details>")[0]
        choices = [(unescape(link), count) for link, count in CHOICE.findall(facet)]
        assert len(choices) > 3, (language, facet[:500])
        told = {}
        for link, count in choices:
            low, high = map(int, unquote(link).rpartition("=")[2].split("/"))
            told[low, high] = int(count.replace(",", ""))
            assert told[low, high] == len({thing for thing, year in dated if low <= year < high})
        assert all(any(low <= year < high for low, high in told) for _, year in dated)
        (low, high), wanted = max(told.items(), key=lambda one: one[1])
        link = next(link for link, _ in choices if unquote(link).endswith(f"={low}/{high}"))
        narrowed = client.get("/browse" + link, headers={"Accept-Language": language}).text
        assert re.search(rf"(?<![\d,]){wanted:,}(?![\d,])", narrowed.partition("<main")[2])
        assert 'aria-current="true"' in narrowed
