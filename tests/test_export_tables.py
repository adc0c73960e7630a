"""Tables, maps and parts: the same facts in other shapes, each file saying what it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.errors import UsageError
from kg.export.geojson import geometry
from kg.export.tables import parquet
from kg.export.tables.csvw import rows
from kg.export.tables.parquet import write_parquet
from kg.export.tables.survey import tables
from kg.mediatypes import RDF_FORMATS
from kg.release import Release
from kg.settings import Settings
from kg.terms import RDF, XSD
from kg_web import create_app
from tests.test_export_rdf import READERS
from tests.test_releases import copied

B = "https://example.org/orchard/"


@pytest.fixture(scope="module")
def client(small_release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        yield create_app(engine, Settings(), small_release).test_client()


def at(release: Release, rest: str) -> str:
    return f"/releases/{release.version}/{rest}"


def read_csv(client: FlaskClient, release: Release, name: str) -> list[dict[str, str]]:
    response = client.get(at(release, f"tables/{name}.csv"))
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.data.decode(), newline="")))


def test_a_row_for_each_thing_of_the_class_and_below(client: FlaskClient, small_release: Release) -> None:
    sites = {row["iri"]: row for row in read_csv(client, small_release, "Site")}
    assert set(sites) == {
        B + f"id/{name}"
        for name in (
            "orchard/long-ridge",
            "orchard/stone-bridge",
            "plot/long-ridge-north",
            "plot/long-ridge-south",
        )
    }
    north = sites[B + "id/plot/long-ridge-north"]
    assert (north["label_en"], north["isPartOf"], north["isPartOf_label"]) == (
        "North slope",
        B + "id/orchard/long-ridge",
        "Long Ridge Orchard",
    )
    assert "isWithin" not in north, "what rules inferred is not in tables"
    assert len(read_csv(client, small_release, "Tree")) == 24


def test_a_cell_of_several_values_can_be_taken_apart(client: FlaskClient, small_release: Release) -> None:
    (ridge,) = [
        row for row in read_csv(client, small_release, "Orchard") if row["iri"].endswith("long-ridge")
    ]
    metadata = client.get(at(small_release, "tables/Orchard.csv-metadata.json")).json
    (column,) = [c for c in metadata["tableSchema"]["columns"] if c["name"] == "hasFigure"]
    assert ridge["hasFigure"].split(column["separator"]) == [
        B + "id/figure/long-ridge/area-3.5",
        B + "id/figure/long-ridge/harvest-12400",
    ]


def test_a_dependent_row_says_whose_it_is(client: FlaskClient, small_release: Release) -> None:
    figures = {row["iri"]: row for row in read_csv(client, small_release, "Figure")}
    area = figures[B + "id/figure/long-ridge/area-3.5"]
    assert (area["owner"], area["owner_label"], area["number"]) == (
        B + "id/orchard/long-ridge",
        "Long Ridge Orchard",
        "3.5",
    )


def test_the_metadata_describes_every_column_and_the_file(
    client: FlaskClient, small_release: Release
) -> None:
    response = client.get(at(small_release, "tables/Tree.csv"))
    assert 'rel="describedby"' in response.headers["Link"]
    metadata = client.get(at(small_release, "tables/Tree.csv-metadata.json")).json
    columns = metadata["tableSchema"]["columns"]
    assert [c["name"] for c in columns] == response.data.decode().splitlines()[0].split(",")
    planted = next(c for c in columns if c["name"] == "planted")
    assert planted["datatype"] == "gYear"
    assert planted["propertyUrl"] == B + "ontology/planted"
    assert planted["titles"]["zh-hans"] == "种植年份"
    assert metadata["schema:sha256"] == response.headers["ETag"].strip('"')
    assert metadata["schema:version"] == small_release.version
    assert metadata["dc:license"]["@id"].startswith("https://creativecommons.org/")
    assert "[Data set]" in metadata["dc:bibliographicCitation"]
    assert any("CC0." in text for text in metadata["dc:rights"])


def test_the_csv_and_its_metadata_give_the_triples_back(client: FlaskClient, small_release: Release) -> None:
    """What CSVW's conversion (csv2rdf, minimal mode) makes of the table is what the release says."""
    columns = client.get(at(small_release, "tables/Tree.csv-metadata.json")).json["tableSchema"]["columns"]
    made = set()
    for row in read_csv(client, small_release, "Tree"):
        for column in columns:
            if column.get("suppressOutput") or not row[column["name"]]:
                continue
            cell = row[column["name"]]
            for value in cell.split(column["separator"]) if "separator" in column else [cell]:
                made.add((row["iri"], column["propertyUrl"], value))
    stated = {
        (q.subject.value, q.predicate.value, q.object.value)
        for q in ox.parse(path=str(small_release.file("dataset.nq")))
        if q.subject.value.startswith(B + "id/tree/") and "/inferred/" not in q.graph_name.value
    }
    assert made == stated


