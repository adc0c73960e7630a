"""``kg serve``: publish a release, files as they are, or a remote endpoint."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kg.cli.shared.paths import PATHS, STDIN, opened, options, serving_options
from kg.cli.shared.taught import Command
from kg.cli.shared.watch import follow
from kg.errors import UsageError
from kg.resources import PACKAGES
from kg.settings import LIMITS, Settings


def _limits() -> list[tuple[str, str]]:
    """Return each limit's variable, and what it means with its default."""
    return [(limit.variable, f"{limit.meaning} [default: {limit.standard}]") for limit in LIMITS.values()]


@click.command(
    cls=Command,
    tables={"Limits, set by variables of the environment": _limits},
    examples=(
        "kg serve                                         the active release",
        "kg serve thesaurus.ttl                           a file as it is: Turtle, RDF/XML, JSON-LD ...",
        "kg serve vocabularies/ dump.nq.gz --watch        folders too; --watch follows changes",
        "curl -s https://example.org/x | kg serve - --format rdf",
        "kg serve --release releases/0.1.0 --port 8080",
        "kg serve --endpoint https://example.org/sparql",
    ),
)
@click.argument("paths", nargs=-1, type=PATHS)
@click.option(
    "--release",
    type=click.Path(file_okay=False, path_type=Path),
    help="A release's folder [default: the active one].",
)
@click.option(
    "--endpoint", help="Ask a remote SPARQL endpoint that holds the release, instead of the embedded engine."
)
@click.option("--watch", is_flag=True, help="Follow changes of the files; the last good state stays.")
@serving_options
@click.option("--host", help="Where to listen [default: KG_HOST, else 127.0.0.1].")
@click.option("--port", type=int, help="Where to listen [default: KG_PORT, else 8000].")
@click.option("--workers", type=int, help="How many processes serve [default: KG_WORKERS, else 2].")
def serve(
    paths: tuple[Path, ...],
    *,
    release: Path | None,
    endpoint: str | None,
    watch: bool,
    cache: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    **how: Any,
) -> None:
    """Serve a release, or files as they are.

    SPARQL, entity pages, search and downloads, of the active release or of PATHS. PATHS are files and
    folders of RDF in any syntax, also packed (.gz .zst .bz2 .zip). What is made of them is kept, so that
    the same files open at once the next time. With --endpoint alone there is no search and no citation, and
    the pages say so. Where no release is yet, one is built first of the ontology and data that came along.
    """
    from kg.release import active_release, has_any
    from kg_web.server.supervisor import serve as run

    if paths and (release is not None or endpoint is not None):
        raise UsageError("files go alone", hint="either PATHS, or --release and --endpoint")
    settings = Settings.load(host=host, port=port, workers=workers)
    if paths:
        if watch and Path(STDIN) in paths:
            raise UsageError("standard input doesn't change", hint="without --watch")
        found = opened(paths, options(**how), cache)
        release = found.release.path
        # Files are edited, and then opened anew: pages made beforehand would hardly be read.
        settings = replace(settings, releases=release.parent, premade=0)
        if watch:
            follow(paths, how, cache)
    elif release is None and endpoint is None:
        if not has_any(settings.releases):
            _build_first(settings.releases)
        release = active_release(settings.releases).path
    run(settings, release, endpoint)


def _build_first(releases: Path) -> None:
    """Make the first release as ``kg build`` does, in a process of its own: what serves stays small.

    Raises UsageError when it can't be made; what is wrong then stands on stderr.
    """
    click.echo(f"no release is in {releases}: one is built first, in about a minute", err=True)
    command = [sys.executable, "-P", "-c", "from kg.cli import main; main()", "build", "--out", str(releases)]
    environ = {**os.environ, "PYTHONPATH": PACKAGES}
    if subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False).returncode:
        raise UsageError(
            "there is no release, and none could be built", hint="see above; or name one: --release"
        )
