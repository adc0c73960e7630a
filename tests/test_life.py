"""A release's and a citation's whole life, through the command line and HTTP.

Every command that the page for operators names is run on the way, as it stands there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ORCHARD
from tests.servers import ROOT, Served, answers, ended, fetch, free_port, wait_until

OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ELSEWHERE = ("docker ", "SITE=", "podman ", "deploy/try-image.sh ", "eval ")
"""Commands of containers (test_deploy.py, tools/test_container.py) and of shells (test_cli.py)."""
COMMANDS = [
    line.partition("  #")[0].strip()
    for line in re.findall(r"^ {4}(\S.*)$", OPERATING, flags=re.MULTILINE)
    if not line.startswith(ELSEWHERE)
]
JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html", "Accept-Language": "en"}
BIN = Path(sys.executable).parent
O = "https://example.org/orchard/ontology/"  # noqa: E741 - the prefix's own name
PLANTED = f"SELECT ?tree ?year {{ ?tree a <{O}Tree> ; <{O}planted> ?year }}"


class Operator:
    """Somebody at a shell in a folder with `releases/`, who does what the document says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: set[str] = set()
        self.project = f"--ontology {folder / 'ontology'} --data {folder / 'data'}"

    def shell(self, line: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a line of shell; it must end with this code and without a traceback."""
        environ = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "KG_RELEASES": "releases"}
        command = ["sh", "-c", line]
        done = subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def documented(self, line: str, code: int = 0, **words: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the document, with what stands in capitals there filled in."""
        assert line in COMMANDS, f"docs/operating.md has no line {line!r}"
        self.done.add(line)
        for name, value in words.items():
            line = line.replace(name, shlex.quote(value))
        if line.startswith("kg build"):
            line += f" {self.project}"
        return self.shell(line, code)

    def change(self, name: str, old: str, new: str) -> None:
        """Replace what stands once in a file of the data."""
        path = self.folder / "data" / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new), encoding="utf-8")

    @contextlib.contextmanager
    def serving(self) -> Iterator[Served]:
        """``kg serve``, as it is called at a shell."""
        port, log = free_port(), self.folder / "serve.log"
        environ = {**os.environ, "KG_PORT": str(port), "KG_RELEASES": "releases", "KG_ACCESS_LOG": "no"}
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [str(BIN / "kg"), "serve"], cwd=self.folder, env=environ, stdout=stream, stderr=stream
            )
        with ended(process):
            served = Served(f"http://127.0.0.1:{port}", port, process, log)
            wait_until(lambda: answers(served.url + "/readyz"), 60, "kg serve")
            yield served


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    for name in ("ontology", "data"):
        shutil.copytree(ORCHARD / name, tmp_path / name)
    found = Operator(tmp_path)
    found.change("dataset.ttl", '"2.3.0"', '"0.1.0"')
    return found


def version_served(served: Served) -> str:
    return str(fetch(served.url + "/search.json?q=x").json()["release"])


def take(operator: Operator, served: Served, version: str) -> None:
    """Have the server take the active release, in all its processes."""
    operator.documented("kill -HUP PID", PID=str(served.process.pid))
    wait_until(lambda: all(version_served(served) == version for _ in range(8)), 30, version)


def test_a_citations_life_from_end_to_end(operator: Operator) -> None:
    # Seal, serve, cite.
    operator.documented("kg build --final")
    assert operator.documented("kg release list").stdout.split("\t")[:2] == ["*", "0.1.0"]
    with operator.serving() as served:
        place = fetch(served.url + "/cite", f"query={PLANTED}&title=Years".replace(" ", "+").encode())
        assert place.status == 303
        cited = served.url + place.headers["Location"]
        kept = fetch(cited, headers=JSON).json()
        assert (kept["version"], kept["title"]) == ("0.1.0", "Years")
        operator.documented("kg citations backup FILE", FILE="backup.sqlite3")

        # Change one figure, seal again; the server takes it at SIGHUP.
        operator.change("dataset.ttl", '"0.1.0"', '"0.2.0"')
        path = operator.folder / "data" / "tree-list" / "trees.ttl"
        text = path.read_text("utf-8")
        year = re.search(r'planted "(\d{4})"', text)
        assert year
        other = str(int(year[1]) + 1)
        path.write_text(text[: year.start(1)] + other + text[year.end(1) :], encoding="utf-8")
        operator.documented("kg build --final")
        assert version_served(served) == "0.1.0"
        take(operator, served, "0.2.0")

        # Run it again: the same on its own release, one row otherwise on the new one.
        found = fetch(f"{cited}/check", b"", JSON, "POST").json()
        assert found["verdict"] | {"checksum": ""} == {
            "version": "0.1.0", "same": True, "rows": kept["rows"], "checksum": "",
        }  # fmt: skip
        assert (found["comparison"]["added"], found["comparison"]["removed"]) == (1, 1)
        signs = dict(found["comparison"]["examples"])
        assert other in signs["+"]
        assert year[1] in signs["-"]
        changes = fetch(f"{served.url}/releases/0.1.0/changes/0.2.0?format=text").body.decode()
        assert f'/planted> "{other}"' in changes.replace(O, "/")
        assert {"+", "-"} <= {line[0] for line in changes.splitlines()}
        page = fetch(f"{cited}/check", b"", HTML, "POST").body.decode()
        assert "Unchanged" in page

        # Going back is one command, and forth again.
        operator.documented("kg release activate 0.1.0")
        take(operator, served, "0.1.0")
        operator.shell("kg release activate 0.2.0")
        take(operator, served, "0.2.0")

        _damage_the_store(operator, served, cited, kept)
        _damage_a_release(operator, served)
        _remove(operator, served, cited, kept)
        _caches(operator, served)
        assert "Traceback" not in served.log.read_text()
    assert operator.done == set(COMMANDS), "every command of docs/operating.md is run here"


