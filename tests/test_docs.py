"""What the documents say is so."""

import re
from pathlib import Path

import pytest

import kg
from kg.terms import Prefixes

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