def test_parquet_has_types(client: FlaskClient, small_release: Release) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    response = client.get(at(small_release, "tables/Figure.parquet"))
    assert response.mimetype == "application/vnd.apache.parquet"
    table = pq.read_table(io.BytesIO(response.data))
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["number"].startswith("decimal128(")
    assert kinds["iri"] == "string"
    values = dict(zip(table["iri"].to_pylist(), table["number"].to_pylist(), strict=True))
    assert str(values[B + "id/figure/long-ridge/area-3.5"]) == "3.5"
    notes = table.schema.metadata
    assert notes[b"version"].decode() == small_release.version
    assert small_release.digest.encode() in notes[b"about"]
    trees = pq.read_table(io.BytesIO(client.get(at(small_release, "tables/Tree.parquet")).data))
    assert str(trees.schema.field("planted").type) == "int64"
    assert trees["planted"].to_pylist()[0] == 1893


def test_a_value_that_is_not_of_its_datatype_is_kept_as_text(small_release: Release, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    odd = copied(small_release, tmp_path, "9.0.0", (b'"1893"^^', b'"1893Z"^^'))
    (trees,) = [table for table in tables(odd) if table.cls == B + "ontology/Tree"]
    with (tmp_path / "trees.parquet").open("wb") as out:
        write_parquet(odd, trees, out)
    planted = pq.read_table(tmp_path / "trees.parquet")["planted"].to_pylist()
    assert (planted[0], set(map(type, planted))) == ("1893Z", {str}), "nothing is dropped"


def test_a_result_keeps_values_that_are_not_of_their_datatype(client: FlaskClient) -> None:
    import pyarrow.parquet as pq

    values = ["2020-01-01", "2020-01-01Z"]
    listed = " ".join(f'"{value}"^^<{XSD}date>' for value in values)
    query = f"SELECT ?x ?y {{ VALUES ?x {{ {listed} }} VALUES ?y {{ 1 'two'^^<{XSD}integer> }} }}"
    table = pq.read_table(io.BytesIO(client.get("/result.parquet", query_string={"query": query}).data))
    assert set(table["x"].to_pylist()) == set(values)
    assert set(table["y"].to_pylist()) == {"1", "two"}


def test_without_pyarrow_parquet_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError) as caught:
        parquet.arrow()
    assert "pip install" in (caught.value.hint or "")


def test_the_map(client: FlaskClient, small_release: Release) -> None:
    response = client.get(at(small_release, "tables/map.geojson"))
    assert response.mimetype == "application/geo+json"
    found = json.loads(response.data)
    (feature,) = found["features"]
    assert feature["id"] == B + "id/orchard/long-ridge"
    assert feature["geometry"] == {"type": "Point", "coordinates": [120.15, 30.28]}
    assert feature["properties"]["label_en"] == "Long Ridge Orchard"
    assert feature["properties"]["type"] == ["o:Orchard"]
    assert found["version"] == small_release.version
    assert found["license"]
    assert json.loads(client.get(at(small_release, "tables/Tree.geojson")).data)["features"] == []


AGAINST = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
"""A ring that runs against the clock, as RFC 7946 §3.1.6 has outer ones."""


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT(120.15 30.28)", ("Point", [120.15, 30.28])),
        ("Point Z (1 2 3)", ("Point", [1.0, 2.0])),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(1 2)", ("Point", [1.0, 2.0])),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(30.28 120.15)", ("Point", [120.15, 30.28])),
        ("<http://www.opengis.net/def/crs/EPSG/0/3857> POINT(1 2)", None),
        ("LINESTRING(0 0, 1 1.5, -2e1 2)", ("LineString", [[0.0, 0.0], [1.0, 1.5], [-20.0, 2.0]])),
        (
            "POLYGON((0 0, 0 1, 1 1, 0 0),(0 0, 0 1, 1 1, 0 0))",
            ("Polygon", [AGAINST, [list(place) for place in reversed(AGAINST)]]),
        ),
        ("MULTIPOINT((1 2), (3 4))", ("MultiPoint", [[1.0, 2.0], [3.0, 4.0]])),
        ("MULTIPOINT(1 2, 3 4)", ("MultiPoint", [[1.0, 2.0], [3.0, 4.0]])),
        (
            "MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))",
            ("MultiPolygon", [[AGAINST]]),
        ),
        ("POINT EMPTY", None),
        ("POINT(a b)", None),
        ("POINT((1 2))", None),
        ("CIRCLE(1 2)", None),
        ("", None),
        ("POINT(nan inf)", None),
    ],
)
def test_wkt(wkt: str, expected: tuple[str, object] | None) -> None:
    found = geometry(wkt)
    assert (found and (found["type"], found["coordinates"])) == expected


@pytest.mark.parametrize("format", RDF_FORMATS, ids=lambda f: f.name)
def test_a_part_has_its_things_and_what_they_embed(
    client: FlaskClient, small_release: Release, format
) -> None:  # type: ignore[no-untyped-def]
    response = client.get(
        at(small_release, "part"), query_string={"class": B + "ontology/Orchard", "format": format.name}
    )
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(response.data))
    subjects = {q.subject.value for q in ox.parse(response.data, format=READERS[format.name])}
    assert subjects == {
        B + f"id/{name}"
        for name in (
            "orchard/long-ridge",
            "orchard/stone-bridge",
            "figure/long-ridge/area-3.5",
            "figure/long-ridge/harvest-12400",
            "figure/stone-bridge/harvest-800",
        )
    }


