"""Citing a result: what is the same query, what can't be cited, a store that keeps, a citation's life."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.citations.check import cite, compare
from kg.citations.citation import Citation
from kg.citations.formats import STYLES, Work
from kg.citations.identity import checksum, identifier, identify
from kg.citations.store import QueryStore
from kg.engine import Result
from kg.engine.local import LocalEngine
from kg.errors import CitationError, QueryRefused, ReleaseError
from kg.make import build
from kg.release import Release, active_release
from kg.release.shelf import activate, prune
from kg.release.store import ensure_store
from kg.settings import Settings
from kg.terms import XSD
from kg_web import create_app
from tests.conftest import ORCHARD

B = "https://example.org/orchard/"
PEARS = f"""PREFIX o: <{B}ontology/>
SELECT ?tree ?year
WHERE {{ ?tree o:isOfVariety <{B}id/variety/snow-pear> ; o:planted ?year }} ORDER BY ?year"""


# --- when two queries are the same ------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        PEARS.replace("o:", "fruit:"),
        PEARS.replace("\n", "  \n # the pears\n "),
        PEARS.replace("SELECT", "select").replace("WHERE", "where").replace("ORDER BY", "order By"),
        PEARS.replace("?tree", "$tree"),
        f"BASE <{B}>\n" + PEARS.replace(f"<{B}id/variety/snow-pear>", "<id/variety/snow-pear>"),
        "PREFIX unused: <http://x/> " + PEARS,
    ],
)
def test_one_query_in_another_spelling_is_the_same(other: str) -> None:
    assert other != PEARS
    assert identify(other).normal == identify(PEARS).normal


@pytest.mark.parametrize(
    "other",
    [
        PEARS.replace("snow-pear", "red-lantern"),
        PEARS.replace("?year\nWHERE", "WHERE"),
        PEARS.replace("?tree ", "?t "),
        PEARS.replace("ORDER BY ?year", "ORDER BY DESC(?year)"),
        PEARS + " LIMIT 3",
        PEARS.replace("}}", "FILTER(?year < 1900) }}")
        if "}}" in PEARS
        else PEARS.replace(" }", " FILTER(?year<1900) }"),
    ],
)
def test_another_query_is_another(other: str) -> None:
    assert identify(other).normal != identify(PEARS).normal


def test_what_stands_in_texts_is_left_alone() -> None:
    one = identify('SELECT ?s { ?s ?p "select  NOW() # no comment" }')
    assert '"select  NOW() # no comment"' in one.normal
    assert identify("SELECT ?s { ?s ?p 'a  b' }").normal != identify("SELECT ?s { ?s ?p 'a b' }").normal


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID ( )", "StrUUID()", "BNODE()"])
def test_what_changes_cannot_be_cited(call: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        identify(f"SELECT ({call} AS ?x) {{}}")
    assert call.partition("(")[0].strip().upper() in caught.value.message


def test_what_another_server_answers_cannot_be_cited() -> None:
    with pytest.raises(QueryRefused, match="SERVICE"):
        identify("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }")
    assert identify("SELECT ?now { ?now ?rand ?uuid }").warnings == ()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * {?s ?p ?o} LIMIT 3", ("LIMIT",)),
        ("SELECT (SAMPLE(?s) AS ?x) {?s ?p ?o}", ("SAMPLE",)),
        ("SELECT (group_concat(?s) AS ?x) {?s ?p ?o} OFFSET 2", ("GROUP_CONCAT", "OFFSET")),
        (PEARS, ()),
    ],
)
def test_what_the_standard_leaves_open_is_warned_of(query: str, words: tuple[str, ...]) -> None:
    assert identify(query).warnings == words


def test_the_checksum_is_of_the_rows_not_of_their_order() -> None:
    a, b = ox.Literal("a"), ox.Literal("b", language="en")
    one = Result("select", ("x", "y"), [(a, None), (b, a), (b, a)])
    assert checksum(one) == checksum(Result("select", ("x", "y"), [(b, a), (a, None), (b, a)]))
    for other in (
        Result("select", ("x", "y"), [(a, None), (b, a)]),
        Result("select", ("y", "x"), [(a, None), (b, a), (b, a)]),
        Result("select", ("x", "y"), [(None, a), (b, a), (b, a)]),
        Result("select", ("x", "y"), [(a, None), (b, b), (b, a)]),
    ):
        assert checksum(other) != checksum(one)
    assert checksum(Result("ask", boolean=True)) != checksum(Result("ask", boolean=False))
    p = ox.NamedNode("x:p")
    graphs = [Result("graph", triples=[ox.Triple(ox.BlankNode(n), p, a)]) for n in ("one", "two")]
    assert checksum(graphs[0]) == checksum(graphs[1])


def test_an_identifier_is_the_query_and_the_release() -> None:
    assert identifier(identify(PEARS), "d1") == identifier(identify(PEARS + " # spelt otherwise"), "d1")
    assert identifier(identify(PEARS), "d1") != identifier(identify(PEARS), "d2")
    assert identifier(identify(PEARS), "d1").isalnum()


# --- the styles -------------------------------------------------------------------------

WORK = Work(
    title="Pears & {braces} 100%\nof the ridge",
    url="https://example.org/orchard/cite/abc",
    date="2026-01-02",
    version="2.3.0",
    creators=("王五", "Ann_Other"),
    publisher="Orchard Press",
    accessed="2026-03-04",
    part_of="The old orchards",
    checksum="ff00",
    rows=3,
)


def test_every_style_has_what_a_citation_needs() -> None:
    for style in STYLES.values():
        text = style.write(WORK)
        for part in ("of the ridge", "https://example.org/orchard/cite/abc", "2026", "王五"):
            assert part in text, (style.name, part)


def test_bibtex_escapes_what_tex_reads() -> None:
    text = STYLES["bibtex"].write(WORK)
    assert r"Pears \& \{braces\} 100\% of the ridge" in text
    assert "author = {{王五} and {Ann\\_Other}}" in text
    assert "note = {In: The old orchards, 3 rows, sha256:ff00}" in text
    assert text.startswith("@dataset{orchard-cite-abc-2026,\n")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def test_ris_has_a_tag_a_line() -> None:
    lines = STYLES["ris"].write(WORK).split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(line[2:6] == "  - " for line in lines[:-1])


def test_references() -> None:
    assert STYLES["apa"].write(WORK) == (
        "王五 & Ann_Other (2026). Pears & {braces} 100%\nof the ridge (Version 2.3.0) [Data set]. "
        "In The old orchards. Orchard Press. Retrieved 2026-03-04, from "
        "https://example.org/orchard/cite/abc\n"
    )
    assert STYLES["gbt7714"].write(WORK) == (
        "王五, Ann_Other. Pears & {braces} 100%\nof the ridge[DS/OL]//The old orchards. 2.3.0 版. "
        "Orchard Press, 2026(2026-01-02)[2026-03-04]. https://example.org/orchard/cite/abc.\n"
    )
    (item,) = json.loads(STYLES["csl"].write(WORK))
    assert (item["type"], item["issued"]) == ("dataset", {"date-parts": [[2026, 1, 2]]})
    record = json.loads(STYLES["datacite"].write(WORK))
    assert record["types"]["resourceTypeGeneral"] == "Dataset"
    assert record["publicationYear"] == "2026"
    assert record["creators"] == [{"name": "王五"}, {"name": "Ann_Other"}]


def test_without_authors_or_date_a_reference_still_reads() -> None:
    bare = Work("Trees", "https://x.example/", "")
    assert STYLES["apa"].write(bare) == "Trees [Data set]. (n.d.). https://x.example/\n"
    assert STYLES["gbt7714"].write(bare) == "Trees[DS/OL]. https://x.example/.\n"
    assert "year" not in STYLES["bibtex"].write(bare)


# --- the store --------------------------------------------------------------------------


def made(number: int) -> Citation:
    return Citation(
        id=f"id{number:06}", query=f"SELECT {number}", normal=f"SELECT {number}", title="", dataset=B,
        version="1.0.0", digest="d", kind="select", variables=("a",), rows=number, checksum="c", engine="e",
        made="2026-01-01",
    )  # fmt: skip


def test_what_is_kept_is_found_and_first_wins(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "deep" / "q.sqlite3")
    assert store.get("id000001") is None
    assert list(store.all()) == []
    first = store.add(made(1))
    again = store.add(Citation(**{**first.__dict__, "title": "later", "made": "2030-01-01"}))
    assert again == first == store.get("id000001")
    assert store.verify() == 1
    assert store.versions() == {"1.0.0"}


@pytest.mark.parametrize("change", ["UPDATE citation SET record = '{}'", "DELETE FROM citation"])
def test_nothing_kept_can_be_changed(tmp_path: Path, change: str) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(1))
    with (
        sqlite3.connect(store.path) as database,
        pytest.raises(sqlite3.IntegrityError, match="citations are never"),
    ):
        database.execute(change)
    assert store.get("id000001") == made(1)


def test_what_was_altered_behind_our_back_shows(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    for number in range(3):
        store.add(made(number))
    with sqlite3.connect(store.path) as database:
        database.execute("DROP TRIGGER no_update")
        database.execute(
            "UPDATE citation SET record = replace(record, '\"rows\": 1', '\"rows\": 9') WHERE number = 2"
        )
    with pytest.raises(CitationError, match="id000001 was altered") as caught:
        store.verify()
    assert "restore" in (caught.value.hint or "")


def test_a_damaged_store_is_said_to_be_and_a_backup_restores_it(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    for number in range(200):
        store.add(made(number))
    assert store.backup(tmp_path / "backup.sqlite3") == 200
    body = bytearray(store.path.read_bytes())
    for at in range(4096, len(body), 97):
        body[at] ^= 0xFF
    store.path.write_bytes(bytes(body))
    with pytest.raises(CitationError):
        store.verify()
    assert store.restore(tmp_path / "backup.sqlite3") == 200
    assert store.verify() == 200
    assert store.get("id000123") == made(123)
    store.add(made(777))
    assert store.verify() == 201
    assert store.restore(tmp_path / "backup.sqlite3") == 201, "a restore loses nothing"
    assert store.get("id000777")
    damaged = tmp_path / "q.sqlite3.damaged-1"
    assert damaged.read_bytes() == bytes(body), "what was damaged can still be looked at"


def test_a_restore_into_a_whole_store_adds_what_it_lacks(tmp_path: Path) -> None:
    other, store = QueryStore(tmp_path / "other.sqlite3"), QueryStore(tmp_path / "q.sqlite3")
    for number in (1, 2, 3):
        other.add(made(number))
    other.backup(tmp_path / "backup")
    for number in (3, 4):
        store.add(made(number))
    assert store.restore(tmp_path / "backup") == 4
    assert sorted(one.id for one in store.all()) == [f"id00000{n}" for n in (1, 2, 3, 4)]
    assert store.restore(tmp_path / "backup") == 4


def test_a_restore_without_room_leaves_the_store_and_its_log(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    for number in range(300):
        store.add(made(number))
    store.backup(tmp_path / "backup")
    store.path.write_bytes(b"damaged" * 9)
    code = (
        "import sys; from pathlib import Path; from kg.citations.store import QueryStore\n"
        "QueryStore(Path(sys.argv[1])).restore(Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.path), str(tmp_path / "backup")],
        preexec_fn=lambda: limit_files(50_000),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "CitationError" in done.stderr
    assert store.path.read_bytes() == b"damaged" * 9
    left = {path.name for path in tmp_path.iterdir()} - {"q.sqlite3-wal", "q.sqlite3-shm"}
    assert left == {"backup", "q.sqlite3"}


def limit_files(size: int) -> None:
    """Let no file grow beyond some bytes, as if the disk were full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_damaged_backup_is_refused_and_the_store_stays(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(1))
    (tmp_path / "bad").write_bytes(b"not a database at all, but long enough to look at" * 200)
    for bad in (tmp_path / "bad", tmp_path / "none"):
        with pytest.raises(CitationError):
            store.restore(bad)
    with pytest.raises(CitationError, match="can't be written"):
        store.backup(tmp_path / "nowhere" / "backup")
    assert store.get("id000001")


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(1))
    with sqlite3.connect(store.path) as database:
        database.execute("PRAGMA user_version = 99")
    for call in (lambda: store.add(made(2)), lambda: store.get("id000001"), store.verify):
        with pytest.raises(CitationError, match="newer version"):
            call()


