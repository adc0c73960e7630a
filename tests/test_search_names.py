"""What the index of names tells of a word without a search, and of names that say more than a thing's own."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from tantivy import Query

from kg.search import ensure_index
from kg.search.index import Index
from kg.search.names import folding
from tests.tiny import RDFS, named, quad, release_of


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    lines = [
        quad("x:Estate", RDFS + "subClassOf", "x:Place"),
        *named("x:pine", "松竹新苑@zh-hans", "x:Estate", alias="松苑@zh-hans", code="A-12"),
        *named("x:office", "松竹新苑@zh-hans", "x:Office"),
        *named("x:lake", "Lake View@en", "x:Estate"),
        *named("x:far", "北山别院@zh-hans", "x:Estate"),
        *named("x:long", "北山别院与清风阳光苑之间的停车场@zh-hans", "x:Estate", code="1234567890123"),
    ]
    return Index.open(ensure_index(release_of(tmp_path_factory.mktemp("names"), lines)))


LONGER = ["北山别院与清风阳光苑", "beishanbieyuanyuqing", "12345678901"]
"""Beginnings of a name and a code that are longer than those that are indexed."""


def iris(hits) -> list[str]:
    return sorted(hit.thing.iri for hit in hits)


@pytest.mark.parametrize(
    "name", ["松竹新苑", "松竹新苑 ", "松竹·新苑", "松苑", "songzhuxinyuan", "lake view", "LAKE VIEW"]
)
def test_a_name_is_known_in_any_writing(index: Index, name: str) -> None:
    assert index.knows(folding.word(name))
    assert index.named(folding.word(name))


@pytest.mark.parametrize("name", ["", "松竹新", "竹新苑", "lake", "view", "songzhu", "北山"])
def test_a_part_of_a_name_is_none(index: Index, name: str) -> None:
    assert not index.knows(folding.word(name))
    assert index.named(folding.word(name)) == ()


def test_what_has_a_name_is_found_within_classes(index: Index) -> None:
    word = folding.word("松竹新苑")
    assert iris(index.named(word)) == ["x:office", "x:pine"]
    assert iris(index.named(word, limit=1)) in (["x:office"], ["x:pine"])
    assert iris(index.named(word, classes=["x:Place"])) == ["x:pine"]
    assert iris(index.named(word, classes=["x:Place", "x:Estate"], every=True)) == ["x:pine"]
    assert iris(index.named(word, classes=["x:Place", "x:Office"], every=True)) == []
    assert iris(index.named(folding.word("a-12"))) == ["x:pine"]
    assert iris(index.find("松竹", classes=["x:Place", "x:Office"]).hits) == ["x:office", "x:pine"]
    assert iris(index.find("松竹", classes=["x:Place", "x:Office"], every=True).hits) == []


@pytest.mark.parametrize("text", ["松新竹苑", "青山市东河区松竹新院", "松竹新苑十二幢三单元"])
def test_what_shares_characters_is_found_however_much_else_is_said(index: Index, text: str) -> None:
    assert iris(index.alike(text)) == ["x:office", "x:pine"]
    assert iris(index.alike(text, classes=["x:Office"])) == ["x:office"]
    assert index.alike("lake view") == ()


@pytest.mark.parametrize("text", LONGER)
def test_a_long_beginning_finds_and_one_that_nothing_has_costs_no_expression(
    index: Index, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    making = Mock(wraps=Query)
    monkeypatch.setattr("kg.search.queries.Query", making)
    assert iris(index.find(text).hits) == ["x:long"]
    assert making.regex_query.call_count
    making.reset_mock()
    assert not index.find(text[:1] + text[2:]).total
    # Beginnings of the words within a name aren't indexed.
    assert {call.args[1] for call in making.regex_query.call_args_list} <= {"word"}


def test_matches_are_counted_by_class_where_that_is_wanted(index: Index) -> None:
    whole, bare = index.find("松竹"), index.find("松竹", counted=False)
    assert whole.classes == {"x:Estate": 1, "x:Office": 1}
    assert (bare.classes, bare.hits, bare.total) == ({}, whole.hits, whole.total)


def test_a_thing_that_many_searches_find_is_read_once(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    first = index.find("松竹新苑").hits
    monkeypatch.setattr("kg.search.index.thing_of", Mock(side_effect=AssertionError("it is read again")))
    assert index.find("松竹新苑").hits == first
    assert [index.look_up(hit.thing.iri) for hit in first] == [hit.thing for hit in first]
