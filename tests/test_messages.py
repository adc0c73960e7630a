"""Sentences with places for values: what they say, and what isn't a pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.explore.naming.messages import PatternError, parse, places, say


def said(pattern: str, values: dict[str, str], language: str = "en") -> str | None:
    return say(pattern, values.get, values.get, language)


@pytest.mark.parametrize(
    ("pattern", "values", "expected"),
    [
        ("{a} and {b}", {"a": "x", "b": "y"}, "x and y"),
        ("{n, plural, one {# lift} other {# lifts}}", {"n": "1"}, "1 lift"),
        ("{n, plural, one {# lift} other {# lifts}}", {"n": "2"}, "2 lifts"),
        ("{n, plural, =0 {none} one {# lift} other {# lifts}}", {"n": "0"}, "none"),
        ("{n, plural, one {# of {b}} other {#s of {b}}}", {"n": "3", "b": "y"}, "3s of y"),
        ("[{q} ]{n}", {"n": "5"}, "5"),
        ("[{q} ]{n}", {"n": "5", "q": "about"}, "about 5"),
        ("{a}", {}, None),
        ("no place", {}, "no place"),
    ],
)
def test_what_is_said(pattern, values, expected):
    assert said(pattern, values) == expected


def test_plurals_are_those_of_the_language():
    pattern = "{n, plural, one {один} few {несколько} many {много} other {иное}}"
    assert [said(pattern, {"n": n}, "ru") for n in ("1", "3", "5", "21")] == [
        "один",
        "несколько",
        "много",
        "один",
    ]
    assert said("{n, plural, one {one} other {other}}", {"n": "1"}, "zh-hans") == "other"


@pytest.mark.parametrize(
    "pattern",
    [
        "{",
        "}",
        "{a",
        "[{a}",
        "{a}]",
        "{}",
        "{n, plural, one {x}}",
        "{n, plural, other {x}",
        "[" * 20 + "]" * 20,
    ],
)
def test_what_is_no_pattern(pattern):
    with pytest.raises(PatternError):
        parse(pattern)


@given(st.text(alphabet="{}[]a,# plurone", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        assert places(text) >= frozenset()
        said(text, {})
    except PatternError:
        pass
