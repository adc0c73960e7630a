"""Readers: whatever the file holds, the records come out as they are or the place of the fault is told."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.sources.readers import READERS, Layout
from kg.sources.wkt import to_wkt


def read(kind: str, content: str | bytes, *titles: str, **layout: Any) -> list[tuple[str, list[str | None]]]:
    raw = content if isinstance(content, bytes) else content.encode()
    records = READERS[kind](io.BytesIO(raw), Layout("f", titles, **layout))
    return [(where, list(cells)) for where, cells in records]


def test_csv_keeps_quotes_newlines_and_emptiness() -> None:
    text = '\ufeffa,b\r\n"x, ""y""","1\n2"\r\n\r\n ,""\r\n'
    assert read("csv", text, "a", "b") == [("f:2", ['x, "y"', "1\n2"]), ("f:5", [" ", ""])]
    assert read("csv", "1;2\n", "a", "b", header=False, delimiter=";") == [("f:1", ["1", "2"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,c\n", r"f:1: the columns are \['a', 'c'\], the mapping names \['a', 'b'\]"),
        ("", r"f:1: the columns are \[\]"),
        ("a,b\n1,2\n1\n", "f:3: 1 cells where the header has 2"),
        ('a,b\n1,2\n3,"4\n5,6\n', "f:3: unexpected end of data"),
        ('a,b\n1,"2"x\n', "f:2: ',' expected after '\"'"),
        ("a,b\n1," + "x" * 200_000 + "\n", "f:2: field larger than field limit"),
        (b"a,b\n1,\xff\n", "f:2: not UTF-8"),
    ],
)
def test_csv_says_where_it_is_wrong(content: str | bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read("csv", content, "a", "b")


def test_json_takes_arrays_and_objects_and_keeps_numbers_as_written() -> None:
    assert read("json", '{"r": [["a", 1.10], [null, 1e400]]}', "x", "y", rows="/r") == [
        ("f#/r/0", ["a", "1.10"]),
        ("f#/r/1", [None, "1e400"]),
    ]
    text = '{"k": {"x": true, "p": [1, {"q/r": "z"}]}}'
    assert read("json", text, "x", "/p/1/q~1r", "y") == [("f#/k", ["true", "z", None])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[1, 2],\n [3 4]]", "f:2:5: not JSON"),
        ("", "f:1:1: not JSON"),
        ("[[1, 2], [3]]", "f#/1: the record is an array of 1, the mapping names 2 columns"),
        ('[[1, 2], "x"]', "f#/1: the record is a str"),
        ("[[1, [2]]]", "f#/0: a column holds an array of 1"),
        ("3", "neither an array nor an object"),
        ("[NaN]", "NaN is not a JSON value"),
        (b'["\xff"]', "f:1: not UTF-8"),
        ("[" * 100_000, "nests too deep"),
    ],
)
def test_json_says_where_it_is_wrong(content: str | bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read("json", content, "a", "b")
    with pytest.raises(SourceError, match="there is nothing at /r"):
        read("json", "{}", "a", "b", rows="/r")


def test_geojson_gives_properties_id_and_geometry() -> None:
    point = {"type": "Point", "coordinates": [120.10, 30, 7]}
    features = [
        {"type": "Feature", "id": 3, "properties": {"name": "x"}, "geometry": point},
        {"type": "Feature", "properties": None, "geometry": None},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    assert read("geojson", text, "@id", "name", "@geometry") == [
        ("f#/features/0", ["3", "x", "POINT(120.1 30)"]),
        ("f#/features/1", [None, None, None]),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "there is nothing at /features"),
        ('{"features": {}}', "not an array"),
        ('{"features": [3]}', "f#/features/0: not a feature"),
        ('{"features": [{"geometry": {"type": "Blob"}}]}', "f#/features/0: not a geometry"),
        ('{"features": [{"geometry": {"type": "Point", "coordinates": ["x", 1]}}]}', "not a geometry"),
        ('{"features": [{"geometry": {"type": "Polygon", "coordinates": [1, 2]}}]}', "not a geometry"),
    ],
)
def test_geojson_says_where_it_is_wrong(content: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read("geojson", content, "@geometry")


def test_wkt_of_nested_geometries() -> None:
    ring = [[0, 0], [0, 1], [1, 1], [0, 0]]
    assert to_wkt({"type": "Polygon", "coordinates": [ring]}) == "POLYGON((0 0, 0 1, 1 1, 0 0))"
    assert to_wkt({"type": "MultiPolygon", "coordinates": [[ring]]}) == "MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))"
    assert to_wkt({"type": "LineString", "coordinates": ring[:2]}) == "LINESTRING(0 0, 0 1)"


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=6))
def test_csv_gives_back_what_was_written(rows: list[list[str]]) -> None:
    # An unpaired carriage return or surrogate is nothing that a CSV writer can round-trip through UTF-8.
    rows = [[cell.encode("utf-8", "ignore").decode().replace("\r", "") for cell in row] for row in rows]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    assert [cells for _, cells in read("csv", text.getvalue(), "a", "b")] == rows


@given(st.binary(max_size=200), st.sampled_from(sorted(READERS)))
def test_no_bytes_bring_a_reader_down(content: bytes, kind: str) -> None:
    with contextlib.suppress(SourceError):
        read(kind, content, "a")
