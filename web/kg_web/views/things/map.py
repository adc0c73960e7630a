"""The map: where the things of a class lie, drawn, and as GeoJSON (RFC 7946)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

from kg.explore import Ref
from kg.explore.maps.atlas import signs
from kg.explore.maps.drawing import Drawing, Located
from kg.explore.maps.places import Point, named
from kg.explore.maps.sizes import FANNED, NARROW, WIDE, drawn_at, ring
from kg.explore.naming.names import Reader
from kg.mediatypes import GEOJSON
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.links import href
from kg_web.rendering.i18n import by_language, language
from kg_web.rendering.tongues import html_language
from kg_web.views.things.browse import expand

blueprint = Blueprint("map", __name__)

MOVED = 1.0
"""How far a sign is drawn from its place before a line leads there."""
UNPLACED = 120
"""How many of the things without a place are listed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Things without a point of their own, drawn together at the point of what contains them."""

    within: Ref
    things: tuple[Ref, ...]
    x: float
    y: float

    @property
    def radius(self) -> float:
        """The radius of its ring, in units of the drawing."""
        return ring(len(self.things))

    @property
    def fan(self) -> Iterator[tuple[Ref, float, float]]:
        """Each thing and a place for it on the ring, where they are few enough to be told apart there."""
        few = self.things if 1 < len(self.things) <= FANNED else ()
        for number, thing in enumerate(few):
            turn = 2 * math.pi * number / len(few) - math.pi / 2
            far = self.radius + 2
            yield thing, round(self.x + far * math.cos(turn), 1), round(self.y + far * math.sin(turn), 1)


@blueprint.get("/map")
@kept
def view() -> str:
    """Draw the things of ``?class=``, else of the class of which most can be drawn. 404 for no class."""
    explorer, reader = publication().explorer, publication().explorer.reader(language())
    classes = explorer.atlas.classes()
    cls = _class() or next(iter(classes), "")
    drawing = explorer.atlas.drawing(cls) if cls else None
    if drawing:
        _fetch(reader, drawing)
    places = drawn_at(drawing) if drawing else {}
    clusters = list(_clusters(reader, drawing, places)) if drawing else []
    rings = [(one.x, one.y, one.radius) for one in clusters]
    spots = _spots(reader, drawing, places) if drawing else ()
    regions = [(reader.ref(region.iri), region) for region in drawing.ground] if drawing else []
    return render_template(
        "map.html",
        classes=[(reader.term(iri), count) for iri, count in classes.items()],
        cls=cls,
        drawing=drawing,
        scale=drawing and drawing.frame.map((), ()),
        regions=regions,
        signs=signs(regions, rings),
        spots=spots,
        own=_by_name(reader, (spot.ref for spot in spots)),
        clusters=clusters,
        leaders=_leaders(drawing, places) if drawing else (),
        narrow=NARROW,
        wide=WIDE,
        unplaced=_unplaced(reader, drawing) if drawing else (),
    )


@blueprint.get("/map.geojson")
def geojson() -> Response:
    """Send what `view` draws of ``?class=`` as a FeatureCollection. 404 for no class.

    ``approximate`` is true where the point is that of what contains the thing, which ``within`` then names.
    The collection's member ``apart`` says how far a map moves signs from their points so that none covers
    another, by ``within`` or id: to the right and down, in units of the page's drawing; for wide and for
    narrow maps, each at its first size and at every doubling.
    """
    explorer, reader = publication().explorer, publication().explorer.reader(language())
    cls = _class() or next(iter(explorer.atlas.classes()), "")
    drawing = explorer.atlas.drawing(cls)
    features = []
    if drawing:
        _fetch(reader, drawing)
        features = [_feature(reader, one) for one in drawing.located]
    moved = {name: explorer.atlas.shifts(cls, sizes) for name, sizes in (("wide", WIDE), ("narrow", NARROW))}
    # "type" must come first: GDAL looks for it only at the beginning.
    told = {"type": "FeatureCollection", "features": features, "apart": moved}
    response = Response(current_app.json.dumps(told, sort_keys=False), content_type=GEOJSON.media_type)
    return by_language(response)


def _class() -> str:
    explorer, name = publication().explorer, request.args.get("class", "")
    cls = expand(explorer, name) if name else ""
    if cls and cls not in explorer.schema.classes:
        abort(404)
    return cls


def _fetch(reader: Reader, drawing: Drawing) -> None:
    within = {one.within for one in drawing.located if one.within}
    reader.names.fetch(
        [*(one.iri for one in drawing.located), *within, *(region.iri for region in drawing.ground)]
    )


def _leaders(drawing: Drawing, places: Mapping[str, Point]) -> tuple[tuple[Point, Point], ...]:
    """Return lines from the points of things to where they are drawn, if they were moved."""
    own = {one.within or one.iri: drawing.frame.place(one.point) for one in drawing.located}
    return tuple((own[key], at) for key, at in places.items() if math.dist(own[key], at) > MOVED)


def _spots(reader: Reader, drawing: Drawing, places: Mapping[str, Point]) -> Sequence[Any]:
    """Return the things with points of their own, as many of them named as there is room for."""
    own = [one for one in drawing.located if one.within is None]
    return named([(reader.ref(one.iri), places[one.iri]) for one in own], drawing.frame)


def _clusters(reader: Reader, drawing: Drawing, places: Mapping[str, Point]) -> Iterator[Cluster]:
    """Yield the approximate ones by what contains them, the fullest first."""
    found: dict[str, list[Located]] = {}
    for one in drawing.located:
        if one.within:
            found.setdefault(one.within, []).append(one)
    for iri, ones in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        refs = _by_name(reader, (reader.ref(one.iri) for one in ones))
        yield Cluster(reader.ref(iri), refs, *places[iri])


def _unplaced(reader: Reader, drawing: Drawing) -> tuple[Ref, ...]:
    """Return the first of the things that can't be placed."""
    found = drawing.unplaced[:UNPLACED]
    reader.names.fetch(found)
    return _by_name(reader, (reader.ref(iri) for iri in found))


def _by_name(reader: Reader, refs: Iterable[Ref]) -> tuple[Ref, ...]:
    return tuple(sorted(refs, key=lambda ref: reader.sort_key(ref.iri)))


def _feature(reader: Reader, one: Located) -> dict[str, Any]:
    ref = reader.ref(one.iri)
    within = reader.ref(one.within) if one.within else None
    return {
        "type": "Feature",
        "id": one.iri,
        "geometry": {"type": "Point", "coordinates": list(one.point)},
        "properties": {
            "name": ref.label.value,
            "language": html_language(ref.label.language),
            "kind": ref.kind.value if ref.kind else None,
            "page": href(one.iri),
            "approximate": within is not None,
            "within": within and {"iri": within.iri, "name": within.label.value, "page": href(within.iri)},
        },
    }
