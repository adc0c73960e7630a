"""Releases side by side: order, trust, activation under load, removal; exports are whole or not there."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kg.errors import ReleaseError, StorageError
from kg.export.cache import cached, checksum, compressed
from kg.export.graphs.dump import dump
from kg.export.graphs.sorting import by_graph
from kg.mediatypes import BY_NAME
from kg.release import Release, active_release, open_release
from kg.release.diff import busiest, changes, tally
from kg.release.shelf import activate, find, precedence, prune, releases, tombstone, tombstones, trusted
from tests.commands import kg
from tests.servers import ROOT, ask, kg_serve, wait_until


def copied(release: Release, folder: Path, version: str, change: tuple[bytes, bytes] = (b"", b"")) -> Release:
    """Copy a release under another version, with something replaced in its data."""
    import hashlib

    target = folder / version
    shutil.copytree(
        release.path, target, ignore=shutil.ignore_patterns("store", "search", "exports", ".store.lock")
    )
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    data = (target / "dataset.nq").read_bytes()
    data = b"".join(sorted(data.replace(*change).splitlines(keepends=True))) if change[0] else data
    (target / "dataset.nq").write_bytes(data)
    manifest["version"] = version
    manifest["files"]["dataset.nq"] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return open_release(target)


def test_versions_are_ordered_as_semver_says() -> None:
    early = ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    ordered = [*early, "1.0.0-rc.1", "1.0.0+dev.00ab", "1.0.0", "1.2.0", "1.10.0"]
    shuffled = ordered.copy()
    random.Random(1).shuffle(shuffled)  # noqa: S311
    assert sorted(shuffled, key=precedence) == ordered


def test_the_newest_comes_first(small_release: Release, tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.10.0-rc.1"):
        copied(small_release, tmp_path, version)
    assert [one.version for one in releases(tmp_path)] == ["1.10.0", "1.10.0-rc.1", "1.9.0"]


@pytest.mark.parametrize("version", ["..", "../1.0.0", "/etc", "active", "", "1.0.0/", "a b", ".hidden"])
def test_what_is_no_version_is_not_looked_up(small_release: Release, tmp_path: Path, version: str) -> None:
    copied(small_release, tmp_path, "1.0.0")
    activate(tmp_path, "1.0.0")
    with pytest.raises(ReleaseError):
        find(tmp_path, version)


def test_a_release_that_was_altered_is_neither_trusted_nor_activated(
    small_release: Release, tmp_path: Path
) -> None:
    copied(small_release, tmp_path, "1.0.0")
    bad = copied(small_release, tmp_path, "1.1.0")
    activate(tmp_path, "1.0.0")
    assert trusted(bad) is bad
    time.sleep(0.01)
    with (bad.path / "shapes.ttl").open("ab") as stream:
        stream.write(b"\n# tampered\n")
    for call in (lambda: trusted(bad), lambda: activate(tmp_path, "1.1.0")):
        with pytest.raises(ReleaseError, match=r"shapes\.ttl differs"):
            call()
    assert active_release(tmp_path).version == "1.0.0"


def test_the_active_release_is_not_removed_and_a_cited_one_only_by_force(
    small_release: Release, tmp_path: Path
) -> None:
    for version in ("1.0.0", "1.1.0"):
        copied(small_release, tmp_path, version)
    activate(tmp_path, "1.1.0")
    with pytest.raises(ReleaseError, match="active"):
        prune(tmp_path, "1.1.0", reason="x", on="2026-01-01")
    with pytest.raises(ReleaseError, match="citations rest"):
        prune(tmp_path, "1.0.0", reason="x", on="2026-01-01", cited={"1.0.0"})
    stone = prune(tmp_path, "1.0.0", reason="why", on="2026-01-01", cited={"1.0.0"}, force=True)
    assert tombstone(tmp_path, "1.0.0") == stone
    assert stone.manifest["files"]["dataset.nq"]["sha256"]
    assert [one.version for one in releases(tmp_path)] == ["1.1.0"]


def test_a_version_that_is_there_again_has_no_tombstone(small_release: Release, tmp_path: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        copied(small_release, tmp_path, version)
    activate(tmp_path, "1.1.0")
    prune(tmp_path, "1.0.0", reason="why", on="2026-01-01")
    assert [stone.version for stone in tombstones(tmp_path)] == ["1.0.0"]
    with pytest.raises(ReleaseError, match="was removed on 2026-01-01: why"):
        find(tmp_path, "1.0.0")
    with pytest.raises(ReleaseError, match=r"no release 9\.9\.9 is in"):
        find(tmp_path, "9.9.9")
    copied(small_release, tmp_path, "1.0.0")
    assert tombstone(tmp_path, "1.0.0") is None
    assert tombstones(tmp_path) == []


def test_the_command_names_every_release_that_is_not_whole(small_release: Release, tmp_path: Path) -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0"):
        copied(small_release, tmp_path, version)
    activate(tmp_path, "1.0.0")
    (tmp_path / "1.1.0" / "dataset.ttl").unlink()
    with (tmp_path / "1.2.0" / "dataset.nq").open("ab") as stream:
        stream.write(b"# tampered\n")
    manifest = tmp_path / "1.3.0" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "format": 99}), "utf-8")
    listed = kg("release", "list", "--releases", tmp_path)
    assert listed.returncode == 0
    marks = {line.split("\t")[1]: line.split("\t")[0] for line in listed.stdout.splitlines()}
    assert marks == {"1.2.0": "", "1.0.0": "*", "1.1.0": "?", "1.3.0": "?"}
    done = kg("release", "verify", "--releases", tmp_path)
    assert done.returncode == 1
    assert [line.split("\t")[:2] for line in done.stdout.splitlines()] == [["1.0.0", "ok"]]
    for words in ("1.1.0 lacks dataset.ttl", "1.2.0: dataset.nq differs", "newer version of this program"):
        assert words in done.stderr
    assert kg("release", "verify", "1.0.0", "--releases", tmp_path).returncode == 0
    assert kg("release", "verify", "9.0.0", "--releases", tmp_path).returncode == 1


def test_a_folder_that_cannot_be_written_keeps_its_active_release(
    small_release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0.0", "1.1.0"):
        copied(small_release, tmp_path, version)
    activate(tmp_path, "1.0.0")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for of, name, call in (
        (Path, "symlink_to", lambda: activate(tmp_path, "1.1.0")),
        (os, "fsync", lambda: prune(tmp_path, "1.1.0", reason="x", on="2026-01-01")),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(of, name, full)
            with pytest.raises(StorageError, match="No space left") as caught:
                call()
        assert "room" in (caught.value.hint or "")
        assert active_release(tmp_path).version == "1.0.0"
        assert find(tmp_path, "1.1.0")


ACTIVATOR = """
import sys
from pathlib import Path
from kg.release.shelf import activate
print("ready", flush=True)
while True:
    for version in ("1.0.0", "1.1.0"):
        activate(Path(sys.argv[1]), version)
