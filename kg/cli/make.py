"""``kg build``, ``kg check`` and ``kg source``: from sources to a release."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click

from kg import resources
from kg.cli.shared.bars import progress
from kg.cli.shared.paths import PATHS, on_disk, options, serving_options, tell
from kg.cli.shared.taught import Command
from kg.errors import UsageError
from kg.machine.beside import beside, held_back
from kg.machine.handing import Handed
from kg.machine.memory import Memory, memory_of
from kg.release.store import ensure_store
from kg.settings import Settings, user_cache

_FOLDER = click.Path(file_okay=False, path_type=Path)
_ontology = click.option(
    "--ontology", type=_FOLDER, help="The folder of the ontology [default: the one that came along]."
)
_data = click.option(
    "--data", type=_FOLDER, help="The folder of the data [default: the one that came along]."
)


@click.command(
    short_help="Make a release of an ontology and its data.",
    cls=Command,
    examples=(
        "kg build",
        "kg build --ontology shop/ontology --data shop/data --out shop/releases",
        "kg build --final",
    ),
)
@_ontology
@_data
@click.option("--out", type=_FOLDER, help="Where releases go [default: KG_RELEASES, else releases/].")
@click.option("--final", is_flag=True, help="Seal it as exactly the version that dataset.ttl says.")
@click.option("--release", "as_before", is_flag=True, hidden=True)  # what --final was called
def build(ontology: Path | None, data: Path | None, out: Path | None, final: bool, as_before: bool) -> None:
    """Make a release from an ontology and a folder of data, and make it the active one.

    It is called VERSION+dev.DIGEST, so that every content has a name of its own; with --final it is called
    VERSION, and refused if a VERSION exists that says something else. The same inputs give the same bytes. If
    anything is wrong, every fault is listed and the last release stays.
    """
    from kg import complete
    from kg import make as steps
    from kg.search import ensure_index

    if as_before:
        click.echo("warning: kg build --release is called kg build --final now", err=True)
    settings = Settings.load(releases=out)
    data = data or resources.data_dir()
    watcher = progress()
    release = steps.build(
        ontology or resources.ontology_dir(),
        data,
        settings.releases,
        progress=watcher,
        final=final or as_before,
        warn=lambda warning: click.echo(f"warning: {warning}", err=True),
        memory=_memory(ontology or resources.ontology_dir(), data),
    )
    # What a server needs is made now, so that it answers at once when it starts.
    with beside(worth=steps.is_large(data), fresh=True) as start:
        made = [("store", start(ensure_store, release)), ("complete", start(complete.ensure, release))]
        with watcher.step("search"):
            ensure_index(release)
        for name, ready in made:
            with watcher.step(name):
                ready()
    for name, count in release.counts.items():
        click.echo(f"{name}\t{count}", err=True)
    click.echo(release.path)


@click.command(
    cls=Command,
    examples=(
        "kg check",
        "kg check thesaurus.ttl more/    what would a careful reader say of files as they are?",
        "kg check --data draft/",
        "kg check --sources texts/     do the documents' texts say what is stated?",
    ),
)
@click.argument("paths", nargs=-1, type=PATHS)
@_ontology
@_data
@click.option(
    "--sources",
    "texts",
    type=_FOLDER,
    help="A folder of documents' texts, to hold what is stated against; <source>.txt, a paragraph a line.",
)
@click.option("--record", is_flag=True, help="With --sources: write the verdicts beside the data.")
@serving_options
def check(
    paths: tuple[Path, ...],
    *,
    ontology: Path | None,
    data: Path | None,
    texts: Path | None,
    record: bool,
    **how: Any,
) -> None:
    """Say whether the data is right, without making a release.

    Every fault is listed with its file, line, entity, property, and what would mend it. With --sources each
    figure, name and date that a passage states is looked for in the words that support it.

    Of much data, what was right is remembered in the user's cache, by the digests of its files.

    Of PATHS, files and folders of RDF as they are, only what can't be read is a fault; broken IRIs, ill-typed
    values, things without a name, terms that no vocabulary has and links that lead nowhere are warnings.
    """
    from kg import evidence, review
    from kg import make as steps

    if paths:
        if ontology or data or texts or record:
            raise UsageError("files go alone", hint="either PATHS, or --ontology, --data and --sources")
        how.pop("cache")
        _check_files(paths, how)
        return

    if record and texts is None:
        raise UsageError("--record writes the verdicts of --sources", hint="name the folder of texts too")
    ontology, data = ontology or resources.ontology_dir(), data or resources.data_dir()
    # With texts the verdicts may change on the way, so what holds no more is told afterwards.
    large = steps.is_large(data)
    memory = _memory(ontology, data, how["cache"])
    apart = texts is None and large
    with ExitStack() as stack:
        handed = stack.enter_context(Handed()) if apart else None
        reviews = partial(review.warnings, ontology, data, memory, handed)
        begin, others = stack.enter_context(held_back(reviews, worth=apart))
        report = steps.check(
            ontology, data, progress=progress(), memory=memory, handed=handed, once_read=begin
        )
        said = evidence.check_sources(ontology, data, texts, record=record) if texts else None
        warnings = (*report.warnings, *others())
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{report.statements} statements in {report.graphs} graphs are right")
    if said:
        click.echo(
            f"{said.values} values of {said.passages} passages of {said.sources} sources stand in their texts"
            + (f"; {said.read} are readings" if said.read else "")
        )


def _memory(ontology: Path, data: Path, root: Path | None = None) -> Memory:
    """Return what is remembered of an ontology and its data; of little data nothing is."""
    from kg.make import is_large

    return memory_of(root or user_cache() / "checked", ontology, data) if is_large(data) else Memory()


def _check_files(paths: tuple[Path, ...], how: dict[str, Any]) -> None:
    from kg.opening.check import check_paths

    chosen = options(**how)
    with on_disk(paths, chosen) as saved:
        found = check_paths(saved, chosen, progress=progress())
    tell(found.unread)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    files = "1 file" if found.files == 1 else f"{found.files} files"
    click.echo(f"{found.statements} statements in {files} can be read")
    for kind, number in found.numbers.items():
        click.echo(f"{kind}\t{number}")


@click.command(
    short_help="Make a source's statements anew by its mapping.",
    cls=Command,
    examples=(
        "kg source",
        "kg source NAME --scope all --out /tmp/everything",
    ),
)
@click.argument("name", required=False)
@_data
@click.option("--scope", help="Which part of the source to take, a key of its mapping; 'all' for everything.")
@click.option("--out", type=_FOLDER, help="Where the statements go [default: the source's folder].")
def source(name: str | None, data: Path | None, scope: str | None, out: Path | None) -> None:
    """Fetch a source and make its statements anew by its mapping; without NAME, list the sources.

    Running it again changes nothing: what is fetched is pinned by its checksum.
    """
    from kg import sources

    folder = data or resources.data_dir()
    if name is None:
        for known in sources.list_sources(folder):
            click.echo(known)
        return
    watcher = progress()
    with watcher.step("refresh", unit="row") as tick:
        made = sources.refresh(
            folder,
            name,
            scope=sources.EVERYTHING if scope == "all" else scope,
            out=out,
            progress=_Counter(tick),
        )
    click.echo(f"{made.statements} statements of {made.rows} rows", err=True)
    click.echo(made.path)


class _Counter:
    """Turns "so many rows of this table so far" into ticks."""

    def __init__(self, tick: object) -> None:
        self.tick = tick
        self.seen: dict[str, int] = {}

    def __call__(self, table: str, count: int) -> None:
        self.tick(count - self.seen.get(table, 0))  # type: ignore[operator]
        self.seen[table] = count
