"""Full disks, read-only folders, too few file descriptors: what is there is served, the rest says why not.

Each on a file system of a few megabytes where it can be mounted (see `tests.rooms`), under reading load.
"""

from __future__ import annotations

import json
import resource
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kg.citations.store import QueryStore
from kg.release import Release, active_release, open_release
from kg.release.shelf import activate
from kg.release.store import ensure_store
from tests.commands import kg
from tests.conftest import ORCHARD
from tests.crawl import crawl
from tests.rooms import Disk, small_disk
from tests.servers import Served, ask, fetch, kg_serve, wait_until
from tests.test_citations import made
from tests.test_releases import copied

HTML = {"Accept": "text/html"}
LARGE = "SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 15000"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 32) as found:
        yield found


# --- commands ---------------------------------------------------------------------------


@pytest.fixture
def shop(disk: Disk, small_release: Release, tmp_path: Path) -> Disk:
    """A disk with two releases, citations, and data to write to; a backup lies elsewhere."""
    folder = disk.path / "releases"
    for version in ("1.0.0", "1.1.0"):
        copied(small_release, folder, version)
    activate(folder, "1.1.0")
    store = QueryStore(folder / "citations.sqlite3")
    store.add(made(1))
    other = QueryStore(tmp_path / "other.sqlite3")
    for number in range(2000):
        other.add(made(number)) if number < 40 else None
    other.backup(tmp_path / "backup.sqlite3")
    shutil.copytree(ORCHARD, disk.path / "orchard")
    return disk


def commands(disk: Disk, tmp_path: Path) -> dict[str, list[str]]:
    """Every command that writes, as it is called to write to the disk."""
    here, folder = str(disk.path), str(disk.path / "releases")
    project = ["--ontology", f"{here}/orchard/ontology", "--data", f"{here}/orchard/data"]
    text = tmp_path / "page.txt"
    text.write_text("A page of text.\n", encoding="utf-8")
    new = ["new", "source", "--data", f"{here}/orchard/data"]
    return {
        "build": ["build", *project, "--out", folder],
        "export": ["export", "--release", f"{folder}/1.1.0", "--out", f"{here}/all.ttl"],
        "export table": [
            "export", "--release", f"{folder}/1.1.0", "--format", "csv", "--out", f"{here}/t.csv",
            "--class", "https://example.org/orchard/ontology/Tree",
        ],
        "prune": ["release", "prune", "1.0.0", "--reason", "x", "--force", "--releases", folder],
        "backup": ["citations", "backup", f"{here}/backup.sqlite3", "--releases", folder],
        "restore": ["citations", "restore", str(tmp_path / "backup.sqlite3"), "--releases", folder],
        "new": new,
    }  # fmt: skip


WRITERS = ["build", "export", "export table", "prune", "backup", "restore"]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("state", ["full", "read_only"])
def test_a_command_that_finds_no_room_says_so_and_leaves_what_was_there(
    shop: Disk, tmp_path: Path, name: str, state: str
) -> None:
    words = commands(shop, tmp_path)[name]
    before = shop.left()
    # What a killed or refused maker left of a cache would be seen; the log of the citations is no leftover.
    ignored = {
        "releases/citations.sqlite3-wal", "releases/citations.sqlite3-shm", "releases/.tombstones",
        "releases/1.1.0/exports", "releases/1.1.0/exports/2",
    }  # fmt: skip
    with getattr(shop, state)():
        done = kg(*words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
    assert shop.left() - ignored == before - ignored
    folder = shop.path / "releases"
    active_release(folder).verify()
    open_release(folder / "1.0.0").verify()
    assert QueryStore(folder / "citations.sqlite3").verify() == 1
    again = kg(*words)
    assert again.returncode == 0, again.stderr


def test_standard_output_that_is_full_is_no_traceback(small_release: Release) -> None:
    import os
    import subprocess
    import sys

    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from kg.cli import main; main()", "export", "--release",
             str(small_release.path)],
            check=False, stdout=full, stderr=subprocess.PIPE, env=os.environ, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


