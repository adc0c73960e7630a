"""What the documents say is so."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

import kg
from kg.cli import cli
from kg.terms import Prefixes
from tests import source_tables
from tests.servers import answers, free_port, kg_serve, wait_until

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    re.sub(r"^ {4}", "", block, flags=re.MULTILINE).strip("\n")
    for block in re.findall(r"(?:^ {4}.*\n|^\n)+", README, flags=re.MULTILINE)
    if block.strip()
]
"""What stands indented in README, each block as it would be pasted."""
QUERIES = [block for block in BLOCKS if block.startswith("SELECT")]
SHELL = [block for block in BLOCKS if block.startswith("curl ")]
PYTHON = [block for block in BLOCKS if block.startswith("import ")]
MAKE = [block for block in BLOCKS if block.startswith("make ")]
PRINTED = [BLOCKS[BLOCKS.index(block) + 1] for block in SHELL]
"""What each shell block is said to print: the block behind it."""


def test_readme_is_short_and_has_five_queries():
    assert len(README.splitlines()) < 120
    assert len(QUERIES) >= 5


def test_every_block_of_the_readme_is_run_here():
    assert sorted([*QUERIES, *SHELL, *PYTHON, *MAKE, *PRINTED]) == sorted(BLOCKS)
    assert SHELL
    assert PYTHON
    assert MAKE


def pasted(block: str, url: str) -> list[str]:
    """Run a block in a shell against a server, and return the lines it prints."""
    text = block.replace("http://127.0.0.1:8000", url)
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


@pytest.mark.parametrize(("block", "printed"), list(zip(SHELL, PRINTED, strict=True)))
def test_the_readmes_shell_example_prints_what_it_says(release, tmp_path, block: str, printed: str):
    with kg_serve(release, tmp_path, {"KG_WORKERS": "1"}) as served:
        assert pasted(block, served.url) == printed.splitlines()


@pytest.mark.parametrize("block", PYTHON)
def test_the_readmes_notebook_example_runs(release, tmp_path, block: str):
    (tmp_path / "releases").symlink_to(release.path.parent)
    command = [sys.executable, "-c", block]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5


@pytest.mark.parametrize("line", [line for block in MAKE for line in block.splitlines()])
def test_the_readmes_targets_exist(line: str):
    words = shlex.split(line, comments=True)
    subprocess.run([*words, "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.long
def test_make_serve_serves_what_the_readme_asks(tmp_path):
    port = free_port()
    environ = {**os.environ, "KG_RELEASES": str(tmp_path / "releases")}
    # In a group of its own: make, the shell and the server end together.
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "serve", f"PORT={port}"], cwd=ROOT, env=environ, stdout=log, stderr=log, process_group=0
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(url + "/readyz"), 240, "make serve")
        assert [pasted(block, url) for block in SHELL] == [text.splitlines() for text in PRINTED]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@pytest.mark.parametrize("query", QUERIES)
def test_the_readmes_queries_have_answers(release, query):
    with kg.open(release.path) as graph:
        rows = list(graph.query(Prefixes(release.prefixes).sparql() + query))
    assert rows


def test_every_link_between_documents_leads_somewhere():
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
            found = re.match(r"https?://", target) or (document.parent / target).exists()
            assert found, f"{document}: {target}"


def test_each_test_that_the_document_on_mutations_names_exists():
    text = (ROOT / "docs" / "mutations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| (.*) \| (?:yes|no) \|$", text, flags=re.MULTILINE)
    assert len(rows) >= 50
    paths = [*(ROOT / "tests").glob("test_*.py"), *(ROOT / "web" / "client" / "test").glob("*.test.ts")]
    tests = "".join(path.read_text(encoding="utf-8") for path in paths)
    for row in rows:
        name = row.strip("`")
        there = f"def {name}(" in tests or f'test("{name}' in tests
        assert there, f"docs/mutations.md names {row}, which isn't there"


def test_the_commands_that_the_document_on_citing_names_exist():
    text = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ {4}(kg .*?)(?: {2,}#.*)?$", text, flags=re.MULTILINE)
    assert len(lines) >= 9
    for line in lines:
        words = shlex.split(line.partition("#")[0])[1:]
        command: click.Command = cli
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found
            command = found
        with click.Context(command) as context:
            command.parse_args(context, words)


def test_each_recommendation_on_citing_data_is_gone_through():
    text = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| R(\d+) \|", text, flags=re.MULTILINE) == [str(n) for n in range(1, 15)]


@pytest.mark.parametrize("document", sorted(source_tables.PARTS))
def test_the_tables_of_documents_and_searches_say_what_the_data_says(document):
    hint = "the data grew: python -m tests.source_tables"
    assert source_tables.written(document) == (ROOT / "docs" / document).read_text(encoding="utf-8"), hint


def test_the_flow_adds_up():
    every = source_tables.searches()
    assert len(every) >= 100
    for one in every:
        assert one.read <= one.found, one
    slugs = {one["slug"] for one in source_tables.documents()}
    assert {iri.rpartition("/")[2] for iri in source_tables.taken()} <= slugs
    assert {one.iri for one in every if one.taken}, "no search led to a document"
