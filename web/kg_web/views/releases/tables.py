"""A release as tables and maps (CSV with its CSVW metadata, Parquet, Excel, GeoJSON), and parts as RDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.engine.local import LocalEngine
from kg.export.answers.csvw import FORMAT as TABLE_METADATA
from kg.export.cache import cached, checksum
from kg.export.extras import check_available, is_available
from kg.export.geojson import write_geojson
from kg.export.graphs.subset import subset
from kg.export.tables.csvw import csvw, metadata_bytes, write_csv
from kg.export.tables.glossary import Glossary, glossary
from kg.export.tables.parquet import PARQUET, write_parquet
from kg.export.tables.survey import Table, tables
from kg.export.tables.workbook import XLSX
from kg.export.tables.xlsx import write_xlsx
from kg.mediatypes import GEOJSON, RDF_FORMATS
from kg.release import Release
from kg.release.store import ensure_store
from kg.terms import KG
from kg_web.context import publication
from kg_web.delivery.files import send, send_dump
from kg_web.delivery.negotiate import refuse
from kg_web.rendering.i18n import language
from kg_web.views.releases.dataset import release_of

blueprint = Blueprint("tables", __name__)

FORMATS = {format.name: format for format in RDF_FORMATS}
MEDIA = {
    ".csv": "text/csv; charset=utf-8; header=present",
    **{f".{one.name}": one.media_type for one in (TABLE_METADATA, PARQUET, XLSX, GEOJSON)},
}
MOST_VALUES = 50
"""How many values one part may be cut by."""


@blueprint.get("/releases/<version>/tables")
def index(version: str) -> str:
    """List the tables of a release, those of the main classes first, with rows and columns."""
    release = release_of(version)
    found = [table for table in tables(release) if table.cls.startswith(release.base)]
    names = publication().explorer.reader(language())
    names.names.fetch([table.cls for table in found])
    listed = [(table, names.ref(table.cls)) for table in found]
    more = [one for one in (XLSX, PARQUET) if is_available(one)]
    return render_template("tables.html", shown=release, tables=listed, formats=RDF_FORMATS, more=more)


@blueprint.get("/releases/<version>/tables/<file>")
def table(version: str, file: str) -> Response:
    """Send a class's table, its metadata, or its map."""
    release = release_of(version)
    name, dot, rest = file.partition(".")
    kind = dot + rest
    found = next((one for one in tables(release) if one.name == name), None)
    if kind not in MEDIA or (found is None and (name, kind) != ("map", ".geojson")):
        return refuse(404, "unknown-file", "The release has no such table", file)
    response = send(release, _made(release, found, kind), MEDIA[kind], f"{version}-{file}")
    if kind == ".csv":
        link = f"{request.script_root}/releases/{version}/tables/{name}.csv-metadata.json"
        response.headers.add("Link", f'<{link}>; rel="describedby"; type="{TABLE_METADATA.media_type}"')
    return response


def _made(release: Release, table: Table | None, kind: str) -> Path:
    """Return the file, made if it isn't there. Raises NotInstalled, StorageError or Busy."""
    name = f"table-{table.name}{kind}" if table else f"map{kind}"
    make: Callable[[IO[bytes]], object]
    if table is None or kind == ".geojson":
        make = partial(_geojson, release, table.cls if table else None)
    elif kind == ".csv":
        make = partial(write_csv, release, table)
    elif kind == ".parquet":
        make = partial(write_parquet, release, table)
    elif kind == ".xlsx":
        check_available(XLSX)
        make = partial(_workbook, release, table)
    else:
        make = partial(_metadata, release, table)
    return cached(release, name, make)


def _geojson(release: Release, cls: str | None, out: IO[bytes]) -> None:
    write_geojson(release, out, cls)


def _workbook(release: Release, table: Table, out: IO[bytes]) -> None:
    write_xlsx(release, table, out, _terms(release, table))


def _metadata(release: Release, table: Table, out: IO[bytes]) -> None:
    path = cached(release, f"table-{table.name}.csv", partial(write_csv, release, table))
    out.write(metadata_bytes(csvw(release, table, _terms(release, table), checksum=checksum(release, path))))


def _terms(release: Release, table: Table) -> Glossary:
    """Return the names of a table's properties, as that release has them."""
    terms = [table.cls, *(column.property for column in table.columns)]
    active = publication().release
    if active is not None and active.path == release.path:
        return glossary(publication().engine, terms)
    with LocalEngine.open(ensure_store(release)) as engine:
        return glossary(engine, terms)


@blueprint.get("/releases/<version>/part")
def part(version: str) -> Response:
    """Send a part as RDF: ``?class=`` and any of the dataset's axes (``?<property IRI>=<value IRI>``)."""
    release = release_of(version)
    name = request.args.get("format", "ttl")
    if name not in FORMATS:
        return refuse(400, "unknown-format", "There is no such format", name, f"one of {', '.join(FORMATS)}")
    cls = request.args.get("class") or None
    axes = {axis: request.args.getlist(axis) for axis in axes_of(release) if request.args.getlist(axis)}
    known = {"class", "format", "inferred", "lang", *axes_of(release)}
    odd = sorted(set(request.args) - known)
    if odd or not (cls or axes) or sum(map(len, axes.values())) > MOST_VALUES:
        hint = f"class=<IRI>, or one of the dataset's axes: {', '.join(axes_of(release)) or 'it has none'}"
        return refuse(400, "unknown-axis", "The dataset can't be cut so", ", ".join(odd), hint)
    chosen = subset(release, cls=cls, axes=axes, inferred=request.args.get("inferred") == "1")
    return send_dump(release, FORMATS[name], chosen, f"{version}-part.{name}", keep=False)


def axes_of(release: Release) -> list[str]:
    """Return the properties by which dataset.ttl says that the dataset can be cut."""
    if "metadata.ttl" not in release.manifest["files"]:
        return []
    quads = ox.parse(path=str(release.file("metadata.ttl")), format=ox.RdfFormat.TURTLE)
    return sorted({str(q.object)[1:-1] for q in quads if q.predicate.value == KG + "axis"})
