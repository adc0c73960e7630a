"""What isn't known of a region: kinds of things, what its things lack, figures that others have."""

from __future__ import annotations

import pytest

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app

B = "https://example.org/orchard/"
TREE = B + "ontology/Tree"
PEAR, LANTERN = B + "id/variety/snow-pear", B + "id/variety/red-lantern"


@pytest.fixture(scope="module")
def explorer(small_release: Release) -> Explorer:
    return Explorer(LocalEngine.open(small_release.store), small_release)


@pytest.fixture(scope="module")
def client(small_release: Release):
    return create_app(LocalEngine.open(small_release.store), Settings(), small_release).test_client()


def test_a_region_is_a_value_of_the_first_axis(explorer: Explorer):
    assert explorer.is_region(PEAR)
    assert not explorer.is_region(B + "id/tree/01")
    assert explorer.region_gaps(B + "id/tree/01", "en") is None


def test_gaps_are_those_of_the_things_within(explorer: Explorer):
    trees = {}
    for region in (PEAR, LANTERN):
        found = explorer.region_gaps(region, "en")
        assert found is not None
        (inside,) = [one for one in found.told if one.cls.iri == TREE]
        (planted,) = [one for one in inside.expected if one.key == "Tree-planted"]
        among = explorer.gaps.inside(TREE, found.axis.iri, region)
        lacking = explorer.gaps.lacking(TREE, "Tree-planted", explorer.reader("en"), among)
        assert lacking is not None
        assert planted.missing == len(lacking)
        assert {ref.iri for ref in lacking} <= among
        trees[region] = inside.count
    assert trees[PEAR] == 16
    assert sum(trees.values()) == 24


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_page_of_a_region(client, language: str):
    page = client.get("/coverage", query_string={"in": PEAR, "lang": language})
    assert page.status_code == 200
    assert "/browse?" in page.text
    narrowed = client.get("/coverage", query_string={"class": TREE, "in": PEAR, "lang": language})
    assert '<span class="count">16</span>' in narrowed.text


@pytest.mark.parametrize("region", ["x", B + "id/tree/01", "https://elsewhere.example/> } #", "\u202e"])
def test_what_is_no_region_is_not_found(client, region: str):
    assert client.get("/coverage", query_string={"in": region}).status_code == 404
    assert client.get("/coverage", query_string={"class": TREE, "in": region}).status_code == 404


def test_the_heat_map_and_a_regions_page_lead_there(client):
    assert (
        "?in=https%3A%2F%2Fexample.org%2Forchard%2Fid%2Fvariety%2Fsnow-pear" in client.get("/coverage").text
    )
    assert "/coverage?in=" in client.get("/page/id/variety/snow-pear?lang=en").text
    assert "/coverage?in=" not in client.get("/page/id/tree/01?lang=en").text


def test_a_page_says_what_is_expected_and_not_told(explorer: Explorer, client):
    reader = explorer.reader("en")
    bare, rich = (explorer.entity(f"{B}id/orchard/{name}", "en") for name in ("stone-bridge", "long-ridge"))
    assert bare is not None
    assert rich is not None
    assert [ref.label.value for ref in explorer.gaps.unknown(bare, reader)] == ["Trees"]
    assert explorer.gaps.unknown(rich, reader) == ()
    assert 'id="unknown"' in client.get("/page/id/orchard/stone-bridge?lang=en").text
    assert 'id="unknown"' not in client.get("/page/id/orchard/long-ridge?lang=en").text
