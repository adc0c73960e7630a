"""How answers are written: every writer of every format against its grammar, with values that are odd.

What is read back by another reader is what was asked for, or the answer was refused in the open.
"""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic

from kg.engine.answers.results import RDF_FORMAT, write
from kg.engine.local import LocalEngine
from kg.engine.process.worker import _Answerer
from kg.errors import QueryRefused
from kg.export.tables.rows import table_csv
from kg.mediatypes import BY_NAME, GRAPH_FORMATS, Format

XSD = "http://www.w3.org/2001/XMLSchema#"
SPARQL = "{http://www.w3.org/2005/sparql-results#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Characters that some writer or reader has stumbled over: separators, quotes, ends of lines, marks that turn
# text around, beyond the BMP, controls, what XML leaves out, entities, comments, and byte order marks.
ODD = [
    *",;\"'\\\t\n\r\0\x01\x07\x0b\x0c\x1b\x1f\x7f\x85&<>{}[]|^` ?#%=+-@",
    *"\u2028\u2029\u200f\u202e\u2066\ufeff\ufffe\uffff",
]
SHAPES = [
    "",
    "]]>",
    "<!--",
    "&#13;",
    "\r\n",
    '","',
    '"}},{"',
    "<<( )>>",
    "=1+1",
    "𠮷里🏘",
    "a\u0301",
    "א ב",
    "NaN",
    "?x",
]
texts = st.lists(
    st.one_of(st.sampled_from(ODD), st.sampled_from(SHAPES), st.characters(exclude_categories=["Cs"])),
    max_size=6,
).map("".join)
iris = st.lists(st.sampled_from([*"ab,;'()!$&*+=:@~.?/", "里", "𠮷", "%0A", "%2C"]), max_size=6).map(
    lambda parts: "http://example.org/" + "".join(parts)
)
properties = iris.map(lambda iri: iri + "里p")


def _node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


literals = st.one_of(
    texts.map(ox.Literal),
    st.tuples(texts, st.sampled_from(["en", "zh-hans", "zh-latn-pinyin", "ar", "de-ch-1901"])).map(
        lambda pair: ox.Literal(pair[0], language=pair[1])
    ),
    st.tuples(texts, st.sampled_from(["ar", "he"])).map(
        lambda pair: ox.Literal(pair[0], language=pair[1], direction=ox.BaseDirection.RTL)
    ),
    texts.map(lambda text: ox.Literal(text, datatype=_node("http://example.org/own,type"))),
    st.sampled_from(["1", "-0.5", "1.0E3", "true"]).flatmap(
        lambda text: st.sampled_from([ox.Literal(text), ox.Literal(text, datatype=_node(XSD + "token"))])
    ),
)
simple = st.one_of(iris.map(_node), literals, st.just(ox.BlankNode("b1")))
triple_terms = st.builds(
    ox.Triple, st.one_of(iris.map(_node)), st.just(_node("http://example.org/p,q")), simple
)
values = st.one_of(simple, triple_terms)
tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(st.one_of(st.none(), values), min_size=width, max_size=width), max_size=4)
)

Row = tuple[Any, ...]


def _store(rows: list[list[Any]]) -> tuple[ox.Store, str]:
    """A store and a query whose answer is these rows: one quad each cell, by row and column."""
    store = ox.Store()
    width = len(rows[0]) if rows else 1
    for number, row in enumerate(rows):
        subject = _node(f"http://example.org/row/{number}")
        store.add(ox.Quad(subject, _node("http://example.org/is"), ox.Literal(number)))
        for column, value in enumerate(row):
            if value is not None:
                store.add(ox.Quad(subject, _node(f"http://example.org/c{column}"), value))
    columns = " ".join(f"OPTIONAL {{ ?r <http://example.org/c{c}> ?c{c} }}" for c in range(width))
    names = " ".join(f"?c{c}" for c in range(width))
    return store, f"SELECT {names} {{ ?r <http://example.org/is> ?n {columns} }} ORDER BY ?n"


