from hypothesis import given
from hypothesis import strategies as st

from kg.mediatypes import CSV, GRAPH_FORMATS, JSON, JSONLD, RESULT_FORMATS, TURTLE, XML, choose, quality


def test_no_header_takes_the_first():
    assert choose(None, RESULT_FORMATS) is JSON
    assert choose("", RESULT_FORMATS) is JSON
    assert choose("*/*", GRAPH_FORMATS) is TURTLE


def test_weights_decide_and_the_earlier_of_equals_wins():
    assert choose("text/csv;q=0.5, application/sparql-results+xml;q=0.9", RESULT_FORMATS) is XML
    assert choose("text/csv, application/sparql-results+xml", RESULT_FORMATS) is XML
    assert choose("text/*", RESULT_FORMATS) is CSV


def test_zero_refuses_even_behind_a_wildcard():
    assert choose("application/sparql-results+json;q=0, */*;q=0.1", RESULT_FORMATS) is XML
    assert choose("text/html", RESULT_FORMATS) is None


def test_an_alias_counts_when_it_is_named():
    assert choose("application/json", RESULT_FORMATS) is JSON
    assert choose("application/json", GRAPH_FORMATS) is JSONLD
    assert choose("text/*", GRAPH_FORMATS) is TURTLE  # and not N-Triples by its alias text/plain


def test_a_malformed_weight_refuses():
    for weight in ("nan", "1e0", "-1", "2", "0.1234", ""):
        assert quality(f"text/csv;q={weight}", "text/csv") == 0


@given(st.text(max_size=60))
def test_any_header_gives_an_answer(header: str):
    found = choose(header, RESULT_FORMATS)
    assert found is None or found in RESULT_FORMATS
