"""Names that a second process makes ahead are those that the first would make; which, is a guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.machine.memory import Memory
from kg.make import check
from kg.make.adding.ahead import names_ahead
from kg.make.adding.name_memory import Remembered
from kg.make.adding.transliterate import in_order, remembered
from kg.make.loading import files
from kg.make.loading.config import read_config
from tests.conftest import Project
from tests.test_build import SEARCHES


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "LARGE", 1)


def test_they_are_what_the_procedures_make_and_all_that_are_asked_for(orchard: Project, tmp_path: Path):
    memory = Memory(tmp_path / "memory")
    with names_ahead(orchard.data, memory) as names:
        made = names()
        assert names() is made
    for one in in_order(read_config(orchard.data)[0].transliterations):
        convert = remembered(one, Memory())
        assert made[one.name] == {name: convert(name) for name in made[one.name]}
    check(orchard.ontology, orchard.data, memory=memory)
    asked = json.loads((tmp_path / "memory" / "names-pinyin").read_bytes()[32:])
    assert asked
    assert asked.items() <= made["pinyin"].items()


def test_of_records_and_searches_none_is_made(orchard: Project):
    orchard.change(
        "data/tree-list/source.ttl",
        '"果树清单 1999"@zh-hans ;',
        '"史料"@zh-hans .\n<id/body/printer> rdfs:label "印书局"@zh-hans .\n<source/tree-list>',
    )
    orchard.write("data/tree-list/searches.ttl", SEARCHES)
    with names_ahead(orchard.data, Memory()) as names:
        made = names()["pinyin"]
    assert {"枇杷", "印书局"} <= made.keys()
    assert not {"史料", "何处有梨"} & made.keys()


def test_the_first_process_makes_none_of_them(orchard: Project, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("it is made ahead")

    expected = check(orchard.ontology, orchard.data)
    with names_ahead(orchard.data, Memory()) as names:
        made = names()
    monkeypatch.setattr("kg.make.adding.ahead.forked", lambda _work, **_: _Ready(made))
    monkeypatch.setattr(Remembered, "_procedure", property(refuse))
    assert check(orchard.ontology, orchard.data) == expected


class _Ready:
    """Names that a second process has made."""

    def __init__(self, made: object) -> None:
        self.made = made

    def __enter__(self):
        return lambda: self.made

    def __exit__(self, *_: object) -> None:
        pass


def test_none_are_made_where_names_are_kept_or_faulty(orchard: Project, tmp_path: Path):
    memory = Memory(tmp_path / "memory")
    check(orchard.ontology, orchard.data, memory=memory)
    with names_ahead(orchard.data, memory) as names:
        assert names() == {}
    (orchard.data / "pinyin.csv").unlink()
    with names_ahead(orchard.data, Memory()) as names:
        assert names() == {}
    with pytest.raises(DataError, match="overrides"):
        check(orchard.ontology, orchard.data)
