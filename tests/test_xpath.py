"""XPath's regular expressions: the same to the engine, to our own function, and to sh:pattern."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from elementpath.regex import translate_pattern
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.sparql import xpath
from kg.sparql.xpath import (
    PatternError,
    check_flags,
    compiled,
    for_rust,
    matches,
    native,
    outline,
    replace,
    replacement,
)


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "right"),
    [
        (r"(.)\1", "", "西西", True),
        (r"(.)\1", "", "西湖", False),
        (r"\p{IsCJKUnifiedIdeographs}", "", "杭州", True),
        (r"\p{IsCJKUnifiedIdeographs}", "", "abc", False),
        (r"^\i\c*$", "", "a-b", True),
        (r"^\i\c*$", "", "1a", False),
        (r"^[a-z-[aeiou]]+$", "", "xyz", True),
        (r"^[a-z-[aeiou]]+$", "", "abc", False),
        (r"\p{L}", "", "é", True),
        (r"^a$", "", "a\n", False),
        (r"^a$", "m", "b\na", True),
        (r"^$", "m", "a\n", False),
        (r"a.b", "", "a\rb", False),
        (r"a.b", "s", "a\nb", True),
        (r"a b#", "x", "ab#", True),
        (r"[a b]", "x", " ", True),
        (r"a.b", "q", "a.b", True),
        (r"a.b", "q", "axb", False),
        (r"A.B", "qi", "a.b", True),
        (r"\w", "", "_", False),
        (r"\w", "", "+", True),
        (r"\s", "", "\u00a0", False),
        (r"西湖?", "i", "西", True),
    ],
)
def test_what_matches(pattern: str, flags: str, text: str, right: bool):
    assert matches(text, pattern, flags) is right
    literals = ", ".join(str(ox.Literal(part)) for part in (text, pattern, flags))
    query = f"ASK {{ FILTER(REGEX({literals})) }}"
    assert LocalEngine(ox.Store()).query(query).boolean is right


@pytest.mark.parametrize(
    "pattern", [r"\b", "(?i)a", "(?=a)", "(", "[", r"\1(a)", "a**", r"\p{Foo}", "[b-a]", "a{2,1}"]
)
def test_what_is_no_pattern_is_refused(pattern: str):
    assert native(pattern) is None
    with pytest.raises(PatternError):
        compiled(pattern)


def test_what_is_no_flag_or_replacement_is_refused():
    for call in (lambda: check_flags("g"), lambda: replacement("$x", 1), lambda: replacement("a\\b", 1)):
        with pytest.raises(PatternError):
            call()
    with pytest.raises(PatternError):
        replace("abc", "x*", "-")


def test_replacements():
    assert replace("abracadabra", "bra", "*") == "a*cada*"
    assert replace("abc", "(b)", r"[$1$0\$\\]") == r"a[bb$\]c"
    assert replace("abc", "(b)", "$12") == "ab2c"
    assert for_rust(r"$1x\$", 1) == "${1}x$$"


ATOMS = [
    "a",
    "b",
    "西",
    ".",
    "[ab]",
    "[^a]",
    r"\d",
    r"\s",
    r"\w",
    r"\p{L}",
    "(a|b)",
    "(?:ab)",
    "[a-c-]",
    " ",
    r"\.",
]
parts = st.builds(
    lambda a, times: a + times, st.sampled_from(ATOMS), st.sampled_from(["", "", "*", "+?", "?", "{1,2}"])
)
patterns = st.builds("".join, st.lists(parts, min_size=1, max_size=4))
texts = st.text(alphabet="ab西 1._\n\r", max_size=5)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(patterns, texts, st.sampled_from(["", "i", "s"]))
def test_what_the_engine_is_given_means_the_same(pattern: str, text: str, flags: str):
    written = native(pattern, flags)
    assert written is not None
    literals = ", ".join(str(ox.Literal(part)) for part in (text, *written))
    assert bool(ox.Store().query(f"ASK {{ FILTER(REGEX({literals})) }}")) is matches(text, pattern, flags)


def test_no_room_in_a_function_is_no_unbound_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine takes what a function raises for an error of the expression: a wrong row."""

    def no_room(*_: object) -> str:
        raise MemoryError

    monkeypatch.setattr("kg.engine.functions.replace", no_room)
    engine = LocalEngine(ox.Store())
    query = r"SELECT ?x { BIND(REPLACE('a', '(.)\\1?', 'b') AS ?x) }"
    with pytest.raises(MemoryError):
        engine.query(query)
    monkeypatch.undo()
    assert [str(row[0]) for row in engine.query(query).rows] == ['"b"'], "the next one is not told of it"


PARTS = [
    *"ab0/:# -.$^|*+?()",
    "[a-c]",
    "[{]",
    "[^.,b]",
    "[.]",
    "[^0-9A]",
    "[b-a]",
    "{2}",
    "{1,2}",
    "{2,1}",
    "(a|b)",
    "(?:a)",
    "(?i)",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), st.text("ab0/:# -{.\n\r", max_size=5))
def test_a_plain_pattern_means_the_same_untranslated(pattern: str, text: str):
    plain = xpath._plain(pattern)
    if plain is not None:
        translated = re.compile(translate_pattern(xpath._shorts_as_classes(pattern), 0))
        found, expected = plain.search(text), translated.search(text)
        assert (found and found.span()) == (expected and expected.span())


def test_most_patterns_are_plain():
    for pattern in (
        "^[0-9a-f]{64}$",
        "^.*one [{]([^{}]*)[}].*$",
        "/(is|has)[A-Z][A-Za-z0-9]*$",
        "^https://w3id.org/(a|[A-Z]|$)",
    ):
        assert xpath._plain(pattern)
    for pattern in (r"\d", "a**", "(a", "[a-c-[b]]", "^*", "(?=a)"):
        assert xpath._plain(pattern) is None


WIDE = [*PARTS, "区", "[区-市a]", "[^，。]", r"\p{P}", r"\P{Lu}", r"\p{Q}", r"[\p{P}]", r"\\", "p{P}", r"\d"]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(WIDE), max_size=6).map("".join))
def test_an_outline_has_the_same_groups_and_matches_nothing_at_all_where_the_pattern_does(pattern: str):
    try:
        right = compiled(pattern)
    except PatternError:
        with pytest.raises(PatternError):
            outline(pattern)
        return
    found = outline(pattern)
    assert (found.groups, found.search("") is None) == (right.groups, right.search("") is None)


def test_an_outline_of_characters_needs_no_translator(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xpath, "compiled", None)
    assert outline(r"\p{P}|(\p{S})+|园$").groups == 1
