"""An answer that is to become a table for a paper, with its metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from kg.engine import Result
from kg.export.about import About


class RowSources(NamedTuple):
    """The sources of rows, as an answer's JSON has them, or why there are none; and names of passages."""

    told: Mapping[str, Any] | None = None
    names: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Asked:
    """Rows that go into a table, with their dataset and query.

    ``checksum`` and ``sources`` are functions, as both take long: a format calls them only if it writes them.
    """

    found: Result
    one: About | None
    query: str
    checksum: Callable[[], str]
    sources: Callable[[], RowSources] = RowSources
