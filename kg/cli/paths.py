"""What ``serve``, ``query``, ``export`` and ``check`` share when they are given files and folders."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.bars import progress
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.opening import Opened, Options

F = TypeVar("F", bound=Callable[..., Any])

STDIN = "-"
PATHS = click.Path(path_type=Path)
SHOWN = 10
"""How many files that weren't read are named one by one."""


def opening_options(command: F) -> F:
    """Add the options of how to open files."""
    for option in reversed(
        (
            click.option("--syntax", help="What the files are, where names don't tell: ttl, nq, rdf, ..."),
            click.option("--title", help="What to call it [default: found in the files]."),
            click.option("--base", help="The IRI that most things lie under [default: found in the files]."),
            click.option("--partly", is_flag=True, help="Open what can be read, though a file can't."),
            click.option(
                "--cache",
                type=click.Path(file_okay=False, path_type=Path),
                help="Where what is made of the files is kept [default: the user's cache].",
            ),
        )
    ):
        command = option(command)
    return command


def options(*, syntax: str | None, title: str | None, base: str | None, partly: bool) -> Options:
    """Return how to open. Raises UsageError for a syntax or a base that can't be."""
    from kg.opening import Options
    from kg.reading import syntax_named

    if base and not base.startswith(("http://", "https://")):
        raise UsageError(f"the base {base} is not http(s)", hint="such as --base https://example.org/things/")
    return Options(syntax_named(syntax) if syntax else None, title or "", base or "", partly)


def opened(paths: Sequence[Path], how: Options, cache: Path | None) -> Opened:
    """Open files and folders; say on stderr what wasn't read. ``-`` is standard input."""
    from kg.opening import open_paths

    if Path(STDIN) in paths:
        with tempfile.TemporaryDirectory(prefix="kg-stdin-") as folder:
            saved = [_saved(how, Path(folder)) if path == Path(STDIN) else path for path in paths]
            found = open_paths(saved, how, cache=cache, progress=progress())
    else:
        found = open_paths(paths, how, cache=cache, progress=progress())
    tell(found)
    return found


def _saved(how: Options, folder: Path) -> Path:
    """Write standard input to a file, whose name says what it is."""
    if how.syntax is None:
        raise UsageError("standard input has no name that tells what it is", hint="name it: --syntax ttl")
    path = folder / f"stdin{how.syntax.endings[0]}"
    with path.open("wb") as out:
        while piece := sys.stdin.buffer.read(2**20):
            out.write(piece)
    return path


def tell(found: Opened) -> None:
    """Say what wasn't read, and why, and what of it was read in part."""
    for fault in found.faults:
        click.echo(f"warning: read in part: {fault}", err=True)
    for path, reason in found.unread[:SHOWN]:
        click.echo(f"warning: {path} isn't read: {reason}", err=True)
    if len(found.unread) > SHOWN:
        click.echo(f"warning: {len(found.unread) - SHOWN:,} further files aren't read", err=True)
