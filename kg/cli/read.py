"""``kg query``: ask a release, fit for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from kg import mediatypes
from kg.cli.taught import Command
from kg.engine import Engine
from kg.errors import QuerySyntaxError, UsageError
from kg.release import Release, active_release, open_release
from kg.settings import Settings
from kg.terms import WELL_KNOWN

release_option = click.option(
    "--release",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="A release's folder [default: the active one].",
)


def chosen(folder: Path | None) -> Release:
    """Return the release of a folder, or the active one."""
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

    release = chosen(folder)
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
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option(
    "--format",
    "name",
    help=f"json, xml, csv, tsv for rows; {mediatypes.RDF_NAMES} for graphs.",
)
@release_option
@click.option("--endpoint", help="Ask a remote SPARQL endpoint instead.")
@click.option("--sources", is_flag=True, help="Give each row the passages that it rests on.")
@click.option("--deep", is_flag=True, help="With --sources: also what rules inferred them from.")
def query(
    file: TextIO, name: str | None, folder: Path | None, endpoint: str | None, *, sources: bool, deep: bool
) -> None:
    """Answer the SPARQL query in FILE, or on standard input when FILE is -.

    The dataset's prefixes need not be declared. Rows come as TSV and graphs as Turtle, unless --format says
    otherwise.
    """
    from kg.engine import results
    from kg.notebook import ask
    from kg.tracing.model import untraceable

    text = file.read()
    if sources:
        if endpoint:
            raise untraceable("a remote engine's answers", "ask without --sources")
        _write_sources(file.name, text, name or "tsv", folder, deep=deep)
        return
    with _engine(folder, endpoint) as (engine, prefixes), _placed(file.name):
        result = ask(engine, text, prefixes)
    format = _format(name or ("ttl" if result.kind == "graph" else "tsv"))
    _write(results.write(result, format, prefixes=prefixes))


def _write_sources(file: str, text: str, name: str, folder: Path | None, *, deep: bool) -> None:
    """Answer a query with its sources. An answer whose sources aren't told comes alone, and is said so."""
    from kg.notebook import Notebook
    from kg.tracing.write import written

    if _format(name).kind is not mediatypes.Kind.RESULTS:
        raise UsageError(f"{name} can't hold rows", hint="one of json, xml, csv, tsv")
    with Notebook.open(chosen(folder).path) as notebook, _placed(file):
        found = notebook.sourced(text, deep=deep)
    _write(written(found, name))
    if found.reason is not None:
        click.echo(f"the answer comes without its sources: {found.reason}", err=True)


@contextmanager
def _placed(file: str) -> Iterator[None]:
    """Say of a syntax error in which file it is."""
    try:
        yield
    except QuerySyntaxError as error:
        error.message = f"{file}:{error.line}:{error.column}: {error.message}"
        raise


def _format(name: str) -> mediatypes.Format:
    if name not in mediatypes.BY_NAME:
        raise UsageError(f"no format is named {name!r}", hint=f"one of {', '.join(mediatypes.BY_NAME)}")
    return mediatypes.BY_NAME[name]


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    if not content.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