def test_a_part_by_axis(client: FlaskClient, small_release: Release) -> None:
    pear, ridge = B + "id/variety/red-lantern", B + "id/orchard/long-ridge"
    found = client.get(
        at(small_release, "part"), query_string={B + "ontology/isOfVariety": pear, "format": "nt"}
    )
    trees = {q.subject.value for q in ox.parse(found.data, format=ox.RdfFormat.N_TRIPLES)}
    assert len(trees) == 8
    # By what a rule inferred, too, though the inference itself is left out.
    found = client.get(
        at(small_release, "part"), query_string={B + "ontology/isWithin": ridge, "format": "nt"}
    )
    said = list(ox.parse(found.data, format=ox.RdfFormat.N_TRIPLES))
    assert {q.subject.value.rpartition("-")[2] for q in said} == {"north", "south"}
    assert B + "ontology/isWithin" not in {q.predicate.value for q in said}


@pytest.mark.parametrize("query", ["", "colour=red", f"class={quote(RDF)}x&format=doc", "format=ttl"])
def test_a_part_by_what_is_no_axis(client: FlaskClient, small_release: Release, query: str) -> None:
    response = client.get(at(small_release, "part") + "?" + query)
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


def test_parts_do_not_fill_the_disk(client: FlaskClient, small_release: Release) -> None:
    before = set((small_release.path / "exports").rglob("*"))
    client.get(at(small_release, "part"), query_string={"class": B + "ontology/Variety", "format": "trig"})
    assert set((small_release.path / "exports").rglob("*")) == before


@pytest.mark.parametrize("file", ["Nothing.csv", "Tree.xls", "Tree", "map.csv", "../x.csv"])
def test_no_such_table(client: FlaskClient, small_release: Release, file: str) -> None:
    assert client.get(at(small_release, f"tables/{file}")).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_list_of_tables(client: FlaskClient, small_release: Release, language: str) -> None:
    page = client.get(at(small_release, "tables"), query_string={"lang": language})
    assert page.status_code == 200
    assert "tables/Tree.csv" in page.text
    assert "tables/Class.csv" not in page.text


def test_every_class_gives_a_table_of_its_count(release: Release, tmp_path: Path) -> None:
    """On the default release: rows agree with the survey, and names are ones that files and R take."""
    found = tables(release)
    assert len({table.name.lower() for table in found}) == len(found)
    for table in sorted(found, key=lambda one: one.rows)[-3:-1]:
        assert sum(1 for _ in rows(release, table)) == table.rows
        assert all(column.name.replace("_", "").isalnum() for column in table.columns)
        assert len({column.name for column in table.columns}) == len(table.columns)


FIGURES = f"""PREFIX o: <{B}ontology/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?site ?name ?number ?missing {{ ?site o:hasFigure [ o:number ?number ] ; rdfs:label ?name
  FILTER(lang(?name) = "en") }} ORDER BY ?number"""


def test_a_result_is_a_table_too(client: FlaskClient, small_release: Release) -> None:
    response = client.get("/result.csv", query_string={"query": FIGURES})
    assert response.status_code == 200
    found = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [row["number"] for row in found] == ["3.5", "800", "12400"]
    link = response.headers["Link"].partition(">")[0][1:]
    metadata = client.get(link).json
    columns = {column["name"]: column for column in metadata["tableSchema"]["columns"]}
    assert columns["site"]["datatype"] == "anyURI"
    assert columns["name"]["lang"] == "en"
    assert columns["number"]["datatype"] == "decimal"
    assert metadata["schema:version"] == small_release.version
    assert metadata["notes"][0]["query"] == FIGURES
    assert len(metadata["notes"][0]["sha256"]) == 64


def test_a_result_as_parquet_has_types(client: FlaskClient) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(client.get("/result.parquet", query_string={"query": FIGURES}).data))
    assert [str(value) for value in table["number"].to_pylist()] == ["3.5", "800.0", "12400.0"]
    assert str(table.schema.field("number").type) == "decimal128(6, 1)"
    assert table["missing"].to_pylist() == [None, None, None]
    assert table.schema.metadata[b"query"].decode() == FIGURES
    empty = client.get("/result.parquet", query_string={"query": "SELECT ?x { ?x <urn:none> 1 }"})
    assert pq.read_table(io.BytesIO(empty.data)).num_rows == 0


@pytest.mark.parametrize(
    ("address", "query", "status"),
    [
        ("/result.csv", "CONSTRUCT WHERE { ?s ?p ?o }", 400),
        ("/result.csv", "SELECT", 400),
        ("/result.csv", "", 400),
        ("/result.ods", "ASK {}", 404),
        ("/result.xlsx", "ASK {}", 400),
        ("/result.parquet", "DELETE WHERE { ?s ?p ?o }", 400),
    ],
)
def test_what_is_no_table_is_refused(client: FlaskClient, address: str, query: str, status: int) -> None:
    response = client.get(address, query_string={"query": query})
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
