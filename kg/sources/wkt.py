"""GeoJSON geometries as Well-Known Text, with the numbers as they were written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kg.sources.literals import CANONICAL

# How deep the coordinates of each type nest: 0 for a position, 1 for a list of positions, and so on.
_DEPTH: Mapping[str, int] = MappingProxyType(
    {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
)


def to_wkt(geometry: Mapping[str, Any]) -> str:
    """Return a geometry in WKT, longitude first; numbers may be texts or numbers.

    Raises KeyError, TypeError or ValueError for what isn't one of GeoJSON's simple geometries.
    """
    kind = geometry["type"]
    if kind not in _DEPTH:
        raise ValueError(f"{kind!r} is not supported")
    depth = _DEPTH[kind]
    body = _coordinates(geometry["coordinates"], depth)
    return f"{kind.upper()}({body})" if depth == 0 else f"{kind.upper()}{body}"


def _coordinates(value: Any, depth: int) -> str:
    if not isinstance(value, list) or not value:
        raise ValueError("coordinates are missing")
    if depth:
        return "(" + ", ".join(_coordinates(part, depth - 1) for part in value) + ")"
    if len(value) not in (2, 3):
        raise ValueError(f"a position of {len(value)} numbers")
    # A height, the third number, says nothing on a map and would need WKT's own Z form.
    return " ".join(CANONICAL["decimal"](str(number)) for number in value[:2])
