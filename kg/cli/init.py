"""``kg init``: begin a curated dataset, with files that are there or with none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.shared.bars import progress
from kg.cli.shared.paths import PATHS, on_disk, options, serving_options
from kg.cli.shared.taught import Command


@click.command(
    short_help="Begin a curated dataset with files that are there.",
    cls=Command,
    examples=(
        "kg init thesaurus.ttl --into mine --base https://example.org/thesaurus/",
        "kg init                                    an empty one, here",
    ),
)
@click.argument("paths", nargs=-1, type=PATHS)
@click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where the folders data and ontology are made [default: here].",
)
@click.option("--source", "slug", default="", help="What to call the source [default: after the file].")
@serving_options
def init(paths: tuple[Path, ...], *, folder: Path, slug: str, **how: Any) -> None:
    """Write dataset.ttl, the folders, and a first source with what PATHS say, so that kg build goes through.

    What curated data can't have is written anew, and counted: blank nodes get IRIs, values their canonical
    form. Nothing is written over.
    """
    from kg.opening.begin import begin

    how.pop("cache")
    how.pop("partly")
    chosen = options(**how, partly=False)
    with on_disk(paths, chosen) as saved:
        begun = begin(saved, folder, chosen, slug=slug, progress=progress())
    for change, number in begun.changes.items():
        click.echo(f"{number:,} {change}", err=True)
    for path in begun.files:
        click.echo(path)
    where = f"--ontology {folder / 'ontology'} --data {folder / 'data'} --out {folder / 'releases'}"
    click.echo(f"its names lie under {begun.base}; go on with: kg build {where}", err=True)
