"""No block of a document is passed over: each is run here, run by another test, or said to be no command.

Pages for one kind of user (R, Excel, Gephi, ...) are run whole, in their order, in a folder with a release
and beside a server; then the tool that the page is about reads what was made.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

import kg
from kg.release import Release
from tests.blocks import Block, blocks_of
from tests.rscript import rscript
from tests.servers import ROOT, Served, fetch, kg_serve
from tests.test_life import Operator, operator

DOCS = ROOT / "docs"
__all__ = ["operator"]  # a fixture
HERE = "tests/test_docs_blocks.py"
BIN = Path(sys.executable).parent
ADDRESS = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Page:
    """Which blocks a document has, and which tests run them; ``told`` says why the others are no commands."""

    blocks: tuple[str, ...]
    tests: tuple[str, ...] = (HERE,)
    told: str = ""


INDENTED = ("",)
PAGES = {
    "agents.md": Page(("json", "sh", "python"), ("tests/test_mcp.py",)),
    "citing.md": Page(INDENTED * 2),
    "conventions.md": Page(INDENTED * 2, (), "folders and IRIs"),
    "curating.md": Page(INDENTED * 12, ("tests/test_new.py", "tests/test_sheets.py", HERE)),
    "excel.md": Page(("sh", "sh", "python")),
    "gephi.md": Page(("sh", "python")),
    "opening.md": Page(("sh",) * 6, ("tests/test_opening_docs.py",)),
    "openrefine.md": Page(("sh",)),
    "operating.md": Page(
        INDENTED * 12,
        ("tests/test_life.py", "tests/test_deploy.py", "tests/test_cli.py", "tests/tools/test_container.py"),
    ),
    "protege.md": Page(("sh", "sh", "python")),
    "python.md": Page(("python",) * 4),
    "qgis.md": Page(("sh", "sh", "python")),
    "r.md": Page(("r", "r", "sh", "r", "sh")),
    "scaling.md": Page(INDENTED, ("tests/test_remote.py",)),
    "scheduling.md": Page(("text",), (), "a drawing"),
    "search-api.md": Page(("http", "", "python")),
    "sources-of-answers.md": Page(("sh", "python")),
    "sources.md": Page(("mermaid",), (), "a drawing"),
}
"""Every document that has a block."""
WHOLE = ("openrefine.md", "sources-of-answers.md")
"""Documents that are run whole with what `make test` has; those of TOOLS need more."""
GIVEN = {"question.rq": "SELECT ?kind (COUNT(*) AS ?things) { ?thing a ?kind } GROUP BY ?kind LIMIT 3"}
"""Files that documents speak of as the reader's own."""


def test_the_table_has_every_block_of_every_document() -> None:
    found = {}
    for path in sorted(DOCS.glob("*.md")):
        blocks = blocks_of(path.read_text(encoding="utf-8"))
        if blocks:
            found[path.name] = tuple(block.language for block in blocks)
    assert found == {name: page.blocks for name, page in PAGES.items()}


def test_each_is_run_somewhere_or_is_no_command() -> None:
    for name, page in PAGES.items():
        assert bool(page.tests) != bool(page.told), name
        for test in page.tests:
            # The test reads the document, so that what it runs is what readers paste.
            assert name in (ROOT / test).read_text(encoding="utf-8") or (name, test) in BESIDE, (name, test)
    run_here = {name for name, page in PAGES.items() if page.tests == (HERE,)}
    assert run_here == {*WHOLE, *TOOLS, "search-api.md", "citing.md"}


BESIDE = {
    ("operating.md", f"tests/{test}.py") for test in ("test_cli", "test_deploy", "tools/test_container")
}
"""Tests that run a document's commands in their own words: shell completion, containers.

`tests/test_life.py` sees to it that no other line of that document is left out.
"""


def blocks(name: str) -> list[Block]:
    return blocks_of((DOCS / name).read_text(encoding="utf-8"))


# --- running ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with kg_serve(release, tmp_path_factory.mktemp("serve"), {"KG_WORKERS": "1"}) as found:
        yield found