def test_a_full_store_takes_no_more_but_gives_what_it_has(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(1), limit=1)
    with pytest.raises(CitationError, match="full"):
        store.add(made(2), limit=1)
    assert store.add(made(1), limit=1) == made(1)


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    writers = [
        threading.Thread(target=lambda n=n: [store.add(made(n * 1000 + i)) for i in range(40)])
        for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.verify() == 160


WRITER = """
import sys
from tests.test_citations import made, QueryStore
from pathlib import Path
store = QueryStore(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 10_000):
    store.add(made(number))
    print(number, flush=True)
"""


def write_until(tmp_path: Path, start: int, seconds: float, **options: object) -> tuple[int, int]:
    """Run a writer, kill it after some seconds; return the last number that it saw kept, and its code."""
    done = subprocess.Popen(  # type: ignore[call-overload]
        [sys.executable, "-c", WRITER, str(tmp_path / "q.sqlite3"), str(start)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parent.parent,
        **options,
    )
    assert done.stdout is not None
    last = int(done.stdout.readline() or -1)
    if seconds:
        time.sleep(seconds)
        done.send_signal(signal.SIGKILL)
    for line in done.stdout:
        if line.strip().isdigit():
            last = int(line)
    return last, done.wait()


@pytest.mark.parametrize("run", range(4))
def test_kill_nine_loses_nothing_that_was_kept(tmp_path: Path, run: int) -> None:
    kill_while_storing(tmp_path, run)


@pytest.mark.long
@pytest.mark.parametrize("run", range(4, 34))
def test_kill_nine_at_many_moments_loses_nothing_that_was_kept(tmp_path: Path, run: int) -> None:
    kill_while_storing(tmp_path, run)


def kill_while_storing(tmp_path: Path, run: int) -> None:
    chance = random.Random(run)  # noqa: S311 - moments, not secrets
    last, _ = write_until(tmp_path, 0, chance.uniform(0.05, 0.4))
    store = QueryStore(tmp_path / "q.sqlite3")
    assert last >= 0
    assert store.verify() >= last + 1
    assert store.get(f"id{last:06}") == made(last)
    store.add(made(999_999))


def test_a_full_disk_keeps_what_was_kept_and_says_so(tmp_path: Path) -> None:
    last, code = write_until(tmp_path, 0, 0, preexec_fn=lambda: limit_files(120_000))
    assert code == 1, "the writer should have been refused"
    store = QueryStore(tmp_path / "q.sqlite3")
    assert store.verify() == last + 1
    store.add(made(999_999))


READER = """
import sys
from pathlib import Path
from kg.citations.store import QueryStore
store = QueryStore(Path(sys.argv[1]))
print(store.get("id000001").rows, store.verify())
"""


def test_what_was_kept_can_be_read_while_nothing_can_be_written(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    for number in range(50):
        store.add(made(number))
    done = subprocess.run(
        [sys.executable, "-c", READER, str(store.path)],
        # A reader of a database with a log needs a file of 32 KB beside it.
        preexec_fn=lambda: limit_files(1_000),
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "1 50\n"), done.stderr


def test_a_log_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(0))
    with closing(sqlite3.connect(store.path)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        # While this one is open, what is added stays in the log.
        writer.execute("SELECT * FROM citation").fetchall()
        store.add(made(1))
        assert (tmp_path / "q.sqlite3-wal").stat().st_size > 0
        for name in ("q.sqlite3", "q.sqlite3-wal"):
            shutil.copy(tmp_path / name, tmp_path / f"copy-{name}")
    for name in ("q.sqlite3", "q.sqlite3-wal"):
        (tmp_path / f"copy-{name}").rename(tmp_path / name.replace("q.", "carried."))
    done = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path / "carried.sqlite3")],
        preexec_fn=lambda: limit_files(1_000),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, "better no answer than one without what is in the log"
    assert "CitationError" in done.stderr
    assert QueryStore(tmp_path / "carried.sqlite3").verify() == 2


def test_without_write_access_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CitationError, match="can't be kept") as caught:
        QueryStore(tmp_path / "file" / "q.sqlite3").add(made(1))
    assert "writable" in (caught.value.hint or "")


