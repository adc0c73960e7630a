"""A query's rows as objects of pandas, polars, networkx and GeoPandas, all of which are optional.

A column has the type that all its values share: integers, numbers, booleans, dates; all else is text. An
unbound value is missing, never a zero or an empty text.
"""

from __future__ import annotations

import datetime
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.errors import NotInstalled, UsageError
from kg.terms import GEO, XSD

Terms = Mapping[str, Term]
_WHOLE = frozenset(XSD + name for name in ("integer", "int", "long", "nonNegativeInteger", "gYear"))
_NUMBER = frozenset(XSD + name for name in ("decimal", "double", "float"))
_CRS = re.compile(r"\s*<[^>]*>\s*")
_WKT = GEO + "wktLiteral"
_READ: Mapping[str, Callable[[str], Any]] = {
    "whole": int,
    "number": float,
    "truth": lambda text: text in ("true", "1"),
    "date": datetime.date.fromisoformat,
}
PANDAS = {
    "whole": "Int64",
    "number": "Float64",
    "truth": "boolean",
    "date": "datetime64[s]",
    "text": "string",
}


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise NotInstalled(f"{name} isn't installed", hint=f"pip install {name}") from None


def columns(rows: Sequence[Terms], names: Sequence[str]) -> dict[str, tuple[str, list[Any]]]:
    """Return each column's kind (whole, number, truth, date, text) and its values, None for none."""
    return {name: _column([row.get(name) for row in rows]) for name in names}


def _column(terms: Sequence[Term | None]) -> tuple[str, list[Any]]:
    kinds = {_kind(term) for term in terms if term is not None}
    kind = next(iter(kinds)) if len(kinds) == 1 else "number" if kinds == {"whole", "number"} else "text"
    read = _READ.get(kind, str)
    try:
        return kind, [None if term is None else read(_text(term)) for term in terms]
    except ValueError:  # such as a date with a zone: then the whole column stays text
        return "text", [None if term is None else _text(term) for term in terms]


def _kind(term: Term) -> str:
    if not isinstance(term, ox.Literal) or term.language:
        return "text"
    of = term.datatype.value
    if of in _WHOLE:
        return "whole"
    if of in _NUMBER:
        return "number"
    return {XSD + "boolean": "truth", XSD + "date": "date"}.get(of, "text")


def _text(term: Term) -> str:
    return str(getattr(term, "value", term))


def pandas(rows: Sequence[Terms], names: Sequence[str]) -> Any:
    """Return a pandas DataFrame with nullable types. Raises NotInstalled without pandas."""
    pd = _library("pandas")
    found = columns(rows, names)
    return pd.DataFrame(
        {name: pd.Series(values, dtype=PANDAS[kind]) for name, (kind, values) in found.items()},
        columns=list(names),
    )


def polars(rows: Sequence[Terms], names: Sequence[str]) -> Any:
    """Return a polars DataFrame. Raises NotInstalled without polars."""
    pl = _library("polars")
    kinds = {
        "whole": pl.Int64,
        "number": pl.Float64,
        "truth": pl.Boolean,
        "date": pl.Date,
        "text": pl.String,
    }
    found = columns(rows, names)
    return pl.DataFrame(
        [pl.Series(name, values, dtype=kinds[kind]) for name, (kind, values) in found.items()]
    )


def networkx(rows: Sequence[Terms], names: Sequence[str]) -> Any:
    """Return a networkx MultiDiGraph: an edge a row, from its first column to its second.

    Further columns become attributes of the edges. A row that lacks one end gives no edge; its other end is a
    node. Raises UsageError for fewer than two columns, NotInstalled without networkx.
    """
    if len(names) < 2:
        raise UsageError("an edge has two ends", hint="SELECT ?from ?to ...")
    nx = _library("networkx")
    found = nx.MultiDiGraph()
    values = {name: column for name, (_, column) in columns(rows, names).items()}
    start, end, *more = names
    for at in range(len(rows)):
        ends = [values[name][at] for name in (start, end) if values[name][at] is not None]
        found.add_nodes_from(ends)
        if len(ends) == 2:
            carried = {name: values[name][at] for name in more if values[name][at] is not None}
            found.add_edge(*ends, **carried)
    return found


def geopandas(rows: Sequence[Terms], names: Sequence[str]) -> Any:
    """Return a GeoPandas frame, its geometry from the first column of geo:wktLiteral, in WGS 84.

    Raises UsageError where no column has points, NotInstalled without geopandas.
    """
    gpd = _library("geopandas")
    place = next((name for name in names if any(_is_place(row.get(name)) for row in rows)), None)
    if place is None:
        raise UsageError("no column has a geometry", hint="select one of geo:wktLiteral")
    frame = pandas(rows, [name for name in names if name != place])
    texts = [_CRS.sub("", _text(term)) if (term := row.get(place)) is not None else None for row in rows]
    # OGC:CRS84 is what a wktLiteral without a reference system is in (GeoSPARQL 1.1 §8.5.1): longitude first.
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries.from_wkt(texts, crs="OGC:CRS84"))


def _is_place(term: Term | None) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == _WKT
