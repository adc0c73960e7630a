"""Commands and servers that are copied from a process are what they are when they start from nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kg.release import Release
from tests.commands import Copy, anew, kg
from tests.servers import fetch, free_port, kg_serve, wait_until


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


@pytest.mark.parametrize("is_anew", [True, False])
def test_a_copied_server_is_a_server(small_release: Release, tmp_path: Path, is_anew: bool):
    """Both answer alike, have a process for each kind of work, are replaced, and end as a whole."""
    port = free_port()
    environ = {"KG_WORKERS": "1", "KG_QUERY_WORKERS": "1", "TMPDIR": str(tmp_path)}
    with kg_serve(small_release, tmp_path, environ, port=port, anew=is_anew) as served:
        assert isinstance(served.process, Copy) is not is_anew
        (server,), everyone = served.children(), served.everyone()
        assert len(everyone) == 5  # the nursery, and a spare query process
        assert (os.getpgid(server), os.getpgid(served.process.pid)) == (server, os.getpgid(0))
        assert [path.name[:7] for path in tmp_path.glob("kg-run-*")] == ["kg-run-"]
        assert fetch(f"http://127.0.0.1:{port}/").body.startswith(b"<!doctype html>")
        os.kill(server, 9)
        wait_until(lambda: served.children() not in ([], [server]), what="another process")
        wait_until(lambda: fetch(served.url + "/readyz").status == 200, what="its answer")
        assert "ended with code -9" in served.log.read_text()
        with pytest.raises(subprocess.TimeoutExpired):
            served.process.wait(0)
        served.process.terminate()
        assert served.process.wait(20) == 0 == served.process.poll()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone), what="their end")


def test_a_server_that_fails_says_so(small_release: Release, tmp_path: Path):
    wrong = kg_serve(small_release, tmp_path, {"KG_QUERY_TIMEOUT": "soon"})
    with pytest.raises(AssertionError, match="KG_QUERY_TIMEOUT"), wrong:
        pass
