"""What is done in a second process is what would be done in the first; large data alone has one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg import evidence, review
from kg.cli.make import build, check
from kg.errors import DataError, Fault
from kg.machine.beside import beside, held_back
from kg.make.loading import files
from kg.make.sealing import seal
from tests.conftest import Project
from tests.test_build_seal import contents


def pid_of(text: str) -> tuple[str, int]:
    return text, os.getpid()


def refuse(path: Path) -> None:
    raise DataError("no", (Fault("wrong", path, 3, hint="mend it"),), hint="all of it")


@pytest.mark.parametrize("fresh", [False, True])
def test_a_second_process_works_while_the_first_does(fresh: bool):
    with beside(worth=True, fresh=fresh) as start:
        text, pid = start(pid_of, "a")()
    assert text == "a"
    assert pid != os.getpid()


def test_without_one_the_work_is_done_when_it_is_asked_for(tmp_path: Path):
    with beside(worth=False) as start:
        later = start(refuse, tmp_path)
        assert start(pid_of, "a")() == ("a", os.getpid())
        with pytest.raises(DataError):
            later()


@pytest.mark.parametrize("worth", [False, True])
def test_its_faults_come_whole(tmp_path: Path, worth: bool):
    with beside(worth=worth) as start, pytest.raises(DataError) as raised:
        start(refuse, tmp_path)()
    assert raised.value.faults == (Fault("wrong", tmp_path, 3, hint="mend it"),)
    assert (raised.value.message, raised.value.hint) == ("no", "all of it")


@pytest.mark.parametrize("worth", [False, True])
def test_what_is_held_back_begins_when_it_is_told(tmp_path: Path, worth: bool):
    done = tmp_path / "done"
    with held_back(lambda: done.write_text("a"), worth=worth) as (begin, answer):
        time.sleep(0.2)
        assert not done.exists()
        begin()
        for _ in range(100 if worth else 0):
            if done.exists():
                break
            time.sleep(0.1)
        assert done.exists() is worth, "without a second process it is done when it is asked for"
        assert answer() == 1


def test_what_is_held_back_is_done_at_the_latest_when_it_is_asked_for():
    with held_back(lambda: pid_of("a"), worth=True) as (_, answer):
        text, pid = answer()
    assert (text, pid != os.getpid()) == ("a", True)


def test_what_is_held_back_ends_with_what_it_works_for():
    """Also where that is killed, and can tell it nothing more."""
    code = (
        "import multiprocessing, sys; from kg.machine.beside import held_back\n"
        "with held_back(lambda: 1, worth=True):\n"
        "    print(multiprocessing.active_children()[0].pid, flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as first:
        assert first.stdout is not None
        second = Path("/proc", first.stdout.readline().decode().strip())
        assert second.exists()
        first.kill()
    until = time.monotonic() + 30
    while second.exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not second.exists()


def test_large_is_what_has_many_files_of_statements(tmp_path: Path):
    for number in range(files.LARGE):
        assert not files.is_large(tmp_path)
        source = tmp_path / f"s{number % 3}"
        source.mkdir(exist_ok=True)
        (source / f"p{number}.trig").touch()
    assert files.is_large(tmp_path)


def test_a_check_and_a_build_say_the_same_with_two_processes(
    orchard: Project, monkeypatch: pytest.MonkeyPatch
):
    orchard.change("data/almanac-1931/p04.trig", "Long Ridge Orchard", "Longridge Orchard")
    folders = ["--ontology", str(orchard.ontology), "--data", str(orchard.data)]
    made = []
    for large in (10_000, 1):
        monkeypatch.setattr(files, "LARGE", large)
        said = CliRunner().invoke(check, folders)
        out = orchard.root / f"out-{large}"
        built = CliRunner().invoke(build, [*folders, "--out", str(out)])
        assert (said.exit_code, built.exit_code) == (0, 0), said.output + built.output
        (release,) = (path for path in out.iterdir() if not path.is_symlink())
        assert {"store", "search", "complete"} <= {path.name for path in release.iterdir()}
        assert not list(release.glob(".*"))
        kept = {
            name: text
            for name, text in contents(release).items()
            if not name.startswith(("store/", "search/"))
        }
        made.append((said.stdout, said.stderr, kept))
    assert made[0] == made[1]


def test_both_kinds_of_warnings_come_from_one_reading(orchard: Project):
    apart = [*evidence.stale(orchard.ontology, orchard.data), *review.faults(orchard.ontology, orchard.data)]
    assert review.warnings(orchard.ontology, orchard.data) == apart


IRIS = st.sampled_from(["http://example.org/a", "http://example.org/b?c=d'e", "http://example.org/é#x"]).map(
    ox.NamedNode
)
TEXTS = st.text(st.sampled_from(list(' ."<>\\\n\t^@_:ab/é')), max_size=12)
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    TEXTS.map(lambda text: ox.Literal(text, language="en")),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), TEXTS, IRIS),
)


@given(
    st.lists(st.builds(ox.Quad, IRIS, IRIS, IRIS | LITERALS, IRIS | st.just(ox.DefaultGraph())), max_size=8)
)
def test_lines_with_a_graph_are_told_from_those_without(quads: list[ox.Quad]):
    for quad in quads:
        line = ox.serialize([quad], format=ox.RdfFormat.N_QUADS)
        assert line is not None
        assert seal._is_named(line) == isinstance(quad.graph_name, ox.NamedNode)
