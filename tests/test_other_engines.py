"""The remote engine against real peers: Virtuoso 7, and rdflib-endpoint in an environment of its own."""

import contextlib
import math
import os
import re
import shutil
import subprocess
import venv
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kg.engine.local import LocalEngine
from kg.engine.remote import RemoteEngine
from kg.errors import KgError, QueryLimit
from kg.release import Release
from tests.servers import MERGE, METADATA, Served, answers, ended, fetch, free_port, kg_serve, wait_until

pytestmark = pytest.mark.long

BASE = "https://example.org/orchard/"
PREFIXES = f"PREFIX o: <{BASE}ontology/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
QUESTIONS = [
    "SELECT ?s ?name { ?s a o:Orchard ; rdfs:label ?name }",
    "SELECT ?n { ?f o:number ?n }",
    "SELECT ?g ?s { GRAPH ?g { ?s a o:Orchard } }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?plot (COUNT(?tree) AS ?n) { ?tree o:standsIn ?plot } GROUP BY ?plot",
    "ASK { ?s a o:Orchard }",
    "ASK { ?s a o:Castle }",
    "CONSTRUCT { ?s rdfs:label ?name } WHERE { ?s a o:Plot ; rdfs:label ?name }",
]
VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
Striping = 0
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
Striping = 0
[Parameters]
ServerPort = 127.0.0.1:{port}
DirsAllowed = {data}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = {rows}
"""


def answer(engine, query: str):
    """An answer whose rows and triples can be compared: in any order."""
    result = engine.query(PREFIXES + query)
    rows = sorted(tuple(str(term) for term in row) for row in result.rows)
    return result.kind, result.boolean, rows, sorted(str(triple) for triple in result.triples)


@pytest.fixture(scope="module")
def local(small_release: Release) -> Iterator[LocalEngine]:
    with LocalEngine.open(small_release.store) as engine:
        yield engine


@contextlib.contextmanager
def virtuoso_with(release: Release, folder: Path, *, rows: int) -> Iterator[str]:
    """Virtuoso over a release, loaded as docs/scaling.md says."""
    if shutil.which("virtuoso-t") is None:
        assert os.geteuid() == 0, "install Virtuoso: apt-get install virtuoso-opensource-7-bin"
        subprocess.run(
            ["apt-get", "install", "-y", "virtuoso-opensource-7-bin"], check=True, capture_output=True
        )
    port, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(port=port, http=http, rows=rows, data=folder))
    command = ["virtuoso-t", "+foreground", "+wait", "+configfile", "virtuoso.ini"]
    quiet = subprocess.DEVNULL
    with ended(subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)):
        url = f"http://127.0.0.1:{http}/sparql"
        wait_until(lambda: answers(f"{url}?{urlencode({'query': 'ASK {}'})}"), 120, "Virtuoso")
        files = [("dataset.nq", ""), ("dataset.ttl", MERGE), ("metadata.ttl", METADATA)]
        for name, _ in files:  # elsewhere, as it takes the plus sign of a version for a space
            shutil.copy(release.file(name), folder)
        loads = [f"ld_dir('{folder}', '{name}', '{graph or 'urn:none:'}');" for name, graph in files]
        isql(port, " ".join(loads))
        failures = "WHERE ll_error IS NOT NULL;"
        for _ in range(3):  # the loader's own threads may deadlock, which it notes in its list and no more
            isql(port, "rdf_loader_run();")
            failed = isql(port, f"SELECT ll_file, ll_error FROM DB.DBA.load_list {failures}")
            if not failed:
                break
            isql(port, f"UPDATE DB.DBA.load_list SET ll_state = 0, ll_error = NULL {failures}")
        assert not failed, failed
        yield url


def isql(port: int, statements: str) -> str:
    """What Virtuoso's own client prints for statements: the rows alone. CalledProcessError when it fails."""
    bare = ["VERBOSE=OFF", "BANNER=OFF", "PROMPT=OFF", "ERRORS=STDOUT"]
    command = ["isql-vt", f"127.0.0.1:{port}", "dba", "dba", *bare, f"exec={statements}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def virtuoso(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with virtuoso_with(small_release, tmp_path_factory.mktemp("virtuoso"), rows=2000) as url:
        yield url


@pytest.fixture(scope="module")
def both(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Served]]:
    """The default release, served by the embedded engine and by Virtuoso."""
    folders = [tmp_path_factory.mktemp(name) for name in ("virtuoso", "here", "there")]
    environ = {"KG_WORKERS": "1", "KG_ENDPOINT_GRAPH": MERGE}
    with (
        virtuoso_with(release, folders[0], rows=1_000_000) as url,
        kg_serve(release, folders[1], {"KG_WORKERS": "1"}) as here,
        kg_serve(release, folders[2], environ, url, patience=120) as there,
    ):
        yield here, there


PAGES = [
    "/",
    "/browse?class=linli:ResidentialCompound",
    "/compare",
    "/coverage",
    "/dataset",
    "/map",
    "/ontology/",
    "/page/ontology/ResidentialCompound",
    "/page/ontology/isWithin",
    "/page/id/compound/cuiyuan-siqu",
    "/page/graph/ontology",
    "/data/id/compound/cuiyuan-siqu.nt",
    "/data/id/compound/cuiyuan-siqu.nq?graphs=1",
    "/quality",
    "/query",
    "/search?q=翠苑",
    "/search.json?q=翠苑",
    "/sitemap.xml",
]


