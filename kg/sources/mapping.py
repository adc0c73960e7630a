"""What a mapping says, as values: which tables, which of their rows, the statement of each column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.sources.archives import Package
from kg.sources.templates import Template


@dataclass(frozen=True)
class Column:
    """A column: what the file calls it, and the statement that each of its cells makes.

    ``about`` is the subject, ``property`` None when it makes none; ``value`` is set where the object is an
    IRI and ``template`` where it is a text put together from several cells.
    """

    name: str
    title: str
    about: Template | None
    property: str | None
    value: Template | None
    template: Template | None
    datatype: str
    pattern: re.Pattern[str] | None
    language: str | None
    default: str | None
    nulls: frozenset[str]
    required: bool
    virtual: bool


@dataclass(frozen=True)
class Lookup:
    """A second, small table beside the mapping that a row is matched with.

    ``match`` pairs its columns with the row's; ``take`` pairs the columns that it adds with the names that
    they have in the row. ``missing`` says what becomes of a row without a match: "error", "skip" leaves the
    row out, "null" leaves what would be added empty.
    """

    url: str
    match: tuple[tuple[str, str], ...]
    take: tuple[tuple[str, str], ...]
    missing: str


@dataclass(frozen=True)
class Scope:
    """How a row is told to be in a scope: one of the two, its key and the scope's, begins with the other.

    So a hierarchical code keeps all below the scope and the levels above it. Where ``pattern`` is given,
    the key is the first group of it that took part in the match.
    """

    column: str
    pattern: re.Pattern[str] | None


@dataclass(frozen=True)
class Table:
    """One reading of one file."""

    url: str
    format: str
    package: Package | None
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    rows: str
    header: bool
    delimiter: str
    where: Mapping[str, re.Pattern[str]]
    lookups: tuple[Lookup, ...]
    scope: Scope | None


@dataclass(frozen=True)
class SourceMapping:
    """A whole mapping: its tables, the file that they make and the scope that this file has."""

    path: Path
    tables: tuple[Table, ...]
    output: str
    scope: str
    prefixes: Mapping[str, str]
