"""Commands that are copied from a process are what they are when they are started from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import anew, kg


@pytest.mark.parametrize(
    "words", [["--version"], ["bild"], ["query", "nowhere.rq"], ["export", "--format", "docx"]]
)
def test_a_copy_says_what_one_started_anew_says(words: list[str]):
    copy, first = kg(*words), anew(*words)
    assert (copy.returncode, copy.stdout, copy.stderr) == (first.returncode, first.stdout, first.stderr)


def test_each_has_its_own_folder_variables_and_input(tmp_path: Path):
    told = [
        kg("query", "-", cwd=tmp_path, stdin="ASK {}", KG_RELEASES="here").stderr,
        kg("query", "-", cwd=tmp_path, stdin="ASK {}").stderr,
    ]
    assert ["in here" in one for one in told] == [True, False]
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        (folder / "q.rq").write_text(f"SELECT {folder.name} {{}}", encoding="utf-8")
    assert [kg("query", "q.rq", cwd=tmp_path / name).returncode for name in ("a", "b", ".")] == [1, 1, 2]


def test_what_is_read_at_the_start_of_a_process_has_to_be_started():
    with pytest.raises(AssertionError, match="started anew"):
        kg("--version", PYTHONHASHSEED="1")


def test_an_exit_code_that_is_not_the_one_expected_fails():
    with pytest.raises(AssertionError, match="No such command"):
        kg("bild", code=0)
