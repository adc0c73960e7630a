"""OpenRefine itself, without a window: asked over HTTP it reconciles a column and adds others."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from kg.release import Release
from tests.servers import free_port, kg_serve, wait_until
from tests.test_openrefine import COLUMN, MEANT


class Refine:
    """A running OpenRefine."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        with contextlib.suppress(OSError):
            return "version" in self.get("get-version")
        return False

    def get(self, command: str, **parameters: str) -> Any:
        with urllib.request.urlopen(self._url(command, parameters), timeout=60) as reply:
            return json.load(reply)

    def post(self, command: str, parameters: dict[str, str], body: bytes = b"", kind: str = "") -> Any:
        token = self.get("get-csrf-token")["token"]
        headers = {"Content-Type": kind or "application/x-www-form-urlencoded; charset=UTF-8"}
        url = self._url(command, {**parameters, "csrf_token": token})
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as reply:
            return reply.geturl() if command.startswith("create") else json.load(reply)

    def _url(self, command: str, parameters: dict[str, str]) -> str:
        return f"{self.address}/command/core/{command}?{urlencode(parameters)}"

    def project(self, cells: list[str]) -> str:
        """Make a project of one column, ``name``; returns its number."""
        fields = {
            "project-name": "names",
            "format": "text/line-based/*sv",
            "options": '{"separator": ",", "encoding": "UTF-8", "trimStrings": false}',
        }
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
        ]
        table = "\n".join(["name", *cells, ""])
        head = '--x\r\nContent-Disposition: form-data; name="project-file"; filename="names.csv"\r\n'
        parts.append(f"{head}Content-Type: text/csv\r\n\r\n{table}\r\n--x--\r\n")
        options = {"options": fields["options"]}
        url = self.post(
            "create-project-from-upload", options, "".join(parts).encode(), "multipart/form-data; boundary=x"
        )
        return parse_qs(urlsplit(url).query)["project"][0]

    def run(self, command: str, project: str, **parameters: object) -> None:
        """Begin a long process and wait until none runs."""
        engine = {"facets": [], "mode": "row-based"}
        given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in parameters.items()}
        said = self.post(
            command, {"project": project}, urlencode({"engine": json.dumps(engine), **given}).encode()
        )
        assert said["code"] in {"ok", "pending"}, said
        wait_until(lambda: not self.get("get-processes", project=project)["processes"], 90, command)
        assert not self.get("get-processes", project=project).get("exceptions")

    def rows(self, project: str) -> list[list[tuple[str, str | None]]]:
        """Return the cells of all rows, each a value and the id of what it was matched to."""
        found = self.post("get-rows", {"project": project, "start": "0", "limit": "100"})
        assert found["total"] == len(found["rows"])
        matched = {
            number: one["m"]["id"] for number, one in found["pool"]["recons"].items() if one["j"] == "matched"
        }
        return [[(cell["v"], matched.get(cell.get("r"))) for cell in row["cells"]] for row in found["rows"]]


@pytest.fixture(scope="module")
def refine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refine]:
    folder, port = tmp_path_factory.mktemp("openrefine"), free_port()
    command = [
        "openrefine",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-d",
        str(folder),
        "-x",
        "refine.headless=true",
    ]
    with (folder / "log").open("wb") as log:
        started = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, env={**os.environ, "HOME": str(folder)}
        )
        try:
            found = Refine(port)
            wait_until(found.ready, 90, "OpenRefine")
            yield found
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(20)
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGKILL)
                started.wait()


@pytest.mark.tool
def test_openrefine_reconciles_a_column_and_adds_one(
    refine: Refine, small_release: Release, tmp_path: Path
) -> None:
    with kg_serve(small_release, tmp_path, {"KG_WORKERS": "1"}) as served:
        service = f"{served.url}/reconcile"
        with urllib.request.urlopen(service, timeout=30) as reply:
            manifest = json.load(reply)
        project = refine.project(COLUMN)
        config = {
            "mode": "standard-service",
            "service": service,
            "identifierSpace": manifest["identifierSpace"],
            "schemaSpace": manifest["schemaSpace"],
            "type": None,
            "autoMatch": True,
            "columnDetails": [],
            "limit": 0,
        }
        refine.run("reconcile", project, columnName="name", config=config)
        extension = {"properties": [{"id": "ontology/planted"}, {"id": "ontology/isOfVariety"}]}
        refine.run(
            "extend-data",
            project,
            baseColumnName="name",
            endpoint=service,
            identifierSpace=manifest["identifierSpace"],
            schemaSpace=manifest["schemaSpace"],
            columnInsertIndex="1",
            extension=extension,
        )
    rows = refine.rows(project)
    assert [cells[0][0] for cells in rows] == COLUMN
    assert {name: found for (name, found), *_ in rows if found} == MEANT
    (tree,) = (more for (name, _), *more in rows if name == "Tree 1")
    assert tree == [("1893", None), ("Snow Pear", "id/variety/snow-pear")]
    assert not any(more for (name, _), *more in rows if name != "Tree 1")  # nothing else is a tree
