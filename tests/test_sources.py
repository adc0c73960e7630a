"""Refreshing a source: what the mapping says is what is made, and nothing of a bad run is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.errors import SourceError
from kg.sources import EVERYTHING, list_sources, refresh
from kg.sources.sorted_turtle import StatementSorter, write_turtle

EX = "https://example.org/"

Make = Callable[..., Path]


def column(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **({} if "propertyUrl" in more else {"suppressOutput": True}), **more}


def table(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    schema = {"aboutUrl": EX + "bird/{code}", "columns": list(columns)}
    return {"url": "birds.csv", "tableSchema": {**schema, **more.pop("schema", {})}, **more}


CODE = column("code", required=True)
NAME = column("name", propertyUrl="rdfs:label", lang="en")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a source folder called ``birds`` and return the data folder it lies in."""

    def write(*tables: dict[str, Any], files: dict[str, str | bytes], **group: Any) -> Path:
        folder = tmp_path / "data" / "birds"
        folder.mkdir(parents=True, exist_ok=True)
        mapping = {
            "@context": "http://www.w3.org/ns/csvw",
            "kg:output": "birds.ttl",
            "tables": tables,
            **group,
        }
        (folder / "mapping.json").write_text(json.dumps(mapping), encoding="utf-8")
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / name).write_bytes(raw)
        return tmp_path / "data"

    return write


def quads(path: Path) -> set[tuple[str, str, str]]:
    parsed = ox.parse(path=path, format=ox.RdfFormat.TURTLE)
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in parsed}


def test_cells_become_the_statements_their_columns_say(make: Make) -> None:
    data = make(
        table(
            CODE,
            NAME,
            column("weight", propertyUrl=EX + "weight", datatype="decimal"),
            column("seen", propertyUrl=EX + "seen", datatype="date"),
            column("family", propertyUrl=EX + "family", valueUrl=EX + "family/{family}"),
            column("type", virtual=True, propertyUrl="rdf:type", valueUrl=EX + "Bird"),
            column("place", virtual=True, propertyUrl=EX + "at", default="here & there", lang="en"),
        ),
        files={"birds.csv": "code,name,weight,seen,family\nb1,Wren,010.50,2021-03-04,a b\nb2,,,,\n"},
    )
    made = refresh(data, "birds")
    assert (made.rows, made.statements) == (2, 8)
    b1, b2 = f"<{EX}bird/b1>", f"<{EX}bird/b2>"
    label, at = "<http://www.w3.org/2000/01/rdf-schema#label>", f"<{EX}at>"
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    xsd = "http://www.w3.org/2001/XMLSchema#"
    assert quads(made.path) == {
        (b1, label, '"Wren"@en'),
        (b1, f"<{EX}weight>", f'"10.5"^^<{xsd}decimal>'),
        (b1, f"<{EX}seen>", f'"2021-03-04"^^<{xsd}date>'),
        (b1, f"<{EX}family>", f"<{EX}family/a%20b>"),
        *((bird, rdf_type, f"<{EX}Bird>") for bird in (b1, b2)),
        *((bird, at, '"here & there"@en') for bird in (b1, b2)),
    }


def test_a_second_run_changes_nothing_not_even_the_file(make: Make) -> None:
    data = make(table(CODE, NAME), files={"birds.csv": "code,name\nb2,Tit\nb1,Wren\n"})
    first = refresh(data, "birds")
    before, inode = first.path.read_bytes(), first.path.stat().st_ino
    assert refresh(data, "birds") == first
    assert (first.path.read_bytes(), first.path.stat().st_ino) == (before, inode)
    (data / "birds" / "birds.csv").write_text("code,name\nb1,Wren\nb2,Tit\nb1,Wren\n")
    refresh(data, "birds")
    assert first.path.read_bytes() == before, "neither order nor repetition of rows may show"


def test_a_failed_run_leaves_what_was_there(make: Make) -> None:
    data = make(table(CODE, NAME), files={"birds.csv": "code,name\nb1,Wren\n"})
    path = refresh(data, "birds").path
    before = path.read_bytes()
    (data / "birds" / "birds.csv").write_text("code,name\nb1,Wren\nb2,Tit,3\n")
    with pytest.raises(SourceError, match=r"birds\.csv:3: 3 cells where the header has 2"):
        refresh(data, "birds")
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["birds.csv", "birds.ttl", "mapping.json"]


def test_a_scope_keeps_what_is_below_it_and_what_is_above(make: Make) -> None:
    birds = table(CODE, NAME, **{"kg:scope": {"column": "code"}})
    rows = "code,name\na,A\nab,AB\nabc,ABC\nabd,ABD\nb,B\n"
    data = make(birds, files={"birds.csv": rows}, **{"kg:scope": "ab"})
    assert refresh(data, "birds").rows == 4
    with pytest.raises(SourceError, match="name a folder"):
        refresh(data, "birds", scope="abc")
    out = data.parent / "out"
    assert refresh(data, "birds", scope="abc", out=out).rows == 3
    assert refresh(data, "birds", scope=EVERYTHING, out=out).rows == 5
    assert refresh(data, "birds", scope="x", out=out).rows == 0
    assert quads(out / "birds.ttl") == set()


def test_a_scope_reads_the_part_of_a_code_that_counts(make: Make) -> None:
    scope = {"column": "code", "pattern": r"(\d)00|(\d\d)0|(\d+)"}
    data = make(
        table(CODE, NAME, **{"kg:scope": scope}),
        files={"birds.csv": "code,name\n100,A\n120,B\n123,C\n130,D\n200,E\n"},
        **{"kg:scope": "12"},
    )
    assert {s for s, _, _ in quads(refresh(data, "birds").path)} == {
        f"<{EX}bird/{c}>" for c in (100, 120, 123)
    }


