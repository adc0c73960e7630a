"""Writing answers: the same bytes whichever engine gave them, and true row counts."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.answers.results import RESULTS_FORMAT, write
from kg.engine.answers.spool import IN_MEMORY, RowCounter, Spool
from kg.engine.local import LocalEngine
from kg.errors import QueryLimit, QueryRefused, UsageError
from kg.mediatypes import BY_NAME, CSV, JSON, RDFXML, RESULT_FORMATS, TURTLE, XML

EX = "http://example.org/"
QUERY = "SELECT ?a ?b ?c { ?a ?b ?c }"


def store(*values: ox.Literal | ox.NamedNode) -> ox.Store:
    made = ox.Store()
    for value in values:
        made.add(ox.Quad(ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), value))
    return made


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


VALUES = [
    ox.Literal('a "quoted", comma\nline'),
    ox.Literal("里", language="zh-hans"),
    ox.Literal("1.5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")),
    ox.Literal("x", datatype=node("own")),
    node("o"),
]


@pytest.mark.parametrize("format", RESULT_FORMATS, ids=lambda f: f.name)
def test_rows_are_written_as_the_engine_writes_them(format):
    s = store(*VALUES)
    result = LocalEngine(s).query(QUERY)
    assert write(result, format) == s.query(QUERY).serialize(format=RESULTS_FORMAT[format.name])


@pytest.mark.parametrize("format", RESULT_FORMATS, ids=lambda f: f.name)
def test_booleans(format):
    result = LocalEngine(store()).query("ASK {}")
    assert b"true" in write(result, format)


def test_unbound_stays_unbound():
    result = LocalEngine(store()).query("SELECT ?a ?b { VALUES (?a ?b) { (UNDEF 1) } }")
    assert json.loads(write(result, JSON))["results"]["bindings"] == [
        {"b": {"type": "literal", "value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}}
    ]


def test_terms_of_rdf_12_survive():
    result = LocalEngine(store(node("o"))).query("SELECT ?t { ?s ?p ?o BIND(<<( ?s ?p ?o )>> AS ?t) }")
    back = ox.parse_query_results(write(result, JSON), ox.QueryResultsFormat.JSON)
    assert [tuple(row) for row in back] == [tuple(row) for row in result.rows]


def test_a_graph_needs_a_format_of_graphs():
    graph = LocalEngine(store(node("o"))).query("CONSTRUCT WHERE { ?s ?p ?o }")
    assert b"ex:s" in write(graph, TURTLE, prefixes={"ex": EX})
    with pytest.raises(UsageError):
        write(graph, CSV)
    with pytest.raises(UsageError):
        write(LocalEngine(store()).query("ASK {}"), TURTLE)


def test_what_a_format_can_t_say_is_an_error():
    s = ox.Store()
    s.add(ox.Quad(node("s"), ox.NamedNode("http://example.org/1/"), node("o")))
    graph = LocalEngine(s).query("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(QueryRefused):
        write(graph, RDFXML)
    for value in ("\x01", "\ufffe"):
        rows = LocalEngine(store(ox.Literal(value))).query(QUERY)
        with pytest.raises(QueryRefused):
            write(rows, XML)
        assert write(rows, JSON)


# Counting rows as they stream by.

texts = st.text(alphabet='}{,":\\a\n\r\t<>&里', max_size=12)


def spooled(s: ox.Store, query: str, format: str, chunk: int) -> tuple[int, int]:
    """Return the rows counted from the serialisation cut into chunks, and how many there are."""
    data = s.query(query).serialize(format=RESULTS_FORMAT[format]) or b""
    counter = RowCounter(format)
    for start in range(0, len(data), chunk):
        counter.take(data[start : start + chunk])
    return counter.rows(data), len(list(s.query(query)))


@given(st.lists(texts, max_size=8), st.sampled_from(sorted(RESULTS_FORMAT)), st.integers(1, 40))
def test_rows_are_counted_whatever_is_in_them(values: list[str], format: str, chunk: int):
    s = store(*(ox.Literal(value) for value in values))
    for query in ("SELECT ?o { ?s ?p ?o }", "SELECT ?o ?z { ?s ?p ?o }", "SELECT ?z { ?s ?p ?o }"):
        counted, rows = spooled(s, query, format, chunk)
        assert counted == rows, query


@pytest.mark.parametrize("value", ["}},{", '"}},{"', '\\"}},{"', ':"}},{"', "},{", '{},{"', '"value":"}},{"'])
def test_a_value_that_looks_like_a_row_end_is_none(value: str):
    for chunk in (1, 7, 10**6):
        counted, rows = spooled(store(ox.Literal(value), ox.Literal("x")), QUERY, "json", chunk)
        assert counted == rows == 2


def test_a_small_answer_makes_no_file(tmp_path: Path):
    spool = Spool(tmp_path / "answer", 10 * IN_MEMORY)
    spool.write(b"x" * IN_MEMORY)
    assert spool.finish() == b"x" * IN_MEMORY
    assert list(tmp_path.iterdir()) == []


def test_a_large_answer_goes_to_a_file_whole(tmp_path: Path):
    spool = Spool(tmp_path / "answer", 10 * IN_MEMORY)
    for _ in range(5):
        spool.write(b"x" * (IN_MEMORY // 2))
    path = spool.finish()
    assert isinstance(path, Path)
    assert path.read_bytes() == b"x" * (5 * (IN_MEMORY // 2))


def test_too_large_an_answer_is_an_error_and_leaves_nothing(tmp_path: Path):
    spool = Spool(tmp_path / "answer", 2 * IN_MEMORY)
    with pytest.raises(QueryLimit) as caught:
        for _ in range(100):
            spool.write(b"x" * 100_000)
    assert caught.value.limit == "KG_RESULT_SIZE"
    assert "LIMIT" in (caught.value.hint or "")
    spool.discard()
    assert list(tmp_path.iterdir()) == []


def test_every_format_has_a_writer():
    graph = LocalEngine(store(node("o"))).query("CONSTRUCT WHERE { ?s ?p ?o }")
    rows = LocalEngine(store(node("o"))).query(QUERY)
    for format in BY_NAME.values():
        assert write(rows if format in RESULT_FORMATS else graph, format)