# --- the server -------------------------------------------------------------------------


class Readers:
    """Clients that keep reading what is there; every answer must be right."""

    def __init__(self, url: str, paths: tuple[str, ...]) -> None:
        self.url, self.paths = url, paths
        self.seen: list[tuple[str, int]] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._read, args=(path,)) for path in paths]

    def __enter__(self) -> Readers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _read(self, path: str) -> None:
        while not self.stop.is_set():
            self.seen.append((path, fetch(self.url + path, headers=HTML, timeout=30).status))
            time.sleep(0.05)


def serving(disk: Disk, small_release: Release, tmp_path: Path, **environ: str) -> object:
    """Serve a release that lies on the disk; also what is temporary goes there."""
    folder = disk.path / "releases"
    release = copied(small_release, folder, "1.1.0")
    copied(small_release, folder, "1.0.0")
    activate(folder, "1.1.0")
    ensure_store(release)
    (disk.path / "tmp").mkdir()
    more = {"TMPDIR": str(disk.path / "tmp"), "KG_PAGE_TIMEOUT": "20", "KG_CITE_RATE": "1000", **environ}
    return kg_serve(release, tmp_path, more)


THERE = ("/", "/page/id/tree/01", "/releases/1.1.0/stated.nt", "/releases/1.1.0/dataset.nq", "/search?q=pear")
"""What needs no room, once it was asked for."""
NEEDS_ROOM = (
    "/releases/1.1.0/all.trig",
    "/releases/1.1.0/all.rdf",
    "/releases/1.1.0/tables",
    "/releases/1.1.0/tables/Tree.csv",
    "/releases/1.1.0/tables/Tree.geojson",
    "/releases/1.1.0/tables/Tree.csv-metadata.json",
)


def told(served: Served, path: str) -> tuple[int, str]:
    reply = fetch(served.url + path, headers={"Accept": "application/json"}, timeout=40)
    if reply.status == 503:
        assert int(reply.headers["Retry-After"]) > 0
        assert reply.json()["hint"]
        assert reply.json()["detail"]
    code = json.loads(reply.body)["code"] if reply.status >= 400 else ""
    return reply.status, code


def warm(served: Served) -> None:
    """Ask once for what needs no room afterwards, in each process."""
    for _ in range(4):
        assert {fetch(served.url + path, headers=HTML).status for path in THERE} == {200}


def halves(disk: Disk) -> list[str]:
    """What was half-written and lies there still."""
    return [name for name in disk.left() if "/exports/" in name and Path(name).name.startswith(".")]


def test_a_server_on_a_full_disk_serves_what_is_there(
    disk: Disk, small_release: Release, tmp_path: Path
) -> None:
    with serving(disk, small_release, tmp_path) as served:
        warm(served)
        cited = fetch(served.url + "/cite", b"query=ASK%7B%7D").headers["Location"]
        with Readers(served.url, THERE) as readers, disk.full(*served.everyone()):
            for path in NEEDS_ROOM:
                assert told(served, path) == (503, "no-room"), path
            # Its answer is too large for memory.
            assert ask(served.url, LARGE, "application/sparql-results+xml").status in {200, 503}
            assert told(served, cited)[0] == 200, "what is kept can be read"
            refused = fetch(served.url + "/cite", b"query=ASK%7B+%7D+LIMIT+3")
            assert (refused.status, refused.json()["code"]) == (503, "citations-unavailable")
            assert ask(served.url, "SELECT * { ?s ?p ?o } LIMIT 5").status == 200
            assert fetch(served.url + "/readyz").status == 200
            statuses = crawl(served.url, of_a_kind=2, at_once=6).statuses
            assert set(statuses.values()) <= {200, 303, 503}, statuses
            assert sum(status == 200 for status in statuses.values()) > len(statuses) // 2
            assert halves(disk) == []
        assert {status for _, status in readers.seen} == {200}
        for path in NEEDS_ROOM:  # it recovers by itself
            assert told(served, path) == (200, ""), path
        assert fetch(served.url + "/cite", b"query=ASK%7B+%7D+LIMIT+3").status == 303
        assert ask(served.url, LARGE, "application/sparql-results+xml").status == 200
        assert halves(disk) == []
        assert "Traceback" not in served.log.read_text()


