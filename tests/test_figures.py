"""Every figure of the founding article is found in SPARQL, beside its thing, in the graph of its passage."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import resources

HERE = Path(__file__).parent / "figures"
BASE = "https://w3id.org/linli/"
SLUG = "hangzhou-2021-best-cases"
NUMERAL = re.compile(r"[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百千萬兩雙]+")
NO_NUMBER = {"indefinite", "enumerator", "idiom", "word"}


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


FIGURES = rows("figures.csv")
NUMERALS = rows("numerals.csv")


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The article's files alone: what a passage states must stand in its own graph."""
    store = ox.Store()
    folder = resources.data_dir() / SLUG
    for path in sorted(folder.glob("*.trig")):
        store.bulk_load(path=str(path), format=ox.RdfFormat.TRIG)
    record = ox.NamedNode(f"{BASE}graph/{SLUG}")
    for path in sorted(folder.glob("*.ttl")):
        store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE, to_graph=record)
    return store


def concept(scheme: str, name: str) -> str | None:
    return f"{BASE}vocabulary/{scheme}/{name}" if name else None


def ask(store: ox.Store, row: dict[str, str]) -> list[dict[str, str | None]]:
    bound = [
        f"{BASE}graph/{SLUG}/{row['paragraph']}",
        BASE + row["thing"],
        f"{BASE}vocabulary/quantity/{row['quantity']}",
        row["unit"],
    ]
    query = (HERE / "figure.rq").read_text(encoding="utf-8")
    query = query.replace("{ ROW }", "{ (" + " ".join(str(ox.NamedNode(iri)) for iri in bound) + ") }")
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [{n: None if s[n] is None else s[n].value for n in names} for s in answer]


@pytest.mark.parametrize(
    "row", FIGURES, ids=[f"{r['paragraph']}-{r['figure'].split('/', 2)[-1]}" for r in FIGURES]
)
def test_figure_is_found(store: ox.Store, row: dict[str, str]) -> None:
    expected = {
        "figure": BASE + row["figure"],
        "phase": concept("phase", row["phase"]),
        "qualifier": concept("qualifier", row["qualifier"]),
        "value": row["value"] or None,
        "minimum": row["minimum"] or None,
        "maximum": row["maximum"] or None,
    }
    assert expected in ask(store, row)


def test_every_stated_figure_is_listed(store: ox.Store) -> None:
    found = store.query(
        "PREFIX linli: <https://w3id.org/linli/ontology/> "
        "SELECT ?graph ?thing ?figure WHERE { GRAPH ?graph { ?thing linli:hasMeasurement ?figure } }"
    )
    assert isinstance(found, ox.QuerySolutions)
    stated = {tuple(term.value for term in row) for row in found}
    listed = {
        (f"{BASE}graph/{SLUG}/{r['paragraph']}", BASE + r["thing"], BASE + r["figure"]) for r in FIGURES
    }
    assert stated == listed


@pytest.mark.parametrize("row", NUMERALS, ids=[f"{r['paragraph']}-{r['start']}" for r in NUMERALS])
def test_numeral_is_accounted_for(store: ox.Store, row: dict[str, str]) -> None:
    if row["is"] in NO_NUMBER:
        assert not row["of"]
        return
    spans = store.query(
        "PREFIX linli: <https://w3id.org/linli/ontology/> "
        "SELECT ?span WHERE { GRAPH ?graph { "
        f"?span linli:supports <{BASE}{row['of']}> ; "
        f"linli:isSpanOf <{BASE}source/{SLUG}/{row['paragraph']}> ; "
        f"linli:start ?start ; linli:end ?end }} FILTER(?start <= {row['start']} && ?end >= {row['end']}) }}"
    )
    assert isinstance(spans, ox.QuerySolutions)
    assert list(spans), "no span of this passage holds the numeral and supports the thing"


def test_every_figure_has_its_numeral() -> None:
    by_paragraph = {(r["paragraph"], r["figure"]) for r in FIGURES}
    numerals = {(r["paragraph"], r["of"]) for r in NUMERALS if r["is"] == "figure"}
    assert numerals == by_paragraph
