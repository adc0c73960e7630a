"""Each state that the program knows is told as what it is: of a release, of the citations, of the system.

One table says for each state what a client gets; every route is walked in each of them.
"""

from __future__ import annotations

import errno
import inspect
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg import errors
from kg.citations.check import cite
from kg.citations.citation import Citation
from kg.citations.store import QueryStore
from kg.engine.local import LocalEngine
from kg.errors import KgError
from kg.release import Release
from kg.release.shelf import activate, prune
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web import create_app
from kg_web.protocol.problem import KINDS, problem_of
from tests.rooms import Disk, small_disk
from tests.test_releases import copied

JSON = {"Accept": "application/json"}
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "operating.md"
QUERY = "SELECT ?s { ?s a <https://example.org/orchard/ontology/Orchard> }"
TREE = "https://example.org/orchard/id/tree/01"

# --- errors -----------------------------------------------------------------------------

NEVER_SERVED = {"KgError", "SettingsError", "SourceError", "DataError", "QueryError"}
"""Classes that only commands raise, and those that are never raised themselves."""


def made(of: type[KgError]) -> KgError:
    """Make an error of a class, whatever it must be told."""
    wanted = inspect.signature(of.__init__).parameters
    needed = {"limit": "KG_RESULT_SIZE", "version": "1.0.0"}
    return of("what is wrong", **{name: value for name, value in needed.items() if name in wanted})


CLASSES = [
    one for _, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, KgError) and one.__name__ not in NEVER_SERVED
]  # fmt: skip


@pytest.mark.parametrize("of", CLASSES)
def test_every_class_of_error_is_told_as_what_it_is(of: type[KgError]) -> None:
    problem = problem_of(made(of))
    assert problem.code != "internal"
    assert problem.title
    assert "what is wrong" in problem.detail
    if problem.status == 503:
        assert int(problem.headers["Retry-After"]) > 0
    if problem.status in {404, 502, 503}:
        assert problem.hint, "what would mend it"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "free some room"),
        (OSError("Other error: No space left on device (os error 28)"), "free some room"),
        (OSError(errno.EROFS, "Read-only file system"), "right to read and write"),
        (PermissionError(errno.EACCES, "Permission denied"), "right to read and write"),
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
        (MemoryError(), "memory"),
        (RuntimeError("IO error: Too many open files"), "ulimit -n"),
    ],
    ids=str,
)
def test_a_want_of_room_is_told_as_such(error: Exception, words: str) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.code) == (503, "no-room")
    assert words in (problem.hint or "")
    assert int(problem.headers["Retry-After"]) > 0


def test_a_fault_of_the_program_is_no_want_of_room() -> None:
    for error in (ValueError("x"), KeyError(28), FileNotFoundError(2, "No such file"), sqlite3.Error("x")):
        assert problem_of(error).status == 500


def test_the_document_for_operators_has_each_state() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    told = {(status, code) for status, code in rows}
    known = {(str(kind.status), kind.code) for kind in KINDS.values() if kind.status >= 500}
    gone = {("404", "unknown-release"), ("410", "release-removed")}
    assert told >= (known | gone) - {("507", "query-limit")}


# --- releases ---------------------------------------------------------------------------

STATES = {
    "active": ({200, 303, 307}, ""),
    "old": ({200, 303}, ""),
    "removed": ({410}, "release-removed"),
    "damaged": ({503}, "release-altered"),
    "unknown": ({404}, "unknown-release"),
}
"""What a client gets of a release in each state, whatever it asks for: statuses, and the problem's code."""
VERSIONS = {"active": "5.0.0", "old": "4.0.0", "removed": "3.0.0", "damaged": "2.0.0", "unknown": "1.0.0"}


@dataclass
class Site:
    """A service over releases in each state, with a citation that rests on each."""

    app: Flask
    client: FlaskClient
    folder: Path
    cited: dict[str, str]