def test_a_server_on_a_read_only_folder_serves_everything_but_new_citations(
    disk: Disk, small_release: Release, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    with serving(disk, small_release, tmp_path, TMPDIR=str(elsewhere)) as served:
        warm(served)
        cited = fetch(served.url + "/cite", b"query=ASK%7B%7D").headers["Location"]
        with Readers(served.url, THERE) as readers, disk.read_only():
            assert told(served, cited)[0] == 200
            again = fetch(served.url + "/cite", b"query=ASK%7B%7D")
            assert (again.status, again.headers["Location"]) == (303, cited)
            refused = fetch(served.url + "/cite", b"query=ASK%7B+%7D+LIMIT+3")
            assert (refused.status, refused.json()["code"]) == (503, "citations-unavailable")
            if disk.mounted:
                assert [told(served, path) for path in NEEDS_ROOM] == [(200, "")] * len(NEEDS_ROOM)
        assert {status for _, status in readers.seen} == {200}
        assert fetch(served.url + "/cite", b"query=ASK%7B+%7D+LIMIT+3").status == 303


def test_few_file_descriptors_turn_clients_away_and_break_nothing(
    small_release: Release, tmp_path: Path
) -> None:
    """The limit is that of the whole service, as `ulimit -n` sets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    copy = copied(small_release, tmp_path / "releases", "1.0.0")
    with kg_serve(copy, tmp_path, {"KG_WORKERS": "1", "KG_REQUEST_TIMEOUT": "30"}, anew=True) as served:
        (server,) = served.children()
        assert resource.prlimit(server, resource.RLIMIT_NOFILE)[0] == hard, "all that the system grants"
        used = len(list(Path(f"/proc/{server}/fd").iterdir()))
    assert soft <= hard
    few = used + 64 + 20  # room for twenty connections
    environ = {"KG_WORKERS": "1", "KG_REQUEST_TIMEOUT": "30"}
    with ExitStack() as stack:
        with limited(few):
            served = stack.enter_context(kg_serve(copy, tmp_path, environ, anew=True))
        assert "leaves room for" in served.log.read_text()
        for path in ("/", "/releases/1.0.0/stated.ttl"):
            assert fetch(served.url + path).status == 200
        with ExitStack() as clients:
            for _ in range(60):
                clients.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            time.sleep(0.3)
            reply = fetch(served.url + "/", timeout=10)
            assert reply.status == 503
            assert reply.json()["code"] == "busy"
            assert int(reply.headers["Retry-After"]) > 0
        wait_until(lambda: fetch(served.url + "/").status == 200, what="recovery")
        assert fetch(served.url + "/releases/1.0.0/all.nt").status == 200
        assert ask(served.url, "ASK {}").status == 200
        assert "Traceback" not in served.log.read_text()


class limited:  # noqa: N801 - used like a function
    """Have few file descriptors granted to what is started inside."""

    def __init__(self, few: int) -> None:
        self.few = few

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_NOFILE)
        # The hard limit of what is started is the soft one here: only root could raise ours again.
        import tests.servers

        self.popen = tests.servers.subprocess.Popen
        few = self.few

        def start(*arguments: object, **options: object) -> object:
            options["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))
            return self.popen(*arguments, **options)  # type: ignore[call-overload]

        tests.servers.subprocess.Popen = start  # type: ignore[misc,assignment]

    def __exit__(self, *_: object) -> None:
        import tests.servers

        tests.servers.subprocess.Popen = self.popen  # type: ignore[misc]