def _answered(store: ox.Store, query: str, format: str, folder: Path) -> tuple[int, bytes]:
    """What a query process writes."""
    answerer = _Answerer(store, {"spool": str(folder / "spool"), "result_size": 1 << 24})
    job = {"results_format": format, "graph_format": format}
    header, spool = answerer.answer(job, query)
    body = spool.finish()
    assert isinstance(body, bytes)
    return header["rows"], body


def _rows(store: ox.Store, query: str) -> list[tuple[Any, ...]]:
    return [tuple(solution) for solution in store.query(query)]


def _plain(term: Any) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Triple):
        parts = (_plain(p) if isinstance(p, ox.Triple) else str(p) for p in term)
        return f"<<( {' '.join(parts)} )>>"
    return str(term) if isinstance(term, ox.BlankNode) else term.value


def _read_csv(text: bytes) -> list[list[str]]:
    """By a strict reader of RFC 4180, blank lines left out as pandas and R do."""
    lines = csv.reader(io.StringIO(text.decode(), newline=""), strict=True)
    return [line for line in lines if line]


def _from_json(value: dict[str, Any]) -> Any:
    match value["type"]:
        case "uri":
            return _node(value["value"])
        case "bnode":
            return ox.BlankNode(value["value"])
        case "triple":
            return ox.Triple(
                *(_from_json(value["value"][part]) for part in ("subject", "predicate", "object"))
            )
    if tag := value.get("xml:lang"):
        direction = ox.BaseDirection.RTL if value.get("its:dir") == "rtl" else None
        return ox.Literal(value["value"], language=tag, direction=direction)
    return ox.Literal(value["value"], datatype=_node(value["datatype"]) if "datatype" in value else None)


def _from_xml(element: ET.Element) -> Any:
    text = element.text or ""
    match element.tag.removeprefix(SPARQL):
        case "uri":
            return _node(text)
        case "bnode":
            return ox.BlankNode(text)
        case "triple":
            return ox.Triple(
                *(_from_xml(element.find(SPARQL + part)[0]) for part in ("subject", "predicate", "object"))
            )
    if tag := element.get(XML_LANG):
        rtl = element.get("{http://www.w3.org/2005/11/its}dir") == "rtl"
        return ox.Literal(text, language=tag, direction=ox.BaseDirection.RTL if rtl else None)
    kind = element.get("datatype")
    return ox.Literal(text, datatype=_node(kind) if kind else None)


def _parse(format: str, body: bytes, width: int) -> list[tuple[Any, ...]]:
    names = [f"c{c}" for c in range(width)]
    if format == "json":
        rows = json.loads(body)["results"]["bindings"]
        return [tuple(_from_json(row[n]) if n in row else None for n in names) for row in rows]
    if format == "tsv":
        assert all(line.count(b"\t") == width - 1 for line in body.split(b"\n")[:-1])
        return [tuple(solution) for solution in ox.parse_query_results(body, ox.QueryResultsFormat.TSV)]
    root = ET.fromstring(body)  # noqa: S314 - our own output
    found = []
    for result in root.iter(SPARQL + "result"):
        bound = {binding.get("name"): _from_xml(binding[0]) for binding in result}
        found.append(tuple(bound.get(n) for n in names))
    return found


