"""Making a citation, and verifying one by running its query again, on its release and on another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.citations.citation import Citation
from kg.citations.identity import checksum, identifier, identify, lines_of
from kg.engine import Engine, Result
from kg.release import Release
from kg.tracing.excerpt import shortened


@dataclass(frozen=True)
class Verdict:
    """The result of running a cited query again: ``same``, by its checksum, and how many rows."""

    version: str
    same: bool
    rows: int
    checksum: str


@dataclass(frozen=True)
class Comparison:
    """How a result on another release differs: how many rows were added and removed, and some of each."""

    before: str
    after: str
    added: int
    removed: int
    rows: int
    examples: tuple[tuple[str, str], ...] = ()


EXAMPLES = 50
"""How many rows of a difference are shown."""
SOURCED = "sources"
"""What sets the identifier of a result apart that is cited with its sources."""
HEAD, HEAD_SIZE = 10, 8_000
"""How many first rows of a result are kept with its citation, and how many characters they may have."""


def cite(
    result: Result,
    release: Release,
    sparql: str,
    *,
    title: str,
    engine: str,
    made: str,
    sources: Mapping[str, Any] | None = None,
) -> Citation:
    """Return a citation of a query's result on a release; `QueryStore.add` keeps it.

    ``made`` is the time in UTC (ISO 8601); ``sources`` are those of the answer's JSON, if they are cited with
    it. Raises QueryRefused for a result that can't be reproduced.
    """
    identity = identify(sparql, release.base)
    head = _head(result)
    return Citation(
        id=identifier(identity, release.digest, "" if sources is None else SOURCED),
        query=sparql,
        normal=identity.normal,
        title=" ".join(title.split())[:300],
        dataset=release.dataset,
        version=release.version,
        digest=release.digest,
        kind=result.kind,
        variables=result.variables,
        rows=1 if result.kind == "ask" else len(result),
        checksum=checksum(result),
        engine=engine,
        made=made,
        warnings=identity.warnings,
        head=head,
        sources=None if sources is None else shortened(sources, range(len(head))),
    )


def columns(kind: str, variables: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a result's columns: its variables, or those of a graph or a boolean."""
    if kind == "ask":
        return ("boolean",)
    return ("subject", "predicate", "object") if kind == "graph" else variables


def first_rows(result: Result, count: int) -> tuple[tuple[str, ...], ...]:
    """Return the first rows of a result, in their order, terms in N-Triples, "" for an unbound variable."""
    if result.kind == "ask":
        return (("true" if result.boolean else "false",),)
    rows = result.triples if result.kind == "graph" else result.rows
    return tuple(tuple("" if term is None else str(term) for term in row) for row in rows[:count])


def _head(result: Result) -> tuple[tuple[str, ...], ...]:
    """Return the first rows, fewer if they are long."""
    kept, size = [], 0
    for row in first_rows(result, HEAD):
        size += sum(map(len, row))
        if size > HEAD_SIZE:
            break
        kept.append(row)
    return tuple(kept)


def verify(
    citation: Citation, engine: Engine, version: str, base_iri: str | None = None
) -> tuple[Verdict, Result]:
    """Run a cited query on an engine and compare with what was cited. Raises QueryError."""
    result = engine.query(citation.query, base_iri=base_iri)
    found = checksum(result)
    rows = 1 if result.kind == "ask" else len(result)
    return Verdict(version, found == citation.checksum, rows, found), result


def compare(before: str, old: Result, after: str, new: Result) -> Comparison:
    """Compare two results row by row; rows that occur several times count each time."""
    was, now = Counter(lines_of(old)), Counter(lines_of(new))
    come, gone = now - was, was - now
    examples = [("+", line) for line in sorted(come)] + [("-", line) for line in sorted(gone)]
    return Comparison(
        before,
        after,
        added=come.total(),
        removed=gone.total(),
        rows=now.total(),
        examples=tuple((sign, line.decode().rstrip("\n")) for sign, line in examples[:EXAMPLES]),
    )
