"""``kg crate``: a release as an RO-Crate."""

from __future__ import annotations

from pathlib import Path

import click

import kg
from kg.cli.read import chosen, release_option
from kg.cli.shared.taught import Command


@click.command(
    short_help="Describe a release as an RO-Crate.",
    cls=Command,
    examples=(
        "kg crate                        writes ro-crate-metadata.json into the active release",
        "kg crate --check DIR            are a crate's files what they were?",
    ),
)
@release_option
@click.option(
    "--check",
    "folder_checked",
    type=click.Path(file_okay=False, path_type=Path),
    help="Compare a crate's files with their checksums instead.",
)
def crate(*, folder: Path | None, folder_checked: Path | None) -> None:
    """Write the metadata of a release as an RO-Crate 1.2, so that repositories take its folder as it is.

    It lists the files with checksums and formats, the licence, who made it, and how to run it.
    """
    from kg.export.descriptions.crate import check_crate, write_crate

    if folder_checked is not None:
        click.echo(f"{folder_checked}\tok\t{check_crate(folder_checked)} files")
        return
    click.echo(write_crate(chosen(folder), kg.__version__))
