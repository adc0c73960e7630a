"""A map of the things that have a place, as GeoJSON (RFC 7946), streamed.

A thing's geometry is a GeoSPARQL WKT literal, its own or that of the node which a property with ``kg:show
kg:Point`` leads to. RFC 7946 §4 knows one reference system, WGS 84 with longitude first, which is also WKT's
default (GeoSPARQL 1.1 §8.5.1). The axes of EPSG:4326 are swapped; geometries in other systems are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

import pyoxigraph as ox

from kg.engine.local import LocalEngine
from kg.export.about import about
from kg.export.graphs.dump import Part
from kg.export.graphs.subjects import Said, Shelf, by_label, classes, is_a, subjects, superclasses
from kg.release import Release
from kg.sparql.bind import load
from kg.terms import GEO, Prefixes, local_name
from kg.writers.turtle import Sink

WKT = GEO + "wktLiteral"
AS_WKT = f"<{GEO}asWKT>".encode()
_CRS84, _EPSG4326 = (
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/4326",
)
_LITERAL = re.compile(r"\s*(?:<([^>]*)>)?\s*([A-Za-z]+)\s*(?:(?:Z|M|ZM)\s*)?(\(.*\))\s*\Z", re.DOTALL)
_NUMBERS = re.compile(r"[^\s,()]+(?:\s+[^\s,()]+)+")
_KINDS = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}


def geometry(wkt: str) -> dict[str, Any] | None:
    """Return a WKT literal as a GeoJSON geometry; None for what isn't one, or in another reference system."""
    match = _LITERAL.match(wkt)
    if not match or match[1] not in {None, _CRS84, _EPSG4326}:
        return None
    kind, depth = _KINDS.get(match[2].upper(), ("", 0))
    turned = match[1] == _EPSG4326

    def place(found: re.Match[str]) -> str:
        numbers = [float(part) for part in found[0].split()][:2]
        return json.dumps(numbers[::-1] if turned else numbers, allow_nan=False)

    text = match[3]
    if kind == "MultiPoint":
        text = re.sub(r"\(\s*([^\s,()]+(?:\s+[^\s,()]+)+)\s*\)", r"\1", text[1:-1]).join("()")
    try:
        coordinates = json.loads(_NUMBERS.sub(place, text).replace("(", "[").replace(")", "]"))
    except ValueError:
        return None
    if not kind or _depth(coordinates) != depth + (2 if depth == 0 else 1):
        return None
    if kind == "Polygon":
        coordinates = _wound(coordinates)
    elif kind == "MultiPolygon":
        coordinates = [_wound(polygon) for polygon in coordinates]
    return {"type": kind, "coordinates": coordinates[0] if depth == 0 else coordinates}


def _wound(rings: list[list[list[float]]]) -> list[list[list[float]]]:
    """Return a polygon's rings as RFC 7946 §3.1.6 wants them: the outer counterclockwise, holes clockwise."""
    return [ring if (_area(ring) >= 0) == (place == 0) else ring[::-1] for place, ring in enumerate(rings)]


def _area(ring: list[list[float]]) -> float:
    """Return twice a ring's area, positive if it is counterclockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def _depth(value: object) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def pointing(release: Release) -> frozenset[str]:
    """Return the properties that put things on a map, as the release's shapes say."""
    if "shapes.ttl" not in release.manifest["files"]:
        return frozenset()
    store = ox.Store()
    store.load(path=str(release.file("shapes.ttl")), format=ox.RdfFormat.TURTLE)
    rows = LocalEngine(store).query(load("kg/export/points")).dicts()
    return frozenset(str(getattr(row["property"], "value", "")) for row in rows)


def write_geojson(release: Release, out: Sink, cls: str | None = None) -> int:
    """Write the things of a class (all, when None) that have a geometry; return how many there were."""
    one = about(release)
    head = {
        "type": "FeatureCollection",
        "title": one.title,
        "version": one.version,
        "date": one.date,
        "license": one.license,
        "rights": one.rights,
        "citation": one.citation,
        "checksum": f"sha256:{one.digest}",
    }
    out.write(
        (
            json.dumps({k: v for k, v in head.items() if v}, ensure_ascii=False)[:-1] + ',\n"features": ['
        ).encode()
    )
    count = 0
    for feature in features(release, cls):
        out.write(((",\n" if count else "\n") + json.dumps(feature, ensure_ascii=False)).encode())
        count += 1
    out.write(b"\n]}\n")
    return count


def features(release: Release, cls: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield a feature for each thing with a geometry, by IRI."""
    above, links, table = superclasses(release), pointing(release), Prefixes(release.prefixes)
    with Shelf(_geometries(release)) as shelf:
        for iri, said in subjects(release, Part()):
            if cls is None or is_a(said, above, cls):
                found = _place(said, links, shelf)
                if found:
                    kinds = sorted(table.curie(one) or local_name(one) for one in classes(said))
                    properties = {"iri": iri, "type": kinds, **by_label(said)}
                    yield {"type": "Feature", "id": iri, "geometry": found, "properties": properties}


def _geometries(release: Release) -> Iterator[tuple[str, str]]:
    for iri, said in subjects(release, Part(named=(AS_WKT,))):
        for values in said.values():
            yield from ((iri, value.value) for value in values if isinstance(value, ox.Literal))


def _place(said: Said, links: Collection[str], shelf: Shelf) -> dict[str, Any] | None:
    for name in sorted(links):
        for value in sorted(said.get(name, ()), key=str):
            text = (
                value.value if isinstance(value, ox.Literal) else shelf.get(str(getattr(value, "value", "")))
            )
            if found := geometry(text):
                return found
    return None
