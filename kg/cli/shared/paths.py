"""What ``serve``, ``query``, ``export`` and ``check`` share when they are given files and folders."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.shared.bars import progress
from kg.errors import Fault, UsageError
from kg.machine.digests import sha256_of
from kg.machine.system import user

if TYPE_CHECKING:
    from kg.opening import Opened, Options

F = TypeVar("F", bound=Callable[..., Any])

STDIN = "-"
PATHS = click.Path(path_type=Path)
SHOWN = 10
"""How many files that weren't read are named one by one."""


def opening_options(command: F, more: tuple[str, ...] = ()) -> F:
    """Add the options of how to open files; ``more`` are other names of the first."""
    for option in reversed(
        (
            click.option(
                "--syntax",
                *more,
                "syntax",
                help="What the files are, where names don't tell: ttl, nq, rdf, ...",
            ),
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


def serving_options(command: F) -> F:
    """Add the same for a command that writes in no format: there ``--format`` is that of the files."""
    return opening_options(command, ("--format",))


def options(*, syntax: str | None, title: str | None, base: str | None, partly: bool) -> Options:
    """Return how to open. Raises UsageError for a syntax or a base that can't be."""
    from kg.opening import Options
    from kg.reading import syntax_named

    if base and not base.startswith(("http://", "https://")):
        raise UsageError(f"the base {base} is not http(s)", hint="such as --base https://example.org/things/")
    return Options(syntax_named(syntax) if syntax else None, title or "", base or "", partly)


def opened(paths: Sequence[Path], how: Options, cache: Path | None, *, served: bool = True) -> Opened:
    """Open files and folders; say on stderr what wasn't read. ``-`` is standard input."""
    from kg.opening import open_paths

    with on_disk(paths, how) as saved:
        found = open_paths(saved, how, cache=cache, progress=progress(), served=served, warn=_note)
    tell(found.unread, found.faults)
    return found


def _note(words: str) -> None:
    click.echo(f"note: {words}", err=True)


@contextmanager
def on_disk(paths: Sequence[Path], how: Options) -> Iterator[Sequence[Path]]:
    """Give the paths, with a file for standard input as long as it is needed."""
    if Path(STDIN) not in paths:
        yield paths
        return
    # Always the same place, as what was made of it is known by where it lay.
    folder = Path(tempfile.gettempdir()) / f"kg-stdin-{user()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as own:
        saved = _saved(how, Path(own))
        place = folder / sha256_of(saved)[:24]
        place.mkdir(exist_ok=True)
        saved = saved.replace(place / saved.name)
        yield [saved if path == Path(STDIN) else path for path in paths]


def _saved(how: Options, folder: Path) -> Path:
    """Write standard input to a file, whose name says what it is."""
    if how.syntax is None:
        raise UsageError(
            "standard input has no name that tells what it is",
            hint="name it: --syntax ttl (or nq, rdf, jsonld ...)",
        )
    path = folder / f"stdin{how.syntax.endings[0]}"
    with path.open("wb") as out:
        while piece := sys.stdin.buffer.read(2**20):
            out.write(piece)
    return path


def tell(unread: Sequence[tuple[Path, str]], faults: Sequence[Fault] = ()) -> None:
    """Say what wasn't read, and why, and what of it was read in part."""
    for fault in faults:
        click.echo(f"warning: read in part: {fault}", err=True)
    for path, reason in unread[:SHOWN]:
        click.echo(f"warning: {path} isn't read: {reason}", err=True)
    if len(unread) > SHOWN:
        click.echo(f"warning: {len(unread) - SHOWN:,} further files aren't read", err=True)
