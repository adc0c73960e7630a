"""What the index of names tells of a word without a search, and of names that say more than a thing's own."""

from __future__ import annotations

import pytest

from kg.search import ensure_index, folding
from kg.search.index import Index
from tests.tiny import RDFS, named, quad, release_of


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    lines = [
        quad("x:Estate", RDFS + "subClassOf", "x:Place"),
        *named("x:pine", "松竹新苑@zh-hans", "x:Estate", alias="松苑@zh-hans", code="A-12"),
        *named("x:office", "松竹新苑@zh-hans", "x:Office"),
        *named("x:lake", "Lake View@en", "x:Estate"),
        *named("x:far", "北山别院@zh-hans", "x:Estate"),
    ]
    return Index.open(ensure_index(release_of(tmp_path_factory.mktemp("names"), lines)))


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
