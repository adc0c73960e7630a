"""Facets by what they cut: each way offers choices, and each choice leaves as many things as it says."""

from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.browsing.conditions import Condition, conditioned
from kg.explore.browsing.cuts import CUTS, ByDate, ByNumber, cut_of
from kg.explore.ontology.shapes import PropertyShape, Step
from kg.resources import VOCABULARY
from kg.sparql.bind import bind, load
from kg.terms import XSD

B = "https://example.org/orchard/"
ONTOLOGY = B + "ontology/"
TREE = ONTOLOGY + "Tree"


@pytest.fixture(scope="module")
def orchard(small_release):
    with LocalEngine.open(small_release.store) as engine:
        yield Explorer(engine, small_release)


def narrowed(explorer: Explorer, monkeypatch, name: str, *steps: Step, cls: str = TREE):
    """Give a class one facet that cuts in some way; return how to list it under choices, and the facet."""
    shape = PropertyShape("x:s", "/".join(one.iri for one in steps), steps=steps, facet=True, cut=name)
    monkeypatch.setattr(explorer.browser, "facet_shapes", lambda _cls: (shape,))

    def listing(*addresses: str):
        chosen = tuple(CUTS[name].read(one) for one in addresses)
        assert None not in chosen
        return explorer.listing(cls, {shape.path: chosen}, 1, "en")

    return listing


def counts(listing) -> dict[str, int]:
    (facet,) = listing.facets
    return {choice.address: choice.count for choice in facet.choices}


def years(explorer: Explorer) -> list[int]:
    rows = explorer.engine.query(f"SELECT ?t ?y {{ ?t a <{TREE}> ; <{ONTOLOGY}planted> ?y }}").rows
    return [int(row[1].value[:4]) for row in rows]


def test_dates_are_cut_into_spans_of_years_that_hold_them_all(orchard, monkeypatch):
    listing = narrowed(orchard, monkeypatch, "ByDate", Step(ONTOLOGY + "planted"))
    found = counts(listing())
    planted = years(orchard)
    assert found
    for address, count in found.items():
        low, high = map(int, address.split("/"))
        assert count == sum(low <= year < high for year in planted), address
        under = listing(address)
        assert under.count == count == len(under.items)
        assert [c.address for c in under.facets[0].choices if c.chosen] == [address]
    assert sum(found.values()) == len(planted)
    both = [*found][:2]
    assert listing(*both).count == sum(found[one] for one in both)


def test_a_span_of_dates_takes_dates_months_and_years_alike():
    store = ox.Store()
    store.load(
        b"""@prefix : <x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :a a :C ; :on "2001"^^xsd:gYear . :b a :C ; :on "2001-12"^^xsd:gYearMonth .
        :c a :C ; :on "2002-12-31"^^xsd:date . :d a :C ; :on "2003-01-01"^^xsd:date .
        :e a :C ; :on "2000"^^xsd:gYear .""",
        format=ox.RdfFormat.TURTLE,
    )
    cut = CUTS["ByDate"]
    asked = bind(load("kg/explore/browsing/items"), type=(ox.NamedNode("x:C"),))
    condition = cut.condition((Step("x:on"),), (cut.read("2001/2003"),))
    rows = store.query(conditioned(asked, [condition]))
    assert {row["item"].value for row in rows} == {"x:a", "x:b", "x:c"}


def test_numbers_are_cut_into_round_spans(orchard, monkeypatch):
    listing = narrowed(orchard, monkeypatch, "ByNumber", Step(ONTOLOGY + "number"), cls=ONTOLOGY + "Figure")
    rows = orchard.engine.query(f"SELECT ?f ?n {{ ?f a <{ONTOLOGY}Figure> ; <{ONTOLOGY}number> ?n }}").rows
    numbers = [float(row[1].value) for row in rows]
    found = counts(listing())
    assert found
    assert len(found) <= 13
    for address, count in found.items():
        low, high = map(float, address.split("/"))
        assert count == sum(low <= number < high for number in numbers), address
        assert listing(address).count == count


