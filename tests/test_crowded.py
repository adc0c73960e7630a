"""A page with two hundred members, a thousand events, and names of sixty characters in one language alone."""

from __future__ import annotations

import re

import pytest

from kg.engine.local import LocalEngine
from kg.settings import Settings
from kg_web import create_app
from tests.crowded import BASE, HALL, MEMBERS, NAME, UNBROKEN, crowded
from tests.test_pages import BROWSER, check, resource


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


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("thing", ["guild/000", "guild/001", "event/0000"])
def test_a_class_without_shape_and_templates_has_pages_too(site, language: str, thing: str):
    """A guild's class has no shape at all, an event's has one without a sentence."""
    response = site.get(f"{resource(BASE + 'id/' + thing)}&lang={language}", headers=BROWSER)
    checked = check(response)
    text = "".join(checked.text)
    assert (UNBROKEN if thing == "guild/001" else NAME) in text
    made = re.search(r'<p class="summary made">(.*?)</p>', response.text, re.DOTALL)
    assert made is not None
    assert ("行会" if thing.startswith("guild") else "大事") in made[1], "the sentence says what it is"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/browse",
        "/browse?class=https://crowded.example/ontology/Guild",
        "/network",
        "/coverage",
        "/map",
        "/compare",
        "/questions",
    ],
)
def test_so_are_the_ways_there(site, address: str):
    response = site.get(address, headers=BROWSER)
    check(response)
    assert len(response.data) < 150_000
