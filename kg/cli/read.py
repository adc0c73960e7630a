"""``kg query`` and ``kg export``: read a release, fit for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from kg import mediatypes
from kg.cli.taught import Command
from kg.cli.whole import export_release
from kg.engine import Engine
from kg.errors import QuerySyntaxError, ReleaseError, UsageError
from kg.release import Release, active_release, open_release
from kg.settings import Settings
from kg.terms import WELL_KNOWN

_release = click.option(
    "--release",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="A release's folder [default: the active one].",
)


def _open(folder: Path | None) -> Release:
    return open_release(folder) if folder else active_release(Settings.load().releases)


@contextmanager
def _engine(folder: Path | None, endpoint: str | None) -> Iterator[tuple[Engine, Mapping[str, str]]]:
    if endpoint:
        from kg.engine.remote import RemoteEngine

        with RemoteEngine(endpoint) as remote:
            yield remote, WELL_KNOWN if folder is None else open_release(folder).prefixes
        return
    from kg.engine.local import LocalEngine
    from kg.store import ensure_store

    release = _open(folder)
    with LocalEngine.open(ensure_store(release)) as local:
        yield local, release.prefixes


@click.command(
    short_help="Answer a SPARQL query in a file or on standard input.",
    cls=Command,
    examples=(
        "kg query ontology/questions/some.rq",
        "echo 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' | kg query - --format csv",
    ),
)
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option(
    "--format", "name", help="json, xml, csv, tsv for rows; ttl, nt, trig, nq, jsonld, rdf for graphs."
)
@_release
@click.option("--endpoint", help="Ask a remote SPARQL endpoint instead.")
def query(file: TextIO, name: str | None, folder: Path | None, endpoint: str | None) -> None:
    """Answer the SPARQL query in FILE, or on standard input when FILE is -.

    The dataset's prefixes need not be declared. Rows come as TSV and graphs as Turtle, unless --format says
    otherwise.
    """
    from kg.engine import results
    from kg.notebook import ask

    text = file.read()
    with _engine(folder, endpoint) as (engine, prefixes):
        try:
            result = ask(engine, text, prefixes)
        except QuerySyntaxError as error:
            error.message = f"{file.name}:{error.line}:{error.column}: {error.message}"
            raise
    format = _format(name or ("ttl" if result.kind == "graph" else "tsv"))
    _write(results.write(result, format, prefixes=prefixes))


def _format(name: str) -> mediatypes.Format:
    if name not in mediatypes.BY_NAME:
        raise UsageError(f"no format is named {name!r}", hint=f"one of {', '.join(mediatypes.BY_NAME)}")
    return mediatypes.BY_NAME[name]


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    if not content.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


@click.command(
    short_help="Write the dataset, or one entity, in another format.",
    cls=Command,
    examples=(
        "kg export --format nq > all.nq",
        "kg export https://example.org/id/thing/one --format jsonld",
    ),
)
@click.argument("iri", required=False)
@click.option("--format", "name", default="ttl", show_default=True, help="ttl, nt, trig, nq, jsonld, rdf.")
@_release
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file [default: standard output]."
)
@click.option("--inferred", is_flag=True, help="Of an entity, also what rules inferred.")
def export(iri: str | None, name: str, folder: Path | None, out: Path | None, inferred: bool) -> None:
    """Write the whole dataset, or one entity with what belongs to it, in a format.

    IRI may be compact, as the dataset's prefixes allow. Formats of datasets (trig, nq, jsonld of everything)
    keep the named graphs; the others hold their merge.
    """
    format = _format(name)
    release = _open(folder)
    if iri is None:
        with _output(out) as stream:
            export_release(release, format, stream)
    else:
        text = _described(release, iri, format, inferred=inferred)
        with _output(out) as stream:
            stream.write(text)


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    """Give standard output, or a file that appears under its name only when it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as stream:
            yield stream
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _described(release: Release, iri: str, format: mediatypes.Format, *, inferred: bool) -> bytes:
    from kg.engine.local import LocalEngine
    from kg.export import describe, embedding, serialise
    from kg.notebook import expand
    from kg.store import ensure_store

    full = expand(iri, release.prefixes)
    with LocalEngine.open(ensure_store(release)) as engine:
        found = describe(engine, full, embeds=embedding(release), inferred=inferred)
    if found is None:
        raise ReleaseError(
            f"release {release.version} says nothing of <{full}>", hint="is the IRI written in full?"
        )
    statements = found.dataset if format.kind is mediatypes.Kind.DATASET else found.triples
    return serialise(statements, format, prefixes=release.prefixes, base=release.base)
