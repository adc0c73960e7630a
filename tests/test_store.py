"""The store is a cache: made when missing, unfinished or of something else, and left alone otherwise."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import ReleaseError
from kg.release import STORE_READY, Release, open_release
from kg.release.store import _Merge, ensure_store
from tests.conftest import Project


@pytest.fixture
def built(orchard: Project) -> Release:
    return orchard.build()


def quads(path: Path) -> set[ox.Quad]:
    return set(ox.Store.read_only(str(path)))


def test_it_holds_the_graphs_and_their_merge(built: Release):
    path = ensure_store(built)
    named = set(ox.parse(path=str(built.file("dataset.nq")), format=ox.RdfFormat.N_QUADS))
    merge = {
        ox.Quad(q.subject, q.predicate, q.object)
        for q in named
        if isinstance(q.graph_name, ox.NamedNode) and q.graph_name.value not in built.superseded
    }
    assert quads(path) == named | merge
    assert len(merge) == built.counts["statements"]
    assert len(named) == built.counts["quads"]


def test_a_ready_store_is_left_alone(built: Release):
    ready = ensure_store(built) / STORE_READY
    before = ready.stat()
    ensure_store(built)
    assert (ready.stat().st_ino, ready.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "stamp",
    [{"engine": "pyoxigraph 0.0.1"}, {"digest": "0" * 64}, {"layout": 0}],
    ids=["engine", "digest", "layout"],
)
def test_a_store_of_something_else_is_made_again(built: Release, stamp: dict[str, object]):
    ready = ensure_store(built) / STORE_READY
    right = json.loads(ready.read_text("utf-8"))
    ready.write_text(json.dumps({**right, **stamp}))
    ensure_store(built)
    assert json.loads(ready.read_text("utf-8")) == right


def test_an_unfinished_store_is_made_again(built: Release):
    built.store.mkdir()
    (built.store / "000001.sst").write_text("half")
    (built.path / ".store-killed").mkdir()
    path = ensure_store(built)
    assert len(quads(path)) > 0
    assert not (path / "000001.sst").exists()
    assert [p.name for p in built.path.iterdir() if p.name.startswith(".")] == []


def _make(path: Path) -> int:
    return ensure_store(open_release(path)).stat().st_ino


def test_makers_wait_for_each_other(built: Release):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        inodes = pool.map(_make, [built.path] * 3)
    assert len(set(inodes)) == 1, "one made it, the others found it"


def test_an_open_reader_is_not_disturbed_when_a_store_is_made_again(built: Release):
    path = ensure_store(built)
    reader = ox.Store.read_only(str(path))
    before = len(reader)
    (path / STORE_READY).unlink()
    ensure_store(built)
    assert len(reader) == before


def test_a_release_of_another_content_gets_another_store(built: Release, orchard: Project):
    orchard.change("data/almanac-1931/p04.trig", "Long Ridge Orchard", "Longridge Orchard")
    other = orchard.build()
    assert quads(ensure_store(built)) != quads(ensure_store(other))


def test_a_disk_that_takes_no_more_says_so(built: Release):
    # A real write that fails: the kernel refuses files above 20 kB.
    code = (
        "import resource, sys; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000,) * 2)\n"
        "from kg.release import open_release; from kg.release.store import ensure_store\n"
        "ensure_store(open_release(Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(built.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ReleaseError: the store of release" in done.stderr
    assert [path.name for path in built.path.iterdir() if path.name.startswith((".", "store"))] == []


def test_the_merge_is_read_in_pieces_of_any_size():
    lines = [f'<s{n}> <p> "a \\" <g> ." <g{n % 3}> .\n'.encode() for n in range(10_000)]
    wanted = b"".join(
        line[: line.rindex(b" <")] + b" .\n" for line in lines if not line.endswith(b"<g1> .\n")
    )
    for size in (1000, 65_536, -1):
        reader, found = _Merge(iter(lines), frozenset([b"<g1>"])), b""
        while piece := reader.read(size):
            found += piece
        assert found == wanted


def test_a_long_run_of_replaced_statements_is_not_the_end():
    lines = [b"<s> <p> <o> <old> .\n"] * 20_000 + [b"<s> <p> <o> <new> .\n"]
    assert _Merge(iter(lines), frozenset([b"<old>"])).read(100) == b"<s> <p> <o> .\n"
    assert _Merge(iter(lines[:-1]), frozenset([b"<old>"])).read(100) == b""


def test_a_damaged_dataset_says_so(built: Release):
    built.file("dataset.nq").write_text("not a quad\n")
    with pytest.raises(ReleaseError, match="can't be made") as caught:
        ensure_store(built)
    assert "damaged" in str(caught.value.hint)
    assert not built.store.exists()
