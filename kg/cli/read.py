"""``kg query``: ask a release, fit for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from kg import mediatypes
from kg.cli.shared.paths import PATHS, opened, opening_options, options
from kg.cli.shared.taught import Command
from kg.errors import QuerySyntaxError, UsageError
from kg.release import Release, active_release, open_release
from kg.settings import Settings
from kg.terms import WELL_KNOWN

if TYPE_CHECKING:
    from kg.engine import Engine

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
def _engine(folder: Path | None, endpoint: str | None) -> Iterator[tuple[Engine, Mapping[str, str], str]]:
    """Open what is asked; yield it with the dataset's prefixes and base."""
    if endpoint:
        from kg.engine.remote import RemoteEngine

        with RemoteEngine(endpoint) as remote:
            if folder is None:
                yield remote, WELL_KNOWN, ""
            else:
                release = open_release(folder)
                yield remote, release.prefixes, release.base
        return
    from kg.engine.local import LocalEngine
    from kg.release.store import ensure_store

    release = chosen(folder)
    with LocalEngine.open(ensure_store(release)) as local:
        yield local, release.prefixes, release.base


@click.command(
    short_help="Answer a SPARQL query in a file or on standard input.",
    cls=Command,
    examples=(
        "kg query ontology/questions/some.rq",
        "kg query some.rq thesaurus.ttl more/",
        "echo 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' | kg query - --format csv",
    ),
)
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.argument("paths", nargs=-1, type=PATHS)
@click.option("--data", "more", multiple=True, type=PATHS, help="A file to ask, as PATHS are; repeatable.")
@click.option(
    "--format",
    "name",
    help=f"json, xml, csv, tsv for rows; {mediatypes.RDF_NAMES} for graphs.",
)
@release_option
@click.option("--endpoint", help="Ask a remote SPARQL endpoint instead.")
@click.option("--sources", is_flag=True, help="Give each row the passages that it rests on.")
@click.option("--deep", is_flag=True, help="With --sources: also what rules inferred them from.")
@opening_options
def query(
    file: TextIO,
    paths: tuple[Path, ...],
    *,
    more: tuple[Path, ...],
    name: str | None,
    folder: Path | None,
    endpoint: str | None,
    cache: Path | None,
    sources: bool,
    deep: bool,
    **how: Any,
) -> None:
    """Answer the SPARQL query in FILE, or on standard input when FILE is -.

    It is asked of the active release, or of PATHS: files and folders of RDF as they are. The dataset's
    prefixes need not be declared. Rows come as TSV and graphs as Turtle, unless --format says otherwise.
    Where an answer may not be what was meant, a hint on standard error says why.
    """
    from kg.engine.answers import results
    from kg.hints import Known, find_now
    from kg.notebook import ask, declared
    from kg.tracing.planning.traced import untraceable

    text = file.read()
    if paths or more:
        if folder or endpoint:
            raise UsageError("files go alone", hint="either PATHS, or --release and --endpoint")
        folder = opened([*paths, *more], options(**how), cache, served=False).release.path
    if sources:
        if endpoint:
            raise untraceable("a remote engine's answers", "ask without --sources")
        _write_sources(file.name, text, name or "tsv", folder, deep=deep)
        return
    with _engine(folder, endpoint) as (engine, prefixes, base), _placed(file.name):
        result = ask(engine, text, prefixes)
    format = _format(name or ("ttl" if result.kind == "graph" else "tsv"))
    _write(results.write(result, format, prefixes=prefixes))
    for one in find_now(declared(text, prefixes), result, Known(prefixes, base), engine):
        click.echo(f"hint: {one}", err=True)


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
