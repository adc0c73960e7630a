"""Making a source's Turtle anew from its pinned package, by its mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kg.errors import SourceError
from kg.sources.archives import obtain, open_member
from kg.sources.csvw import load_mapping
from kg.sources.literals import Shortener
from kg.sources.mapping import Lookup, SourceMapping, Table
from kg.sources.readers import READERS, Cells, Layout, csv_titles, read_csv
from kg.sources.rows import Key, LookupTable, TableRules
from kg.sources.sorted_turtle import StatementSorter, write_turtle

MAPPING = "mapping.json"
"""The name that a mapping has in its source's folder."""

EVERYTHING = ""
"""The scope that leaves no row out."""

Progress = Callable[[str, int], None]
"""Told which table is being read and how many of its rows have been."""

_STEP = 10_000


@dataclass(frozen=True)
class Refreshed:
    """What a refresh made: the file, the rows it took and the statements it wrote."""

    path: Path
    rows: int
    statements: int


def list_sources(data: Path) -> tuple[str, ...]:
    """Return the names of the sources in a data folder that have a mapping."""
    return tuple(sorted(path.parent.name for path in data.glob(f"[!_.]*/{MAPPING}")))


def default_cache() -> Path:
    """Return the folder where archives are kept unless another is named."""
    return Path.home() / ".cache" / "kg" / "sources"


def refresh(
    data: Path,
    source: str,
    *,
    scope: str | None = None,
    out: Path | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Refreshed:
    """Make the Turtle of ``data``/``source`` anew and return what was made.

    ``scope`` is a key by which the mapping's tables are cut, `EVERYTHING` for no cut, None for the scope
    that the mapping itself names: the one whose file lies in ``data``. Another scope needs ``out``, a
    folder for the file, so that the curated one isn't overwritten. The same package, mapping and scope give
    the same bytes, and a file that has them already is left alone. Archives come from ``cache`` and are
    fetched into it.

    Raises SourceError when the source can't be had, differs from its pin, or can't be read as the mapping
    says; what was there before stays.
    """
    folder = data / source
    mapping = load_mapping(folder / MAPPING)
    scope = mapping.scope if scope is None else scope
    if out is None and scope != mapping.scope:
        raise SourceError(
            f"{folder / mapping.output} has the scope {mapping.scope!r}, {scope!r} was asked for",
            hint="name a folder for the result",
        )
    reader = _Reader(folder, cache or default_cache(), progress or _silent)
    shorten = Shortener(mapping.prefixes)
    path = (out or folder) / mapping.output
    rows = 0
    with StatementSorter() as sorter:
        for table in mapping.tables:
            rows += _take(table, reader, shorten, scope, sorter)
        statements = write_turtle(path, sorter, shorten.used, _comments(mapping, source, scope))
    return Refreshed(path, rows, statements)


def _take(table: Table, reader: _Reader, shorten: Shortener, scope: str, sorter: StatementSorter) -> int:
    """Hand the statements of a table's rows to the sorter; return how many rows there were."""
    lookups = [LookupTable(lookup, reader.lookup(lookup)) for lookup in table.lookups]
    rules = TableRules(table, lookups, shorten, scope)
    count = 0
    for where, cells in reader.rows(table):
        try:
            row = rules.row(cells)
            if row is None:
                continue
            count += 1
            for statement in rules.statements(row):
                sorter.add(*statement)
        except SourceError as error:
            raise SourceError(f"{where}: {error.message}", hint=error.hint) from error
    return count


@dataclass(frozen=True)
class _Reader:
    """Reads the tables of one source's folder and packages."""

    folder: Path
    cache: Path
    progress: Progress

    def rows(self, table: Table) -> Iterator[tuple[str, Cells]]:
        """Give the records of a table, each with its place."""
        titles = tuple(column.title for column in table.columns if not column.virtual)
        name = f"{table.package.purl}#{table.url}" if table.package else str(self.folder / table.url)
        layout = Layout(name, titles, table.header, table.delimiter, table.rows)
        with self._open(table) as stream:
            for count, record in enumerate(READERS[table.format](stream, layout)):
                if count % _STEP == 0:
                    self.progress(table.url, count)
                yield record

    def lookup(self, lookup: Lookup) -> dict[Key, tuple[str | None, ...]]:
        """Read a lookup's table, a CSV file beside the mapping, into memory."""
        path = self._beside(lookup.url)
        titles = csv_titles(path)
        wanted = [name for name, _ in lookup.match] + [name for name, _ in lookup.take]
        if absent := [name for name in wanted if name not in titles]:
            raise SourceError(
                f"{path}: it has no column {', '.join(absent)}", hint=f"its columns: {', '.join(titles)}"
            )
        keys = [titles.index(name) for name, _ in lookup.match]
        takes = [titles.index(name) for name, _ in lookup.take]
        found: dict[Key, tuple[str | None, ...]] = {}
        with path.open("rb") as stream:
            for where, cells in read_csv(stream, Layout(str(path), titles)):
                key = tuple(cells[i] for i in keys)
                if key in found:
                    raise SourceError(f"{where}: the key {', '.join(map(str, key))} comes a second time")
                found[key] = tuple(cells[i] or None for i in takes)
        return found

    @contextmanager
    def _open(self, table: Table) -> Iterator[BinaryIO]:
        if table.package is None:
            with self._beside(table.url).open("rb") as stream:
                yield stream
            return
        with open_member(obtain(table.package, self.cache), table.url) as stream:
            yield stream

    def _beside(self, url: str) -> Path:
        """Return a file of the source's own folder."""
        path = (self.folder / url).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise SourceError(
                f"{url} lies outside {self.folder}", hint="a mapping reads its own folder and its package"
            )
        if not path.is_file():
            raise SourceError(f"{path}: there is no such file")
        return path


def _comments(mapping: SourceMapping, source: str, scope: str) -> list[str]:
    """Return what a reader of the file should know; no date, since it must not change with the clock."""
    packages = {table.package.purl: table.package.sha256 for table in mapping.tables if table.package}
    return [
        f"Made by `kg source {source}` from {MAPPING}, scope {scope or 'everything'}."
        " Don't edit: change the mapping.",
        *(f"{purl} sha256:{sha256}" for purl, sha256 in sorted(packages.items())),
    ]


def _silent(table: str, rows: int) -> None:
    pass
