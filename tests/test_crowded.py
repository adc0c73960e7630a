"""A page with two hundred members, a thousand events, and names of sixty characters in one language alone."""

from __future__ import annotations

import re

import pytest

from kg.engine.local import LocalEngine
from kg.settings import Settings
from tests.crowded import HALL, MEMBERS, NAME, crowded
from tests.test_pages import BROWSER, check, resource
from web import create_app


@pytest.fixture(scope="module")
def site():
    return create_app(LocalEngine(crowded()), Settings()).test_client(use_cookies=False)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_it_is_whole_says_how_much_is_left_out_and_stays_light(site, language: str):
    response = site.get(f"{resource(HALL)}&lang={language}", headers=BROWSER)
    checked = check(response)
    text = "".join(checked.text)
    assert NAME in text
    assert len(response.data) < 150_000
    marked = re.search(r"<h1[^>]*>", response.text)
    assert marked is not None
    assert ('lang="zh-Hans"' in marked[0]) == (language != "zh-Hans"), "a name in another language says so"
    section = response.text.split('class="facts acting"')[1].split("</section>")[0]
    drawn = section.split('class="drawing diagram narrow"')[0].count('class="box"')
    assert re.search(rf"\D{MEMBERS - drawn}\D", section), "the drawing says how many members it leaves out"


@pytest.mark.parametrize(
    "address", ["/", "/browse", "/browse?class=https://crowded.example/ontology/Guild", "/network"]
)
def test_so_are_the_ways_there(site, address: str):
    response = site.get(address, headers=BROWSER)
    check(response)
    assert len(response.data) < 150_000
