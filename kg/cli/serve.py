"""``kg serve``: publish a release, or a remote endpoint."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.taught import Command
from kg.settings import Settings


@click.command(
    cls=Command,
    examples=(
        "kg serve",
        "kg serve --release releases/0.1.0 --port 8080",
        "kg serve --endpoint https://example.org/sparql",
    ),
)
@click.option(
    "--release",
    type=click.Path(file_okay=False, path_type=Path),
    help="A release's folder [default: the active one].",
)
@click.option(
    "--endpoint", help="Ask a remote SPARQL endpoint that holds the release, instead of the embedded engine."
)
@click.option("--host", help="Where to listen [default: KG_HOST, else 127.0.0.1].")
@click.option("--port", type=int, help="Where to listen [default: KG_PORT, else 8000].")
@click.option("--workers", type=int, help="How many processes serve [default: KG_WORKERS, else 2].")
def serve(
    release: Path | None, endpoint: str | None, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve SPARQL, entity pages, search and downloads.

    With --endpoint alone there is no search and no citation, and the pages say so.
    """
    from kg.release import active_release
    from web.server.supervisor import serve as run

    settings = Settings.load(host=host, port=port, workers=workers)
    if release is None and endpoint is None:
        release = active_release(settings.releases).path
    run(settings, release, endpoint)