@pytest.fixture
def desk(release: Release, tmp_path: Path) -> Path:
    """The folder in which a reader is: with a release, the examples, and a question."""
    (tmp_path / "releases").symlink_to(release.path.parent)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for name, text in GIVEN.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def command(block: Block, url: str) -> list[str]:
    text = block.text.replace(ADDRESS, url)
    if block.language == "r":
        return [rscript(), "--vanilla", "-e", text]
    if "Rscript" in text:
        rscript()
    return [sys.executable, "-c", text] if block.language == "python" else ["sh", "-ec", text]


def run(block: Block, url: str, folder: Path) -> str:
    """Run a block as it stands, and return what it prints."""
    environ = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command(block, url), cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, block.text + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", WHOLE)
def test_a_document_runs(served: Served, desk: Path, name: str) -> None:
    for block in blocks(name):
        assert run(block, served.url, desk).strip(), block.text


def test_the_request_for_a_search_gives_what_is_drawn(served: Served, desk: Path) -> None:
    asked, drawn, program = blocks("search-api.md")
    method, path = asked.text.split()
    found = fetch(served.url + path, method=method).json()
    named = set(re.findall(r'^  "(\w+)":', drawn.text, re.MULTILINE))
    assert set(found) == named
    assert set(found["hits"][0]) <= set(re.findall(r'"(\w+)":', drawn.text))
    assert found["hits"][0]["iri"] in run(program, served.url, desk)


def test_a_curator_asks_whether_a_place_is_there(served: Served, desk: Path) -> None:
    (asked,) = [block for block in blocks("curating.md") if block.text.startswith("echo ")]
    assert run(asked, served.url, desk).splitlines()[0] == "?s"


@pytest.mark.long
def test_the_commands_of_citing_do_what_they_say(operator: Operator) -> None:
    """In the document's order, between two releases of the little graph and with one citation."""
    releases, crates = (block.text.splitlines() for block in blocks("citing.md"))
    build, *lines = [re.sub(r"\s{2,}#.*", "", line).strip() for line in (*releases, *crates)]
    operator.shell(f"{build} {operator.project}")
    with operator.serving() as served:
        assert fetch(served.url + "/cite", b"query=ASK+%7B%7D").status == 303
        operator.change("dataset.ttl", '"0.1.0"', '"0.2.0"')
        operator.shell(f"{build} {operator.project}")
        said = {}
        for line in lines:
            if "prune" in line:
                operator.shell("kg release activate 0.2.0")
            given = line.replace("PID", str(served.process.pid)).replace("FILE", "kept.sqlite3")
            said[line] = operator.shell(given).stdout
    assert len(said) == len(lines) == 12
    assert "x\t0.1.0" in operator.shell("kg release list").stdout
    assert said["kg citations list"].startswith("{")
    assert said["kg crate"].strip().endswith("ro-crate-metadata.json")
    assert "ok" in said["kg crate --check releases/active"]


# --- with the tools themselves ------------------------------------------------------------------------------


def count(release: Release, query: str) -> int:
    with kg.open(release.path) as graph:
        (row,) = graph.query(query)
    return int(row["n"])


def excel(folder: Path, release: Release) -> None:
    """Openpyxl reads what Excel would: typed cells, and the sheets that the document names."""
    import openpyxl

    with closing(openpyxl.load_workbook(folder / "lifts.xlsx", read_only=True)) as book:
        assert book.sheetnames == ["result", "columns", "sources", "about"]
        rows = list(book["result"].iter_rows(min_row=2, values_only=True))
        numbers = {row[0] for row in book["sources"].iter_rows(min_row=2, values_only=True)}
    assert all(isinstance(lifts, int) for _, lifts, *_ in rows)
    told = {int(one) for row in rows for one in re.findall(r"\d+", str(row[3]))}
    assert told == numbers
    with closing(openpyxl.load_workbook(folder / "compounds.xlsx", read_only=True)) as book:
        things = sum(1 for _ in book["ResidentialCompound"].iter_rows(min_row=2))
    assert things == count(release, "SELECT (COUNT(*) AS ?n) { ?s a linli:ResidentialCompound }")


