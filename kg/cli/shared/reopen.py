"""Open files once, in a process of its own: what `kg.cli.shared.watch` runs when they changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kg.cli.shared.paths import PATHS, opened, opening_options, options
from kg.errors import KgError


@click.command()
@click.argument("paths", nargs=-1, type=PATHS)
@opening_options
def reopen(paths: tuple[Path, ...], *, cache: Path | None, **how: Any) -> None:
    """Open the files and leave the release active."""
    try:
        opened(paths, options(**how), cache)
    except KgError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    reopen()
