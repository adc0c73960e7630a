"""The dataset as schema.org's Dataset, as search engines for data read it (https://schema.org/Dataset)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.export.about import about
from kg.mediatypes import RDF_FORMATS
from kg.release import Release
from kg.terms import DCAT, DCTERMS, PROV

_PLACES, _WORKS = DCTERMS + "spatial", PROV + "wasDerivedFrom"
Box = tuple[float, float, float, float]
"""West, south, east and north in degrees."""


def schema_org(
    release: Release,
    language: str,
    site: str,
    *,
    name_of: Callable[[str], str] = str,
    box: Box | None = None,
) -> dict[str, Any]:
    """Return a release's description; what isn't known is left out.

    ``site`` is this server's public address; ``name_of`` gives a place's name in the language; ``box`` is
    where its things lie, for a dataset that names no place itself.
    """
    one = about(release, language)
    agents = [{"@type": "Organization", "name": name} for name in one.creators]
    places, periods, works = _covers(release.path, release.digest, release.dataset)
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": one.dataset,
        "name": one.title,
        "description": one.description or one.title,
        "version": one.version,
        "url": f"{site}/dataset",
        "license": one.license,
        "identifier": one.identifier or one.dataset,
        "keywords": list(one.keywords),
        "creator": agents,
        "publisher": {"@type": "Organization", "name": one.publisher} if one.publisher else None,
        "datePublished": one.date,
        "dateModified": one.date,
        "inLanguage": list(release.languages),
        "isAccessibleForFree": True,
        "spatialCoverage": list(_places(places, name_of, box)),
        "temporalCoverage": list(periods),
        "isBasedOn": list(works),
        "distribution": list(_files(release, site, one.license)),
    }
    return {key: value for key, value in found.items() if value}


def _places(
    places: Sequence[str], name_of: Callable[[str], str], box: Box | None
) -> Iterator[dict[str, Any]]:
    """Yield the places that a dataset names; the box is that of a single place, or a place by itself."""
    shape = None
    if box:
        west, south, east, north = box
        shape = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
    for iri in places:
        geo = {"geo": shape} if shape and len(places) == 1 else {}
        yield {"@type": "Place", "@id": iri, "name": name_of(iri), **geo}
    if shape and not places:
        yield {"@type": "Place", "geo": shape}


def _files(release: Release, site: str, license: str) -> Iterator[dict[str, Any]]:
    for format in RDF_FORMATS:
        found = {
            "@type": "DataDownload",
            "name": format.label,
            "encodingFormat": format.media_type,
            "contentUrl": f"{site}/releases/{release.version}/stated.{format.name}",
        }
        yield {**found, "license": license} if license else found


@lru_cache(maxsize=16)
def _covers(path: Path, digest: str, dataset: str) -> tuple[tuple[str, ...], ...]:  # noqa: ARG001 - the digest keeps the memory true
    """Return the places and periods (ISO 8601 intervals) that a dataset covers, and its sources."""
    file = path / "metadata.ttl"
    if not file.is_file():
        return (), (), ()
    said: dict[tuple[str, str], list[str]] = {}
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
        value = quad.object
        if isinstance(quad.subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            said.setdefault((quad.subject.value, quad.predicate.value), []).append(value.value)
    intervals = []
    for period in said.get((dataset, DCTERMS + "temporal"), []):
        ends = [said.get((period, DCAT + name), [".."])[0] for name in ("startDate", "endDate")]
        if ends != ["..", ".."]:
            intervals.append("/".join(ends))
    places, works = (tuple(sorted(said.get((dataset, name), []))) for name in (_PLACES, _WORKS))
    return places, tuple(sorted(intervals)), works