def _no_names(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Terms as texts, blank nodes without their labels, which each reader makes anew."""

    def one(term: Any) -> str:
        if isinstance(term, ox.BlankNode):
            return "_:"
        if isinstance(term, ox.Triple):
            return " ".join(one(part) for part in term)
        return str(term)

    return [tuple(one(term) for term in row) for row in rows]


@pytest.mark.parametrize("format", ["json", "xml", "tsv"])
@pytest.mark.parametrize("by", ["query process", "result"])
@given(rows=tables)
@settings(max_examples=150, deadline=None)
def test_rows_are_read_back(
    format: str, by: str, tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]
):
    store, query = _store(rows)
    try:
        if by == "result":
            body = write(LocalEngine(store).query(query), BY_NAME[format])
        else:
            count, body = _answered(store, query, format, tmp_path_factory.getbasetemp())
            assert count == len(rows)
    except QueryRefused:
        assert format == "xml"
        return
    expected = _rows(store, query)
    assert _no_names(_parse(format, body, len(rows[0]) if rows else 1)) == _no_names(expected)


@pytest.mark.parametrize("by", ["query process", "result", "table"])
@given(rows=tables)
@settings(max_examples=150, deadline=None)
def test_csv_has_a_cell_for_each_value(
    by: str, tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]
):
    store, query = _store(rows)
    if by == "query process":
        count, body = _answered(store, query, "csv", tmp_path_factory.getbasetemp())
        assert count == len(rows)
    else:
        result = LocalEngine(store).query(query)
        body = write(result, BY_NAME["csv"]) if by == "result" else table_csv(result)
    head, *cells = _read_csv(body)
    assert head == [f"c{c}" for c in range(len(rows[0]) if rows else 1)]
    assert cells == [[_plain(term) for term in row] for row in _rows(store, query)]


def test_an_iri_with_a_comma_and_a_triple_term_are_one_cell(tmp_path: Path):
    query = """SELECT ?a ?b { VALUES (?a ?b) { (<http://ex/a,b> 1) }
               BIND(<<( <http://ex/s> <http://ex/p> "x, \\"y\\"\\n" )>> AS ?unused) }"""
    assert _answered(ox.Store(), query, "csv", tmp_path) == (1, b'a,b\r\n"http://ex/a,b",1\r\n')
    triple = 'SELECT ?t { BIND(<<( <http://ex/s> <http://ex/p> "x, y" )>> AS ?t) }'
    _, body = _answered(ox.Store(), triple, "csv", tmp_path)
    assert _read_csv(body) == [["t"], ['<<( <http://ex/s> <http://ex/p> "x, y" )>>']]


def test_a_row_of_one_unbound_cell_is_a_row(tmp_path: Path):
    query = 'SELECT ?a { VALUES ?a { "x" UNDEF "" } }'
    assert _answered(ox.Store(), query, "csv", tmp_path) == (3, b'a\r\nx\r\n""\r\n""\r\n')


def test_a_carriage_return_in_xml_is_read_back(tmp_path: Path):
    _, body = _answered(ox.Store(), 'SELECT ?a { BIND("one\\r\\ntwo\\r" AS ?a) }', "xml", tmp_path)
    assert _parse("xml", body.replace(b'"a"', b'"c0"'), 1) == [(ox.Literal("one\r\ntwo\r"),)]


graphs = st.lists(
    st.builds(ox.Triple, st.one_of(iris.map(_node), st.just(ox.BlankNode("s"))), iris.map(_node), values),
    max_size=5,
)


@pytest.mark.parametrize("format", GRAPH_FORMATS, ids=lambda f: f.name)
@given(triples=graphs)
@settings(max_examples=120, deadline=None)
def test_graphs_are_read_back(
    format: Format, tmp_path_factory: pytest.TempPathFactory, triples: list[ox.Triple]
):
    store = ox.Store()
    for triple in triples:
        store.add(ox.Quad(*triple))
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    try:
        count, body = _answered(store, query, format.name, tmp_path_factory.getbasetemp())
    except QueryRefused:
        assert format.name in ("rdf", "jsonld")
        return
    stored = {quad.triple for quad in store}
    assert count == len(stored)
    read = [quad.triple for quad in ox.parse(body, format=RDF_FORMAT[format.name])]
    assert _canonical(read) == _canonical(stored)
    twelve = any(isinstance(t.object, ox.Triple) or "--rtl" in str(t.object)[-6:] for t in stored)
    if not twelve and format.name in ("ttl", "nt", "rdf"):
        lines = ox.serialize(stored, format=ox.RdfFormat.N_TRIPLES)
        name = {"ttl": "turtle", "nt": "nt", "rdf": "xml"}[format.name]
        assert isomorphic(Graph().parse(data=body, format=name), Graph().parse(data=lines, format="nt"))


def _canonical(triples: Any) -> set[str]:
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}
