"""The tutorial of docs/opening.md runs as it stands, with a real thesaurus."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kg.reading.names import PACKINGS, SYNTAXES
from kg.release import open_release
from tests.shared import shared

TEXT = (Path(__file__).resolve().parent.parent / "docs" / "opening.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_the_tutorial_ends_in_a_release_that_verifies(tmp_path):
    shutil.copyfile(shared("graphs/yso-part.ttl"), tmp_path / "thesaurus.ttl")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    said = []
    for block in BLOCKS:
        done = subprocess.run(
            ["sh", "-ec", block], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, block + done.stderr
        said.append(done.stdout)
    assert said[1].split() == ["concepts", "270"]
    release = open_release(tmp_path / "mine" / "releases" / "0.1.0")
    release.verify()
    assert release.version == "0.1.0"
    note = "Looked through in our first meeting."
    assert note in release.file("dataset.nq").read_text(encoding="utf-8")


def test_the_document_names_every_ending():
    for ending in (*(one for syntax in SYNTAXES for one in syntax.endings), *PACKINGS):
        assert re.search(rf"(?<![\w]){re.escape(ending)}(?![\w-])", TEXT), ending
