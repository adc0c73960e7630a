"""What isn't used weighs nothing: a server loads no library of an extra until it is asked for what needs it.

Modules are counted, not seconds: the interpreter writes down each one that any process of the server imports.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kg.release import Release, open_release
from tests.servers import ROOT, Served, ask, fetch, kg_serve, wait_until

HEAVY = {
    *("mcp", "pydantic", "anyio", "starlette", "httpx"),  # agents
    *("openpyxl", "pyarrow"),  # workbooks, Parquet
    *("pandas", "polars", "networkx", "geopandas", "numpy", "matplotlib"),  # frames of notebooks
    *("rocrate", "rdflib", "SPARQLWrapper", "pyshacl"),  # packages, other stores, the reference validator
    *("kg.agents", "kg.sheets", "kg.notebook", "kg.export.descriptions.crate"),
    *("kg.make", "kg.opening", "kg.sources"),  # of commands
}
"""Libraries of extras, of tests and of commands; what begins with kg. is one of our own rooms."""
_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s*(\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def fresh(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A copy in which nothing has been exported yet: what other tests had made would only be read."""
    own = tmp_path_factory.mktemp("fresh") / small_release.path.name
    shutil.copytree(small_release.path, own, ignore=shutil.ignore_patterns("exports"))
    return open_release(own)


@pytest.fixture(scope="module")
def served(fresh: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # `-X importtime`, which child processes inherit
    environ = {"KG_WORKERS": "1", "PYTHONPROFILEIMPORTTIME": "1"}
    with kg_serve(fresh, tmp_path_factory.mktemp("serve"), environ, patience=60) as found:
        yield found


def imported(log: Path) -> set[str]:
    """Every module that a process of the server has imported until now."""
    return set(_IMPORTED.findall(log.read_text(encoding="utf-8", errors="replace")))


def of_extras(log: Path) -> set[str]:
    return {
        heavy
        for heavy in HEAVY
        for module in imported(log)
        if module == heavy or module.startswith(f"{heavy}.")
    }


def test_the_rooms_are_there() -> None:
    assert all(importlib.util.find_spec(one) for one in HEAVY if one.startswith("kg."))


def test_nothing_of_an_extra_is_loaded_until_it_is_asked_for(served: Served) -> None:
    assert of_extras(served.log) == set()
    needed = {"flask", "pyoxigraph", "tantivy", "kg_web.app", "kg.engine.process.worker"}
    assert needed <= imported(served.log)
    for path in ("/", "/search?q=ridge", "/page/id/orchard/long-ridge", "/network.gexf", "/map.geojson"):
        assert fetch(served.url + path, headers={"Accept": "*/*"}).status == 200, path
    batch = urlencode({"queries": json.dumps({"q0": {"query": "Long Ridge Orchard"}})}).encode()
    assert fetch(served.url + "/reconcile", batch).status == 200
    assert ask(served.url, "SELECT * { ?s ?p ?o } LIMIT 9", "text/csv").status == 200
    assert ask(served.url, "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 9", "text/turtle").status == 200
    assert of_extras(served.log) == set()


def test_what_is_asked_for_is_loaded_then(served: Served, fresh: Release) -> None:
    """So that the silence of the other test says something."""
    at = f"{served.url}/releases/{quote(fresh.version)}/tables/Tree"
    assert fetch(f"{at}.xlsx").status == 200
    wait_until(lambda: "openpyxl" in of_extras(served.log), 10, "openpyxl in the log")
    assert "mcp" not in of_extras(served.log)


def test_files_that_were_opened_before_open_without_what_makes_a_release(tmp_path: Path) -> None:
    (tmp_path / "one.ttl").write_text('<http://example.org/a> <http://example.org/b> "c" .')
    code = (
        "import sys; from pathlib import Path; from kg.cli import main\n"
        "from kg.cli.shared.paths import opened\n"
        "from kg.opening import Options\n"
        f"opened([Path({str(tmp_path / 'one.ttl')!r})], Options(), Path({str(tmp_path / 'cache')!r}))\n"
        "print(*sorted({'.'.join(name.split('.')[:2]) for name in sys.modules if name.startswith('kg.')}))\n"
        "print(*{'rdflib', 'tantivy', 'flask'} & {*sys.modules})"
    )

    def loaded() -> tuple[set[str], str]:
        run = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
        )
        ours, others = run.stdout.splitlines()[-2:]
        return set(ours.split()), others

    makers = {"kg.make", "kg.explore", "kg.engine", "kg.sparql", "kg.tracing", "kg.termdocs", "kg.review"}
    assert "kg.make" in loaded()[0], "the first time a release is made"
    ours, others = loaded()
    assert not ours & makers
    assert not others
