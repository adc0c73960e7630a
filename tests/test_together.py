"""Work that pytest workers do together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import together as module
from tests.together import together

NAMES = [f"page-{number}" for number in range(8)]


def test_each_piece_is_done_once_and_all_are_known_to_each(tmp_path: Path):
    both, done = threading.Barrier(2), []

    def work() -> dict[str, str]:
        met = []

        def do(name: str) -> str:
            if not met:
                met.append(both.wait(10))  # both have taken a piece
            done.append(name)
            return name.upper()

        return together(tmp_path, NAMES, do)

    with ThreadPoolExecutor(2) as workers:
        found = [one.result(30) for one in [workers.submit(work) for _ in range(2)]]
    assert found == [{name: name.upper() for name in NAMES}] * 2
    assert sorted(done) == NAMES
    assert together(tmp_path, NAMES, pytest.fail) == found[0]


def test_what_fails_fails_for_each_who_needs_it(tmp_path: Path):
    def do(name: str) -> str:
        if name == NAMES[3]:
            raise ValueError(name)
        return name

    for _ in range(2):
        with pytest.raises(ValueError, match=NAMES[3]):
            together(tmp_path, NAMES, do)
    assert together(tmp_path, NAMES, str) == {name: name for name in NAMES}


def test_nobody_waits_for_ever_for_a_worker_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / NAMES[5]).touch()
    monkeypatch.setattr(module, "_LONG", 0.2)
    with pytest.raises(AssertionError, match=f"never finished: {NAMES[5]}$"):
        together(tmp_path, NAMES, str.upper)
