"""How servers start: one process first, the others once it answers; templates are compiled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from kg.release import Release
from kg.settings import Settings
from kg_web.rendering.compiled import compiled_templates
from kg_web.server import supervisor
from tests.servers import Served, kg_serve, wait_until


class _Process:
    def __init__(self, order: dict, listener: int) -> None:
        self.listener, self.silent, self.born, self.alive = listener, None, 100.0, 0


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[supervisor._Supervisor]:
    """A supervisor that has started the first of three processes a second ago."""
    monkeypatch.setattr(supervisor, "Child", _Process)
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: 101.0)
    found = supervisor._Supervisor(Settings.load(), None, "http://127.0.0.1:1/", [1, 2, 3], tmp_path)
    found.children, found.rest = [supervisor.Child({}, 1)], [2, 3]
    yield found


def _listeners(found: supervisor._Supervisor) -> list[int]:
    found._begin_the_rest()
    return [child.listener for child in found.children]


def test_the_others_wait_until_the_first_answers(begun: supervisor._Supervisor) -> None:
    assert _listeners(begun) == [1]
    begun.children[0].silent = 0
    assert _listeners(begun) == [1, 2, 3]
    assert _listeners(begun) == [1, 2, 3], "each is started once"


def test_the_others_start_when_the_first_has_ended(begun: supervisor._Supervisor) -> None:
    begun.replaced = 1
    assert _listeners(begun) == [1, 2, 3]


def test_the_others_start_when_the_first_takes_too_long(
    begun: supervisor._Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: 100.0 + supervisor._ALONE)
    assert _listeners(begun) == [1, 2, 3]


def test_all_processes_come_up(small_release: Release, tmp_path: Path) -> None:
    with kg_serve(small_release, tmp_path, {"KG_WORKERS": "3"}, anew=True) as served:
        wait_until(lambda: len(_servers(served)) == 3, 30, "the third process")


def _servers(served: Served) -> list[str]:
    return [
        line
        for pid in served.everyone()
        if "kg_web.server.process" in (line := Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
    ]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    cache = compiled_templates(tmp_path / "kept")
    return Environment(loader=DictLoader({"a": "{{ 1 + x }}"}), bytecode_cache=cache, autoescape=True)


def test_a_template_is_compiled_once(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.get_template("a").render(x=1) == "2"
    environment.cache.clear()
    monkeypatch.setattr(environment, "compile", lambda *_given: pytest.fail("it is compiled again"))
    assert environment.get_template("a").render(x=2) == "3"


def test_a_damaged_template_is_compiled_again(environment: Environment, tmp_path: Path) -> None:
    environment.get_template("a")
    [file] = (tmp_path / "kept").iterdir()
    whole = file.read_bytes()
    for damaged in (b"", b"nothing", whole[:12], whole[: len(whole) // 2], whole[:-3]):
        file.write_bytes(damaged)
        environment.cache.clear()
        assert environment.get_template("a").render(x=1) == "2"


def test_a_template_that_cannot_be_kept_is_shown(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "kept").rmdir()
    assert environment.get_template("a").render(x=1) == "2"


@pytest.mark.parametrize("mode", [0o777, 0o720])
def test_code_is_not_taken_from_where_others_write(tmp_path: Path, mode: int) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept").chmod(mode)
    assert compiled_templates(tmp_path / "kept") is None


def test_a_place_that_is_a_file_holds_no_templates(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    assert compiled_templates(tmp_path / "kept") is None