def test_conditions_choose_rows(make: Make) -> None:
    data = make(
        table(CODE, NAME, **{"kg:where": {"name": ["Wren", "Tit"], "code": {"pattern": r"b\d"}}}),
        files={"birds.csv": "code,name\nb1,Wren\nb2,Owl\nb3,Tit\nc4,Tit\nb5,\n"},
    )
    assert refresh(data, "birds").rows == 2


@pytest.mark.parametrize(("missing", "rows", "statements"), [("skip", 1, 1), ("null", 2, 1)])
def test_lookups_add_cells(make: Make, missing: str, rows: int, statements: int) -> None:
    lookup = {"url": "links.csv", "match": {"key": "code"}, "take": {"iri": "node"}, "missing": missing}
    same = column("same", virtual=True, propertyUrl="owl:sameAs", valueUrl="{+node}")
    data = make(
        table(CODE, column("name"), same, **{"kg:lookups": [lookup]}),
        files={
            "birds.csv": "code,name\nb1,Wren\nb2,Tit\n",
            "links.csv": "key,iri,note\nb1,https://w.example/Q1?a=1#%C3,x\n",
        },
    )
    made = refresh(data, "birds")
    assert (made.rows, made.statements) == (rows, statements)
    assert [o for _, _, o in quads(made.path)] == ["<https://w.example/Q1?a=1#%C3>"]


def test_a_lookup_that_must_match_says_what_is_missing(make: Make) -> None:
    lookup = {"url": "links.csv", "match": {"key": "code"}, "take": {"iri": "node"}}
    data = make(
        table(CODE, NAME, **{"kg:lookups": [lookup]}),
        files={"birds.csv": "code,name\nb1,Wren\n", "links.csv": "key,iri\n"},
    )
    with pytest.raises(SourceError, match=r"birds\.csv:2: links\.csv has no row for b1"):
        refresh(data, "birds")


@pytest.mark.parametrize(
    ("links", "message"),
    [
        ("key,iri\nb1,x\nb1,y\n", r"links\.csv:3: the key b1 comes a second time"),
        ("key,uri\n", "no column iri"),
        ("", "it is empty"),
    ],
)
def test_a_lookup_that_is_unsound_is_refused(make: Make, links: str, message: str) -> None:
    lookup = {"url": "links.csv", "match": {"key": "code"}, "take": {"iri": "node"}}
    data = make(
        table(CODE, NAME, **{"kg:lookups": [lookup]}),
        files={"birds.csv": "code,name\nb1,Wren\n", "links.csv": links},
    )
    with pytest.raises(SourceError, match=message):
        refresh(data, "birds")


@pytest.mark.parametrize("url", ["../outside.csv", "/etc/passwd.csv", "link.csv"])
def test_a_mapping_reads_nothing_outside_its_folder(make: Make, url: str) -> None:
    data = make(table(CODE, url=url), files={})
    (data / "outside.csv").write_text("code\n")
    (data / "birds" / "link.csv").symlink_to(data / "outside.csv")
    with pytest.raises(SourceError, match="lies outside"):
        refresh(data, "birds")


def test_keys_must_be_unique_and_cells_as_promised(make: Make) -> None:
    unique = table(CODE, NAME, schema={"primaryKey": "code"})
    data = make(unique, files={"birds.csv": "code,name\nb1,Wren\nb1,Tit\n"})
    with pytest.raises(SourceError, match=r"birds\.csv:3: the key b1 comes a second time"):
        refresh(data, "birds")
    data = make(table(CODE, NAME), files={"birds.csv": "code,name\n,Wren\n"})
    with pytest.raises(SourceError, match=r"birds\.csv:2: code is empty"):
        refresh(data, "birds")
    strict = column("code", datatype={"format": r"b\d"}, propertyUrl="skos:notation")
    data = make(table(strict), files={"birds.csv": "code\nb1\nb1 x\n"})
    with pytest.raises(SourceError, match=r"birds\.csv:3: code is 'b1 x'"):
        refresh(data, "birds")


def test_sources_are_listed_by_their_mappings(make: Make) -> None:
    data = make(table(CODE), files={})
    (data / "_draft").mkdir()
    (data / "_draft" / "mapping.json").write_text("{}")
    (data / "article").mkdir()
    assert list_sources(data) == ("birds",)
    with pytest.raises(SourceError, match="no such mapping"):
        refresh(data, "article")


def test_progress_is_told(make: Make) -> None:
    data = make(table(CODE), files={"birds.csv": "code\n" + "".join(f"b{i}\n" for i in range(20_001))})
    told: list[tuple[str, int]] = []
    refresh(data, "birds", progress=lambda name, rows: told.append((name, rows)))
    assert told == [("birds.csv", 0), ("birds.csv", 10_000), ("birds.csv", 20_000)]


def test_sorting_spills_and_merges(tmp_path: Path) -> None:
    numbers = [(i * 7919) % 1000 for i in range(2500)]
    with StatementSorter(run=64) as sorter:
        for n in numbers:
            sorter.add(f"<x:{n:04}>", "a", "<x:y>")
        assert write_turtle(tmp_path / "x.ttl", sorter, {}, []) == 1000
    subjects = [line for line in (tmp_path / "x.ttl").read_text().splitlines() if line]
    assert subjects == sorted(subjects)


def test_a_folder_that_cannot_be_written_is_said(make: Make) -> None:
    data = make(table(CODE, NAME), files={"birds.csv": "code,name\nb1,Wren\n"})
    (data / "file").write_text("")
    with pytest.raises(SourceError, match="can't be written"):
        refresh(data, "birds", out=data / "file" / "out")
