"""Readers by format: each turns a stream into records, a place in the file and the cells in column order.

They know formats only; which columns there are and what they mean is the mapping's.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NoReturn

from kg.errors import SourceError
from kg.sources.wkt import to_wkt

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Layout:
    """What a reader must know of a table.

    ``titles`` are the columns as the file calls them, in order: in JSON a key, a position in an array, or a
    JSON Pointer into the record where it starts with ``/``. ``rows`` is the JSON Pointer to the records.
    """

    name: str
    titles: tuple[str, ...]
    header: bool = True
    delimiter: str = ","
    rows: str = ""


Reader = Callable[[BinaryIO, Layout], Iterator[tuple[str, Cells]]]


def read_csv(stream: BinaryIO, layout: Layout) -> Iterator[tuple[str, Cells]]:
    """Read comma-separated values (RFC 4180, UTF-8). The place is a line.

    Raises SourceError, with the line, for a row of another width, a stray quote, a field beyond the csv
    module's limit, other columns than the mapping's, or bytes that aren't UTF-8.
    """
    reader = csv.reader(_lines(stream, layout.name), delimiter=layout.delimiter, strict=True)
    expected, width = list(layout.titles), len(layout.titles)
    line = 1
    try:
        if layout.header and (found := next(reader, [])) != expected:
            raise SourceError(
                f"{layout.name}:1: the columns are {found}, the mapping names {expected}",
                hint="the mapping must name every column, in the file's order",
            )
        line = reader.line_num + 1
        for cells in reader:
            if cells:  # an empty line is no record
                if len(cells) != width:
                    raise SourceError(
                        f"{layout.name}:{line}: {len(cells)} cells where the header has {width}"
                    )
                yield f"{layout.name}:{line}", cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"{layout.name}:{line}: {error}", hint="look for a quote that isn't closed"
        ) from None


def csv_titles(path: Path) -> tuple[str, ...]:
    """Return the columns that a CSV file names in its first line. Raises SourceError when it names none."""
    try:
        with path.open("rb") as stream:
            titles = tuple(next(csv.reader(_lines(stream, str(path)), strict=True), ()))
    except csv.Error as error:
        raise SourceError(f"{path}:1: {error}") from None
    if not titles:
        raise SourceError(f"{path}: it is empty", hint="its first line names its columns")
    return titles


def read_json(stream: BinaryIO, layout: Layout) -> Iterator[tuple[str, Cells]]:
    """Read an array (or the values of an object) of arrays or objects. The place is a JSON Pointer.

    Raises SourceError, with line and column, for what isn't JSON, and with the pointer for a record of
    another shape than the mapping says.
    """
    records = _point(_parse(stream, layout), layout.rows, layout.name)
    if isinstance(records, dict):
        pairs: Iterator[tuple[Any, Any]] = iter(records.items())
    elif isinstance(records, list):
        pairs = iter(enumerate(records))
    else:
        raise SourceError(f"{layout.name}: {layout.rows or '/'} is neither an array nor an object")
    for key, record in pairs:
        where = f"{layout.name}#{layout.rows}/{key}"
        yield where, [_cell(value, where) for value in _values(record, layout, where)]


def read_geojson(stream: BinaryIO, layout: Layout) -> Iterator[tuple[str, Cells]]:
    """Read the features of a FeatureCollection (RFC 7946).

    A column's title is a property's name; ``@geometry`` is the geometry in WKT and ``@id`` the feature's id.
    """
    features = _point(_parse(stream, layout), "/features", layout.name)
    if not isinstance(features, list):
        raise SourceError(f"{layout.name}: /features is not an array", hint="it must be a FeatureCollection")
    for index, feature in enumerate(features):
        where = f"{layout.name}#/features/{index}"
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise SourceError(f"{where}: not a feature with properties")
        yield where, [_feature_cell(feature, title, where) for title in layout.titles]


READERS: Mapping[str, Reader] = MappingProxyType(
    {"csv": read_csv, "json": read_json, "geojson": read_geojson}
)


def _feature_cell(feature: dict[str, Any], title: str, where: str) -> str | None:
    if title == "@geometry":
        geometry = feature.get("geometry")
        try:
            return None if geometry is None else to_wkt(geometry)
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"{where}: not a geometry that is known: {error}") from None
    if title == "@id":
        return _cell(feature.get("id"), where)
    return _cell((feature.get("properties") or {}).get(title), where)


def _parse(stream: BinaryIO, layout: Layout) -> Any:
    """Parse JSON with every number kept as the text it was written in, so that nothing is rounded."""
    try:
        text = stream.read().decode("utf-8-sig")
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise SourceError(f"{layout.name}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise SourceError(f"{layout.name}: it nests too deep to be a table") from None
    except UnicodeDecodeError as error:
        raise _not_utf8(layout.name, error.object[: error.start].count(b"\n") + 1, error) from None
    except ValueError as error:
        raise SourceError(f"{layout.name}: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _lines(stream: BinaryIO, name: str) -> Iterator[str]:
    """Decode line by line, so that a fault has a line."""
    for number, line in enumerate(stream, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _not_utf8(name, number, error) from None


def _not_utf8(name: str, line: int, error: UnicodeDecodeError) -> SourceError:
    return SourceError(f"{name}:{line}: not UTF-8: {error.reason}", hint="convert the file to UTF-8")


def _values(record: Any, layout: Layout, where: str) -> list[Any]:
    """Return what the record holds for each column."""
    if isinstance(record, list) and len(record) == len(layout.titles):
        return record
    if isinstance(record, dict):
        return [
            _point(record, title, where) if title.startswith("/") else record.get(title)
            for title in layout.titles
        ]
    raise SourceError(
        f"{where}: the record is {_shape(record)}, the mapping names {len(layout.titles)} columns",
        hint="a record is an array with a value for each column, or an object",
    )


def _shape(record: Any) -> str:
    return f"an array of {len(record)}" if isinstance(record, list) else f"a {type(record).__name__}"


def _cell(value: Any, where: str) -> str | None:
    """Return a JSON value as a cell's text; numbers are text already."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    raise SourceError(
        f"{where}: a column holds {_shape(value)}, not a value",
        hint="point into it with a title such as /a/0",
    )


def _point(value: Any, pointer: str, name: str) -> Any:
    """Follow a JSON Pointer (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, TypeError, ValueError):
            raise SourceError(f"{name}: there is nothing at {pointer}") from None
    return value
