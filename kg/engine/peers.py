"""Where peers differ from the standard: the one table of remote engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox

from kg.engine.base import Result
from kg.errors import QueryLimit
from kg.terms import GEO


@dataclass(frozen=True)
class RemoteQuirks:
    """What a peer needs or does. ``server`` is a part of its Server header, in lower case.

    ``union_default``: its default graph is the union of all graphs and repeats what stands in several, so the
    graph that holds the merge must be named (KG_ENDPOINT_GRAPH). ``cut_headers``: headers by which it says
    that an answer is only a part. ``names_slowly``: it needs a minute for a request that names some thousand
    graphs, and a request that names none asks all; so GRAPH ?g is bounded in the query's text.
    """

    server: str
    union_default: bool = False
    cut_headers: tuple[str, ...] = ()
    names_slowly: bool = False


REMOTE = (
    # Virtuoso: its setting ResultSetMaxRows cuts an answer, and X-SPARQL-MaxRows says so; an "anytime" query
    # that was cut says so in X-SQL-State.
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


_GEOMETRY = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
_WKT = ox.NamedNode(GEO + "wktLiteral")


def as_standard(form: str, result: Result, body: bytes) -> Result:
    """Return a peer's answer in the standard's terms.

    Virtuoso 7 answers ASK with a row holding 1, or with no row, and gives a geo:wktLiteral a datatype of its
    own.
    """
    if _GEOMETRY.encode() in body:
        rows = [tuple(map(_standard, row)) for row in result.rows]
        triples = [ox.Triple(s, p, _standard(o)) for s, p, o in result.triples]
        result = replace(result, rows=rows, triples=triples)
    if form == "ASK" and result.variables == ("__ASK_RETVAL",):
        values = [getattr(row[0], "value", "") for row in result.rows]
        if values in ([], ["0"], ["1"]):
            return Result("ask", boolean=values == ["1"])
    return result


def _standard(term: Any) -> Any:
    if isinstance(term, ox.Literal) and term.datatype.value == _GEOMETRY:
        return ox.Literal(term.value, datatype=_WKT)
    return term