def _damage_the_store(operator: Operator, served: Served, cited: str, kept: dict) -> None:
    store = operator.folder / "releases" / "citations.sqlite3"
    assert operator.documented("kg citations verify").stdout == "1\tok\n"
    mode = store.stat().st_mode
    store.write_bytes(b"noise " * 4000)
    assert "kg citations restore" in operator.documented("kg citations verify", 1).stderr
    told = fetch(cited, headers=JSON)
    assert (told.status, told.json()["code"]) == (503, "citations-unavailable")
    assert fetch(served.url + "/").status == 200
    operator.documented("kg citations restore FILE", FILE="backup.sqlite3")
    assert store.stat().st_mode == mode
    assert fetch(cited, headers=JSON).json() == kept
    assert operator.documented("kg citations verify").stdout == "1\tok\n"


def _damage_a_release(operator: Operator, served: Served) -> None:
    """One byte of a sealed file; the same data make it whole again."""
    sealed = operator.folder / "releases" / "0.2.0" / "shapes.ttl"
    body = bytearray(sealed.read_bytes())
    body[100] ^= 1
    sealed.write_bytes(body)
    failed = operator.documented("kg release verify", 1)
    assert "0.2.0: shapes.ttl differs from its checksum" in failed.stderr
    assert "0.1.0\tok" in failed.stdout
    told = fetch(f"{served.url}/releases/0.2.0/stated.ttl", headers=JSON)
    assert (told.status, told.json()["code"]) == (503, "release-altered")
    for path in ("/", "/page/id/tree/01", "/releases/0.1.0", "/sparql?query=ASK%7B%7D"):
        assert fetch(served.url + path, headers=HTML).status in {200, 303}, path
    operator.documented("kg build --final")
    operator.documented("kg release verify")
    take(operator, served, "0.2.0")
    assert fetch(f"{served.url}/releases/0.2.0/stated.ttl").status == 200


def _remove(operator: Operator, served: Served, cited: str, kept: dict) -> None:
    """Refused while a citation rests on it; insisted on, a tombstone is told everywhere."""
    prune = 'kg release prune 0.1.0 --reason "superseded by 0.2.0"'
    assert "citations rest on release 0.1.0" in operator.documented(prune, 1).stderr
    assert fetch(f"{served.url}/releases/0.1.0").status == 200
    operator.shell(f"{prune} --force")
    assert "x\t0.1.0" in operator.documented("kg release list").stdout
    gone = ("", "/stated.ttl", "/dataset.nq", "/tables", "/sparql?query=ASK%7B%7D", "/page/id/tree/01")
    replies = [fetch(f"{served.url}/releases/0.1.0{rest}", headers=JSON) for rest in gone]
    replies.append(fetch(f"{cited}/check", b"", JSON, "POST"))
    replies.append(fetch(f"{cited}/result.csv", headers=JSON))
    for reply in replies:
        assert (reply.status, reply.json()["code"]) == (410, "release-removed")
        assert "superseded by 0.2.0" in reply.json()["detail"]
        assert kept["digest"] in reply.json()["detail"]
    page = fetch(cited, headers=HTML)
    assert page.status == 200
    assert b"superseded by 0.2.0" in page.body
    assert kept["checksum"].encode() in page.body
    assert fetch(f"{cited}.bibtex").status == 200
    assert json.loads(fetch(cited, headers=JSON).body) == kept


def _caches(operator: Operator, served: Served) -> None:
    """What is made from a release may go at any time, also under a running server."""
    before = fetch(f"{served.url}/releases/0.2.0/stated.nt").body
    operator.documented("rm -rf releases/*/exports")
    assert fetch(f"{served.url}/releases/0.2.0/stated.nt").body == before
    operator.documented("rm -rf releases/0.2.0/search")
    assert fetch(f"{served.url}/search.json?q=pear").status == 200
    served.process.send_signal(signal.SIGHUP)
    search = operator.folder / "releases" / "0.2.0" / "search"
    wait_until(search.is_dir, 30, "the index, made again")
    assert fetch(f"{served.url}/search.json?q=pear").json()["total"] > 0
