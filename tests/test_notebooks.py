"""What a notebook is given (frames, tables, cards), and the examples run as their readers run them."""

from __future__ import annotations

import base64
import datetime
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from kg.errors import NotInstalled, UsageError
from kg.notebook import Notebook, frames
from kg.release import Release
from tests.rscript import rscript
from tests.servers import ROOT, kg_serve

EXAMPLES = sorted((ROOT / "examples").glob("*.ipynb"))
MIXED = """SELECT ?n ?d ?t ?x ?day ?text {
  VALUES (?n ?d ?t ?x ?day ?text) {
    (1 2.5 true 1 "2021-03-04"^^xsd:date "a"@en)
    (UNDEF 3 false "y" UNDEF "b")
    (3 UNDEF UNDEF UNDEF UNDEF UNDEF)
  }
}"""


@pytest.fixture
def graph(small_release: Release) -> Iterator[Notebook]:
    with kg.open(small_release.path) as opened:
        yield opened


def test_there_are_three_notebooks_and_a_script() -> None:
    assert len(EXAMPLES) == 3
    assert (ROOT / "examples" / "lifts-by-year.R").is_file()


def test_columns_have_the_type_that_all_values_share(graph: Notebook) -> None:
    rows = graph.query(MIXED)
    found = frames.columns([row.terms for row in rows], rows.names)
    assert {name: kind for name, (kind, _) in found.items()} == {
        "n": "whole",
        "d": "number",
        "t": "truth",
        "x": "text",
        "day": "date",
        "text": "text",
    }
    assert found["n"][1] == [1, None, 3]
    assert found["d"][1] == [2.5, 3.0, None]
    assert found["day"][1] == [datetime.date(2021, 3, 4), None, None]
    assert found["x"][1] == ["1", "y", None]


def test_without_a_library_it_says_what_installs_it(graph: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = graph.query("SELECT ?a ?b { ?a o:standsIn ?b }")
    for name in ("pandas", "polars", "networkx", "geopandas"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(NotInstalled) as raised:
            getattr(rows, name)()
        assert raised.value.hint == f"pip install {name}"


def test_an_edge_has_two_ends(graph: Notebook) -> None:
    with pytest.raises(UsageError, match="two ends"):
        graph.query("SELECT ?a { ?a a o:Tree }").networkx()


def test_a_release_rows_and_a_thing_show_themselves(graph: Notebook) -> None:
    whole = graph._repr_html_()
    assert graph.release.version in whole
    assert "cite as" in whole
    rows = graph.query('SELECT ?s ?n { ?s rdfs:label ?n FILTER(LANG(?n) = "en") } ORDER BY ?n')
    shown = rows._repr_html_()
    assert shown.count("<tr>") == min(len(rows), 50) + 1
    card = graph.card("https://example.org/orchard/id/orchard/long-ridge")
    html = card._repr_html_()
    assert "Long Ridge Orchard" in html
    assert "Almanac, page 4" in html
    assert re.search(r"<sup>\d", html)
    with pytest.raises(UsageError, match="nothing is said"):
        graph.card("https://example.org/none")


def test_what_is_shown_is_never_a_script(graph: Notebook) -> None:
    shown = graph.query(
        'SELECT ?a ?b { VALUES (?a ?b) { ("<script>alert(1)</script>" <javascript:alert(1)>) } }'
    )._repr_html_()
    assert "<script" not in shown
    assert "href" not in shown


def test_a_name_is_found(graph: Notebook) -> None:
    (best, *_) = graph.find("Long Ridge Orch")
    assert best.thing.iri.endswith("orchard/long-ridge")


@pytest.mark.long
def test_frames_of_each_library_have_right_types(graph: Notebook) -> None:
    rows = graph.query(MIXED)
    assert [str(one) for one in rows.pandas().dtypes] == [
        "Int64",
        "Float64",
        "boolean",
        "string",
        "datetime64[s]",
        "string",
    ]
    assert rows.pandas()["n"].isna().tolist() == [False, True, False]
    polars = rows.polars()
    assert [str(one) for one in polars.dtypes] == ["Int64", "Float64", "Boolean", "String", "Date", "String"]
    assert polars["n"].null_count() == 1
    network = graph.query("SELECT ?t ?p ?y { ?t o:standsIn ?p OPTIONAL { ?t o:planted ?y } }").networkx()
    assert network.number_of_edges() == len(graph.query("SELECT ?t ?p { ?t o:standsIn ?p }"))
    assert all(isinstance(y, int) for *_, y in network.edges(data="y") if y is not None)
    places = graph.query("SELECT ?o ?point { ?o o:point ?point }").geopandas()
    assert (places.geometry.iloc[0].x, places.geometry.iloc[0].y) == (120.15, 30.28)
    assert places.crs.to_string() == "OGC:CRS84"


@pytest.mark.long
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_notebook_runs_and_ends_in_a_figure(
    release: Release, tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "releases").symlink_to(release.path.parent)
    (tmp_path / "examples").mkdir()
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path / "examples")}}).execute()
    last = book.cells[-1].outputs[-1]
    assert base64.b64decode(last["data"]["image/png"]).startswith(b"\x89PNG")


@pytest.mark.long
def test_the_r_script_asks_over_http_and_draws(release: Release, tmp_path: Path) -> None:
    with kg_serve(release, tmp_path) as served:
        script, out = ROOT / "examples" / "lifts-by-year.R", tmp_path / "lifts.pdf"
        done = subprocess.run(
            [rscript(), "--vanilla", script, served.url, out], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\b20\d\d\b", done.stdout)
    assert out.read_bytes().startswith(b"%PDF")