def site_in(folder: Path, release: Release) -> Iterator[Site]:
    for state in ("active", "old", "removed", "damaged"):
        copied(release, folder, VERSIONS[state])
    active = activate(folder, VERSIONS["active"])
    store, cited = QueryStore(folder / "citations.sqlite3"), {}
    with LocalEngine.open(ensure_store(active)) as engine:
        found = cite(engine.query(QUERY), active, QUERY, title="x", engine="e", made="2026-01-01")
        for state, version in VERSIONS.items():
            one = Citation(**{**found.__dict__, "id": f"id{state}", "version": version})
            cited[state] = store.add(one).id
        prune(folder, VERSIONS["removed"], reason="Its rights were withdrawn.", on="2026-01-02", cited=())
        with (folder / VERSIONS["damaged"] / "dataset.nq").open("ab") as stream:
            stream.write(b"# altered\n")
        app = create_app(engine, Settings(cite_rate=10_000), active)
        yield Site(app, app.test_client(), folder, cited)


@pytest.fixture(scope="module")
def site(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from site_in(tmp_path_factory.mktemp("states"), small_release)


EXAMPLES = {
    "/releases/<version>": [""],
    "/releases/<version>/<path:name>": ["/stated.ttl", "/all.nq", "/dataset.nq", "/manifest.json"],
    "/releases/<version>/sparql": ["/sparql?query=ASK%7B%7D", "/sparql"],
    "/releases/<version>/resource": [f"/resource?iri={TREE}"],
    "/releases/<version>/browse": ["/browse"],
    "/releases/<version>/links": [f"/links?iri={TREE}&property=x"],
    "/releases/<version>/data": [f"/data?iri={TREE}&format=ttl"],
    "/releases/<version>/page/<path:rest>": ["/page/id/tree/01"],
    "/releases/<version>/data/<path:rest>": ["/data/id/tree/01.ttl"],
    "/releases/<version>/tables": ["/tables"],
    "/releases/<version>/tables/<file>": [
        "/tables/Tree.csv-metadata.json", "/tables/Tree.csv", "/tables/map.geojson"
    ],
    "/releases/<version>/part": ["/part?class=https://example.org/orchard/ontology/Tree"],
}  # fmt: skip
"""An address behind the version for every route that has one."""
NOTHING_POINTS = {"/releases/<version>/links"}
"""Routes whose example finds nothing in a release that is served."""


def test_every_route_of_a_release_has_an_example(site: Site) -> None:
    rules = {str(rule) for rule in site.app.url_map.iter_rules() if "version" in rule.arguments}
    assert rules == EXAMPLES.keys()
    others = {str(rule) for rule in site.app.url_map.iter_rules() if {"before", "after"} & rule.arguments}
    assert others == {"/releases/<before>/changes/<after>"}


def is_told(reply: TestResponse, statuses: set[int], code: str) -> None:
    """Check that a reply is what the table says."""
    assert reply.status_code in statuses, (reply.request.path, reply.text[:500])
    if code:
        assert reply.content_type == "application/problem+json"
        assert reply.json["code"] == code
        assert reply.json["title"]
        assert reply.json["detail"]
        assert reply.json["hint"]
    if reply.status_code == 503:
        assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("rule", EXAMPLES)
def test_every_route_tells_the_state_of_its_release(site: Site, rule: str, state: str) -> None:
    statuses, code = STATES[state]
    if rule in NOTHING_POINTS and not code:
        statuses = {404}
    for rest in EXAMPLES[rule]:
        is_told(site.client.get(f"/releases/{VERSIONS[state]}{rest}", headers=JSON), statuses, code)
        if code:
            page = site.client.get(f"/releases/{VERSIONS[state]}{rest}", headers={"Accept": "text/html"})
            assert page.status_code in statuses
            assert page.mimetype == "text/html"


@pytest.mark.parametrize("state", STATES)
def test_changes_tell_the_state_of_either_release(site: Site, state: str) -> None:
    statuses, code = STATES[state]
    for pair in ((VERSIONS[state], VERSIONS["active"]), (VERSIONS["active"], VERSIONS[state])):
        is_told(site.client.get("/releases/{}/changes/{}".format(*pair), headers=JSON), statuses, code)


def test_what_was_removed_says_when_why_and_with_what_checksum(site: Site) -> None:
    for reply in (
        site.client.get(f"/releases/{VERSIONS['removed']}", headers=JSON),
        site.client.post(f"/cite/{site.cited['removed']}/check", headers=JSON),
        site.client.get(f"/cite/{site.cited['removed']}/result.csv", headers=JSON),
    ):
        told = reply.json["detail"]
        assert "Its rights were withdrawn." in told
        assert "2026-01-02" in told
        assert re.search(r"sha256 [0-9a-f]{64}", told)


@pytest.mark.parametrize("state", STATES)
def test_a_citation_tells_the_state_of_its_release(site: Site, state: str) -> None:
    statuses, code = STATES[state]
    here = f"/cite/{site.cited[state]}"
    for address in (here, f"{here}.bibtex", f"{here}.json"):
        assert site.client.get(address, headers=JSON).status_code == 200, "what was kept is there"
        assert site.client.get(address, headers={"Accept": "text/html"}).status_code == 200
    is_told(site.client.post(f"{here}/check", headers=JSON), statuses, code)
    for extension in ("csv", "json", "csv-metadata.json"):
        is_told(site.client.get(f"{here}/result.{extension}", headers=JSON), statuses, code)


def test_pages_that_need_no_release_but_the_active_one_are_served(site: Site) -> None:
    for address in ("/", "/releases", "/dataset", "/changes?iri=" + TREE, "/search?q=pear", "/sitemap.xml"):
        assert site.client.get(address, headers={"Accept": "text/html"}).status_code == 200, address


# --- citations --------------------------------------------------------------------------

CITATIONS = {
    "whole": (200, 303, ""),
    "missing": (404, 303, ""),
    "damaged": (503, 503, "kg citations restore"),
    "read-only": (200, 503, "writable"),
    "full": (200, 503, "writable"),
}
"""For each state of the store: the status of what is kept, of keeping more, and a word of the hint."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 24) as found:
        yield found


def in_state(state: str, disk: Disk, store: Path) -> Iterator[None]:
    if state == "missing":
        for path in store.parent.glob(f"{store.name}*"):
            path.unlink()
    elif state == "damaged":
        store.write_bytes(b"noise " * 5000)
    if state == "read-only":
        with disk.read_only():
            yield
    elif state == "full":
        with disk.full():
            yield
    else:
        yield


@pytest.mark.parametrize("state", CITATIONS)
def test_every_route_of_citations_tells_the_state_of_the_store(site: Site, disk: Disk, state: str) -> None:
    kept_status, more_status, word = CITATIONS[state]
    store = disk.path / "citations.sqlite3"
    shutil.copy(site.folder / "citations.sqlite3", store)
    active = activate(site.folder, VERSIONS["active"])
    with LocalEngine.open(active.store) as engine:
        client = create_app(engine, Settings(citations=str(store), cite_rate=10_000), active).test_client()
        here = f"/cite/{site.cited['active']}"
        for _ in in_state(state, disk, store):
            kept = [client.get(here + rest, headers=JSON) for rest in ("", ".bibtex", ".json", "/result.csv")]
            kept.append(client.post(f"{here}/check", headers=JSON))
            more = client.post("/cite", data={"query": QUERY + " LIMIT 1"}, headers=JSON)
            for reply in kept:
                assert reply.status_code == kept_status, reply.text
            assert more.status_code == more_status, more.text
            for reply in (*kept, more):
                if reply.status_code == 503:
                    assert reply.json["code"] == "citations-unavailable"
                    assert word in reply.json["hint"]
                    assert int(reply.headers["Retry-After"]) > 0
            for address in ("/dataset", "/", "/cite", f"/releases/{VERSIONS['active']}"):
                assert client.get(address).status_code == 200, "everything else is served"
        if state in {"read-only", "full"}:  # it recovers by itself
            again = client.post("/cite", data={"query": QUERY + " LIMIT 1"}, headers=JSON)
            assert again.status_code == 303
            assert client.get(again.headers["Location"], headers=JSON).status_code == 200
            assert QueryStore(store).verify() == len(VERSIONS) + 1


def test_what_is_kept_already_is_cited_again_while_nothing_can_be_written(site: Site, disk: Disk) -> None:
    store = QueryStore(disk.path / "citations.sqlite3")
    shutil.copy(site.folder / "citations.sqlite3", store.path)
    kept = store.get(site.cited["active"])
    assert kept is not None
    with disk.read_only():
        assert store.add(kept) == kept
