"""What a process hands to its copy is taken by the bytes that it was made from, whole or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import review
from kg.cli.make import check
from kg.machine.beside import held_back
from kg.machine.handing import Handed
from kg.make.loading import files
from kg.review import glance
from tests.conftest import Project


@settings(max_examples=30)
@given(st.dictionaries(st.binary(max_size=40), st.binary(max_size=400), max_size=8))
def test_what_is_given_is_taken_in_the_copy(results: dict[bytes, bytes]):
    with Handed() as handed:
        taken = lambda: [handed.take(one) for one in (*results, b"another" * 9)]  # noqa: E731
        with held_back(taken, worth=True) as (_, answer):
            for made_from, result in results.items():
                handed.give(made_from, result)
            assert answer() == [*results.values(), None]


def test_without_a_copy_it_is_taken_where_it_was_given():
    with Handed() as handed:
        handed.give(b"a", b"first")
        assert handed.take(b"a") == b"first"


def test_of_a_disk_that_is_full_nothing_is_taken_in_part():
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Handed() as handed:
        handed.give(b"small", b"1")
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        try:
            handed.give(b"large", b"2" * 2000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        handed.give(b"later", b"3")
        assert [handed.take(one) for one in (b"small", b"large", b"later")] == [b"1", None, None]


def lines_of(path: Path) -> bytes:
    stated = ox.parse(input=path.read_bytes(), format=glance.FORMATS[path.suffix])
    return ox.serialize(stated, format=ox.RdfFormat.N_QUADS) or b""


def test_a_check_reads_no_file_twice_for_its_reviews(orchard: Project, monkeypatch: pytest.MonkeyPatch):
    """What the check has read the reviews needn't parse; a file that has changed since they do."""
    monkeypatch.setattr(files, "LARGE", 1)
    orchard.write("data/almanac-1931/_review.json", '{"curator": "curator-1", "passages": {}}')
    seen: list[bytes | None] = []

    def looked(path: Path, handed: Handed | None) -> bytes:
        text = path.read_bytes()
        seen.append(handed.take(text) if handed else None)
        assert handed and handed.take(text + b"#") is None
        return lines_of(path)

    monkeypatch.setattr(glance, "_lines", looked)
    monkeypatch.setattr("kg.cli.make.held_back", _here)
    folders = ["--ontology", str(orchard.ontology), "--data", str(orchard.data)]
    found = CliRunner().invoke(check, folders, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    assert seen
    assert None not in seen


class _here:  # noqa: N801 - in place of a function
    """Work that isn't done in a copy, so that what it does can be seen."""

    def __init__(self, work: object, *, worth: bool) -> None:
        assert worth
        self.work = work

    def __enter__(self):
        return (lambda: None), self.work

    def __exit__(self, *_: object) -> None:
        pass


def test_reviews_say_the_same_with_what_was_handed_on(orchard: Project):
    plain = review.warnings(orchard.ontology, orchard.data)
    with Handed() as handed:
        for path in sorted(orchard.data.rglob("*.t*")):
            if path.suffix in glance.FORMATS:
                handed.give(path.read_bytes(), lines_of(path))
        assert review.warnings(orchard.ontology, orchard.data, None, handed) == plain
