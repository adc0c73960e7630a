"""What is typed and what names hold come to one form, whatever they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.languages import is_transliterated
from kg.search.names import folding
from kg.search.names import likeness as close
from kg.search.names.readings import initials, spellings, typed
from kg.search.names.typed import RUNS, TYPED, ask

ANY = st.text(st.characters(codec=None, categories=None), max_size=60)  # lone surrogates too
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("翠苑四區", "翠苑四区"),
        ("Cuìyuàn Sìqū", "cuiyuan siqu"),
        ("LǛ", "lu"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("Café №3", "cafe no3"),
        ("Straße", "strasse"),
        ("  a\t\n b  ", "a b"),
        ("xi'an", "xi an"),
        ("a\x00b\ud800c", "a b c"),
        ("한국어", "한국어"),
        ("ガギ", "ガギ"),
        ("Ελλάδα", "ελλαδα"),
        ("", ""),
        ("!?()[]*~^", ""),
    ],
)
def test_folding(text, folded):
    assert folding.fold(text) == folded


@given(ANY)
def test_folding_again_changes_nothing(text):
    once = folding.fold(text)
    assert folding.fold(once) == once


@given(ANY)
def test_a_folded_text_has_letters_numbers_marks_and_single_spaces(text):
    folded = folding.fold(text)
    assert folded == " ".join(folded.split())
    # Han characters of a later Unicode than Python's are letters too.
    kinds = {unicodedata.category(c)[0] for c in folded if not folding.has_han(c)}
    assert kinds <= {"L", "N", "M", "Z"}
    assert set(folding.compact(folding.runs(folded))) == set(folded) - {" "}


@given(ANY)
def test_case_and_width_make_no_difference(text):
    assert folding.fold(text.casefold()) == folding.fold(text)
    assert folding.fold(unicodedata.normalize("NFKC", text)) == folding.fold(text)


@given(HAN, HAN)
def test_a_part_of_a_name_folds_to_a_part_of_the_folded_name(start, rest):
    assert folding.fold(start + rest) == folding.fold(start) + folding.fold(rest)


def test_runs_part_where_scripts_and_numbers_do():
    assert [run.text for run in folding.runs(folding.fold("Tree12號樹 a-b"))] == [
        "tree",
        "12",
        "号树",
        "a",
        "b",
    ]
    assert [run.dense for run in folding.runs("tree12号树")] == [False, False, True]


def test_pairs_over_a_gap_never_pass_for_neighbours():
    assert list(folding.grams("翠苑四区", gaps=True)) == ["翠苑", "苑四", "四区", "翠·四", "苑·区"]
    assert folding.fold("翠·四") == "翠 四"


def units(text, language="zh-hans"):
    return [spelling.units for spelling in spellings(folding.runs(folding.fold(text)), language)]


def test_readings():
    assert units("翠苑四区")[0] == ("cui", "yuan", "si", "qu")
    assert ("chong", "qing", "cun") in units("重庆村")  # known words decide
    assert {one[0] for one in units("长庆")} == {"chang", "zhang"}  # else each reading is tried
    assert units("1号树")[0] == ("1", "hao", "shu")
    assert units("Long Ridge", "en") == [("long", "ridge")]
    assert units("果园", "ja") == [("果园",)]  # not Chinese: not read


@given(HAN)
def test_readings_are_few_and_have_a_unit_for_each_character(text):
    found = units(text)
    assert 1 <= len(found) <= 4
    assert {len(one) for one in found} == {len(folding.fold(text))}
    assert len(initials(found[0])) == len(found[0])


def test_u_with_dots_is_typed_in_three_ways():
    assert typed(("lv", "yuan"), is_read=True) == {"lvyuan", "luyuan", "lyuyuan"}
    assert typed(("village",), is_read=False) == {"village"}


def test_transliterations_are_known_by_their_tag():
    assert is_transliterated("zh-latn-pinyin")
    assert not any(is_transliterated(tag) for tag in ("en", "zh-hans", None, "latn"))


SYLLABLES = {"cui", "yuan", "si", "qu"}


@pytest.mark.parametrize("text", ["cui4 yuan4 si4", "cui4yuan4si4", "CUI4 yuan si4"])
def test_numbers_of_tones_are_heard(text):
    assert ask(text, SYLLABLES).words[-1] == "cuiyuansi"


@pytest.mark.parametrize("text", ["area 4", "cui9", "cui4 9", "cui", "4 4"])
def test_other_numbers_stay(text):
    assert len(ask(text, SYLLABLES).forms) == 1


@given(ANY)
def test_anything_can_be_asked(text):
    asked = ask(text * 30, SYLLABLES)
    assert all(len(word) <= TYPED for word in asked.words)
    assert all(len(form) <= RUNS for form in asked.forms)


def edits(one: str, other: str) -> int:
    """Levenshtein's distance, as its definition has it."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        edits(one[1:], other) + 1, edits(one, other[1:]) + 1, edits(one[1:], other[1:]) + (one[0] != other[0])
    )


@given(st.text("ab", max_size=4), st.text("ab", max_size=5), st.integers(0, 2))
def test_likeness_is_the_distance_to_the_nearest_part(word, name, limit):
    parts = [name[start:end] for start in range(len(name) + 1) for end in range(start, len(name) + 1)]
    assert close.distance(word, name, limit) == min(limit + 1, *(edits(word, part) for part in parts))
