"""The map: what is drawn where, what is said to be approximate, and the same as GeoJSON."""

import json
import math
import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.explore import Explorer, Ref, Text
from kg.explore.maps.apart import MOST, apart
from kg.explore.maps.atlas import signs
from kg.explore.maps.drawing import Region
from kg.explore.maps.ground import HEIGHT, WIDTH, regions_of
from kg.explore.maps.places import Frame, mean, named, overlap
from kg.explore.maps.sizes import NARROW, WIDE, ring
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web import create_app

ORCHARD = "https://example.org/orchard/"
TREE, SITE = ORCHARD + "ontology/Tree", ORCHARD + "ontology/Orchard"
LONG_RIDGE = ORCHARD + "id/orchard/long-ridge"


@pytest.fixture(scope="module")
def atlas(small_release):
    return Explorer(LocalEngine.open(small_release.store), small_release).atlas


@pytest.fixture(scope="module")
def client(small_release):
    return create_app(LocalEngine.open(small_release.store), Settings(), small_release).test_client()


def test_a_thing_with_a_point_is_drawn_there(atlas):
    drawing = atlas.drawing(SITE)
    own = [one for one in drawing.located if one.within is None]
    assert [(one.iri, one.point) for one in own] == [(LONG_RIDGE, (120.15, 30.28))]
    assert drawing.missing == 1  # nobody says where Stone Bridge lies


def test_others_are_drawn_at_what_contains_them_and_said_to_be_approximate(atlas, client):
    located = atlas.drawing(TREE).located
    assert located
    assert {one.within for one in located} == {LONG_RIDGE}
    assert {one.point for one in located} == {(120.15, 30.28)}
    html = client.get(f"/map?class={TREE}").text
    assert "A ring stands for things drawn amid the place that contains them" in html
    assert re.search(rf'<text class="number"[^>]*>{len(located)}</text>', html)