"""


def kill_while_activating(release: Release, folder: Path, runs: range) -> None:
    """Kill a process that activates two releases in turn, at random moments; one of them must be active."""
    for version in ("1.0.0", "1.1.0"):
        copied(release, folder, version)
    activate(folder, "1.0.0")
    for run in runs:
        process = subprocess.Popen(
            [sys.executable, "-c", ACTIVATOR, str(folder)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.Random(run).uniform(0, 0.05))  # noqa: S311
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert trusted(active_release(folder)).version in {"1.0.0", "1.1.0"}
    for version in ("1.1.0", "1.0.0"):
        activate(folder, version)
        assert active_release(folder).version == version
    assert sorted(path.name for path in folder.iterdir()) == ["1.0.0", "1.1.0", "active"]


def test_a_kill_while_activating_leaves_one_of_them_active(small_release: Release, tmp_path: Path) -> None:
    kill_while_activating(small_release, tmp_path, range(5))


@pytest.mark.long
def test_kills_at_many_moments_of_activating(small_release: Release, tmp_path: Path) -> None:
    kill_while_activating(small_release, tmp_path, range(5, 35))


# --- what changed -----------------------------------------------------------------------


def test_a_difference_is_what_sets_say_it_is(small_release: Release, tmp_path: Path) -> None:
    old = copied(small_release, tmp_path, "1.0.0")
    new = copied(small_release, tmp_path, "1.1.0", (b'"Snow Pear"@en', b'"White Pear"@en'))
    lines = [set((one.path / "dataset.nq").read_text("utf-8").splitlines()) for one in (old, new)]
    found = list(changes(old, new))
    assert {c.line for c in found if c.sign == "-"} == lines[0] - lines[1]
    assert {c.line for c in found if c.sign == "+"} == lines[1] - lines[0]
    (gone,) = [c for c in found if c.sign == "-"]
    pear = "https://example.org/orchard/id/variety/snow-pear"
    assert (gone.entity, gone.value, gone.predicate.rpartition("#")[2]) == (pear, '"Snow Pear"@en', "label")
    assert gone.graph == "https://example.org/orchard/graph/almanac-1931/p09/reading"
    counted = tally(old, new)
    assert (counted.added, counted.removed) == (1, 1)
    assert busiest(counted.classes, 5) == [("https://example.org/orchard/ontology/Variety", 1, 1)]
    assert list(changes(old, new, entity=pear)) == found
    assert list(changes(old, new, entity=pear + "x")) == []
    assert list(changes(old, old)) == []
    for subject in {line.partition(" ")[0][1:-1] for both in lines for line in both}:
        expected = [change for change in found if change.entity == subject]
        assert list(changes(old, new, entity=subject)) == expected
    for absent in ("", "a", "https://example.org/orchard/id/tree/0", "zzz"):
        assert list(changes(old, new, entity=absent)) == []


def test_the_command_shows_a_difference_in_every_form(small_release: Release, tmp_path: Path) -> None:
    copied(small_release, tmp_path, "1.0.0")
    copied(small_release, tmp_path, "1.1.0", (b'"Snow Pear"@en', b'"White Pear"@en'))

    def diff(*words: str) -> str:
        done = kg("release", "diff", "1.0.0", "1.1.0", "--releases", tmp_path, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    pear = "https://example.org/orchard/id/variety/snow-pear"
    assert [line[0] for line in diff().splitlines()] == ["-", "+"]
    assert diff("--entity", pear) == diff()
    assert diff("--entity", pear + "x") == ""
    for table in ("entities", "classes", "properties", "graphs"):
        assert [line.split("\t")[:2] for line in diff("--by", table).splitlines()] == [["+1", "-1"]]
    assert '"White Pear"@en' in diff("--side", "added", "--format", "ttl")
    assert "GRAPH" in diff("--side", "removed")
    for wrong in (
        ["--format", "ttl"],
        ["--side", "added", "--format", "csv"],
        ["--side", "added", "--format", "x"],
        ["--by", "classes", "--side", "added"],
    ):
        done = kg("release", "diff", "1.0.0", "1.1.0", "--releases", tmp_path, *wrong)
        assert (done.returncode, done.stderr.startswith("error:")) == (2, True), wrong


# --- exports are whole or not there -----------------------------------------------------


def test_sorting_by_graph_in_pieces_is_sorting_at_once(small_release: Release) -> None:
    lines = small_release.file("dataset.nq").read_bytes().splitlines(keepends=True)
    assert list(by_graph(lines, piece=50)) == list(by_graph(lines))
    assert sorted(by_graph(lines, piece=7)) == sorted(lines)


@pytest.mark.parametrize("name", ["ttl", "trig", "nt", "nq", "jsonld", "rdf"])
def test_the_same_release_gives_the_same_bytes_anywhere(
    small_release: Release, tmp_path: Path, name: str
) -> None:
    code = (
        "import sys; from pathlib import Path; from kg.release import open_release;"
        "from kg.export.graphs.dump import dump; from kg.mediatypes import BY_NAME;"
        "dump(open_release(Path(sys.argv[1])), BY_NAME[sys.argv[2]], sys.stdout.buffer)"
    )
    elsewhere = tmp_path / "copy"
    shutil.copytree(small_release.path, elsewhere)
    runs = []
    for path, zone, locale, seed in (
        (small_release.path, "UTC", "C", "1"),
        (elsewhere, "Asia/Shanghai", "C.UTF-8", "2"),
    ):
        environ = {
            **os.environ,
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-c", code, str(path), name]
        runs.append(subprocess.run(command, env=environ, check=True, capture_output=True).stdout)
    assert runs[0] == runs[1]
    assert len(runs[0]) > 10_000


def test_an_export_is_made_once(small_release: Release, tmp_path: Path) -> None:
    release = copied(small_release, tmp_path, "1.0.0")
    calls: list[int] = []

    def make(out) -> None:  # type: ignore[no-untyped-def]
        calls.append(1)
        time.sleep(0.05)
        out.write(b"x" * 2000)

    threads = [threading.Thread(target=cached, args=(release, "one.txt", make)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    path = cached(release, "one.txt", make)
    assert checksum(release, path) == checksum(release, path)
    assert compressed(release, path).stat().st_size < 200
    release.verify()


def test_an_export_that_fails_leaves_nothing(small_release: Release, tmp_path: Path) -> None:
    release = copied(small_release, tmp_path, "1.0.0")

    def fail(out) -> None:  # type: ignore[no-untyped-def]
        out.write(b"half")
        raise ReleaseError("no")

    with pytest.raises(ReleaseError):
        cached(release, "one.txt", fail)
    assert [path.name for path in (release.path / "exports").rglob("*") if path.is_file()] == []


MAKER = """
import sys
from pathlib import Path
from kg.release import open_release
from kg.export.cache import cached
from kg.export.graphs.dump import dump
from kg.mediatypes import BY_NAME
release = open_release(Path(sys.argv[1]))
print("ready", flush=True)
for name in ("ttl", "trig", "jsonld", "rdf", "nt"):
    cached(release, "all." + name, lambda out: dump(release, BY_NAME[name], out))
