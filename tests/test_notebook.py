"""What `import kg` gives to a notebook."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest
import rdflib
from rdflib.namespace import RDFS

import kg
from kg.errors import QueryError, QuerySyntaxError, ReleaseError
from kg.notebook import Notebook
from kg.release import Release

ID = "https://example.org/orchard/id/"
O = rdflib.Namespace("https://example.org/orchard/ontology/")  # noqa: E741 (the ontology's own prefix)


@pytest.fixture
def notebook(small_release: Release) -> Iterator[Notebook]:
    with kg.open(small_release.path) as opened:
        yield opened


def test_the_public_names():
    assert kg.__all__ == ["KgError", "__version__", "open"]
    assert all(hasattr(kg, name) for name in kg.__all__)


def test_importing_it_is_light():
    heavy = {"rdflib", "pyshacl", "flask", "tantivy", "opencc", "pypinyin", "rjieba", "pyoxigraph"}
    code = f"import sys, kg; print(*{heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_rows_are_python_values(notebook: Notebook):
    rows = notebook.query("SELECT ?f ?n ?gone { ?f o:number ?n OPTIONAL { ?f o:none ?gone } } ORDER BY ?n")
    assert [row["n"] for row in rows] == [Decimal("3.5"), 800, 12400]
    assert [type(row["n"]) for row in rows] == [Decimal, int, int]
    assert rows[0]["f"] == f"{ID}figure/long-ridge/area-3.5"
    assert list(rows[0]) == ["f", "n"]
    assert "gone" not in rows[0]


def test_rows_keep_their_terms(notebook: Notebook):
    (row,) = notebook.query(
        "PREFIX p: <https://example.org/orchard/id/plot/>\n"
        'SELECT ?n { p:long-ridge-north rdfs:label ?n FILTER(lang(?n) = "en") }'
    )
    assert row["n"] == "North slope"
    assert row.terms["n"].language == "en"  # type: ignore[union-attr]


def test_dates_and_truth(notebook: Notebook):
    (row,) = notebook.query(
        'SELECT ?d ?t ?bad { ?x kg:referenceDate ?d BIND(true AS ?t) BIND("x"^^xsd:integer AS ?bad) }'
    )
    assert dict(row) == {"d": datetime.date(1999, 6, 30), "t": True, "bad": "x"}


def test_ask_and_construct(notebook: Notebook):
    assert [dict(row) for row in notebook.query("ASK { ?t a o:Tree }")] == [{"ask": True}]
    (row,) = notebook.query("CONSTRUCT { ?o a o:Big } WHERE { ?o o:hasFigure ?f . ?f o:number 12400 }")
    assert row["subject"] == f"{ID}orchard/long-ridge"


def test_prefixes_need_not_be_declared_and_may_be(notebook: Notebook):
    (row,) = notebook.query(
        "PREFIX o: <http://www.w3.org/2004/02/skos/core#>\nSELECT (COUNT(*) AS ?n) { ?c a o:ConceptScheme }"
    )
    (known,) = notebook.query("SELECT (COUNT(*) AS ?n) { ?c a skos:ConceptScheme }")
    assert row == known
    assert row["n"] > 0


def test_an_error_has_the_line_of_the_query_as_written(notebook: Notebook):
    with pytest.raises(QuerySyntaxError, match="before it is complete") as raised:
        notebook.query("SELECT ?x\nWHERE { ?x ?y }")
    assert (raised.value.line, raised.value.column) == (2, 15), "where the brace comes too soon"
    assert isinstance(raised.value, QueryError)


@pytest.mark.parametrize("iri", [f"{ID}orchard/long-ridge"])
def test_an_entity_is_an_rdflib_graph_with_what_belongs_to_it(notebook: Notebook, iri: str):
    graph = notebook.graph(iri)
    node = rdflib.URIRef(iri)
    assert rdflib.Literal("Long Ridge Orchard", lang="en") in graph.objects(node, RDFS.label)
    figures = list(graph.objects(node, O.hasFigure))
    assert len(figures) == 2
    assert {graph.value(figure, O.number).toPython() for figure in figures} == {Decimal("3.5"), 12400}  # type: ignore[union-attr]
    assert graph.serialize(format="turtle").count("o:hasUnit") == 2


def test_an_entity_that_is_not_there_is_an_empty_graph(notebook: Notebook):
    assert len(notebook.graph("id:nothing")) == 0


def test_what_is_no_release(tmp_path: object):
    with pytest.raises(ReleaseError):
        kg.open(str(tmp_path))
