"""What a page offers works: every address of a fresh release, found by crawling, many at once."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from kg.citations.check import cite
from kg.citations.store import QueryStore
from kg.engine.local import LocalEngine
from kg.export.tables.survey import tables
from kg.release import Release, activate, open_release
from kg.release.store import ensure_store
from kg_web.delivery.resources import lane_of
from tests.crawl import crawl, kind_of, links
from tests.servers import fetch, kg_serve
from tests.test_releases import copied


@pytest.fixture
def fresh(small_release: Release, tmp_path: Path) -> Release:
    """A release of which nothing was ever asked, beside an older one, with a citation."""
    folder = tmp_path / "releases"
    copied(small_release, folder, "1.0.0", (b'"Snow Pear"@en', b'"White Pear"@en'))
    release = copied(small_release, folder, "1.1.0")
    activate(folder, "1.1.0")
    query = "SELECT ?s { ?s a <https://example.org/orchard/ontology/Orchard> }"
    with LocalEngine.open(ensure_store(release)) as engine:
        found = cite(engine.query(query), release, query, title="x", engine="e", made="2026-01-01")
    QueryStore(folder / "citations.sqlite3").add(found)
    shutil.rmtree(release.path / "exports", ignore_errors=True)
    return release


def crawled(release: Release, folder: Path, **more: int) -> set[str]:
    """Crawl what serves a release, and return the kinds of addresses that were asked for: none failed.

    Only what asks the query processes or writes a whole release may not be ready at once.
    """
    (citation,) = QueryStore(release.path.parent / "citations.sqlite3").all()
    with kg_serve(release, folder) as served:
        found = crawl(served.url, starts=("/", f"/cite/{citation.id}", "/releases"), **more)
        assert found.failed() == []
        pages = [one for one in found.waited if lane_of(unquote(urlsplit(one).path)) == "page"]
        assert pages == []
        assert fetch(served.url + "/readyz").status == 200
        assert "Traceback" not in served.log.read_text()
    return {kind_of(address) for address in found.statuses}


def test_every_kind_of_address_of_a_fresh_release_answers(fresh: Release, tmp_path: Path) -> None:
    kinds = crawled(fresh, tmp_path, of_a_kind=5, seed=7)
    assert len(kinds) > 80, sorted(kinds)
    for part in ("csv-metadata.json", "parquet", "geojson", "jsonld"):
        assert any(part in kind for kind in kinds), part


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_every_address_of_a_fresh_release_answers(fresh: Release, tmp_path: Path, seed: int) -> None:
    crawled(fresh, tmp_path, seed=seed)


@pytest.mark.long
@pytest.mark.alone
def test_every_kind_of_address_of_the_default_release_answers(release: Release, tmp_path: Path) -> None:
    copy = tmp_path / "releases" / release.path.name
    shutil.copytree(release.path, copy, ignore=shutil.ignore_patterns("exports"))
    activate(copy.parent, copy.name)
    fresh = open_release(copy)
    # Of the vocabulary: to sort all statements would take the engine as long as a page may.
    query = "SELECT ?s { ?s a <http://www.w3.org/2002/07/owl#Class> } ORDER BY ?s LIMIT 3"
    with LocalEngine.open(fresh.store) as engine:
        found = cite(engine.query(query), fresh, query, title="x", engine="e", made="2026-01-01")
    QueryStore(copy.parent / "citations.sqlite3").add(found)
    crawled(fresh, tmp_path, of_a_kind=15, again=60, timeout=90)


def test_a_tables_metadata_asked_for_first_is_made(fresh: Release, tmp_path: Path) -> None:
    """It needs the table, which is made then, in the same thread: a lock of its own would hold it up."""
    with kg_serve(fresh, tmp_path, {"KG_WORKERS": "1"}) as served:
        for table in tables(fresh)[:3]:
            reply = fetch(f"{served.url}/releases/1.1.0/tables/{table.name}.csv-metadata.json", timeout=10)
            assert reply.status == 200
            csv = fetch(f"{served.url}/releases/1.1.0/tables/{table.name}.csv", timeout=10)
            assert csv.status == 200
            assert reply.json()["url"] == f"{table.name}.csv"


def test_without_the_optional_packages_no_page_offers_what_needs_them(
    fresh: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.settings import Settings
    from kg_web import create_app

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (citation,) = QueryStore(fresh.path.parent / "citations.sqlite3").all()
    with LocalEngine.open(fresh.store) as engine:
        client = create_app(engine, Settings(), fresh).test_client()
        shown = [f"/cite/{citation.id}", "/releases/1.1.0/tables", "/query", "/dataset", "/releases/1.1.0"]
        for address in shown:
            page = client.get(address, headers={"Accept": "text/html"})
            assert page.status_code == 200
            # What could be had after an installation is told, not offered.
            offered = re.sub(r'<p class="note">.*?</p>', "", page.text, flags=re.DOTALL)
            assert "parquet" not in offered.lower(), address
            assert not any("parquet" in one for one in links(page.headers, page.text))
        name = tables(fresh)[0].name
        asked = f"/cite/{citation.id}/result.parquet", "/result.parquet?query=SELECT%20*%20%7B%7D"
        for address in (*asked, f"/releases/1.1.0/tables/{name}.parquet"):
            refused = client.get(address, headers={"Accept": "application/json"})
            assert (refused.status_code, refused.json["code"]) == (501, "not-installed"), address
            assert "linli[parquet]" in refused.json["hint"]
            assert json.loads(client.get(f"/cite/{citation.id}.json").text)["rows"]