def test_yes_and_no_part_the_whole(orchard, monkeypatch):
    listing = narrowed(orchard, monkeypatch, "ByYesOrNo", Step(ONTOLOGY + "planted"))
    whole = orchard.listing(TREE, {}, 1, "en").count
    found = counts(listing())
    assert found == {"true": len(years(orchard)), "false": whole - len(years(orchard))}
    assert listing("true").count == found["true"]
    assert listing("false").count == found["false"]
    assert listing("true", "false").count == whole


def test_a_tree_counts_what_lies_below(monkeypatch):
    store = ox.Store()
    store.load(
        b"""@prefix : <x:> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        :pome skos:broader :fruit . :pear skos:broader :pome . :apple skos:broader :pome .
        :plum skos:broader :fruit .
        :a a :T ; :of :pear . :b a :T ; :of :apple, :pear . :c a :T ; :of :plum .""",
        format=ox.RdfFormat.TURTLE,
    )
    explorer = Explorer(LocalEngine(store), None)
    narrowed(explorer, monkeypatch, "ByTree", Step("x:of"), cls="x:T")

    def listed(*chosen: str):
        values = tuple(map(ox.NamedNode, chosen))
        return explorer.browser.listing("x:T", {"x:of": values} if chosen else {}, 1, explorer.reader("en"))

    assert counts(listed()) == {"x:fruit": 3, "x:pome": 2, "x:pear": 2, "x:apple": 1, "x:plum": 1}
    assert listed("x:pome").count == 2
    assert listed("x:apple", "x:plum").count == 2


@pytest.mark.parametrize(
    ("name", "address"),
    [("ByDate", "2001"), ("ByDate", "2001/"), ("ByDate", '"2001/2002"'), ("ByNumber", "1/x"),
     ("ByNumber", "/"), ("ByYesOrNo", "yes"), ("ByTerm", "no iri"), ("ByTerm", '"open'), ("ByTree", "<x>")],
)  # fmt: skip
def test_an_address_that_names_no_choice(name: str, address: str):
    assert CUTS[name].read(address) is None


numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda n: round(n, 3))


@given(st.lists(numbers, min_size=1, max_size=30))
def test_every_number_lies_in_one_span_and_these_are_few(found: list[float]):
    cut = ByNumber()
    values = [(ox.Literal(f"{n:.3f}", datatype=ox.NamedNode(XSD + "decimal")), 1) for n in found]
    spans = [tuple(map(float, choice.value.split("/"))) for choice, _ in cut.offered(values)]
    assert 1 <= len(spans) <= 13
    for number in found:
        assert sum(low <= number < high for low, high in spans) == 1
    for choice, _ in cut.offered(values):
        assert cut.read(cut.address(choice)) == choice


@given(st.lists(st.integers(1000, 9980), min_size=1, max_size=30))
def test_every_year_lies_in_one_span(found: list[int]):
    cut = ByDate()
    values = [(ox.Literal(str(year), datatype=ox.NamedNode(XSD + "gYear")), 1) for year in found]
    spans = [choice.value.split("/") for choice, _ in cut.offered(values)]
    assert len(spans) <= 13
    for year in found:
        assert sum(low <= str(year) < high for low, high in spans) == 1


def test_what_a_shape_says_decides_and_nothing_else_is_by_term():
    shape = PropertyShape("x:s", "x:p", steps=(Step("x:p"),), facet=True)
    assert cut_of(shape) is CUTS["ByTerm"]
    assert cut_of(replace(shape, cut="ByDate")).name == "ByDate"
    assert cut_of(replace(shape, cut="ByNothing")) is CUTS["ByTerm"]
    assert cut_of(shape).condition(shape.steps) == Condition((Step("x:p"),))


def test_each_way_has_its_name_in_the_vocabulary():
    text = VOCABULARY.read_text(encoding="utf-8")
    assert [name for name in CUTS if f"kg:{name} a kg:Cut" not in text] == []