"""


@pytest.mark.parametrize("run", range(5))
def test_a_kill_while_exporting_leaves_no_half(small_release: Release, tmp_path: Path, run: int) -> None:
    release = copied(small_release, tmp_path, "1.0.0")
    command = [sys.executable, "-c", MAKER, str(release.path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(run).uniform(0, 0.15))  # noqa: S311
    process.send_signal(signal.SIGKILL)
    process.wait()
    for name in ("ttl", "trig", "jsonld", "rdf", "nt"):
        path = cached(release, f"all.{name}", lambda out, name=name: dump(release, BY_NAME[name], out))
        whole = tmp_path / "whole"
        with whole.open("wb") as out:
            dump(release, BY_NAME[name], out)
        assert path.read_bytes() == whole.read_bytes()
        assert not list(path.parent.glob(f".all.{name}.*")), "what the killed maker left is swept up"


def test_a_full_disk_while_exporting_says_so_and_leaves_nothing(
    small_release: Release, tmp_path: Path
) -> None:
    release = copied(small_release, tmp_path, "1.0.0")

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-c", MAKER, str(release.path)],
        preexec_fn=full,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert "StorageError" in done.stderr
    assert "can't be written" in done.stderr
    assert [path.name for path in (release.path / "exports").rglob("*") if path.is_file()] == []


# --- under load -------------------------------------------------------------------------

BOTH = """PREFIX o: <https://example.org/orchard/ontology/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name (COUNT(?tree) AS ?n) {
  ?tree o:isOfVariety ?v . ?v rdfs:label ?name FILTER(lang(?name) = "en")
} GROUP BY ?name ORDER BY ?name"""


@pytest.mark.long
def test_activations_under_load_lose_no_request_and_mix_no_releases(
    small_release: Release, tmp_path: Path
) -> None:
    folder = tmp_path / "releases"
    old = copied(small_release, folder, "1.0.0")
    pairs = [(b'"Snow Pear"@en', b'"White Pear"@en'), (b'"Red Lantern"@en', b'"Blue Lantern"@en')]
    half = copied(old, tmp_path / "half", "1.1.0", pairs[0])
    copied(half, folder, "1.1.0", pairs[1])
    activate(folder, "1.0.0")
    first, second = frozenset({"Red Lantern", "Snow Pear"}), frozenset({"Blue Lantern", "White Pear"})
    seen: list[tuple[int, frozenset[str]]] = []
    stop = threading.Event()

    def keep_asking(url: str) -> None:
        while not stop.is_set():
            reply = ask(url, BOTH)
            names = (
                [one["name"]["value"] for one in json.loads(reply.body)["results"]["bindings"]]
                if reply.status == 200
                else []
            )
            seen.append((reply.status, frozenset(names)))

    with kg_serve(old, tmp_path, {"KG_RELEASES": str(folder)}) as served:
        clients = [threading.Thread(target=keep_asking, args=(served.url,)) for _ in range(3)]
        for client in clients:
            client.start()
        try:
            for turn in range(20):
                activate(folder, "1.0.0" if turn % 2 else "1.1.0")
                served.process.send_signal(signal.SIGHUP)
                expected = first if turn % 2 else second
                begun = len(seen)
                wait_until(
                    lambda since=begun, now=expected: (
                        len(seen) > since + 8 and all(names == now for _, names in seen[-8:])
                    ),
                    60,
                    f"turn {turn}",
                )
        finally:
            stop.set()
            for client in clients:
                client.join()
    assert {status for status, _ in seen} == {200}
    assert {names for _, names in seen} == {first, second}
    assert len(seen) > 200
