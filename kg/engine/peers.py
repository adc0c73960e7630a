"""Reading what peers reply otherwise than the standard says, as `kg.engine.quirks.peers` tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyoxigraph as ox

from kg.engine.base import Result
from kg.engine.quirks import PEERS
from kg.errors import QueryLimit
from kg.terms import GEO


def quirks_of(headers: Mapping[str, str]) -> frozenset[str]:
    """Return the ids of what a peer does otherwise, told by its reply."""
    server = (headers.get("Server") or "").lower()
    return frozenset(one.id for one in PEERS if one.server in server)


def cut_short(headers: Mapping[str, str]) -> None:
    """Raise QueryLimit when a peer says that its answer is only a part ("rows-cut", "time-cut")."""
    for name in {one.cut for one in PEERS if one.cut}:
        if headers.get(name):
            raise QueryLimit(
                f"the endpoint gave only a part of the answer ({name}: {headers[name]})",
                limit="peer",
                hint="ask for less with LIMIT and OFFSET, or raise the endpoint's own limit",
            )


_GEOMETRY = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
_WKT = ox.NamedNode(GEO + "wktLiteral")


def as_standard(form: str, result: Result, body: bytes) -> Result:
    """Return a peer's answer in the standard's terms ("ask-as-rows", "own-points")."""
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