# --- a citation's whole life ------------------------------------------------------------


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """Two releases: the second lacks one pear tree."""
    out = tmp_path_factory.mktemp("releases")
    data = tmp_path_factory.mktemp("data") / "data"
    shutil.copytree(ORCHARD / "data", data)
    first = build(ORCHARD / "ontology", data, out, final=True)
    about = data / "dataset.ttl"
    about.write_text(about.read_text("utf-8").replace('"2.3.0"', '"2.4.0"'), encoding="utf-8")
    trees = data / "tree-list" / "trees.ttl"
    text = trees.read_text("utf-8")
    start, end = text.index(f"<{B}id/tree/01>"), text.index(f"<{B}id/tree/02>")
    trees.write_text(text[:start] + text[end:], encoding="utf-8")
    second = build(ORCHARD / "ontology", data, out, final=True)
    for release in (first, second):
        ensure_store(release)
    return first, second


@pytest.fixture
def clients(two: tuple[Release, Release]) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """A client of the service on each release, and an empty query store."""
    folder = two[0].path.parent
    for path in folder.glob("citations.sqlite3*"):
        path.unlink()
    with LocalEngine.open(two[0].store) as old, LocalEngine.open(two[1].store) as new:
        yield tuple(
            create_app(engine, Settings(), release).test_client()
            for engine, release in zip((old, new), two, strict=True)
        )  # type: ignore[misc]


