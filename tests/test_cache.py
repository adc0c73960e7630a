"""Kept answers: the longest unused go first, and what is read is what was kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg_web.delivery.answering import _ROOM, _Kept
from kg_web.protocol.cache import Cache, key


def kept(cache: Cache, names: list[str]) -> list[str]:
    return [name for name in names if (cache.folder / name).exists()]


def test_the_longest_unused_answer_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kept", 8000)
    names = [f"{number:040x}" for number in range(8)]
    for at, name in enumerate(names):
        (cache.folder / name).write_bytes(b"{}\n" + b"x" * 997)
        os.utime(cache.folder / name, (at, at))
    assert cache.get(names[0]) is not None, "it is used again, so it is the newest now"
    cache.put("f" * 40, {}, b"y" * 900, 900)
    assert kept(cache, names) == [names[0], *names[3:]]
    assert (cache.folder / ("f" * 40)).exists(), "what was just kept stays"


def test_an_answer_is_read_as_it_was_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kept", 100_000)
    body = tmp_path / "body"
    body.write_bytes(b"a file\nof two lines")
    cache.put("1" * 40, {"rows": 1}, b"bytes\n", 6)
    cache.put("2" * 40, {"rows": 2}, body, body.stat().st_size)
    first, second = cache.get("1" * 40), cache.get("2" * 40)
    assert first and (first.facts, first.read()) == ({"rows": 1}, b"bytes\n")
    assert second and (second.facts, second.read()) == ({"rows": 2}, b"a file\nof two lines")
    assert cache.get("3" * 40) is None
    cache.put("4" * 40, {}, b"z" * 30_000, 30_000)
    assert cache.get("4" * 40) is None, "what takes a quarter of the room is not kept among others"


@pytest.mark.parametrize(
    ("one", "other"), [(("ab", "c"), ("a", "bc")), (("a", "b"), ("b", "a")), (("a",), ("a", ""))]
)
def test_answers_that_depend_on_something_else_have_another_name(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert key(*one) != key(*other)
    assert key(*one) == key(*one)


def test_coded_bodies_go_by_their_last_use() -> None:
    bodies = _Kept()
    third = bytes(_ROOM // 3)
    for tag in "abc":
        bodies.put(tag, "gzip", third)
    assert bodies.get("a", "gzip") is not None
    bodies.put("d", "gzip", third)
    assert [tag for tag in "abcd" if bodies.get(tag, "gzip") is not None] == ["a", "c", "d"]
    assert bodies.get("a", "br") is None, "another coding is another body"
