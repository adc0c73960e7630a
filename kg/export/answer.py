"""An answer that is to become a table for a paper, with all that may be told beside its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.engine import Result
from kg.export.about import About


@dataclass(frozen=True)
class Asked:
    """Rows that go into a table, with what the dataset is that they are of, and their query.

    ``checksum`` tells theirs, which takes long where they are many; ``sources`` is what they rest on, as JSON
    has it, or why that isn't told; ``names`` what the passages and documents in it are called.
    """

    found: Result
    one: About | None
    query: str
    checksum: Callable[[], str]
    sources: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