ONE = str(ox.Literal(1))


def years_of(client: FlaskClient, address: str) -> list[str]:
    """Return the second column of a cited result, in its order."""
    return [line.split(",")[1] for line in client.get(f"{address}/result.csv").text.splitlines()[1:]]


def test_a_citations_whole_life(
    clients: tuple[FlaskClient, FlaskClient], two: tuple[Release, Release], tmp_path: Path
) -> None:
    first, second = clients
    folder = two[0].path.parent
    as_json = {"Accept": "application/json"}
    # Query and cite.
    response = first.post("/cite", data={"query": PEARS, "title": "Pear trees of the ridge"})
    assert response.status_code == 303
    address = response.headers["Location"]
    kept = first.get(address, headers=as_json).json
    assert (kept["version"], kept["rows"], kept["kind"]) == ("2.3.0", 16, "select")
    assert kept["address"] == B + address[1:]
    assert first.post("/cite", data={"query": PEARS + " # again"}).headers["Location"] == address
    # The landing page, and the styles.
    page = first.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 200
    for words in ("Pear trees of the ridge", kept["checksum"], "2.3.0", "isOfVariety"):
        assert words in page.text
    for style in STYLES.values():
        text = first.get(f"{address}.{style.name}")
        assert text.status_code == 200
        assert kept["address"] in text.text
        assert text.mimetype == style.media_type
        assert text.status_code == 200, "each is linked from the page"
        assert f'href="{address}.{style.name}"' in page.text
    # The first rows stand on the page; all of them can be had again, in the formats that rows have.
    assert [row[1] for row in kept["head"]] == [
        f'"{year}"^^<{XSD}gYear>' for year in years_of(first, address)[:10]
    ]
    assert kept["head"][0][0][1:-1].removeprefix(B) in page.text
    for extension in ("json", "xml", "csv", "tsv", "csv-metadata.json", "parquet"):
        again = first.get(f"{address}/result.{extension}")
        assert again.status_code == 200, extension
        assert f'<{kept["address"]}>; rel="cite-as"' in again.headers.getlist("Link")
    assert first.get(f"{address}/result.ttl").status_code == 404
    # Verify on its own release.
    found = first.post(f"{address}/check", headers=as_json).json
    assert found["verdict"] == {"version": "2.3.0", "same": True, "rows": 16, "checksum": kept["checksum"]}
    assert found["comparison"] is None
    # A newer release is active: the citation is verified on the old one and compared.
    activate(folder, "2.4.0")
    found = second.post(f"{address}/check", headers=as_json).json
    assert found["verdict"]["same"] is True
    assert (found["comparison"]["added"], found["comparison"]["removed"], found["comparison"]["rows"]) == (
        0,
        1,
        15,
    )
    assert "id/tree/01" in found["comparison"]["examples"][0][1]
    assert "Unchanged" in second.post(f"{address}/check?lang=en", headers={"Accept": "text/html"}).text
    assert len(years_of(second, address)) == 16, "the result as cited, whatever is active"
    # The same query on the newer release is another citation.
    assert second.post("/cite", data={"query": PEARS}).headers["Location"] != address
    # Roll back.
    activate(folder, "2.3.0")
    assert active_release(folder).version == "2.3.0"
    assert first.get(address, headers=as_json).json == kept
    # Back up, lose, restore.
    store = QueryStore(folder / "citations.sqlite3")
    assert store.backup(tmp_path / "backup") == 2
    store.path.write_bytes(b"gone")
    assert first.get(address).status_code == 503
    assert first.get("/dataset").status_code == 200, "everything else is served"
    assert store.restore(tmp_path / "backup") == 2
    assert first.get(address, headers=as_json).json == kept
    # Prune: not while cited, unless insisted upon; then the citation leads to a tombstone.
    activate(folder, "2.4.0")
    with pytest.raises(ReleaseError, match="citations rest"):
        prune(folder, "2.3.0", reason="x", on="2026-01-01", cited=store.versions())
    spare = folder.parent / "spare"
    shutil.copytree(two[0].path, spare)
    try:
        prune(
            folder,
            "2.3.0",
            reason="Its rights were withdrawn.",
            on="2026-01-01",
            cited=store.versions(),
            force=True,
        )
        page = second.get(address, query_string={"lang": "en"})
        assert page.status_code == 200
        assert "Its rights were withdrawn." in page.text
        assert kept["checksum"] in page.text
        assert "In The old orchards." in second.get(f"{address}.apa?lang=en").text, "cited as before"
        assert kept["head"][0][0][1:-1].removeprefix(B) in page.text, "what was seen is seen still"
        assert second.post(f"{address}/check", headers=as_json).status_code == 410
        assert second.get(f"{address}/result.csv").status_code == 410
    finally:
        spare.rename(two[0].path)
        (folder / ".tombstones" / "2.3.0.json").unlink()


