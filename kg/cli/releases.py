"""``kg release`` and ``kg citations``: releases side by side, and the store of cited queries."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from kg.cli.shared.taught import Group
from kg.errors import ReleaseError, UsageError
from kg.mediatypes import BY_NAME, RDF_NAMES
from kg.settings import Settings

_folder = click.option(
    "--releases",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where releases lie [default: KG_RELEASES, else releases/].",
)


@click.group(
    cls=Group,
    examples=(
        "kg release list",
        "kg release activate 0.2.0",
        "kg release diff 0.1.0 0.2.0 --entity https://example.org/id/thing/one",
        "kg release diff 0.1.0 0.2.0 --by classes",
        "kg release diff 0.1.0 0.2.0 --side added --format trig",
        "kg release verify 0.1.0",
        "kg release prune 0.1.0 --reason 'withdrawn by its source'",
    ),
)
def release() -> None:
    """Look after the releases in a folder."""


@release.command("list")
@_folder
def list_(folder: Path | None) -> None:
    """List the releases, the newest first.

    Each with its version, statements and checksum. The active one has a star, one that was removed an x, and
    what is not a whole release a question mark.
    """
    from kg.release import active_release, unfit_releases
    from kg.release.shelf import releases, tombstones

    place = Settings.load(releases=folder).releases
    try:
        active = active_release(place).version
    except ReleaseError:
        active = ""
    for one in releases(place):
        star = "*" if one.version == active else ""
        click.echo(f"{star}\t{one.version}\t{one.counts.get('statements', '')}\t{one.digest[:12]}")
    for stone in tombstones(place):
        click.echo(f"x\t{stone.version}\tremoved {stone.removed}\t{stone.reason}")
    for name, error in unfit_releases(place):
        click.echo(f"?\t{name}\t{error.message}")


@release.command(short_help="Make a release the active one.")
@click.argument("version")
@_folder
def activate(version: str, folder: Path | None) -> None:
    """Make a release the active one, if its files have their checksums. Going back is the same command.

    A running server takes it at SIGHUP to its first process, and loses no request.
    """
    from kg.release.shelf import activate as put_in_front

    click.echo(put_in_front(Settings.load(releases=folder).releases, version).path)


@release.command()
@click.argument("version", required=False)
@_folder
def verify(version: str | None, folder: Path | None) -> None:
    """Compare the files of a release, or of all, with their checksums. Exit code 1 when one fails."""
    from kg.release import unfit_releases
    from kg.release.shelf import find, releases

    place = Settings.load(releases=folder).releases
    faults = [] if version else [error for _, error in unfit_releases(place)]
    for one in [find(place, version)] if version else releases(place):
        try:
            one.verify()
            click.echo(f"{one.version}\tok\t{one.digest}")
        except ReleaseError as error:
            faults.append(error)
    for fault in faults[:-1]:
        click.echo(f"error: {fault}", err=True)
    if faults:
        raise faults[-1]


@release.command(short_help="Show what changed from one release to another.")
@click.argument("before")
@click.argument("after")
@click.option("--entity", help="Of one thing only: its IRI.")
@click.option(
    "--by", type=click.Choice(["entities", "classes", "properties", "graphs"]), help="Count instead."
)
@click.option("--side", type=click.Choice(["added", "removed"]), help="As RDF: one of the two sides.")
@click.option("--format", "name", help=f"Of --side: {RDF_NAMES} [default: trig].")
@_folder
def diff(
    before: str,
    after: str,
    *,
    entity: str | None,
    by: str | None,
    side: str | None,
    name: str | None,
    folder: Path | None,
) -> None:
    """Show what was added (+) and removed (-) from one release to another, as N-Quads with a sign."""
    from kg.export.graphs.changes import write_changes
    from kg.release.diff import busiest, changes, tally
    from kg.release.shelf import find

    if (by and (side or entity)) or (name and not side):
        raise UsageError("these don't go together", hint="--by alone, --format with --side")
    if name and name not in BY_NAME:
        raise UsageError(f"there is no format {name!r}", hint=f"one of {RDF_NAMES}")
    place = Settings.load(releases=folder).releases
    old, new = find(place, before), find(place, after)
    if side:
        format = BY_NAME[name or "trig"]
        write_changes(old, new, format, sys.stdout.buffer, side=side, entity=entity)
        return
    if by:
        table = getattr(tally(old, new), by)
        for iri, added, removed in busiest(table, len(table)):
            click.echo(f"+{added}\t-{removed}\t{iri}")
        return
    for change in changes(old, new, entity=entity):
        click.echo(f"{change.sign} {change.line}")


@release.command(short_help="Remove a release and leave a tombstone.")
@click.argument("version")
@click.option("--reason", required=True, help="Why; it stands on the tombstone.")
@click.option(
    "--force", is_flag=True, help="Also when citations rest on it: they then lead to the tombstone."
)
@_folder
def prune(version: str, reason: str, force: bool, folder: Path | None) -> None:
    """Remove a release that is not the active one, and leave a tombstone that says what it was."""
    from kg.citations.store import QueryStore
    from kg.release.shelf import prune as remove

    settings = Settings.load(releases=folder)
    cited = QueryStore(settings.citation_store()).versions()
    today = datetime.now(UTC).date().isoformat()
    stone = remove(settings.releases, version, reason=reason, on=today, cited=cited, force=force)
    click.echo(f"{stone.version}\tremoved")


@click.group(
    cls=Group,
    examples=(
        "kg citations verify",
        "kg citations backup citations-backup.sqlite3",
        "kg citations restore citations-backup.sqlite3",
        "kg citations list | jq .address",
    ),
)
def citations() -> None:
    """Look after the store of cited queries."""


@citations.command("list")
@_folder
def listed(folder: Path | None) -> None:
    """List the citations, one JSON object a line, the oldest first."""
    from dataclasses import asdict

    from kg.citations.store import QueryStore

    for citation in QueryStore(Settings.load(releases=folder).citation_store()).all():
        click.echo(json.dumps(asdict(citation), ensure_ascii=False))


@citations.command("verify")
@_folder
def checked(folder: Path | None) -> None:
    """Check the store's file and the chain of its checksums."""
    from kg.citations.store import QueryStore

    click.echo(f"{QueryStore(Settings.load(releases=folder).citation_store()).verify()}\tok")


@citations.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_folder
def backup(file: Path, folder: Path | None) -> None:
    """Write a copy that is whole, also while the server runs."""
    from kg.citations.store import QueryStore

    click.echo(f"{QueryStore(Settings.load(releases=folder).citation_store()).backup(file)}\t{file}")


@citations.command(short_help="Put a backup in the store's place.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_folder
def restore(file: Path, folder: Path | None) -> None:
    """Bring back what a whole backup has, also while the server runs; nothing that is kept is lost.

    A store that is whole gets what it lacks; a damaged one is put aside and the backup comes in its place.
    """
    from kg.citations.store import QueryStore

    path = Settings.load(releases=folder).citation_store()
    click.echo(f"{QueryStore(path).restore(file)}\t{path}")