def gephi(folder: Path, release: Release) -> None:
    """Networkx reads both formats: all links of the relation, with names, kinds and relations."""
    import networkx

    members = networkx.read_gexf(folder / "members.gexf", version="1.3")
    links = """SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?b ?m {
      ?b a linli:JointBody ; linli:hasMembership/linli:hasMember ?m . ?m a linli:ResidentsCommittee } }"""
    assert members.number_of_edges() == count(release, links) > 0
    succession = networkx.read_graphml(folder / "succession.graphml")
    assert succession.number_of_edges() > 0
    for network in (members, succession):
        assert network.is_directed()
        assert all(iri.startswith("https://") and data["label"] for iri, data in network.nodes(data=True))
        assert all(data["kind"] for _, data in network.nodes(data=True))
    assert all(data["relation"] for *_, data in succession.edges(data=True))
    bodies = networkx.read_gexf(folder / "bodies.gexf")
    assert bodies.number_of_nodes() > members.number_of_nodes()


def qgis(folder: Path, release: Release) -> None:
    """GDAL, which QGIS reads layers with, finds every point where the graph says that it is."""
    import pyogrio

    drawn = pyogrio.read_info(folder / "map.geojson")
    assert (drawn["crs"], drawn["geometry_type"]) == ("EPSG:4326", "Point")
    assert {"name", "kind", "approximate"} <= {*drawn["fields"]}
    stated = count(release, "SELECT (COUNT(*) AS ?n) { ?s a linli:Subdistrict ; geo:hasDefaultGeometry ?g }")
    for name in ("subdistricts.geojson", "places.gpkg"):
        layer = pyogrio.read_info(folder / name)
        assert (layer["features"], layer["geometry_type"]) == (stated, "Point"), name
        west, south, east, north = layer["total_bounds"]
        assert 118 < west < east < 121, name
        assert 29 < south < north < 31, name
    kinds = dict(zip(layer["fields"], layer["ogr_types"], strict=True))
    assert kinds["projects"] in {"OFTInteger", "OFTInteger64"}


def protege(folder: Path, release: Release) -> None:
    """A reader of OWL finds one ontology, with all classes and properties that the release has of it."""
    import pyhornedowl

    ontology = pyhornedowl.open_ontology(str(folder / "linli.owl"))
    assert str(ontology.get_iri()) == f"{release.base}ontology/"
    for kind, found in (
        ("Class", ontology.get_classes()),
        ("ObjectProperty", ontology.get_object_properties()),
        ("DatatypeProperty", ontology.get_data_properties()),
    ):
        declared = f"""SELECT (COUNT(DISTINCT ?s) AS ?n) {{
          GRAPH <{release.base}graph/ontology> {{ ?s a <http://www.w3.org/2002/07/owl#{kind}> }} }}"""
        assert len(found) >= count(release, declared) > 10, kind
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    definition = "http://www.w3.org/2004/02/skos/core#definition"
    for annotation in (label, definition):
        assert len(ontology.get_annotations(f"{release.base}ontology/JointBody", annotation)) == 3
    things = pyhornedowl.open_ontology(str(folder / "bodies.owl"))
    kinds = [one for one in things.get_axioms() if type(one.component).__name__ == "ClassAssertion"]
    bodies = [one for one in kinds if str(one.component.ce.first) == f"{release.base}ontology/JointBody"]
    assert len(bodies) == count(release, "SELECT (COUNT(*) AS ?n) { ?s a linli:JointBody }") > 0


def r(folder: Path, release: Release) -> None:
    assert (folder / "lifts-by-year.pdf").read_bytes().startswith(b"%PDF")
    lines = (folder / "compounds.csv").read_bytes().count(b"\r\n")
    assert lines > count(release, "SELECT (COUNT(*) AS ?n) { ?s a linli:ResidentialCompound }")


def python(_folder: Path, _release: Release) -> None:
    """Each block prints what it read, which is looked at as it runs."""


TOOLS: dict[str, Callable[[Path, Release], None]] = {
    "excel.md": excel,
    "gephi.md": gephi,
    "protege.md": protege,
    "python.md": python,
    "qgis.md": qgis,
    "r.md": r,
}


@pytest.mark.long
@pytest.mark.parametrize("name", TOOLS)
def test_the_tool_reads_what_its_page_makes(served: Served, desk: Path, release: Release, name: str) -> None:
    for block in blocks(name):
        printed = run(block, served.url, desk)
        assert printed.strip() or block.language != "python", block.text
    TOOLS[name](desk, release)
