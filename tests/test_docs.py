"""What the documents say is so."""

import re
import shlex
from pathlib import Path

import click
import pytest

import kg
from kg.cli import cli
from kg.terms import Prefixes
from tests import source_tables

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUERIES = [
    re.sub(r"^ {4}", "", block, flags=re.MULTILINE)
    for block in re.findall(r"(?:^ {4}.*\n|^\n)+", README, flags=re.MULTILINE)
    if block.lstrip().startswith("SELECT")
]


def test_readme_is_short_and_has_five_queries():
    assert len(README.splitlines()) < 120
    assert len(QUERIES) >= 5


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


def test_the_commands_that_the_document_on_citing_names_exist():
    text = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ {4}(kg .*?)(?: {2,}#.*)?$", text, flags=re.MULTILINE)
    assert len(lines) >= 9
    for line in lines:
        words = shlex.split(line.partition("#")[0])[1:]
        command: click.Command = cli
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
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
