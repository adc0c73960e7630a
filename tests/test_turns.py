"""A row of things that two processes share out: each is worked on once, and told in its place."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.machine import turns
from kg.machine.turns import in_turns


@settings(max_examples=25)
@given(count=st.integers(0, 3000), few=st.integers(1, 700), tokens=st.integers(1, 40), worth=st.booleans())
def test_each_place_is_told_once_and_in_order(count: int, few: int, tokens: int, worth: bool):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(turns, "_FEW", few)
        patched.setattr(turns, "_TOKENS", tokens)
        with in_turns(list, count, worth=worth) as answer:
            assert answer() == list(range(count))


def test_both_work_on_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "_FEW", 1)

    def slowly(places: range) -> list[tuple[int, int]]:
        time.sleep(0.02)
        return [(place, os.getpid()) for place in places]

    with in_turns(slowly, 60, worth=True) as answer:
        time.sleep(0.3)
        found = answer()
    assert [place for place, _ in found] == list(range(60))
    assert os.getpid() in {pid for _, pid in found}
    assert len({pid for _, pid in found}) == 2


def test_what_a_copy_that_was_killed_had_taken_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "_FEW", 10)
    here = os.getpid()

    def deadly(places: range) -> list[int]:
        if os.getpid() != here:
            if places.start > 50:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.01)
        return list(places)

    with in_turns(deadly, 300, worth=True) as answer:
        time.sleep(0.5)
        assert answer() == list(range(300))


def test_what_the_work_raises_comes():
    def refuse(places: range) -> list[int]:
        raise ValueError(places.start)

    with in_turns(refuse, 5, worth=True) as answer, pytest.raises(ValueError, match="0"):
        answer()


def test_no_file_stays_open():
    before = {one.name for one in Path("/proc/self/fd").iterdir()}
    with in_turns(list, 5, worth=True) as answer:
        answer()
    assert {one.name for one in Path("/proc/self/fd").iterdir()} == before
