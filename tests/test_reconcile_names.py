"""What a name stands for: names with places before them, with slips, with hints; on graphs of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.reconcile import Candidate, Hint, Matcher, Wanted, parts, values
from kg.release.store import ensure_store
from kg.search import ensure_index
from kg.search.index import Index
from tests.tiny import RDF, RDFS, SHAPES, named, quad, release_of

OWL, DCTERMS = "http://www.w3.org/2002/07/owl#", "http://purl.org/dc/terms/"


def typed(text: str, kind: str) -> str:
    return f'"{text}"^^<http://www.w3.org/2001/XMLSchema#{kind}>'


LINES = [
    *(quad(f"x:{cls}", RDF + "type", OWL + "Class") for cls in ("Place", "Estate", "Office", "Thing")),
    *(quad(f"x:{one}", RDF + "type", OWL + "ObjectProperty") for one in ("partOf", "succeeds", "says")),
    quad("x:succeeds", RDFS + "subPropertyOf", DCTERMS + "replaces"),
    quad("x:Estate", RDFS + "subClassOf", "x:Place"),
    *named("x:city", "青山市@zh-hans", "x:Place"),
    *named("x:east", "东河区@zh-hans", "x:Place", part_of="x:city"),
    *named("x:west", "西林区@zh-hans", "x:Place", part_of="x:city"),
    *named("x:old", "北桥区@zh-hans", "x:Place"),
    quad("x:east", "x:succeeds", "x:old"),
    *named("x:gui-east", "桂花里@zh-hans", "x:Estate", part_of="x:east"),
    *named("x:gui-west", "桂花里@zh-hans", "x:Estate", part_of="x:west"),
    *named("x:pine", "松竹新苑@zh-hans", "x:Estate", part_of="x:east"),
    quad("x:east", RDFS + "label", '"Dōnghé Qū"@zh-latn-pinyin'),
    quad("x:pine", RDFS + "label", '"Sōngzhú Xīnyuàn"@zh-latn-pinyin'),
    *named("x:mill", "磨坊小区@zh-hans", "x:Estate", part_of="x:old"),
    *named("x:three", "3.5号仓@zh-hans", "x:Thing"),
    *named("x:lake-office", "Lake View@en", "x:Office"),
    *named("x:lake", "Lake View@en", "x:Estate", part_of="x:springfield"),
    *named("x:springfield", "Springfield@en", "x:Place"),
    quad("x:pine", "x:says", typed("-3.5", "decimal")),
    quad("x:mill", "x:says", typed("35", "integer")),
    quad("x:gui-east", "x:says", typed("1998-04-02", "date")),
    quad("x:gui-west", "x:says", typed("1999", "gYear")),
    quad("x:lake", "x:says", '"-3.5"'),
    *(line for n in range(600) for line in named(f"x:thing/{n}", f"thing {n}@en")),
    *(quad(f"x:thing/{n}", "x:says", "x:west") for n in range(600)),
]


@contextmanager
def matching(folder: Path, lines: list[str], shapes: str = SHAPES) -> Iterator[Matcher]:
    release = release_of(folder, lines, shapes=shapes)
    with LocalEngine.open(ensure_store(release)) as engine:
        yield Matcher(Index.open(ensure_index(release)), Explorer(engine, release))


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matcher]:
    with matching(tmp_path_factory.mktemp("places"), LINES) as found:
        yield found


def first(matcher: Matcher, name: str, **more: object) -> Candidate:
    return matcher.candidates(Wanted(name, **more))[0]  # type: ignore[arg-type] # a test's short way


@pytest.mark.parametrize(
    "name",
    [
        "东河区松竹新苑",
        "青山市东河区松竹新苑",
        "青山松竹新苑",  # the town as people say it
        "东河松竹新苑",
        "北桥区松竹新苑",  # the district that there was before
        "青山市北桥松竹新苑",
        "青山市 東河區 松竹新苑",
        "dong he qu song zhu xin yuan",
    ],
)
def test_a_name_behind_those_of_what_is_around_the_thing_is_its_name(matcher: Matcher, name: str) -> None:
    found = first(matcher, name)
    assert (found.thing.iri, found.match) == ("x:pine", True)
    assert found.score >= 90


def test_what_lies_in_a_former_place_is_found_behind_the_new_one(matcher: Matcher) -> None:
    found = first(matcher, "东河区磨坊小区")
    assert (found.thing.iri, found.match) == ("x:mill", True)


def test_words_may_have_the_place_behind_them(matcher: Matcher) -> None:
    found = first(matcher, "Lake View, Springfield")
    assert (found.thing.iri, found.match) == ("x:lake", True)


def test_a_place_that_the_thing_is_not_in_speaks_against_it(matcher: Matcher) -> None:
    found = first(matcher, "西林区松竹新苑")
    assert (found.thing.iri, found.match) == ("x:pine", False)
    assert found.score < 88


def test_the_place_tells_namesakes_apart(matcher: Matcher) -> None:
    assert first(matcher, "西林区桂花里").thing.iri == "x:gui-west"
    assert first(matcher, "北桥区桂花里").thing.iri == "x:gui-east"
    assert not first(matcher, "桂花里").match


@pytest.mark.parametrize(
    "name",
    [
        "松竹新院",  # one wrong
        "松新苑",  # one missing
        "松新竹苑",  # two swapped
        "松竹新苑小区",
        "松竹新苑12幢3单元",
        "青山市东河区松竹新院",  # behind its place
        "东河区松竹新苑5号",
        "松柏新苑",
    ],
)
def test_a_slip_still_ranks_first_and_is_no_match(matcher: Matcher, name: str) -> None:
    found = first(matcher, name)
    assert (found.thing.iri, found.match) == ("x:pine", False)


def test_a_point_or_a_sign_makes_another_name(matcher: Matcher) -> None:
    assert first(matcher, "3.5号仓").match
    assert first(matcher, "3.5號倉").score == 100
    assert first(matcher, "35号仓").score <= 88


@pytest.mark.parametrize(
    ("iri", "value", "agrees"),
    [
        ("x:pine", "-3.5", True),
        ("x:pine", "−3.50", True),
        ("x:pine", "35", False),
        ("x:pine", "3.5", False),
        ("x:mill", "35", True),
        ("x:mill", "35.0", True),
        ("x:mill", "-3.5", False),
        ("x:mill", "3 5", False),
        ("x:lake", "-3.5", True),
        ("x:lake", "35", False),
        ("x:gui-east", "1998-04-02", True),
        ("x:gui-east", "1998/4/2", True),
        ("x:gui-east", "1998-04-02T00:00:00Z", True),
        ("x:gui-east", "1998", True),
        ("x:gui-east", "1998-05", False),
        ("x:gui-west", "1999-12-31", True),
        ("x:gui-west", "1998-12-31", False),
    ],
)
def test_numbers_and_dates_agree_by_value(matcher: Matcher, iri: str, value: str, agrees: bool) -> None:
    names = {"x:pine": "松竹新苑", "x:mill": "磨坊小区", "x:lake": "Lake View"}
    wanted = Wanted(names.get(iri, "桂花里"), ("x:Estate",), (Hint("x:says", (value,)),))
    (found,) = [one for one in matcher.candidates(wanted) if one.thing.iri == iri]
    assert found.score == (100 if agrees else 60)


def test_types_are_meant_as_it_is_said(matcher: Matcher) -> None:
    def found(classes: tuple[str, ...], strict: str) -> dict[str, float]:
        wanted = Wanted("Lake View", classes, strict=strict)  # type: ignore[arg-type] # a test's short way
        return {one.thing.iri: one.score for one in matcher.candidates(wanted)}

    assert found((), "any") == {"x:lake": 100, "x:lake-office": 100}
    assert found(("x:Office",), "any") == {"x:lake-office": 100}
    assert found(("x:Office", "x:Place"), "any") == {"x:lake": 100, "x:lake-office": 100}
    assert found(("x:Office", "x:Place"), "all") == {}
    assert found(("x:Estate", "x:Place"), "all") == {"x:lake": 100}
    assert found(("x:Office",), "should") == {"x:lake-office": 100, "x:lake": 60}


def test_what_is_found_by_hints_alone_is_sure_only_where_they_tell_it(matcher: Matcher) -> None:
    def by(*hints: Hint) -> list[Candidate]:
        return matcher.candidates(Wanted("", hints=hints, limit=50))

    (only,) = by(Hint("x:says", ("-3.5",)), Hint("x:partOf", ("东河区",)))[:1]
    assert (only.thing.iri, only.match, only.score) == ("x:pine", True, 100)
    common = by(Hint("x:says", ("西林区",)))
    assert len(common) == 50
    assert not any(one.match for one in common)  # there are more than were looked at
    assert by(Hint("x:says", ("no such value",))) == []
    # What is said of few things finds them; what is said of very many only weighs.
    both = by(Hint("x:says", ("35",)), Hint("x:says", ("西林区",)))
    assert [one.thing.iri for one in both] == ["x:mill"]


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[object]:
    calls: list[object] = []
    original: Callable[..., object] = getattr(owner, name)

    def counting(*given: object, **more: object) -> object:
        calls.append(given)
        return original(*given, **more)

    monkeypatch.setattr(owner, name, counting)
    return calls


def test_a_batch_asks_the_graph_as_often_as_one_name(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = (Hint("x:partOf", ("东河区",)),)
    names = [f"青山市东河区{name}" for name in ("松竹新苑", "桂花里", "松竹新院", "松竹", "桂里花", "无此处")]
    wanted = [Wanted(name, hints=hint) for name in names]
    alone = [matcher.candidates(one) for one in wanted]  # what names are called is kept now
    calls = counted(monkeypatch, LocalEngine, "query")
    assert matcher.batch(wanted) == alone
    assert len(calls) == 1


def test_what_places_are_called_is_asked_once(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Wanted("东河区磨坊")
    before = matcher.candidates(wanted)
    calls = counted(monkeypatch, LocalEngine, "query")
    assert matcher.candidates(wanted) == before
    assert calls == []


def test_places_that_are_no_longer_kept_are_asked_again(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.reconcile.places.KEPT", 1)
    wanted = [Wanted("东河区磨坊小区"), Wanted("西林区桂花里"), Wanted("东河区松竹新苑")]
    found = [[one.thing.iri for one in some][:1] for some in matcher.batch(wanted)]
    assert found == [["x:mill"], ["x:gui-west"], ["x:pine"]]
    assert [matcher.candidates(one) for one in wanted] == matcher.batch(wanted)


def test_an_answer_does_not_depend_on_what_else_is_asked(tmp_path: Path) -> None:
    lines = [
        *named("x:east", "东河区@zh-hans", "x:Place"),
        *named("x:west", "西林区@zh-hans", "x:Place"),
        *named("x:both", "桂花里@zh-hans", "x:Estate", part_of=["x:east", "x:west"]),
    ]
    upward = SHAPES.replace("<x:shape> ", "<x:shape> a sh:NodeShape ; sh:targetClass <x:Estate> ; ")
    with matching(tmp_path, lines, upward) as matcher:
        plain = [Wanted("东河区桂花里"), Wanted("西林区桂花里")]
        hinted = [Wanted(one.name, hints=(Hint("x:partOf", ("西林区",)),)) for one in plain]
        alone = [matcher.candidates(one) for one in (*plain, *hinted)]
        assert matcher.batch([*plain, *hinted]) == alone
        assert [some[0].by_name for some in alone] == [95, 44, 95, 95]


def test_a_name_that_is_not_found_costs_few_searches(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "青山市东河区无此处大道一百二十八号甲座十七层"
    searches = [counted(monkeypatch, Index, one) for one in ("find", "named", "alike")]
    matcher.batch([Wanted(name), Wanted(name, limit=3)])
    assert sum(map(len, searches)) <= 6


def test_known_names_are_the_longest_ones_and_no_number() -> None:
    names = {"东河", "东河区", "河区", "松竹", "12", "竹新苑"}
    cut = parts.cut("东河区松竹新苑12")
    spans = parts.known(cut, names.__contains__)
    assert [cut.part(*span) for span in spans] == ["东河区", "松竹", "竹新苑"]
    assert cut.part(parts.behind(cut, spans)) == "新苑12"


@given(st.text(max_size=30), st.sets(st.text(min_size=1, max_size=4), max_size=6))
def test_what_is_left_is_always_a_part_at_an_end(text: str, around: set[str]) -> None:
    cut = parts.cut(text)
    for rest in parts.rests(cut, around):
        assert rest
        assert cut.text.endswith(rest) or cut.text.startswith(rest)
        assert rest != cut.text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_a_number_is_itself_however_it_is_written_and_never_its_negative(number: Decimal) -> None:
    stated = values.literal(ox.Literal(str(number), datatype=ox.NamedNode(values.XSD + "decimal")))
    assert stated.has(f"{number:,.5f}")
    assert stated.has(f" {number}")
    assert number == 0 or not stated.has(str(-number))


@given(st.text(max_size=40))
def test_any_text_is_a_value(text: str) -> None:
    assert values.literal(ox.Literal(text)).has(text) or not text
    for literal in values.written(text, ["en"]):
        assert isinstance(literal, ox.Literal)