def test_a_version_that_came_back_with_other_content_is_not_taken_for_the_cited_one(
    two: tuple[Release, Release], clients: tuple[FlaskClient, ...]
) -> None:
    with LocalEngine.open(two[0].store) as engine:
        found = cite(engine.query(PEARS), two[0], PEARS, title="", engine="e", made="2026-01-01")
    other = Citation(**{**found.__dict__, "id": "another", "digest": "0" * 64})
    QueryStore(two[0].path.parent / "citations.sqlite3").add(other)
    for client in clients:
        response = client.post("/cite/another/check", headers={"Accept": "application/json"})
        assert response.status_code == 503
        assert "cited was 0000" in response.json["detail"]
        assert client.get("/cite/another").status_code == 200


def test_a_result_that_changed_under_a_citation_shows(
    two: tuple[Release, Release], clients: tuple[FlaskClient, ...]
) -> None:
    with LocalEngine.open(two[1].store) as engine:
        other = cite(engine.query(PEARS), two[0], PEARS, title="", engine="e", made="2026-01-01")
    QueryStore(two[0].path.parent / "citations.sqlite3").add(other)
    found = clients[0].post(f"/cite/{other.id}/check", headers={"Accept": "application/json"}).json
    assert found["verdict"]["same"] is False
    refused = clients[0].get(f"/cite/{other.id}/result.csv")
    assert (refused.status_code, refused.json["code"]) == (409, "result-differs")


