"""While much is made Python looks for garbage less often, and as before when that is over."""

from __future__ import annotations

import gc

import pytest

from kg import make
from kg.machine.garbage import seldom_collected
from tests.conftest import Project


def test_it_is_as_before_at_the_end_even_after_a_fault():
    before = gc.get_threshold()

    def fall() -> None:
        with seldom_collected():
            assert gc.get_threshold()[0] > before[0]
            raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        fall()
    assert gc.get_threshold() == before


def test_who_never_looks_for_garbage_goes_on_so():
    before = gc.get_threshold()
    try:
        gc.set_threshold(0)
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


def test_a_check_looks_less_often(orchard: Project, monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []
    load = make.load.load
    monkeypatch.setattr(
        make.load, "load", lambda *a, **k: seen.append(gc.get_threshold()[0]) or load(*a, **k)
    )
    before = gc.get_threshold()[0]
    make.check(orchard.ontology, orchard.data)
    assert seen[0] > before == gc.get_threshold()[0]
