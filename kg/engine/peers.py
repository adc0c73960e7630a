"""Where peers differ from the standard: the one table of remote engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.engine.base import Result
from kg.errors import QueryLimit


@dataclass(frozen=True)
class RemoteQuirks:
    """What a peer needs or does. ``server`` is a part of its Server header, in lower case.

    ``union_default``: its default graph is the union of all graphs and repeats what stands in several, so the
    graph that holds the merge must be named (KG_ENDPOINT_GRAPH). ``cut_headers``: headers by which it says
    that an answer is only a part. ``names_slowly``: a request that names some thousand graphs takes it a
    minute, and one that names none asks all; so GRAPH ?g is bounded in the query's text.
    """

    server: str
    union_default: bool = False
    cut_headers: tuple[str, ...] = ()
    names_slowly: bool = False


REMOTE = (
    # ResultSetMaxRows cuts an answer and says so in X-SPARQL-MaxRows; "anytime" queries say it in
    # X-SQL-State.
    RemoteQuirks(
        "virtuoso",
        union_default=True,
        cut_headers=("X-SPARQL-MaxRows", "X-SQL-State"),
        names_slowly=True,
    ),
    RemoteQuirks("oxigraph"),
)


def quirks_of(headers: Mapping[str, str]) -> RemoteQuirks | None:
    """Return the entry of the table for a peer's reply, or None."""
    server = (headers.get("Server") or "").lower()
    return next((quirks for quirks in REMOTE if quirks.server in server), None)


def cut_short(headers: Mapping[str, str]) -> None:
    """Raise QueryLimit when a peer says that its answer is only a part."""
    for name in {name for quirks in REMOTE for name in quirks.cut_headers}:
        if headers.get(name):
            raise QueryLimit(
                f"the endpoint gave only a part of the answer ({name}: {headers[name]})",
                limit="peer",
                hint="ask for less with LIMIT and OFFSET, or raise the endpoint's own limit",
            )


def as_standard(form: str, result: Result) -> Result:
    """Return what a peer meant by an answer of its own kind: Virtuoso 7 answers ASK with a 1 or no row."""
    if form == "ASK" and result.variables == ("__ASK_RETVAL",):
        values = [getattr(row[0], "value", "") for row in result.rows]
        if values in ([], ["0"], ["1"]):
            return Result("ask", boolean=values == ["1"])
    return result