@pytest.mark.parametrize(
    ("query", "head", "extension", "item"),
    [
        ("ASK {}", [["true"]], "json", "application/sparql-results+json"),
        ("CONSTRUCT {<x:s> <x:p> 1} WHERE {}", [["<x:s>", "<x:p>", ONE]], "nt", "application/n-triples"),
        ("SELECT ?a ?b { BIND(1 AS ?a) }", [[ONE, ""]], "csv-metadata.json", "application/csvm+json"),
    ],
)
def test_each_kind_of_result_is_shown_and_can_be_had_again(
    clients: tuple[FlaskClient, ...], query: str, head: list[list[str]], extension: str, item: str
) -> None:
    address = clients[0].post("/cite", data={"query": query}).headers["Location"]
    assert clients[0].get(address, headers={"Accept": "application/json"}).json["head"] == head
    page = clients[0].get(address, headers={"Accept": "text/html"})
    assert page.status_code == 200
    links = page.headers.getlist("Link")
    assert f'<{address}/result.{extension}>; rel="item"; type="{item}"' in links
    for name in ("cite-as", "type", "license", "collection", "describedby", "item"):
        assert any(f'rel="{name}"' in link for link in links), name
    for link in links:
        where = link.partition(">")[0][1:]
        if where.startswith("/"):
            assert clients[0].get(where).status_code == 200, where


