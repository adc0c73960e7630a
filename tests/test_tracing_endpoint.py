"""Answers with their sources, as clients get them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib.plugins.sparql.results.csvresults as rdflib_csv
from click.testing import CliRunner
from rdflib.plugins.sparql.results.jsonresults import JSONResultParser
from SPARQLWrapper import JSON, SPARQLWrapper

import kg
from kg.citations.formats import Work, reference_list
from kg.cli import cli
from kg.errors import QuerySyntaxError
from kg.release import Release
from tests.servers import Reply, Served, fetch, kg_serve

BASE = "https://example.org/orchard/"
P04, READING = BASE + "source/almanac-1931/p04", BASE + "graph/almanac-1931/p04/reading"
PREFIXES = f"PREFIX o: <{BASE}ontology/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
AREA = (
    PREFIXES
    + "SELECT ?area { ?x rdfs:label 'Long Ridge Orchard'@en ; o:hasFigure/o:number ?area } ORDER BY ?area"
)
P04_GRAPH = BASE + "graph/almanac-1931/p04"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
MEDIA = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}


@pytest.fixture(scope="module")
def served(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"KG_QUERY_TIMEOUT": "4", "KG_WORKERS": "1"}
    with kg_serve(small_release, tmp_path_factory.mktemp("serve"), environ) as found:
        yield found


def get(served: Served, query: str, format: str = "json", sources: str = "1", **headers: str) -> Reply:
    parameters = urlencode({"query": query, "sources": sources})
    return fetch(f"{served.url}/sparql?{parameters}", headers={"Accept": MEDIA[format], **headers})


def test_json_has_the_sources_beside_the_plain_answer(served: Served) -> None:
    reply = get(served, AREA)
    assert reply.status == 200, reply.body
    assert reply.headers["Sources"] == "whole"
    told = reply.json().pop("sources")
    plain = get(served, AREA, sources="0").json()
    assert {name: value for name, value in reply.json().items() if name != "sources"} == plain
    assert told["traced"] is True
    assert told["summary"] == {"rows": 2, "documents": 1, "most": {"document": 0, "rows": 2}}
    assert told["documents"] == [{"document": P04, "text": 0}]  # these shapes lead no further
    (way,) = told["rows"][0]["ways"]
    graphs = {told["graphs"][g]["graph"] for number in way for g in told["statements"][number]["graphs"]}
    assert graphs == {BASE + "graph/almanac-1931/p04", READING}
    assert told["rows"][0]["independent"] == 1
    assert told["rows"][0]["confidence"].endswith("#Medium")


WITHIN = PREFIXES + f"SELECT ?x {{ ?x o:isWithin <{BASE}id/orchard/long-ridge> }} ORDER BY ?x LIMIT 1"


def test_deep_sources_go_through_what_rules_inferred(served: Served) -> None:
    shallow, deep = (get(served, WITHIN, sources=which).json()["sources"] for which in ("1", "deep"))
    assert shallow["documents"] == []
    assert shallow["graphs"][0]["graph"] == BASE + "graph/inferred/10-within"
    assert [one["document"] for one in deep["documents"]] == [P04]
    (derivation,) = deep["statements"][0]["from"]
    assert deep["graphs"][derivation["rule"]]["graph"] == BASE + "graph/inferred/10-within"
    ((number,),) = derivation["ways"]
    assert deep["statements"][number]["predicate"]["value"] == BASE + "ontology/isPartOf"
    assert P04 in get(served, WITHIN, "csv", "deep").body.decode()


@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_tables_have_a_column_of_passages(served: Served, format: str, delimiter: str) -> None:
    reply = get(served, AREA, format)
    rows = list(csv.reader(io.StringIO(reply.body.decode()), delimiter=delimiter))
    assert [name.lstrip("?") for name in rows[0]] == ["area", "sources"]
    assert [row[1] for row in rows[1:]] == [P04, P04]
    assert P04 in get(served, AREA, "xml").body.decode()


def test_plain_clients_pass_over_the_sources(served: Served) -> None:
    client = SPARQLWrapper(f"{served.url}/sparql")
    client.setQuery(AREA)
    client.addParameter("sources", "1")
    client.setReturnFormat(JSON)
    found = client.queryAndConvert()
    assert [row["area"]["value"] for row in found["results"]["bindings"]] == ["3.5", "12400"]
    assert len(found["sources"]["rows"]) == 2
    body = get(served, AREA).body
    rows = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
    assert [row["area"].value for row in rows] == ["3.5", "12400"]  # type: ignore[union-attr]
    assert [str(row[0]) for row in JSONResultParser().parse(io.BytesIO(body))] == ["3.5", "12400"]
    table = rdflib_csv.CSVResultParser().parse(io.BytesIO(get(served, AREA, "csv").body))
    assert {str(row["sources"]) for row in table} == {P04}


def test_an_answer_with_sources_has_a_name_of_its_own(served: Served) -> None:
    traced, plain = get(served, AREA), get(served, AREA, sources="0")
    assert traced.headers["ETag"] != plain.headers["ETag"]
    again = get(served, AREA, **{"If-None-Match": traced.headers["ETag"]})
    assert again.status == 304
    assert get(served, AREA).body == traced.body


@pytest.mark.parametrize(
    ("query", "format", "status", "word"),
    [
        ("DESCRIBE <x:y>", "json", 406, "format"),
        ("ASK { ?x ?y ?z }", "xml", 403, "JSON"),
        ("SELECT ?x { ?x ?y ?z LATERAL { ?z ?v ?w } }", "json", 403, "LATERAL"),
        ("SELECT ?x { ?x ?y }", "json", 400, "not SPARQL"),
    ],
)
def test_what_is_not_covered_is_refused(
    served: Served, query: str, format: str, status: int, word: str
) -> None:
    reply = get(served, query, format)
    assert reply.status == status, reply.body
    assert word in reply.body.decode()


def test_a_parameter_that_says_neither_is_refused(served: Served) -> None:
    reply = get(served, AREA, sources="maybe")
    assert reply.status == 400
    assert "sources=1" in reply.body.decode()


def test_a_limit_met_while_tracing_leaves_the_plain_answer(served: Served) -> None:
    reply = get(served, CROSS)
    assert reply.status == 200, reply.body
    assert reply.headers["Sources"].startswith('none;reason=%"tracing met a limit')
    assert reply.json() == get(served, CROSS, sources="0").json()
    assert reply.headers["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers


def test_the_notebook_gives_each_row_its_sources(small_release: Release) -> None:
    query = (
        "SELECT ?area { ?x rdfs:label 'Long Ridge Orchard'@en ; o:hasFigure/o:number ?area } ORDER BY ?area"
    )
    with kg.open(small_release.path) as graph:
        first, _ = graph.query(query, sources=True)
        assert first["area"] == Decimal("3.5")
        assert first.sources.passages == (P04,)
        ((*way,),) = first.sources.ways
        assert {graph for statement in way for graph in statement.graphs} == {READING, P04_GRAPH}
        assert graph.query(query)[0].sources is None
        with pytest.raises(QuerySyntaxError) as raised:
            graph.query("SELECT ?x {\n ?x ?y }", sources=True)
        assert raised.value.line == 2


def test_the_command_line_writes_the_sources(small_release: Release, tmp_path: Path) -> None:
    file = tmp_path / "area.rq"
    file.write_text(AREA)
    asked = ["query", str(file), "--sources", "--format", "csv", "--release", str(small_release.path)]
    done = CliRunner().invoke(cli, asked)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:2] == ["area,sources", f"3.5,{P04}"]
    file.write_text("DESCRIBE <x:y>")
    assert "can't be traced" in str(CliRunner().invoke(cli, asked).exception)


def references(served: Served, style: str, query: str = AREA, language: str = "en") -> Reply:
    parameters = urlencode({"query": query})
    return fetch(f"{served.url}/references.{style}?{parameters}", headers={"Accept-Language": language})


def test_the_documents_are_a_reference_list(served: Served) -> None:
    listed = references(served, "gbt7714").body.decode()
    assert listed.startswith("[1] Almanac, page 4[EB/OL].")
    assert P04 in listed
    assert (
        references(served, "gbt7714", language="zh-Hans").body.decode().startswith("[1] 年鉴第 4 页[EB/OL].")
    )
    assert references(served, "bibtex").body.decode().startswith("@online{1-")
    assert references(served, "ris").body.decode().startswith("TY  - ELEC\r\nTI  - Almanac, page 4\r\n")
    (item,) = references(served, "csl").json()
    assert (item["type"], item["URL"], item["citation-number"]) == ("webpage", P04, "1")


@pytest.mark.parametrize(
    ("style", "query", "status"), [("datacite", AREA, 404), ("ris", "", 400), ("ris", "DESCRIBE <x:y>", 403)]
)
def test_what_is_no_reference_list_is_refused(served: Served, style: str, query: str, status: int) -> None:
    assert references(served, style, query).status == status


def test_two_works_of_one_key_are_told_apart() -> None:
    work = Work("A page", "https://e.org/x", "2020", page=True)
    keys = re.findall(r"^@online\{(.*),", reference_list([work, work], "bibtex"), re.MULTILINE)
    assert len(set(keys)) == 2
    assert [item["citation-number"] for item in json.loads(reference_list([work, work], "csl"))] == ["1", "2"]
