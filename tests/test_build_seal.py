"""Sealing: the same bytes everywhere, versions that never change, and nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import ReleaseError, StorageError
from kg.make.sealing import seal, sorting
from kg.make.sealing.workshop import Workshop
from kg.release import active_release, open_release
from tests.conftest import Project

BUILD = """
import sys
from pathlib import Path
from kg.make import build
root = Path(sys.argv[1])
print(build(root / "ontology", root / "data", Path(sys.argv[2])).path)
"""
NAME = "data/almanac-1931/p04.trig"


def run_build(project: Project, out: Path, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, str(project.root), str(out)],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def leftovers(out: Path) -> list[str]:
    return [path.name for path in out.iterdir() if path.name not in {"active"} and path.name.startswith(".")]


def test_the_same_bytes_in_any_locale_time_zone_and_hash_seed(orchard: Project, tmp_path: Path):
    places = [
        {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"},
        {"LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "POSIX", "TZ": "America/St_Johns", "PYTHONHASHSEED": "4711", "PYTHONUTF8": "0"},
    ]
    builds = [run_build(orchard, tmp_path / str(n), **place) for n, place in enumerate(places)]
    made = []
    for process in builds:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        made.append(contents(Path(out.strip())))
    assert made[0].keys() >= {"dataset.nq", "dataset.ttl", "metadata.ttl", "shapes.ttl", "manifest.json"}
    assert made[0] == made[1] == made[2]


def test_the_same_bytes_whatever_the_files_are_called_and_ordered(orchard: Project, tmp_path: Path):
    first = orchard.build()
    (orchard.data / "tree-list" / "trees.ttl").rename(orchard.data / "tree-list" / "a-new-name.ttl")
    trig = orchard.data / "almanac-1931" / "p04.trig"
    again = Project(tmp_path / "elsewhere")
    shutil.copytree(orchard.root, again.root, ignore=shutil.ignore_patterns("releases"))
    trig_text = (again.root / NAME).read_text("utf-8")
    head, graph, rest = trig_text.partition("GRAPH <graph/almanac-1931/p04> {")
    end = rest.index("\n}\n") + 3
    again.write(NAME, head + rest[end:] + graph + rest[:end])
    assert (again.root / NAME).read_bytes() != trig.read_bytes()
    assert contents(again.build().path) == contents(first.path)


def test_a_build_between_versions_is_named_by_its_content(orchard: Project):
    first = orchard.build()
    assert first.version == f"2.3.0+dev.{seal.digest_of(first.manifest['files'])[:8]}"
    orchard.change(NAME, "Long Ridge Orchard", "Longridge Orchard")
    second = orchard.build()
    assert second.version != first.version
    first.verify()
    assert active_release(orchard.out).version == second.version
    orchard.change(NAME, "Longridge Orchard", "Long Ridge Orchard")
    inode = first.path.stat().st_ino
    assert orchard.build().path.stat().st_ino == inode, "what exists and says the same is left as it is"
    assert active_release(orchard.out).version == first.version


def test_a_sealed_version_is_had_again_and_never_changes(orchard: Project):
    sealed = orchard.build(final=True)
    assert sealed.version == "2.3.0"
    before = contents(sealed.path)
    assert orchard.build(final=True).version == "2.3.0"
    assert orchard.build().version == "2.3.0", "what is sealed needs no second name"
    orchard.change(NAME, "Long Ridge Orchard", "Longridge Orchard")
    with pytest.raises(ReleaseError, match=r"2\.3\.0 exists .* says something else") as raised:
        orchard.build(final=True)
    assert "raise dcat:version" in (raised.value.hint or "")
    assert orchard.build().version.startswith("2.3.0+dev.")
    assert contents(sealed.path) == before


def test_a_change_of_the_shapes_alone_is_another_content(orchard: Project):
    orchard.build(final=True)
    orchard.change("ontology/shapes/orchard.ttl", "sh:order 4", "sh:order 5")
    with pytest.raises(ReleaseError, match="says something else"):
        orchard.build(final=True)


def test_a_damaged_release_of_the_same_content_is_replaced(orchard: Project):
    release = orchard.build()
    release.file("dataset.ttl").write_text("damaged")
    again = orchard.build()
    assert again.path == release.path
    again.verify()
    assert leftovers(orchard.out) == []


def test_a_half_written_release_is_replaced(orchard: Project):
    release = orchard.build()
    (release.path / "manifest.json").unlink()
    orchard.build().verify()


def test_what_killed_builds_left_is_cleaned_and_a_living_ones_is_not(orchard: Project):
    orchard.build()
    dead = orchard.out / ".building-dead"
    dead.mkdir()
    (dead / "dataset.nq").write_text("half")
    with Workshop(orchard.out) as living:
        assert not dead.exists()
        orchard.change(NAME, "Long Ridge Orchard", "Longridge Orchard")
        orchard.build()
        assert living.path.exists()
    assert leftovers(orchard.out) == []


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), OSError("No space left on device (os error 28)")],
    ids=["python", "engine"],
)
def test_a_full_disk_is_said_and_leaves_the_last_release(
    orchard: Project, monkeypatch: pytest.MonkeyPatch, error: OSError
):
    good = orchard.build()
    orchard.change(NAME, "Long Ridge Orchard", "Longridge Orchard")

    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(seal, "sorted_lines", full)
    with pytest.raises(StorageError, match="No space left on device") as raised:
        orchard.build()
    assert "last release is as it was" in raised.value.message
    assert "free some room" in (raised.value.hint or "")
    active_release(orchard.out).verify()
    assert active_release(orchard.out).version == good.version
    assert leftovers(orchard.out) == []


def test_a_file_that_may_not_grow_is_said_too(orchard: Project):
    # A real write that fails in the middle: the kernel refuses files above 40 kB.
    limited = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n{BUILD}"
    done = subprocess.run(
        [sys.executable, "-c", limited, str(orchard.root), str(orchard.out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "StorageError" in done.stderr
    assert "can't be written" in done.stderr
    assert leftovers(orchard.out) == []
    assert not (orchard.out / "active").exists()


def test_a_folder_that_cant_be_written(orchard: Project):
    orchard.write("releases", "a file where the folder should be")
    with pytest.raises(StorageError, match="can't be written"):
        orchard.build()


def kill_at_random(project: Project, times: int, seed: int) -> None:
    """Kill a build at random moments; each time the active release is whole, and says what it said."""
    names = ("Long Ridge Orchard", "Longridge Orchard")
    whole = project.build().version
    started = time.monotonic()
    assert run_build(project, project.out).wait(timeout=60) == 0
    usual = time.monotonic() - started
    chance = random.Random(seed)  # noqa: S311 (no secret)
    published = {whole}
    for number in range(times):
        project.change(NAME, names[number % 2], names[(number + 1) % 2])
        process = run_build(project, project.out)
        # The last third of a build is where it writes.
        time.sleep(chance.uniform(0.5, 1.05) * usual)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        release = active_release(project.out)
        release.verify()
        published.add(release.version)
        for folder in project.out.iterdir():
            if folder.is_dir() and not folder.name.startswith(".") and not folder.is_symlink():
                open_release(folder).verify()
    assert len(published) <= 2
    last = project.build()
    assert active_release(project.out).version == last.version
    assert leftovers(project.out) == []


def test_a_build_killed_at_any_moment_leaves_the_release_whole(orchard: Project):
    kill_at_random(orchard, times=5, seed=1)


@pytest.mark.long
def test_a_build_killed_at_many_moments_leaves_the_release_whole(orchard: Project):
    kill_at_random(orchard, times=40, seed=int.from_bytes(os.urandom(4)))


def test_two_builds_at_once_both_come_out(orchard: Project, tmp_path: Path):
    other = Project(tmp_path / "other")
    shutil.copytree(orchard.root, other.root)
    other.change(NAME, "Long Ridge Orchard", "Longridge Orchard")
    builds = [run_build(project, orchard.out) for project in (orchard, other, orchard, other)]
    paths = set()
    for process in builds:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        paths.add(out.strip())
    assert len(paths) == 2
    for path in paths:
        open_release(Path(path)).verify()
    assert leftovers(orchard.out) == []


def test_the_manifest_has_no_clock_and_no_machine(orchard: Project):
    manifest = json.loads((orchard.build().path / "manifest.json").read_text("utf-8"))
    assert sorted(manifest) == [
        *(
            "base",
            "counts",
            "dataset",
            "files",
            "format",
            "languages",
            "prefixes",
            "referenceDate",
            "superseded",
        ),
        *("titles", "version"),
    ]
    assert str(orchard.root) not in json.dumps(manifest)


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), max_size=60),
    st.integers(1, 7),
)
def test_lines_are_sorted_by_code_point_in_any_size_of_piece(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], piece: int
):
    folder = tmp_path_factory.getbasetemp()
    lines = [f"{text}\n".encode() for text in texts]
    found = list(sorting.sorted_lines(lines, folder, piece=piece))
    assert found == [line.encode() for line in sorted({f"{text}\n" for text in texts})]