def test_long_rows_are_not_kept_with_a_citation(clients: tuple[FlaskClient, ...]) -> None:
    text = "SELECT ?x { VALUES ?x { " + " ".join(f'"{n}{"x" * 5000}"' for n in range(3)) + " } }"
    address = clients[0].post("/cite", data={"query": text}).headers["Location"]
    kept = clients[0].get(address, headers={"Accept": "application/json"}).json
    assert (kept["rows"], len(kept["head"])) == (3, 1)
    assert "The first 1 of 3 rows" in clients[0].get(f"{address}?lang=en").text


def test_a_citation_kept_before_heads_were_still_reads(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    old = made(1)
    store.add(old)
    with sqlite3.connect(store.path) as database:
        record = json.loads(database.execute("SELECT record FROM citation").fetchone()[0])
    record.pop("head")
    with sqlite3.connect(store.path) as database:
        database.execute("DROP TRIGGER no_update")
        database.execute("UPDATE citation SET record = ?", (json.dumps(record),))
    assert store.get("id000001") == old


def test_comparing_counts_rows_that_occur_twice() -> None:
    a, b = (ox.Literal("a"),), (ox.Literal("b"),)
    found = compare("1", Result("select", ("x",), [a, a, b]), "2", Result("select", ("x",), [a, b, b]))
    assert (found.added, found.removed, found.rows) == (1, 1, 3)


@pytest.mark.parametrize(
    "query",
    ["SELECT (NOW() AS ?x) {}", "SELECT * { SERVICE <http://x/> {} }", "not sparql", "INSERT DATA {}", ""],
)
def test_what_cannot_be_cited_is_refused_and_not_kept(
    clients: tuple[FlaskClient, ...], two: tuple[Release, Release], query: str
) -> None:
    response = clients[0].post("/cite", data={"query": query})
    assert response.status_code in {400, 403}
    assert response.content_type == "application/problem+json"
    assert list(QueryStore(two[0].path.parent / "citations.sqlite3").all()) == []
    assert clients[0].get("/cite", query_string={"query": query}).status_code == 200


def test_a_stored_text_never_runs_as_script(clients: tuple[FlaskClient, ...]) -> None:
    script = "<script>alert(1)</script>"
    query = f'SELECT ?x {{ BIND("{script}" AS ?x) }}'
    address = (
        clients[0]
        .post("/cite", data={"query": query, "title": f'"><img src=x onerror=alert(1)>{script}'})
        .headers["Location"]
    )
    pages = [
        clients[0].get(address, headers={"Accept": "text/html"}),
        clients[0].post(f"{address}/check", headers={"Accept": "text/html"}),
        clients[0].get("/cite", query_string={"query": query, "title": script}),
    ]
    for page in pages:
        assert page.status_code == 200
        assert script not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for style in STYLES:
        assert clients[0].get(f"{address}.{style}").mimetype != "text/html"


def test_storing_can_be_closed_and_is_rate_limited(
    two: tuple[Release, Release], clients: tuple[FlaskClient, ...]
) -> None:
    with LocalEngine.open(two[0].store) as engine:
        closed = create_app(engine, Settings(cite_public=False), two[0]).test_client()
        assert closed.post("/cite", data={"query": PEARS}).status_code == 403
        limited = create_app(engine, Settings(cite_rate=2), two[0]).test_client()
        codes = [limited.post("/cite", data={"query": PEARS}) for _ in range(3)]
        assert [response.status_code for response in codes] == [303, 303, 429]
        assert int(codes[2].headers["Retry-After"]) > 3000


@pytest.mark.parametrize(
    "address", ["/cite/unknown", "/cite/unknown.bibtex", "/cite/%00", "/cite/' OR 1=1 --"]
)
def test_an_identifier_that_does_not_exist(clients: tuple[FlaskClient, ...], address: str) -> None:
    assert clients[0].get(address).status_code in {400, 404}


def test_the_service_runs_where_nothing_can_be_written(two: tuple[Release, Release], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with LocalEngine.open(two[0].store) as engine:
        settings = Settings(citations=os.fspath(tmp_path / "file" / "q.sqlite3"))
        client = create_app(engine, settings, two[0]).test_client()
        response = client.post("/cite", data={"query": PEARS})
        assert response.status_code == 503
        assert "writable" in response.json["hint"]
        assert client.get("/dataset").status_code == 200
        assert client.get("/cite/abc").status_code == 404


# --- the rights of what is written anew --------------------------------------------------


def test_a_restored_store_has_the_mode_and_the_owner_of_the_one_it_replaces(tmp_path: Path) -> None:
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(1))
    store.backup(tmp_path / "backup")
    store.path.write_bytes(b"noise " * 5000)
    store.path.chmod(0o640)
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(store.path, owner, -1)
    store.restore(tmp_path / "backup")
    found = store.path.stat()
    assert (found.st_mode & 0o777, found.st_uid) == (0o640, owner)
    assert (tmp_path / "q.sqlite3.damaged-1").stat().st_mode & 0o777 == 0o640


def test_a_store_restored_where_there_was_none_belongs_to_whom_the_folder_belongs_to(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    folder.mkdir()
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(folder, owner, -1)
    store = QueryStore(tmp_path / "q.sqlite3")
    store.add(made(1))
    store.backup(tmp_path / "backup")
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o644
    fresh = QueryStore(folder / "citations.sqlite3")
    assert fresh.restore(tmp_path / "backup") == 1
    found = fresh.path.stat()
    assert (found.st_mode & 0o777, found.st_uid) == (0o644, owner)


def test_a_file_that_is_written_anew_keeps_its_mode(tmp_path: Path) -> None:
    from kg.machine.whole import whole, write_whole

    path = tmp_path / "file"
    write_whole(path, "one")
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o660)
    with whole(path) as stream:
        stream.write(b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o660)
    with pytest.raises(ValueError, match="in the middle"), whole(path) as stream:
        stream.write(b"half")
        raise ValueError("in the middle")
    assert path.read_bytes() == b"two"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_store_that_only_cannot_be_read_now_is_not_replaced(tmp_path: Path) -> None:
    store, other = QueryStore(tmp_path / "q.sqlite3"), QueryStore(tmp_path / "other.sqlite3")
    store.add(made(1))
    other.add(made(2))
    other.backup(tmp_path / "backup")
    with sqlite3.connect(store.path) as database:
        database.execute("PRAGMA user_version = 99")
    before = store.path.read_bytes()
    with pytest.raises(CitationError, match="newer version"):
        store.restore(tmp_path / "backup")
    assert store.path.read_bytes() == before
    assert not list(tmp_path.glob("*.damaged-*"))
