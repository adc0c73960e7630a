"""``kg sheet``: a document as a workbook that curators fill, and back."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from kg.cli.read import chosen, release_option
from kg.cli.shared.taught import Command, Group


@click.group(
    short_help="Write a document as a workbook, and read it back.",
    cls=Group,
    examples=(
        "kg sheet write lakeside-2024 --out lakeside.xlsx     a template, with what is known already",
        "kg sheet read lakeside.xlsx --out data/lakeside-2024/sheet.trig",
    ),
)
def sheet() -> None:
    """Fill a workbook instead of writing Turtle: sheets and drop-downs as the shapes have them."""


@sheet.command(
    short_help="Write a document's workbook.",
    cls=Command,
    examples=("kg sheet write lakeside-2024 --out lakeside.xlsx",),
)
@click.argument("slug")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The workbook (.xlsx)."
)
@release_option
def write(slug: str, *, out: Path, folder: Path | None) -> None:
    """Write the workbook of the document SLUG: what the release has of it, or an empty template.

    A sheet for each class as the shapes say, notes that say what columns are, drop-downs from the controlled
    lists. It needs the extra: pip install 'linli[xlsx]'.
    """
    from kg.sheets.plan import Plan
    from kg.sheets.write import check_slug, write_sheets

    check_slug(slug)
    with closing(Plan(chosen(folder))) as plan:
        count = write_sheets(plan, slug, out)
    click.echo(f"{out}: {count:,} statements of {slug}", err=True)


@sheet.command(
    short_help="Read a workbook back as TriG.",
    cls=Command,
    examples=("kg sheet read lakeside.xlsx --out data/lakeside-2024/sheet.trig",),
)
@click.argument("workbook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file [default: standard output]."
)
@release_option
def read(workbook: Path, *, out: Path | None, folder: Path | None) -> None:
    """Read WORKBOOK back as TriG, each statement in the graph of its passage.

    What is wrong is said by sheet and cell, and then nothing is written. kg check says the rest.
    """
    from kg.machine.whole import write_whole
    from kg.sheets.plan import Plan
    from kg.sheets.read import read_sheets, written

    with closing(Plan(chosen(folder))) as plan:
        slug, quads = read_sheets(plan, workbook)
        text = written(quads, plan.release.prefixes)
    if out is None:
        sys.stdout.buffer.write(text)
    else:
        write_whole(out, text.decode())
    click.echo(f"{len(quads):,} statements of {slug}", err=True)
