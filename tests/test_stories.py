"""What a page tells as its class's shapes say; who acts, drawn; what is expected and missing."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.entity.diagram import MOST, diagram
from kg.explore.entity.story import SHOWN
from kg.explore.entity.summary import Wording, summary
from kg.explore.model import Fact, Ref, Statement, Text, Told
from kg.explore.widths import columns
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app

B = "https://example.org/orchard/"
O = B + "ontology/"  # noqa: E741 # as the orchard's own prefix
RIDGE = B + "id/orchard/long-ridge"


@pytest.fixture(scope="module")
def explorer(small_release: Release) -> Explorer:
    return Explorer(LocalEngine.open(small_release.store), small_release)


@pytest.fixture(scope="module")
def client(small_release: Release):
    return create_app(LocalEngine.open(small_release.store), Settings(), small_release).test_client()


def told(explorer: Explorer, iri: str, language: str = "en") -> dict[str, Statement]:
    entity = explorer.entity(iri, language)
    assert entity is not None
    return {s.key: s for section in entity.sections for s in section.statements if s.told}


def test_a_page_tells_what_paths_lead_to(explorer: Explorer):
    # An orchard's trees stand in its plots: two steps back.
    trees = told(explorer, RIDGE)["Site-trees"]
    assert len(trees.told) == SHOWN
    assert len(trees.told) + trees.more == 24
    assert trees.property.label.value == "Trees"


def test_what_is_told_is_in_the_order_of_time_and_has_its_sources(explorer: Explorer):
    trees = told(explorer, RIDGE)["Site-trees"].told
    dates = [one.when for one in trees if one.when]
    assert dates == sorted(dates)
    assert all(one.sources for one in trees)
    beside = {d.property.label.value for one in trees for d in one.details}
    assert beside == {"is of variety"}, "dates stand before the name, not beside it"


@pytest.fixture
def partly(small_release: Release) -> Explorer:
    """The orchard, where nothing says when two of the trees were planted."""
    store = ox.Store()
    store.extend(ox.Store.read_only(str(small_release.store)))
    for tree in ("01", "02"):
        for quad in list(store.quads_for_pattern(ox.NamedNode(f"{B}id/tree/{tree}"), None, None, None)):
            if quad.predicate == ox.NamedNode(O + "planted"):
                store.remove(quad)
    return Explorer(LocalEngine(store), small_release)


def test_what_is_expected_of_the_things_told_and_lacking_is_said(explorer: Explorer, partly: Explorer):
    # Of a tree the year is expected, and stands beside it; its variety stands there unexpected.
    assert told(explorer, RIDGE)["Site-trees"].untold == ()
    short = told(partly, RIDGE)["Site-trees"].untold
    assert [(one.property.label.value, one.missing, one.total) for one in short] == [("planted", 2, 24)]
    plots = told(partly, B + "id/plot/long-ridge-north")["Site-trees"].untold
    assert [one.total for one in plots] == [14]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "No document read so far tells: planted (2 of 24)"),
        ("zh-Hans", "已读文献均未提及：种植年份（24 项中的 2 项）"),
        ("zh-Hant", "已讀文獻均未提及："),
    ],
)
def test_a_page_says_what_is_lacking(partly: Explorer, small_release: Release, language: str, words: str):
    site = create_app(partly.engine, Settings(), small_release).test_client()
    page = site.get(f"/page/id/orchard/long-ridge?lang={language}").text
    section = page.split('class="legend untold"')[1].split("</p>")[0]
    assert words in re.sub(r"<[^>]+>", "", section)


def test_what_stands_in_a_section_is_not_repeated_below(explorer: Explorer):
    entity = explorer.entity(RIDGE, "en")
    shown = {one.ref.iri for s in entity.sections for st in s.statements for one in st.told}
    below = {link.ref.iri for group in entity.incoming for link in group.items}
    assert shown
    assert not shown & below


def test_nodes_that_only_carry_evidence_are_no_things(explorer: Explorer):
    schema, names = explorer.schema, explorer.names
    for iri in (RIDGE, B + "id/plot/long-ridge-north", B + "id/variety/snow-pear"):
        entity = explorer.entity(iri, "en")
        told_ = [one.ref.iri for s in entity.sections for st in s.statements for one in st.told]
        for thing in told_:
            assert not schema.is_dependent(names.of(thing).classes)
        for group in entity.incoming:
            assert all(
                link.via or not schema.is_dependent(names.of(link.ref.iri).classes) for link in group.items
            )


def test_a_thing_in_the_sentence_of_its_class(client):
    page = client.get("/page/id/orchard/long-ridge?lang=en").text
    said = re.search(r'<p class="summary made">(.*?)</p>', page)
    assert said is not None
    text = re.sub("<[^>]+>", "", said[1])
    assert text.startswith("Orchard of 3.5 ha, where 24 trees stand.")
    assert "面积 3.5公顷，有树 24 棵。" in client.get("/page/id/orchard/long-ridge?lang=zh-Hans").text


WORDING = Wording(
    lambda value: value.label.value if isinstance(value, Ref) else value.value,
    " and ".join,
    lambda cell: cell.facts[0].value.value,
    lambda within: ", ".join(one.label.value for one in within),
)


def sentence(explorer: Explorer, pattern: str, *statements: Statement, trail: tuple[Ref, ...] = ()) -> str:
    entity = explorer.entity(RIDGE, "en")
    filled = replace(entity, trail=trail, sections=(replace(entity.sections[0], statements=statements),))
    schema = replace(explorer.schema, patterns={O + "Orchard": (ox.Literal(pattern, language="en"),)})
    found = summary(filled, schema, explorer.reader("en"), WORDING)
    assert found is not None
    return found.value


def test_a_sentence_names_nothing_twice_but_who_acts(explorer: Explorer):
    hill, owner = (Ref(f"{B}x/{name}", Text(name.title(), "en")) for name in ("hill", "owner"))

    def statement(key: str, *refs: Ref, actors: bool = False) -> Statement:
        facts = tuple(Fact(ref) for ref in refs)
        return Statement(Ref(O + key, Text(key, "en")), facts, key=key, actors=actors)

    pattern = "{kind}[ in {place}][, for {serves}][, kept by {keeps}][, with {involves}]."
    told = (
        statement("serves", hill),
        statement("keeps", hill, actors=True),
        statement("involves", hill, owner, actors=True),
    )
    said = sentence(explorer, pattern, *told, trail=(hill,))
    assert said == "Orchard in Hill, kept by Hill, with Owner."


def test_what_a_path_leads_to_backward_is_not_taken_for_its_property(explorer: Explorer):
    event = Told(Ref(B + "x/fair", Text("Fair", "en")))
    told = Statement(Ref(O + "concerns", Text("events", "en")), told=(event,), key="told-events")
    assert (
        sentence(explorer, "{kind}[, about {concerns}][, with {told-events}].", told) == "Orchard, with Fair."
    )


def test_a_class_without_a_sentence_still_has_one(client):
    assert '<p class="summary made">' in client.get("/page/id/tree/01?lang=en").text


def test_who_acts_is_drawn(explorer: Explorer, client):
    found = diagram(explorer.entity(RIDGE, "en"), explorer.reader("en"))
    assert found is not None
    assert {branch.label.value for branch in found.branches} == {"Plots"}
    assert all(box.sources for branch in found.branches for box in branch.boxes)
    answer = client.get(f"/diagram.svg?iri={RIDGE}&lang=en")
    assert answer.mimetype == "image/svg+xml"
    ET.fromstring(answer.text)  # noqa: S314 # our own
    assert "North slope" in answer.text
    assert "The old orchards" in answer.text, "the source stands in the picture"
    assert client.get(f"/diagram.svg?iri={B}id/tree/01").status_code == 404


def test_a_body_with_two_hundred_members_and_long_names(explorer: Explorer):
    entity, reader = explorer.entity(RIDGE, "en"), explorer.reader("en")
    long_ = "Committee for the improvement of everything on the slope, north and south"
    many = tuple(
        Told(Ref(f"{B}x/{n}", Text(f"{long_} {n}" if n % 2 else "改" * 60, "en"))) for n in range(200)
    )
    statement = Statement(Ref(O + "x", Text("Members", "en")), told=many, key="x", actors=True)
    crowded = replace(entity, sections=(replace(entity.sections[0], statements=(statement,)),))
    for narrow in (False, True):
        found = diagram(crowded, reader, narrow=narrow)
        (branch,) = found.branches
        assert (len(branch.boxes), branch.more) == (MOST, 200 - MOST)
        tops = [(box.y, box.y + box.height) for box in branch.boxes]
        assert all(end <= start for (_, end), (start, _) in pairwise(tops))
        widest = max(columns(line) for box in branch.boxes for line in box.lines)
        assert widest * 7 <= branch.boxes[0].width


def test_only_what_is_expected_counts_as_missing(explorer: Explorer):
    reader = explorer.reader("en")
    expected = {one.key: one for one in explorer.gaps.expected(O + "Orchard", reader)}
    assert set(expected) == {"label", "Site-trees"}, "what is demanded, and what is expected"
    trees = expected["Site-trees"]
    assert (trees.known, trees.missing) == (1, 1)
    (bare,) = explorer.gaps.lacking(O + "Orchard", "Site-trees", reader)
    assert not told(explorer, bare.iri)
    assert explorer.gaps.lacking(O + "Orchard", "point", reader) is None


def test_a_gap_says_what_mends_it(client):
    page = client.get("/coverage?class=o:Orchard&lacks=Site-trees&lang=en")
    assert "Say which trees stand in its plots" in page.text
    assert client.get("/coverage?class=o:Orchard&lacks=nothing").status_code == 404
    assert "lacks=Site-trees" in client.get("/coverage?lang=en").text


def test_regions_and_classes_as_a_heat_map(explorer: Explorer):
    heat = explorer.gaps.heat(explorer.release, explorer.reader("en"))
    assert heat is not None
    named = {ref.label.value: row for ref, row in zip(heat.regions, heat.cells, strict=True)}
    trees = [ref.label.value for ref in heat.classes].index("tree")
    assert named["Snow Pear"][trees] == (16, 5)
    assert sum(row[trees][0] for row in named.values()) == 24


def test_alternatives_and_chains_are_read_from_shapes(explorer: Explorer):
    (shape,) = [s for s in explorer.schema.shapes_of([O + "Orchard"]) if s.iri.endswith("Site-trees")]
    assert [len(way) for way in shape.ways] == [1, 2]
    assert shape.told
    assert not shape.direct
    assert ox.NamedNode(shape.of[0]).value == O + "Tree"
