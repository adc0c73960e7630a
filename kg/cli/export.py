"""``kg export``: a release, a part of it, a table or one thing, in a format, fit for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from kg import mediatypes
from kg.cli.read import chosen, release_option
from kg.cli.shared.paths import STDIN, opened, opening_options, options
from kg.cli.shared.taught import Command
from kg.errors import ReleaseError, UsageError
from kg.machine.whole import whole
from kg.release import Release
from kg.terms import expand

if TYPE_CHECKING:
    from kg.export.tables.glossary import Glossary
    from kg.export.tables.survey import Table

_RDF = {format.name: format for format in mediatypes.RDF_FORMATS}
_TABLES = ("csv", "csvw", "parquet", "xlsx", "geojson")


@click.command(
    short_help="Write the dataset, a part of it, or one thing.",
    cls=Command,
    examples=(
        "kg export --format nq > stated.nq",
        "kg export --inferred --format ttl --out all.ttl",
        "kg export https://example.org/id/thing/one --format jsonld",
        "kg export --class ex:Thing --axis ex:isWithin=https://example.org/id/place/one",
        "kg export thesaurus.rdf --format ttl           from one format to another",
        "kg export --class ex:Thing --format csv --out things.csv",
    ),
)
@click.argument("what", nargs=-1)
@click.option("--format", "name", default="ttl", show_default=True, help=f"{', '.join((*_RDF, *_TABLES))}.")
@click.option("--class", "cls", metavar="IRI", help="Only the things of a class, and what belongs to them.")
@click.option(
    "--axis", "axes", multiple=True, metavar="PROPERTY=VALUE", help="Only things with a value; repeatable."
)
@release_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file [default: standard output]."
)
@click.option("--inferred", is_flag=True, help="Also what rules inferred.")
@opening_options
def export(
    what: tuple[str, ...],
    *,
    name: str,
    cls: str | None,
    axes: tuple[str, ...],
    folder: Path | None,
    out: Path | None,
    inferred: bool,
    cache: Path | None,
    **how: Any,
) -> None:
    """Write the dataset, a part of it, or one thing with what belongs to it.

    WHAT is the IRI of a thing, and files of RDF where it is of them and not of a release. IRIs may be
    compact, as the dataset's prefixes allow. Formats of datasets (trig, nq, jsonld) keep the named graphs;
    the others hold their merge. csv, csvw (what its columns mean), parquet, xlsx and geojson hold the
    things of a class, a row each.
    """
    iri, paths = _sorted(what)
    if name not in _RDF and name not in _TABLES:
        raise UsageError(f"no format is named {name!r}", hint=f"one of {', '.join((*_RDF, *_TABLES))}")
    if (iri and (cls or axes)) or (name in _TABLES and (iri or axes or inferred)):
        raise UsageError(
            "these don't go together", hint="an IRI alone; --class and --axis for RDF; --class for tables"
        )
    if paths and folder:
        raise UsageError("files go alone", hint="either files, or --release")
    release = opened(paths, options(**how), cache, served=False).release if paths else chosen(folder)
    cls = expand(cls, release.prefixes) if cls else None
    with _output(out) as stream:
        if iri is not None:
            stream.write(_described(release, expand(iri, release.prefixes), _RDF[name], inferred=inferred))
        elif name in _TABLES:
            _write_table(release, name, cls, stream)
        else:
            _write_part(release, name, cls, axes, stream, inferred=inferred)


def _sorted(what: tuple[str, ...]) -> tuple[str | None, list[Path]]:
    """Return which of the arguments is an IRI, and which are files. Raises UsageError for two IRIs."""
    paths = [Path(one) for one in what if one == STDIN or Path(one).exists()]
    iris = [one for one in what if one != STDIN and not Path(one).exists()]
    if len(iris) > 1:
        raise UsageError(f"{iris[1]} is no file, and one thing is exported at a time")
    if iris and ":" not in iris[0]:
        raise UsageError(f"{iris[0]} is no file and no IRI", hint="an IRI, or prefix:name, or a file's path")
    return next(iter(iris), None), paths


def _write_part(
    release: Release, name: str, cls: str | None, axes: tuple[str, ...], out: IO[bytes], *, inferred: bool
) -> None:
    from kg.export.graphs.dump import Part, dump
    from kg.export.graphs.subset import subset

    wanted: dict[str, list[str]] = {}
    for axis in axes:
        key, equals, value = axis.partition("=")
        if not equals:
            raise UsageError(f"--axis {axis} has no value", hint="--axis PROPERTY=VALUE")
        wanted.setdefault(expand(key, release.prefixes), []).append(expand(value, release.prefixes))
    part = Part(inferred=inferred)
    if cls or wanted:
        part = subset(release, cls=cls, axes=wanted, inferred=inferred)
    dump(release, _RDF[name], out, part)


def _write_table(release: Release, name: str, cls: str | None, out: IO[bytes]) -> None:
    from kg.export.geojson import write_geojson
    from kg.export.tables.csvw import csvw, metadata_bytes, write_csv
    from kg.export.tables.parquet import write_parquet
    from kg.export.tables.survey import tables
    from kg.export.tables.xlsx import write_xlsx

    if name == "geojson":
        write_geojson(release, out, cls)
        return
    found = next((table for table in tables(release) if table.cls == cls), None)
    if found is None:
        raise UsageError(f"there is no table of {cls or 'everything'}", hint="--class, one that has things")
    if name == "csv":
        write_csv(release, found, out)
    elif name == "parquet":
        write_parquet(release, found, out)
    elif name == "xlsx":
        write_xlsx(release, found, out, _terms(release, found))
    else:
        out.write(metadata_bytes(csvw(release, found, _terms(release, found))))


def _terms(release: Release, table: Table) -> Glossary:
    from kg.engine.local import LocalEngine
    from kg.export.tables.glossary import glossary
    from kg.release.store import ensure_store

    with LocalEngine.open(ensure_store(release)) as engine:
        return glossary(engine, [table.cls, *(column.property for column in table.columns)])


@contextmanager
def _output(path: Path | None) -> Iterator[IO[bytes]]:
    """Give standard output, or a file that appears under its name only when it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with whole(path) as stream:
        yield stream


def _described(release: Release, iri: str, format: mediatypes.Format, *, inferred: bool) -> bytes:
    from kg.engine.local import LocalEngine
    from kg.export import describe, embedding, serialise
    from kg.export.about import about_description
    from kg.release.store import ensure_store

    with LocalEngine.open(ensure_store(release)) as engine:
        found = describe(engine, iri, embeds=embedding(release), inferred=inferred)
    if found is None:
        raise ReleaseError(
            f"release {release.version} says nothing of <{iri}>", hint="is the IRI written in full?"
        )
    return serialise(
        found.dataset if format.kind is mediatypes.Kind.DATASET else found.triples,
        format,
        prefixes=release.prefixes,
        base=release.base,
        header=about_description(release, found, "--inferred"),
    )
