"""Mappings, templates and literals: what they take and refuse; nothing in a cell breaks out."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.sources.csvw import load_mapping
from kg.sources.literals import CANONICAL, Shortener, literal
from kg.sources.templates import Template, is_iri

BASE = "https://example.org/"
HOSTILE = [
    "<",
    ">",
    '"',
    "> <x:y> <x:z> .",
    "a b",
    "../..",
    "é",
    "采荷",
    "\\u003e",
    "%3E",
    "{x}",
    "\n",
    "\u202e",
]


def good() -> dict[str, Any]:
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "kg:output": "x.ttl",
        "tables": [
            {
                "url": "x.csv",
                "tableSchema": {
                    "aboutUrl": BASE + "{a}",
                    "columns": [{"name": "a", "propertyUrl": "rdfs:label", "lang": "zh-hans"}],
                },
            }
        ],
    }


def load(tmp_path: Path, mapping: Any) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(mapping if isinstance(mapping, str) else json.dumps(mapping), encoding="utf-8")
    load_mapping(path)


def test_the_good_mapping_is_good(tmp_path: Path) -> None:
    load(tmp_path, good())


COLUMN = ("tables", 0, "tableSchema", "columns", 0)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (("tabels",), [], "the mapping: unknown tabels"),
        (("kg:output",), "../x.ttl", "kg:output is"),
        (("kg:output",), None, "kg:output must be a text"),
        (("kg:prefixes",), {"a b": "x:"}, "not a prefix and a namespace"),
        (("tables",), {}, "tables must be a list"),
        (("tables", 0, "url"), 3, r"the mapping\.tables\[0\]: url must be a text"),
        (("tables", 0, "kg:format"), "xlsx", "format 'xlsx' is not known"),
        (("tables", 0, "kg:where"), {"b": "1"}, "no column is named b"),
        (("tables", 0, "kg:where"), 3, "must be an object"),
        (("tables", 0, "kg:scope"), {"column": "b"}, "no column is named b"),
        (("tables", 0, "kg:scope"), {"column": "a", "pattern": "("}, "not a regular expression"),
        (("tables", 0, "kg:package"), {"purl": "x", "sha256": "0"}, "not a package URL"),
        (("tables", 0, "kg:lookups"), [{"url": "l.csv", "missing": "no"}], "missing is 'no'"),
        (("tables", 0, "dialect"), {"delimiter": ";;"}, "one character"),
        (("tables", 0, "tableSchema"), {"columns": [{"name": "a"}, {"name": "a"}]}, "no propertyUrl"),
        ((*COLUMN, "propertyUrl"), "label", "not an IRI"),
        ((*COLUMN, "propertyUrl"), BASE + "{a}", "not an IRI"),
        ((*COLUMN, "valueUrl"), BASE + "{b}", "no column is named b"),
        ((*COLUMN, "valueUrl"), BASE + "{a", "braces"),
        ((*COLUMN, "datatype"), "float", "'float' is not known"),
        ((*COLUMN, "datatype"), "integer", "a integer has no language"),
        ((*COLUMN, "datatype"), {"format": "("}, "not a regular expression"),
        ((*COLUMN, "lang"), "zh-Hans", "in lower case"),
        ((*COLUMN, "required"), "yes", "true or false"),
        ((*COLUMN, "default"), 3, "default must be a text"),
    ],
)
def test_a_slip_in_a_mapping_is_refused_with_its_place(
    tmp_path: Path, where: tuple[Any, ...], value: Any, message: str
) -> None:
    mapping = good()
    level: Any = mapping
    for step in where[:-1]:
        level = level[step]
    level[where[-1]] = value
    with pytest.raises(SourceError, match=message) as caught:
        load(tmp_path, mapping)
    assert "mapping.json" in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=4), children, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(["tables", "kg:scope", "kg:prefixes", "kg:package", "lang", "aboutUrl", "null"]),
    st.sampled_from(
        ["url", "kg:rows", "kg:where", "kg:lookups", "tableSchema", "dialect", "kg:format", "kg:scope"]
    ),
    st.sampled_from(["name", "titles", "valueUrl", "datatype", "default", "null", "kg:template", "virtual"]),
    JSON,
)
def test_no_value_anywhere_brings_the_reader_down(
    tmp_path_factory: pytest.TempPathFactory, top: str, middle: str, column: str, value: Any
) -> None:
    for change in range(3):
        mapping = good()
        if change == 0:
            mapping[top] = value
        elif change == 1:
            mapping["tables"][0][middle] = value
        else:
            mapping["tables"][0]["tableSchema"]["columns"][0][column] = value
        with contextlib.suppress(SourceError):
            load(tmp_path_factory.getbasetemp(), mapping)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', "\udcff".encode("utf-8", "replace").decode()])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"mapping\.json"):
        load(tmp_path, text)


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_cell_cannot_break_out_of_an_iri(cell: str) -> None:
    iri = Template.parse(BASE + "id/{x}/end").iri({"x": cell})
    assert iri is not None
    assert is_iri(iri)
    assert iri.count("/") == BASE.count("/") + 2
    assert ox.NamedNode(iri).value == iri


@given(st.text(min_size=1))
def test_any_text_gives_an_iri_that_tells_it_from_others(text: str) -> None:
    template = Template.parse(BASE + "{x}")
    try:
        iri = template.iri({"x": text})
    except SourceError:
        assert any("\ud800" <= char <= "\udfff" for char in text)
        return
    assert iri is not None
    assert ox.NamedNode(iri).value == iri
    other = template.iri({"x": text + "x"})
    assert other != iri


@given(st.text())
def test_a_whole_iri_stays_or_is_refused(text: str) -> None:
    try:
        iri = Template.parse("{+x}").iri({"x": text})
    except SourceError:
        return
    assert iri is not None
    assert ox.NamedNode(iri).value == iri


@given(st.text())
def test_any_text_comes_back_from_turtle(text: str) -> None:
    try:
        written = literal(text, language="zh-hans")
    except SourceError:
        assert "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)
        return
    assert "\n" not in written
    assert "\t" not in written
    (quad,) = ox.parse(f"<x:s> <x:p> {written} .", format=ox.RdfFormat.TURTLE)
    assert isinstance(quad.object, ox.Literal)
    assert (quad.object.value, quad.object.language) == (text, "zh-hans")


@given(st.text())
def test_any_iri_comes_back_from_turtle(local: str) -> None:
    iri = BASE + local
    if not is_iri(iri):
        return
    shorten = Shortener({"ex": BASE})
    term = shorten(iri)
    head = "".join(f"@prefix {p}: <{n}> ." for p, n in shorten.used.items())
    (quad,) = ox.parse(f"{head} {term} a {term} .", format=ox.RdfFormat.TURTLE)
    assert quad.object == ox.NamedNode(iri)


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("integer", "+007", "7"),
        ("integer", "-0", "0"),
        ("decimal", "1.50", "1.5"),
        ("decimal", ".5", "0.5"),
        ("decimal", "-0.0", "0"),
        ("decimal", "1.2e1", "12"),
        ("boolean", "1", "true"),
        ("date", "2024-02-29", "2024-02-29"),
        ("gYearMonth", "2021-04", "2021-04"),
        ("gYear", "2021", "2021"),
    ],
)
def test_canonical_forms_are_those_of_the_engine(kind: str, text: str, form: str) -> None:
    assert CANONICAL[kind](text) == form
    datatype = ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{kind}")
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.Literal(form, datatype=datatype)))
    (quad,) = store
    assert isinstance(quad.object, ox.Literal)
    assert quad.object.value == form


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "1.0"),
        ("integer", "１"),
        ("integer", "1_000"),
        ("integer", "9" * 5000),
        ("decimal", "NaN"),
        ("decimal", "1e999999"),
        ("decimal", "1,5"),
        ("boolean", "yes"),
        ("date", "2023-02-29"),
        ("date", "20230228"),
        ("gYearMonth", "2021-13"),
        ("gYear", "21"),
    ],
)
def test_what_has_no_canonical_form_is_refused(kind: str, text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        CANONICAL[kind](text)
