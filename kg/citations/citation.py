"""A citation: what is kept of a cited query, as values and as the record that a store has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Citation:
    """One cited query on one release, with what its result was.

    ``query`` is the text as it was asked, ``normal`` its normal form; ``version`` and ``digest`` are the
    release's; ``kind`` is ``select``, ``ask`` or ``graph``; ``rows`` and ``checksum`` are the result's;
    ``warnings`` are words (keys of `kg.citations.identity.UNSETTLED`) for which another engine may answer
    otherwise; ``made`` is the time (UTC); ``head`` are the first rows, terms in N-Triples, to be shown
    without running the query. ``sources``, if it was made with them, are those of the rows of ``head``, as
    `kg.tracing.excerpt.shortened` gives them.
    """

    id: str
    query: str
    normal: str
    title: str
    dataset: str
    version: str
    digest: str
    kind: str
    variables: tuple[str, ...]
    rows: int
    checksum: str
    engine: str
    made: str
    warnings: tuple[str, ...] = ()
    graphs: str = ""
    head: tuple[tuple[str, ...], ...] = ()
    sources: dict[str, Any] | None = None

    def record(self) -> str:
        """Return the record that is kept: JSON, with its names sorted."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def read(record: str) -> Citation:
    """Return the citation of a record; names that aren't known are passed over.

    Raises ValueError, TypeError or KeyError for one that is none.
    """
    content = json.loads(record)
    known = {field.name for field in fields(Citation)}
    content = {name: value for name, value in content.items() if name in known}
    lists = {name: tuple(content[name]) for name in ("variables", "warnings")}
    return Citation(**{**content, **lists, "head": tuple(tuple(row) for row in content.get("head", ()))})
