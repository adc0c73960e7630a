"""The panel: a well-formed data cube (https://www.w3.org/TR/vocab-data-cube/#wf), and true to its figures."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.engine.local import LocalEngine
from kg.release import Release
from kg.release.store import ensure_store

PREFIXES = """PREFIX cube: <https://w3id.org/linli/cube/> PREFIX linli: <https://w3id.org/linli/ontology/>
PREFIX qb: <http://purl.org/linked-data/cube#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
CITY = "<https://w3id.org/linli/id/division/nbs2023-330100000000>"

# of the city, what sums up more than a year
LONGER = {
    "population-growth-per-year-3.21",
    "residents-increase-3235637",
    "population-growth-37.19",
    "compounds-to-begin-1000",
    "communities-age-friendly-planned-250",
}


@pytest.fixture(scope="module")
def store(release: Release) -> Iterator[ox.Store]:
    with LocalEngine.open(ensure_store(release)) as engine:
        yield engine.store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(PREFIXES + query)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple("" if one is None else str(one.value) for one in row) for row in found]


def test_there_are_observations_of_the_city_and_of_most_districts(store: ox.Store) -> None:
    (total, areas, years), *_ = ask(
        store,
        """SELECT (COUNT(DISTINCT ?o) AS ?n) (COUNT(DISTINCT ?area) AS ?areas)
        (COUNT(DISTINCT ?year) AS ?years) { ?o a qb:Observation ; cube:area ?area ; cube:year ?year }""",
    )
    assert int(total) >= 150 and int(areas) >= 10 and int(years) >= 7


def test_each_observation_is_of_one_data_set_that_has_one_structure(store: ox.Store) -> None:  # IC-1, IC-2
    wrong = """SELECT ?o { ?o a qb:Observation OPTIONAL { ?o qb:dataSet ?set }
        OPTIONAL { ?set qb:structure ?structure } }
        GROUP BY ?o HAVING(COUNT(DISTINCT ?set) != 1 || COUNT(DISTINCT ?structure) != 1)"""
    assert ask(store, wrong) == []


def test_the_structure_has_a_measure_and_its_dimensions_have_a_range(
    store: ox.Store,
) -> None:  # IC-3, IC-4, IC-5
    assert ask(store, "SELECT ?m { ?s a qb:DataStructureDefinition ; qb:component/qb:measure ?m }")
    bare = "SELECT ?d { ?d a qb:DimensionProperty FILTER NOT EXISTS { ?d rdfs:range ?range } }"
    assert ask(store, bare) == []
    unlisted = """SELECT ?d { ?d a qb:DimensionProperty ; rdfs:range skos:Concept
        FILTER NOT EXISTS { ?d qb:codeList ?list } }"""
    assert ask(store, unlisted) == []


def test_each_observation_has_every_dimension_once_and_a_measure_and_its_unit(
    store: ox.Store,
) -> None:  # IC-6, 11, 14
    wrong = """SELECT ?o ?part { ?o a qb:Observation ; qb:dataSet/qb:structure/qb:component ?component .
        ?component qb:dimension|qb:measure|qb:attribute ?part . OPTIONAL { ?o ?part ?value } }
        GROUP BY ?o ?part HAVING(COUNT(DISTINCT ?value) != 1)"""
    assert ask(store, wrong) == []


def test_no_two_observations_have_the_same_dimensions(store: ox.Store) -> None:  # IC-12
    cells = ask(
        store,
        """SELECT ?o ?area ?year ?quantity ?phase ?figure { ?o a qb:Observation ;
        cube:area ?area ; cube:year ?year ; cube:quantity ?quantity ;
        cube:phase ?phase ; cube:figure ?figure }""",
    )
    assert len({cell[1:] for cell in cells}) == len(cells) == len({cell[0] for cell in cells})


def test_codes_are_of_their_lists(store: ox.Store) -> None:  # IC-19
    wrong = """SELECT ?o ?code { ?o a qb:Observation . ?dimension qb:codeList ?list . ?o ?dimension ?code
        FILTER NOT EXISTS { ?code skos:inScheme ?list } }"""
    assert ask(store, wrong) == []


def test_an_observation_says_what_its_figure_says(store: ox.Store) -> None:
    wrong = """SELECT ?o { ?o a qb:Observation ; cube:figure ?figure ; cube:area ?area ; cube:value ?value ;
            cube:unit ?unit ; cube:quantity ?quantity
        FILTER NOT EXISTS { ?area linli:hasMeasurement ?figure .
            ?figure linli:value ?value ; linli:hasUnit ?unit ; linli:hasQuantity ?quantity } }"""
    assert ask(store, wrong) == []


def test_every_dated_figure_of_the_city_that_is_of_one_year_is_in(store: ox.Store) -> None:
    lacking = f"""SELECT ?figure {{ {CITY} linli:hasMeasurement ?figure . ?figure linli:value ?value .
        FILTER EXISTS {{ GRAPH ?said {{ ?figure linli:date|linli:endDate ?when }}
            ?said <https://w3id.org/linli/kg#basis> ?basis
            FILTER(?basis != <https://w3id.org/linli/kg#Derived>) }}
        FILTER NOT EXISTS {{ ?o cube:figure ?figure }} }}"""
    assert {figure.rsplit("/", 1)[1] for (figure,) in ask(store, lacking)} == LONGER


def test_what_sources_say_differently_of_a_cell_stays_side_by_side(store: ox.Store) -> None:
    rows = ask(
        store,
        f"""SELECT ?value {{ ?o cube:area {CITY} ; cube:year ?year ; cube:value ?value ;
            cube:quantity <https://w3id.org/linli/vocabulary/quantity/compounds-renewed>
            FILTER(STR(?year) = "2021") }}""",
    )
    assert {"132", "201", "211"} <= {value for (value,) in rows}


def test_growth_over_ten_years_is_in_no_cell_and_growth_of_one_year_is_in_its_own(store: ox.Store) -> None:
    rows = ask(
        store,
        f"""SELECT ?year ?value {{ ?o cube:area {CITY} ; cube:year ?year ; cube:value ?value ;
            cube:quantity <https://w3id.org/linli/vocabulary/quantity/residents-increase> }}""",
    )
    # from the end of one year to the end of the next is a year
    assert ("2019", "554000") in rows and ("2023", "146000") in rows
    assert "3235637" not in {value for _, value in rows}


def test_no_observation_but_a_running_total_begins_more_than_a_year_before_its_year(store: ox.Store) -> None:
    long = """SELECT ?figure ?from ?year { ?o cube:figure ?figure ; cube:year ?year ; cube:phase ?phase .
        ?figure linli:startDate ?from
        FILTER(?phase != <https://w3id.org/linli/vocabulary/phase/cumulative>) }"""
    assert [row for row in ask(store, long) if int(row[2]) - int(row[1][:4]) > 1] == []


def test_running_totals_stay_under_a_phase_of_their_own(store: ox.Store) -> None:
    assert ask(
        store,
        """SELECT ?o { ?o cube:value 5338 ;
        cube:phase <https://w3id.org/linli/vocabulary/phase/cumulative> }""",
    )


def test_the_rate_of_one_kind_of_work_shares_no_cell_with_the_rate_of_all(store: ox.Store) -> None:
    rows = ask(
        store,
        f"""SELECT ?value {{ ?o cube:area {CITY} ; cube:year ?year ; cube:value ?value ;
            cube:quantity <https://w3id.org/linli/vocabulary/quantity/completion-rate>
            FILTER(STR(?year) = "2020") }}""",
    )
    assert rows == [("100",)]