SAMPLED = ("/page/ontology/isWithin",)
"""Pages with a sample of what is too much to be sorted, which says so; each engine finds its own."""


PLACED = {"/", "/dataset", "/map"}
"""Pages with points, or the box around them for search engines."""


DOT = re.compile(r"M([\d.]+) ([\d.]+)h0")


def dots(page: str) -> set[tuple[float, float]]:
    """The dots of a page's map, in tenths of a unit of the drawing."""
    return {(float(x), float(y)) for x, y in DOT.findall(page)}


def shown(page: str, address: str) -> str:
    """What must be the same with any engine: no nonce, no row of a sample and no count of one."""
    text = re.sub(r'nonce(=|": ")"?[\w-]+', "nonce", page)
    if address in PLACED:  # Virtuoso 7 keeps points in single precision, see docs/scaling.md
        text = re.sub(r"\d+\.\d{5,}", lambda number: f"{float(number[0]):.4f}", text)
        text = DOT.sub("M", text)  # how many; where, `dots` says
    if address in SAMPLED:
        text = re.sub(r'<tr><td><a href="/page/id/.*?</tr>\n?|<p class="legend">Of the first .*\n', "", text)
    return text


@pytest.mark.parametrize("page", PAGES)
def test_virtuoso_gives_the_default_release_s_pages(both: tuple[Served, Served], page: str):
    here, there = (fetch(one.url + quote(page, safe="/?=:&"), timeout=60) for one in both)
    assert (here.status, there.status) == (200, 200), there.body
    # By lines, as to compare pages of a megabyte letter by letter takes the test's report minutes.
    lines = [
        shown(one.body.decode(), page).replace(both[1].url, both[0].url).splitlines() for one in (here, there)
    ]
    other = [pair for pair in zip_longest(*lines) if pair[0] != pair[1]]
    assert [(str(a)[:300], str(b)[:300]) for a, b in other[:3]] == []
    # A point in single precision may be rounded to the next tenth.
    ours, theirs = (dots(one.body.decode()) for one in (here, there))
    assert ours or page not in PLACED - {"/dataset"}
    assert [one for one in theirs if min(math.dist(one, other) for other in ours) > 0.15] == []


def test_virtuoso_counts_the_default_release_alike(both: tuple[Served, Served]):
    for query in (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    ):
        here, there = (fetch(f"{one.url}/sparql?{urlencode({'query': query})}") for one in both)
        assert there.json()["results"]["bindings"] == here.json()["results"]["bindings"]


@pytest.mark.parametrize("query", QUESTIONS)
def test_virtuoso_answers_as_we_do(local: LocalEngine, virtuoso: str, query: str):
    remote = RemoteEngine(virtuoso, default_graph=MERGE, graphs_under=BASE)
    assert answer(remote, query) == answer(local, query)


def test_virtuoso_s_own_default_graph_would_double(local: LocalEngine, virtuoso: str):
    """Why the merge is named: without it, what stands in several graphs counts several times."""
    query = "SELECT (COUNT(*) AS ?n) { ?s a o:Orchard }"
    assert answer(RemoteEngine(virtuoso), query) != answer(local, query)
    assert answer(RemoteEngine(virtuoso, default_graph=MERGE), query) == answer(local, query)


def test_an_answer_that_virtuoso_cuts_is_an_error(virtuoso: str):
    remote = RemoteEngine(virtuoso, default_graph=MERGE, graphs_under=BASE)
    with pytest.raises(QueryLimit, match="part"):
        remote.query("SELECT * { ?a ?p ?b . ?c ?q ?d }")


@pytest.fixture(scope="module")
def rdflib_endpoint(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from benchmarks.endpoint import RDFLIB_SERVER

    folder = tmp_path_factory.mktemp("rdflib")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", "rdflib-endpoint[web]", "uvicorn"]
    subprocess.run(install, check=True, capture_output=True)
    port = free_port()
    files = [str(small_release.file(name)) for name in ("dataset.nq", "dataset.ttl")]
    with ended(subprocess.Popen([str(python), "-c", RDFLIB_SERVER, *files, str(port)])):
        url = f"http://127.0.0.1:{port}/sparql"
        wait_until(lambda: answers(f"{url}?query=ASK%7B%7D"), 120, "rdflib-endpoint")
        yield url


@pytest.mark.parametrize("query", QUESTIONS)
def test_rdflib_endpoint_answers_rightly_or_not_at_all(local: LocalEngine, rdflib_endpoint: str, query: str):
    try:
        theirs = answer(RemoteEngine(rdflib_endpoint), query)
    except KgError as error:
        assert str(error)
        return
    assert theirs == answer(local, query)


def test_the_peers_are_what_they_say(virtuoso: str, rdflib_endpoint: str):
    assert "Virtuoso" in fetch(f"{virtuoso}?query=ASK%7B%7D").headers["Server"]
    assert fetch(f"{rdflib_endpoint}?query=ASK%7B%7D").status == 200
