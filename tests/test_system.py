"""What works where a system lacks locks, limits and processes: tried by taking the modules away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kg.machine import system
from kg.release import Release
from tests.conftest import ORCHARD
from tests.servers import ended, fetch, free_port, wait_until

PACKAGES = Path(__file__).resolve().parent.parent
PYTHONPATH = os.pathsep.join((str(PACKAGES), str(PACKAGES / "web")))
WITHOUT = """
import sys
for name in ("fcntl", "resource", "pwd", "grp", "termios", "uvloop"):
    sys.modules[name] = None
import os
for name in ("getuid", "chown", "getpriority", "setpriority", "memfd_create", "fork", "pidfd_open"):
    if hasattr(os, name):
        delattr(os, name)
import signal
del signal.SIGKILL, signal.SIGXFSZ, signal.SIGHUP
"""


def without(code: str, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python where these are missing, as they are on Windows."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + code, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        timeout=120,
    )


COMMAND = "from kg.cli import main\nmain()"


def test_build_query_and_open_need_none_of_it(tmp_path: Path):
    made = without(
        COMMAND, "build", "--ontology", ORCHARD / "ontology", "--data", ORCHARD / "data", cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    query = "SELECT (COUNT(*) AS ?n) { ?s a <https://example.org/orchard/ontology/Orchard> }"
    (tmp_path / "q.rq").write_text(query, encoding="utf-8")
    asked = without(COMMAND, "query", "q.rq", "--format", "csv", cwd=tmp_path)
    assert (asked.returncode, asked.stdout.split()) == (0, ["n", "2"]), asked.stderr
    code = "import kg\nwith kg.open('releases/active') as graph: print(len(list(graph.query(sys.argv[1]))))"
    opened = without(code, query, cwd=tmp_path)
    assert opened.stdout.strip() == "1", opened.stderr


def test_one_process_serves_and_says_what_is_lost(small_release: Release, tmp_path: Path):
    port = free_port()
    log = tmp_path / "log"
    command = [
        sys.executable,
        "-c",
        WITHOUT + COMMAND,
        "serve",
        "--release",
        small_release.path,
        "--port",
        port,
    ]
    environ = {**os.environ, "PYTHONPATH": PYTHONPATH, "KG_CITATIONS": str(tmp_path / "c.sqlite3")}
    with log.open("wb") as stream, ended(subprocess.Popen([*map(str, command)], stderr=stream, env=environ)):
        url = f"http://127.0.0.1:{port}"

        def ready() -> bool:
            try:
                with urllib.request.urlopen(url + "/healthz", timeout=5) as reply:
                    return bool(reply.status == 200)
            except OSError:
                return False

        wait_until(ready, 60, log.read_text())
        asked = fetch(url + "/sparql?query=ASK%20%7B%7D", headers={"Accept": "application/json"})
        assert json.loads(asked.body)["boolean"] is True
        assert fetch(url + "/page/id/orchard/long-ridge", headers={"Accept": "text/html"}).status == 200
        assert fetch(url + "/search.json?q=ridge").status == 200
    said = log.read_text()
    for setting in ("KG_WORKERS", "KG_QUERY_TIMEOUT", "KG_QUERY_MEMORY"):
        assert setting in said


def test_nothing_is_lost_here():
    assert system.CAN_SUPERVISE
    assert system.lost() == ()


def test_a_file_stands_for_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_release: Release):
    link = tmp_path / "active"
    (tmp_path / "1.0").mkdir()

    def refused(*_: object) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    monkeypatch.setattr(system, "IS_POSIX", False)
    system.point(link, "1.0")
    assert link.read_text(encoding="utf-8") == "1.0"
    assert system.followed(link) == tmp_path / "1.0"
    other = tmp_path / "other"
    for wrong in ("../1.0", "", "none", "1.0/../1.0"):
        other.write_text(wrong, encoding="utf-8")
        assert system.followed(other) == other
    system.link_or_copy(tmp_path / "copy", link)
    assert (tmp_path / "copy").read_text(encoding="utf-8") == "1.0"


@pytest.mark.parametrize("name", ["fcntl", "resource", "msvcrt"])
def test_one_module_knows_systems(name: str):
    """No other imports what isn't on every system."""
    for folder in ("kg", "web"):
        for path in (PACKAGES / folder).rglob("*.py"):
            lines = path.read_text(encoding="utf-8").splitlines()
            if path != PACKAGES / "kg" / "machine" / "system.py":
                assert not any(
                    line.strip().startswith((f"import {name}", f"from {name}")) for line in lines
                ), path


def test_a_process_memory_is_told_while_it_lives():
    assert system.resident(os.getpid()) > 2**20
    assert system.told_of(os.getpid(), "stat").startswith(f"{os.getpid()} (".encode())
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with pytest.raises(OSError, match="No such"):
        system.resident(process.pid)
