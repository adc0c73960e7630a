"""What is done the quick way says the same as the plain way."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.make import shacl
from kg.make.adding.divide import words_of
from kg.make.adding.romanise import pinyin
from kg.make.paragraphs import split
from kg.make.shacl.compiled import Compiler
from kg.make.shacl.evaluate import check
from kg.make.shacl.validate import targets
from tests.test_build_shacl import HEAD, cases

TERMS = [
    ox.NamedNode("http://example.org/a"),
    ox.Literal("plain"),
    ox.Literal("a <b> c"),
    ox.Literal("a <http://example.org/b>", datatype=ox.NamedNode("http://example.org/type")),
    ox.Literal('quoted " <http://example.org/b> .', language="en"),
    ox.Literal("12", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ox.Triple(
        ox.NamedNode("http://example.org/s"),
        ox.NamedNode("http://example.org/p"),
        ox.Literal("a <b>", language="en"),
    ),
]


@pytest.mark.parametrize("value", TERMS, ids=str)
@pytest.mark.parametrize("graph", [None, ox.NamedNode("http://example.org/g")], ids=str)
def test_a_line_is_split_into_its_terms(value: ox.Literal, graph: ox.NamedNode | None) -> None:
    node = ox.NamedNode("http://example.org/s")
    line = f"{node} {node} {value}{f' {graph}' if graph else ''} .\n"
    assert split(line) == (str(node), str(node), str(value), str(graph) if graph else None)


def test_what_is_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="not a line"):
        split("<http://example.org/s> .\n")


@settings(deadline=None)
@given(
    st.text(st.sampled_from("长行重庆都江堰银乐得地了着朝阳门和平里圆明园一二三㐀"), min_size=1, max_size=12)
)
def test_a_name_is_read_as_pypinyin_would_in_one_go(name: str) -> None:
    from pypinyin import Style, lazy_pinyin  # here, as it reads its dictionaries

    syllables = iter(lazy_pinyin(name, style=Style.TONE))
    written = []
    for word in words_of(name):
        first, *rest = (next(syllables) for _ in word)
        joined = first + "".join(f"'{s}" if s[0] in "aāáǎàeēéěèoōóǒò" else s for s in rest)
        written.append(joined[0].upper() + joined[1:])
    assert pinyin({})(name) == " ".join(written)


@settings(deadline=None)
@given(
    st.text(st.sampled_from("长行重庆都江堰的了与国家统计局社区村委会二三年号㐀𠮷"), max_size=14),
    st.booleans(),
)
def test_words_give_the_text_again(text: str, counted: bool) -> None:
    words = words_of(text, counted)
    assert "".join(words) == text
    assert all(words)
    if counted and text:
        assert text.startswith(words[0])


@settings(max_examples=300, deadline=None)
@given(cases)
def test_a_shape_s_function_says_whether_there_is_a_violation(case: tuple[str, str]) -> None:
    data, shapes = case
    store, known = ox.Store(), ox.Store()
    store.load(HEAD + data, format=ox.RdfFormat.TURTLE)
    known.load(HEAD + shapes, format=ox.RdfFormat.TURTLE)
    view = shacl.Data(store)
    compiler = Compiler(view)
    for focus, its_shapes in targets(view, shacl.read(known)):
        for shape in its_shapes:
            assert compiler.shape(shape)(focus) is not any(True for _ in check(view, shape, focus))
