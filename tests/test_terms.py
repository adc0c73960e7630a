"""Compact IRIs and labels by language."""

import re

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from kg.languages import language_chain
from kg.terms import RDFS, WELL_KNOWN, Prefixes, local_name, pick


def test_the_longest_namespace_wins():
    prefixes = Prefixes({"a": "http://x/", "b": "http://x/y/"})
    assert prefixes.curie("http://x/y/z") == "b:z"
    assert prefixes.curie("http://x/q") == "a:q"


def test_what_would_need_an_escape_is_not_shortened():
    prefixes = Prefixes({"a": "http://x/"})
    assert [prefixes.curie(f"http://x/{local}") for local in ("p/q", "", "a.", "ä", "a b", "-a")] == [
        None
    ] * 6


@given(st.text(alphabet="abcXYZ019_-./#", max_size=20))
def test_a_compact_iri_expands_to_itself(local):
    prefixes = Prefixes(WELL_KNOWN)
    curie = prefixes.curie(RDFS + local)
    assert curie is None or prefixes.expand(curie) == RDFS + local


@given(st.text(alphabet="abcXYZ019_-./#~", max_size=20))
def test_sparql_reads_our_compact_iris(local):
    prefixes = Prefixes({"a": "http://x/"})
    curie = prefixes.curie("http://x/" + local)
    if curie:
        rows = list(ox.Store().query(f"{prefixes.sparql()}SELECT (STR({curie}) AS ?iri) {{}}"))
        assert rows[0]["iri"].value == "http://x/" + local


def test_each_reader_gets_the_nearest_label():
    labels = [ox.Literal("翠苑四区", language="zh-hans"), ox.Literal("翠苑四區", language="zh-hant")]
    english = ox.Literal("Cuiyuan", language="en")
    plain = ox.Literal("C4")

    def value(literals, language):
        found = pick(literals, language_chain(language))
        return found.value if found else None

    assert value([*labels, english], "zh-Hant") == "翠苑四區"
    assert value([labels[0], english], "zh-hant") == "翠苑四区"
    assert value(labels, "en") == "翠苑四区"
    assert value([*labels, english], "en-GB") == "Cuiyuan"
    assert value([plain], "en") == "C4"
    assert value([], "en") is None


def test_a_local_name_stands_in_for_a_label():
    assert local_name("http://x/a#b") == "b"
    assert local_name("http://x/a/") == "a"


@given(
    st.dictionaries(st.sampled_from("abc"), st.text("/x#A-", max_size=4), max_size=3),
    st.text("/x#A-.", max_size=8),
)
def test_the_longest_namespace_shortens_whatever_it_ends_in(table: dict[str, str], iri: str):
    plain = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
    fitting = [
        (-len(namespace), prefix, iri.removeprefix(namespace))
        for prefix, namespace in table.items()
        if iri.startswith(namespace) and plain.fullmatch(iri.removeprefix(namespace))
    ]
    expected = f"{min(fitting)[1]}:{min(fitting)[2]}" if fitting else None
    assert Prefixes(table).curie(iri) == expected
