"""``kg mcp``: a release, or files as they are, for agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.read import chosen, release_option
from kg.cli.shared.paths import PATHS, STDIN, opened, opening_options, options
from kg.cli.shared.taught import Command
from kg.errors import UsageError
from kg.settings import Settings


@click.command(
    "mcp",
    short_help="Give a release to agents (Model Context Protocol).",
    cls=Command,
    examples=(
        "kg mcp                                      the active release, over standard input and output",
        "kg mcp --release releases/0.1.0             a release",
        "kg mcp thesaurus.ttl                        a file as it is",
        "kg mcp --http --port 8100                   over HTTP, at http://127.0.0.1:8100/mcp",
    ),
)
@click.argument("paths", nargs=-1, type=PATHS)
@release_option
@click.option("--http", is_flag=True, help="Over HTTP (streamable) instead of standard input and output.")
@click.option("--host", help="Where to listen [default: KG_HOST, else 127.0.0.1].")
@click.option("--port", type=int, help="Where to listen [default: KG_PORT, else 8000].")
@opening_options
def agents(
    paths: tuple[Path, ...],
    *,
    folder: Path | None,
    http: bool,
    host: str | None,
    port: int | None,
    cache: Path | None,
    **how: Any,
) -> None:
    """Give a release to agents as tools: search, read, schema, questions, answer, query, cite.

    Over standard input and output, as agents' hosts start it, or over HTTP. Queries run under the limits of
    KG_QUERY_TIMEOUT and its kin. It needs the extra: pip install 'linli[mcp]'.
    """
    from kg.agents.server import make_server, sdk
    from kg.agents.session import Session

    sdk()
    if paths and folder:
        raise UsageError("files go alone", hint="either PATHS, or --release")
    if Path(STDIN) in paths:
        raise UsageError("standard input is the protocol's", hint="name a file")
    settings = Settings.load(host=host, port=port)
    release = opened(paths, options(**how), cache).release if paths else chosen(folder)
    with Session(release, settings) as session:
        server = make_server(session)
        if http:
            server.run("streamable-http", host=settings.host, port=settings.port, stateless_http=True)
        else:
            server.run("stdio")
