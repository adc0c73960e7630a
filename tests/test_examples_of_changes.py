"""The changes that CONTRIBUTING.md works out are made as they stand there, in a copy, and work."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kg.release import Release

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Six changes, worked out")[2]
SECTIONS = {
    part.partition("\n")[0]: part
    for part in re.split(r"^### ", TEXT.partition("\nBy contributing")[0], flags=re.M)[1:]
}
STEP = re.compile(
    r"(New|In), ?`([^`]+)`(?:, instead of `([^`]+)`)?:\n\n```\w+\n(.*?)\n```$|"
    r"In `([^`]+)`, instead of `([^`]+)`:\n\n```\w+\n(.*?)\n```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Step:
    """One place of a change: a new file, or what stands in a file instead of something."""

    path: str
    text: str
    instead: str | None = None


def steps(change: str) -> list[Step]:
    return [
        Step(found[2], found[4] + "\n") if found[1] else Step(found[5], found[7], found[6])
        for found in STEP.finditer(SECTIONS[change])
    ]


BROWSING = """
import sys
from pathlib import Path
from kg.engine.local import LocalEngine
from kg.release import open_release
from kg.settings import Settings
from kg_web.app import create_app
release = open_release(Path(sys.argv[1]))
engine = LocalEngine.open(release.store)
client = create_app(engine, Settings(), release).test_client()
"""
"""What a script begins with that reads pages of a release."""


@dataclass
class Copy:
    """A copy of the program in which a change was made."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    def make_script(self, name: str) -> None:
        """Let pages name a script, whatever is in it."""
        built = self.root / "web/kg_web/static/built"
        built.mkdir()
        (built / f"{name}.js").touch()

    def make(self, change: str) -> None:
        for step in steps(change):
            path = self.root / step.path
            if step.instead is None:
                assert not path.exists(), f"{step.path} is no new file"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, encoding="utf-8")
                continue
            text = path.read_text(encoding="utf-8")
            assert text.count(step.instead) == 1, f"{step.path} has no place, or several, for {change}"
            path.write_text(
                text.replace(
                    step.instead, step.text.rstrip("\n") if step.instead[-1] != "\n" else step.text + "\n"
                ),
                encoding="utf-8",
            )

    def browse(self, release: Release, script: str) -> str:
        """Return what a script prints that has a ``client`` of the release's pages."""
        return self.run(BROWSING + script + "engine.close()\n", str(release.path))

    def run(self, script: str, *arguments: str) -> str:
        packages = os.pathsep.join((str(self.root), str(self.root / "web")))
        done = subprocess.run(
            [sys.executable, "-P", "-c", script, *arguments],
            env={**os.environ, "PYTHONPATH": packages, **self.environ},
            capture_output=True,
            text=True,
            cwd=self.root,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of what a change may touch; packages of the scripts are the checkout's."""
    leave = shutil.ignore_patterns("node_modules", "built", "__pycache__")
    for name in ("kg", "web"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=leave)
    (tmp_path / "web/client/node_modules").symlink_to(ROOT / "web/client/node_modules")
    return Copy(tmp_path)


def test_the_table_counts_the_places():
    words = {"kg/vocabulary.ttl"}
    told = dict(re.findall(r"^\| (an? [\w ]+) \| (\d+ \| \d+) \|$", TEXT, re.M))
    counted = {}
    for change in SECTIONS:
        made = steps(change)
        new = {step.path for step in made if step.instead is None}
        counted[change] = f"{len({step.path for step in made} - words)} | {len(new)}"
    assert told == counted
    assert len(told) == 6
    # Every block of code is a step: none is there for show.
    assert sum(len(steps(change)) for change in SECTIONS) == TEXT.count("\n```\n")


def test_a_table_format(copy: Copy, small_release):
    copy.make("a table format")
    copy.make_script("editor")
    said = copy.browse(
        small_release,
        """
reply = client.get("/result.md?query=SELECT ?x ?y { VALUES (?x ?y) { (1 2) (3 UNDEF) } }")
print(reply.mimetype)
print(reply.text)
print("Markdown" in client.get("/questions/harvest").text, "Markdown" in client.get("/query").text)
large = "SELECT ?x { VALUES ?x { " + "'orchard' " * 2_000 + "} }"
reply = client.get("/result.md", query_string={"query": large}, headers={"Accept-Encoding": "gzip"})
print(reply.headers.get("Content-Encoding"))
""",
    )
    assert said.splitlines()[:5] == ["text/markdown", "| x | y |", "|---|---|", "| 1 | 2 |", "| 3 |  |"]
    assert said.split()[-3:-1] == ["True", "True"], "questions' downloads and the editor's offer it"
    assert said.split()[-1] == "gzip"


def test_an_rdf_format(copy: Copy, small_release):
    copy.make("an RDF format")
    said = copy.browse(
        small_release,
        """
reply = client.get("/data/id/plot/long-ridge-north.hext")
print(reply.status_code, reply.mimetype, len(reply.text.splitlines()) > 3)
print(reply.text.splitlines()[0])
print("hext" in client.get("/page/id/plot/long-ridge-north").text)
import pyoxigraph as ox
from kg.engine import Result
from kg.engine.answers.results import SORTED, write
from kg.mediatypes import BY_NAME, called, choose
from kg_web.protocol.description import GRAPH_FORMATS
node = ox.NamedNode("urn:a")
for many in (3, SORTED + 5):
    graph = Result("graph", triples=[ox.Triple(node, node, ox.Literal(n)) for n in range(many)])
    print(len(write(graph, BY_NAME["hext"]).splitlines()) - many)
print(choose("application/hex+x-ndjson", GRAPH_FORMATS).label, called("hext")[1].label)
""",
    )
    head, line, offered, small, large, chosen = said.splitlines()
    assert (small, large) == ("0", "0"), "a graph is written sorted, and a large one as it comes"
    assert chosen == "HexTuples HexTuples"
    assert head == "200 application/hex+x-ndjson True"
    assert line.startswith('["https://example.org/orchard/')
    assert offered == "True"


def test_a_facet(copy: Copy, small_release):
    copy.make("a facet")
    said = copy.browse(
        small_release,
        """
from kg.explore.browsing.browse import Browser
from kg.explore.ontology.shapes import PropertyShape, Step
O = "https://example.org/orchard/ontology/"
shape = PropertyShape("x:s", O + "planted", steps=(Step(O + "planted"),), facet=True, cut="ByCentury")
Browser.facet_shapes = lambda self, cls: (shape,)
page = client.get("/browse", query_string={"class": O + "Tree"}).text
print("1900–1999" in page, "1900%2F1999" in page or "1900%2F2000" in page)
some = client.get("/browse", query_string={"class": O + "Tree", O + "planted": "1900/2000"}).text
print('aria-current="true"' in some)
""",
    )
    assert said.split() == ["True", "True", "True"]


def test_a_chart(copy: Copy):
    copy.make("a chart")
    client = copy.root / "web" / "client"
    (client / "src" / "views" / "aloud.ts").write_text(
        """import type { View } from "../_viewing";

export const view: View = {
  name: "aloud",
  can: ({ kind }) => kind === "boolean",
  fit: () => 9,
  draw: () => ({ element: document.createElement("p") }),
};
""",
        encoding="utf-8",
    )
    (client / "test" / "total.test.ts").write_text(
        """import "./document";
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, VIEWS } from "../src/_views";
import { chart } from "../src/views/chart";

test("a figure alone is drawn in large", () => {
  const n = { type: "literal", value: "7", datatype: "http://www.w3.org/2001/XMLSchema#integer" };
  const answer = (...rows: object[]) => ({ kind: "rows", columns: ["n"], rows }) as never;
  type Found = { find(tag: string, name: string): { text: string }[] };
  const find = (drawn: unknown) => (drawn as Found).find("p", "total");
  assert.equal(find(chart(answer({ n })))[0]?.text, "7");
  assert.equal(find(chart(answer({ n }, { n }))).length, 0);
});

test("a view is its module too, behind those that were there", () => {
  assert.equal(VIEWS.at(-1)?.name, "aloud");
  assert.equal(fitting({ kind: "boolean", rows: [], sources: null } as never).name, "aloud");
});
""",
        encoding="utf-8",
    )
    for other in (client / "test").glob("*.test.ts"):
        if other.name != "total.test.ts":
            other.unlink()
    for words in (["test", "--silent"], ["run", "--silent", "types"]):
        done = subprocess.run(
            [*npm(), *words], cwd=client, capture_output=True, text=True, env=environ(), check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def npm() -> list[str]:
    from hatch_build import find_npm

    found = find_npm()
    assert found, "make .venv/client.stamp"
    return found


def environ() -> dict[str, str]:
    from hatch_build import environ_of

    return environ_of(npm())


def test_a_limit(copy: Copy):
    copy.make("a limit")
    copy.environ = {"KG_QUERY_GRAPHS": "1"}
    said = copy.run("""
from kg.errors import QueryRefused
from kg.limits import as_markdown
from kg.mediatypes import NTRIPLES
from kg.settings import LIMITS, Settings
from kg.sparql.checking.guard import Limits, check
from kg_web.protocol.description import describe
from kg_web.protocol.problem import problem_of
settings = Settings.load()
try:
    check("SELECT * FROM <x:a> FROM <x:b> { ?s ?p ?o }", Limits.of(settings, lambda _iri: True))
except QueryRefused as error:
    told = problem_of(error).as_json()
    print(told["status"], told["code"], told["limit"], told["detail"], told["hint"], sep=" / ")
print("| `KG_QUERY_GRAPHS` | the door | 400 |" in as_markdown(LIMITS.values()))
print(b"#limit-query-graphs" in describe("http://x/sparql", settings, None, "engine", NTRIPLES))
""")
    assert said.splitlines() == [
        "400 / query-too-wide / KG_QUERY_GRAPHS / "
        "the query names 2 graphs, 1 are allowed / ask fewer at a time",
        "True",
        "True",
    ]


def test_a_language(copy: Copy, small_release):
    copy.make("a language")
    said = copy.browse(
        small_release,
        """
page = client.get("/questions", headers={"Accept-Language": "eo"}).text
print('lang="eo"' in page, "Demandoj" in page, "Esperanto" in client.get("/").text)
print(client.get("/page/id/plot/long-ridge-north?lang=eo").status_code)
""",
    )
    assert said.split() == ["True", "True", "True", "200"]
