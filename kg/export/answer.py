"""An answer that is to become a table for a paper, with all that may be told beside its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from kg.engine import Result
from kg.export.about import About


class RowSources(NamedTuple):
    """What rows rest on, as JSON has it, or why that isn't told; and what the passages in it are called."""

    told: Mapping[str, Any] | None = None
    names: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Asked:
    """Rows that go into a table, with what the dataset is that they are of, and their query.

    ``checksum`` and ``sources`` tell theirs, each asked for only by a format that says it: they take long.
    """

    found: Result
    one: About | None
    query: str
    checksum: Callable[[], str]
    sources: Callable[[], RowSources] = RowSources