def test_geojson_has_what_is_drawn(atlas, client):
    response = client.get(f"/map.geojson?class={TREE}")
    assert response.content_type == "application/geo+json"
    collection = json.loads(response.data)
    assert collection["type"] == "FeatureCollection"
    assert {f["id"] for f in collection["features"]} == {one.iri for one in atlas.drawing(TREE).located}
    first = collection["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [120.15, 30.28]}
    assert first["properties"]["approximate"] is True
    assert first["properties"]["within"]["iri"] == LONG_RIDGE
    assert first["properties"]["page"].startswith("/page/id/tree/")


def test_the_page_leads_to_each_thing_without_scripts(client, atlas):
    html = client.get(f"/map?class={TREE}").text
    for one in atlas.drawing(TREE).located:
        assert f'href="/page/{one.iri.removeprefix(ORCHARD)}"' in html


def test_classes_without_anything_to_draw_are_not_offered(client, atlas):
    assert ORCHARD + "ontology/Variety" not in atlas.classes()
    assert client.get(f"/map?class={ORCHARD}ontology/Variety").status_code == 200
    assert json.loads(client.get(f"/map.geojson?class={ORCHARD}ontology/Variety").data)["features"] == []


@pytest.mark.parametrize("name", ["x:nothing", "https://example.org/none", "%00", "<script>"])
def test_what_is_no_class_is_not_found(client, name):
    for path in ("/map", "/map.geojson"):
        assert client.get(f"{path}?class={name}").status_code in (400, 404)


def test_a_whole_without_a_point_lies_amid_its_parts(release):
    """In the default data districts have no points, but what lies in them has."""
    explorer = Explorer(LocalEngine.open(release.store), release)
    atlas, points = explorer.atlas, explorer.places.points()
    amid = [
        one
        for cls in atlas.classes()
        for one in atlas.drawing(cls).located
        if one.within and one.within not in points
    ]
    assert amid
    for one in amid:
        chains = atlas.containment.chains(points)
        inside = [points[iri] for iri, chain in chains.items() if one.within in chain[:-1]]
        assert min(p[0] for p in inside) <= one.point[0] <= max(p[0] for p in inside)
        assert min(p[1] for p in inside) <= one.point[1] <= max(p[1] for p in inside)


def test_of_several_wholes_the_innermost_counts(release):
    """A page names the district, another the community: what lies in both is drawn in the community, once."""
    atlas = Explorer(LocalEngine.open(release.store), release).atlas
    found = atlas.containment
    drawn = [one.iri for cls in atlas.classes() for one in atlas.drawing(cls).located]
    several = {iri: found.parents[iri] for iri in drawn if len(found.parents[iri]) > 1}
    for iri, parents in several.items():
        assert found.up[iri] in parents
        assert not any(found.up[iri] in found.containing(other) for other in parents)
        # A district of before, in which nothing lies, is no nearer than the community of today.
        assert len(found.containing(found.up[iri])) == max(len(found.containing(one)) for one in parents)
    assert any(found.up[iri] != parents[0] for iri, parents in several.items())
    for cls in atlas.classes():
        located = [one.iri for one in atlas.drawing(cls).located]
        assert len(located) == len(set(located))


def test_a_middle_is_the_same_in_whatever_order_its_points_are_given():
    points = [(east, 30.0) for east in (118.16837, 119.27827, 119.55603, 119.68407)]
    assert mean(points) == mean(points[::-1])


def test_the_ground_names_regions_below_what_all_share(release):
    atlas = Explorer(LocalEngine.open(release.store), release).atlas
    drawing = max((atlas.drawing(cls) for cls in atlas.classes()), key=lambda one: len(one.located))
    regions = [region.iri for region in drawing.ground]
    assert len(regions) > 5
    parents = {atlas.containment.up[iri] for iri in regions}
    assert len(parents) == 1


POINTS = st.tuples(st.floats(100, 130), st.floats(20, 50))


@given(st.lists(st.tuples(st.sampled_from("abcd"), POINTS), min_size=1, max_size=30))
@settings(deadline=None)
def test_each_cell_of_the_ground_belongs_to_the_region_of_the_nearest_point(ground):
    frame = Frame.around([point for _iri, point in ground], WIDTH, HEIGHT)
    regions = regions_of(ground, frame)
    cells = {}
    for region in regions:
        for x, y in re.findall(r"M(\d+) (\d+)h0", region.dots):
            assert (x, y) not in cells
            cells[x, y] = region.iri
            assert 0 < int(x) <= WIDTH
            assert 0 < int(y) <= HEIGHT
    places = [(iri, frame.place(point)) for iri, point in ground]
    for (x, y), iri in cells.items():
        nearest = {}
        for one, (left, top) in places:
            d = (int(x) - left) ** 2 + (int(y) - top) ** 2
            nearest[one] = min(d, nearest.get(one, d))
        assert nearest[iri] <= min(nearest.values()) + 1e-6


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), max_size=12))
@example([(84.0, 26.75), (84.0, 31.0), (115.0, 67.75)])
def test_no_name_lies_on_another_or_on_a_ring(places):
    regions = [
        (Ref(f"x:{n}", Text("Name")), Region(f"x:{n}", "M1 1h0", x, y, 0)) for n, (x, y) in enumerate(places)
    ]
    rings = [(150.0, 100.0, 20.0)]
    boxes = [(x - 16, y - 12, x + 16, y + 5) for _ref, x, y in signs(regions, rings)]
    assert not any(overlap(box, (130, 80, 170, 120)) for box in boxes)
    assert not any(overlap(a, b) for n, a in enumerate(boxes) for b in boxes[:n])


@given(st.lists(st.tuples(st.floats(0, 420), st.floats(0, 300)), max_size=12))
@example([(20.0, 280.0)])
def test_no_name_lies_on_the_scale(places):
    frame = Frame.around([(120.0, 30.0), (121.0, 31.0)], 420, 300)
    for spot in named([(Ref("x:a", Text("Name")), place) for place in places], frame):
        box = (spot.x + 8, spot.y - 8, spot.x + 40, spot.y + 8)
        assert not (spot.named and overlap(box, (16, frame.height - 30, 116, frame.height - 14)))


def test_the_home_pages_map_counts_all_and_not_as_many_as_the_engine_gave_first(release):
    """There are more compounds than a page of a list takes: a part of them would be told as their number."""
    engine = LocalEngine.open(release.store)
    explorer = Explorer(engine, release)
    things = {iri for cls in explorer.schema.comparable for iri in explorer.atlas.members(cls)}
    classes = " ".join(f"<{cls}>" for cls in explorer.schema.comparable)
    query = f"SELECT (COUNT(DISTINCT ?thing) AS ?n) {{ VALUES ?class {{ {classes} }} ?thing a ?class }}"
    assert len(things) == int(engine.query(query).rows[0][0].value) > 300
    site = create_app(engine, Settings(), release).test_client()
    home = site.get("/", headers={"Accept": "text/html"}).text
    wide, narrow = home.split('class="drawing ')[1:]
    for drawing in (wide, narrow):
        titles = re.findall(r"<a [^>]*><title>([^<]*)</title>", drawing)
        told = [re.search(r": (\d+)$", title) for title in titles]
        assert sum(int(one[1]) if one else 1 for one in told) == len(explorer.atlas.locate(things))


def overlaps(circles):
    return [
        (one, other)
        for at, one in enumerate(circles)
        for other in circles[:at]
        if math.dist(one[:2], other[:2]) < one[2] + other[2]
    ]


SIGN = st.tuples(st.floats(30, 970), st.floats(30, 610), st.floats(4, 26))


@given(st.lists(SIGN, max_size=60))
@settings(deadline=None)
@example([(500.0, 300.0, 9.0)] * 40)
@example([(30.0, 30.0, 26.0), (30.0, 30.0, 26.0), (31.0, 30.0, 5.0)])
def test_no_sign_lies_on_another(drawn):
    places = apart(drawn, WIDTH, HEIGHT)
    moved = [(*place, radius) for place, (*_, radius) in zip(places, drawn, strict=True)]
    assert overlaps(moved) == []
    assert all(
        r - 0.1 <= x <= WIDTH - r + 0.1 and r - 0.1 <= y <= HEIGHT - r + 0.1 for x, y, r in moved if r < 26
    )
    assert apart(drawn, WIDTH, HEIGHT) == places


def test_what_lies_on_nothing_stays():
    drawn = [(100.0, 100.0, 9.0), (300.0, 100.0, 20.0), (102.0, 101.0, 9.0)]
    places = apart(drawn, WIDTH, HEIGHT)
    assert places[1] == (300.0, 100.0)
    assert all(math.dist(place, (101, 100.5)) < 12 for place in (places[0], places[2]))
    crowd = [(500.0, 300.0, 5.0)] * (MOST + 1)
    assert apart(crowd, WIDTH, HEIGHT) == [(500.0, 300.0)] * len(crowd)
    assert apart([], WIDTH, HEIGHT) == []


def test_the_map_of_the_default_release_has_no_sign_on_another(release):
    explorer = Explorer(LocalEngine.open(release.store), release)
    client = create_app(LocalEngine.open(release.store), Settings(), release).test_client()
    for cls in list(explorer.atlas.classes())[:3]:
        html = client.get("/map", query_string={"class": cls}, headers={"Accept": "text/html"}).text
        form = r'<circle class="spot approximate" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/>'
        rings = [tuple(map(float, one)) for one in re.findall(form, html)]
        assert len(rings) > 10
        assert overlaps(rings) == []
        assert '<path class="leader" d="M' in html
        collection = client.get("/map.geojson", query_string={"class": cls}).get_json(force=True)
        rings_of = Counter(
            one["properties"]["within"] and one["properties"]["within"]["iri"]
            for one in collection["features"]
        )
        frame = explorer.atlas.drawing(cls).frame
        for name, sizes in (("wide", WIDE), ("narrow", NARROW)):
            assert len(collection["apart"][name]) > 1
            for level, moved in enumerate(collection["apart"][name]):
                signs_of = {}
                for one in collection["features"]:
                    within = one["properties"]["within"]
                    sign = within["iri"] if within else one["id"]
                    x, y = frame.place(one["geometry"]["coordinates"])
                    right, down = moved.get(sign, (0, 0))
                    radius = sizes.rings * ring(rings_of[sign]) if within else sizes.point
                    signs_of[sign] = (x + right, y + down, radius / 2**level)
                assert overlaps(list(signs_of.values())) == []


def test_a_page_lists_what_has_a_point_of_its_own(small_release: Release):
    engine = LocalEngine.open(ensure_store(small_release))
    client = create_app(engine, Settings(), small_release).test_client()
    page = client.get("/map?class=https%3A%2F%2Fexample.org%2Forchard%2Fontology%2FOrchard")
    assert page.status_code == 200
    assert "Long Ridge Orchard" in page.text.partition('id="own-list"')[2].partition("</ul>")[0]
