"""What researchers would ask: each question of the ontology has the rows expected, on the release."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from kg.engine import Result
from kg.engine.local import LocalEngine
from kg.hints import Known, find_now
from kg.notebook import declared
from kg.release import Release
from kg.terms import RDFS
from tests.questions.regenerate import EXPECTED, open_engine, questions, read, told

Answered = Callable[[Path], Result]

QUESTIONS = questions()
LANGUAGES = ("en", "zh-hans", "zh-hant")
MOST = 200
HEADER = re.compile(r"#\s*([a-z]+)(?:@([a-z-]+))?:\s*(\S.*)")
ORDER = re.compile(r"^ORDER BY (.+)$", re.MULTILINE)
KEY = re.compile(r"(DESC|ASC)?\(\?(\w+)\)|\?(\w+)")

each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)


def header(question: Path) -> dict[tuple[str, str | None], str]:
    """Return what the first comment lines say, by name and language."""
    said: dict[tuple[str, str | None], str] = {}
    for line in question.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        match = HEADER.fullmatch(line)
        assert match, f"{question.name}: not a line of the header: {line}"
        key = (match[1], match[2])
        assert key not in said, f"{question.name}: {key} twice"
        said[key] = match[3]
    return said


@pytest.fixture(scope="module")
def engine(release: Release) -> Iterator[LocalEngine]:
    with open_engine(release) as opened:
        yield opened


@pytest.fixture(scope="module")
def answered(engine: LocalEngine) -> Answered:
    """Answer a question: once, whichever tests ask."""
    return cache(lambda question: engine.query(question.read_text(encoding="utf-8")))


def test_there_are_enough():
    assert len(QUESTIONS) >= 50


def test_every_question_has_expected_rows_and_the_other_way_round():
    assert {path.stem for path in QUESTIONS} == {path.stem for path in EXPECTED.glob("*.csv")}


@each
def test_the_header_is_whole(question: Path):
    said = header(question)
    assert said.pop(("id", None)) == question.stem
    assert said.pop(("group", None)) in groups()
    titles = {language: said.pop(("title", language)) for language in LANGUAGES}
    assert [title[-1] for title in titles.values()] == ["?", "？", "？"]
    notes = {language for name, language in said if name == "about"}
    assert notes in (set(), set(LANGUAGES)), "about@ in all three languages or in none"
    # What else there may be, tests/test_questions.py looks at.
    assert {name for name, _ in said} <= {"about", "answer", "view", "choose", "lead", "count"}


def groups() -> set[str]:
    """Return the groups that ontology/questions/groups.ttl describes."""
    text = (QUESTIONS[0].parent / "groups.ttl").read_text(encoding="utf-8")
    return set(re.findall(r"^:([a-z-]+) a skos:Concept", text, re.MULTILINE))


def test_no_group_is_empty_and_no_title_comes_twice():
    said = [header(question) for question in QUESTIONS]
    assert {one[("group", None)] for one in said} == groups()
    for language in LANGUAGES:
        titles = Counter(one[("title", language)] for one in said)
        assert [title for title, count in titles.items() if count > 1] == []


@each
def test_the_query_is_standard_and_readable(question: Path):
    text = question.read_text(encoding="utf-8")
    prepareQuery(text)  # rdflib reads SPARQL 1.1 alone, so what it reads is no engine's own dialect
    assert ORDER.search(text), "rows come in an order that a reader can follow"
    declared, query = [], re.sub(r'"[^"]*"|#[^\n]*|<[^>]*>', "", text)
    for prefix in re.findall(r"^PREFIX (\w+):", text, re.MULTILINE):
        declared.append(prefix)
        assert len(re.findall(rf"\b{prefix}:", query)) > 1, f"{prefix}: is declared but not used"
    assert declared == sorted(declared)
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("#")] == []
    assert text.endswith("\n") and "\t" not in text


@each
def test_the_rows_are_those_expected(answered: Answered, question: Path):
    variables, rows = told(answered(question))
    expected_variables, expected = read(question.stem)
    assert variables == expected_variables
    hint = f"if these are right: python -m tests.questions.regenerate {question.stem}"
    assert Counter(rows) == Counter(expected), hint
    for at in keys(question, variables):
        assert [row[at] for row in rows] == [row[at] for row in expected], f"another order; {hint}"
    assert 1 <= len(rows) <= MOST


@each
def test_it_gets_no_hint(answered: Answered, engine: LocalEngine, release: Release, question: Path):
    """Each has an answer as it was meant, so that any hint would be false."""
    text = declared(question.read_text(encoding="utf-8"), release.prefixes)
    assert find_now(text, answered(question), Known(release.prefixes, release.base), engine) == []


def keys(question: Path, variables: tuple[str, ...]) -> list[int]:
    """Return the columns whose order is sure: the first sort key, if it is shown; ties of it are free."""
    outer = ORDER.findall(question.read_text(encoding="utf-8"))[-1]
    match = KEY.match(outer)
    name = match and (match[2] or match[3])
    return [variables.index(name)] if name in variables else []


@each
def test_no_row_is_told_twice(question: Path):
    _, rows = read(question.stem)
    assert [row for row, count in Counter(rows).items() if count > 1] == []


# Questions in which each of several really belongs to each of several others, and why.
MULTIPLIED = {
    "partnerships": "each partner is one in all that the partnership is for",
    "problems-and-means": "a step that addresses two problems by two means has them together",
    "residents-take-part": "what takes place at two places by two means does so at each",
    "who-is-quoted": "two who are quoted in one passage speak for the same there",
}


@each
def test_no_two_columns_are_multiplied(question: Path):
    """Two OPTIONALs side by side give each value of one with each of the other, though no source says so."""
    variables, rows = read(question.stem)
    multiplied = {
        (variables[one], variables[other])
        for one, other in combinations(range(len(variables)), 2)
        if products(rows, one, other)
    }
    assert question.stem in MULTIPLIED or multiplied == set()
    assert multiplied or question.stem not in MULTIPLIED, "no longer so: take it off the list"


def products(rows: list[tuple[str, ...]], one: int, other: int) -> list[tuple[str, ...]]:
    """Return where, all else being alike, every value of one column stands beside every value of another."""
    width = range(len(rows[0]))
    # a name goes with what it names
    told = {at for at in width if tells(rows, one, at) or tells(rows, other, at)}
    rest = [at for at in width if at not in told | {one, other}]
    pairs: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for row in rows:
        pairs.setdefault(tuple(row[at] for at in rest), set()).add((row[one], row[other]))
    found = []
    for key, group in pairs.items():
        left, right = {a for a, _ in group}, {b for _, b in group}
        if len(left) > 1 < len(right) and all(left | right) and len(group) == len(left) * len(right):
            found.append(key)
    return found


def tells(rows: list[tuple[str, ...]], one: int, other: int) -> bool:
    """Say whether a value of the one column has always the same value in the other."""
    seen: dict[str, str] = {}
    return all(seen.setdefault(row[one], row[other]) == row[other] for row in rows)


@pytest.fixture(scope="module")
def all_named(release: Release) -> ox.Store:
    """The release as if each thing had an English name: communities have a Chinese one alone."""
    store = ox.Store()
    store.bulk_load(path=str(release.file("dataset.nq")), format=ox.RdfFormat.N_QUADS)
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in list(store))
    label = ox.NamedNode(RDFS + "label")
    names = list(store.quads_for_pattern(None, label, None, ox.DefaultGraph()))
    english = {q.subject for q in names if isinstance(q.object, ox.Literal) and q.object.language == "en"}
    nameless = {q.subject for q in names} - english
    assert len(nameless) > 3000
    store.bulk_extend(ox.Quad(one, label, ox.Literal("a name", language="en")) for one in nameless)
    return store


@each
def test_nothing_is_lost_for_want_of_an_english_name(all_named: ox.Store, question: Path):
    found = all_named.query(question.read_text(encoding="utf-8"))
    assert isinstance(found, ox.QuerySolutions)
    assert len(list(found)) == len(read(question.stem)[1])


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("compounds-without-subdistrict", "compound"),
        ("facilities-for-groups", "facility"),
        ("joint-bodies", "body"),
        ("lift-installations", "done"),
        ("party-bodies", "body"),
    ],
)
def test_a_thing_stands_at_its_nearest_place_alone(engine: LocalEngine, name: str, thing: str) -> None:
    """A page says the community, another the district: both are true, and told as one place."""
    variables, rows = read(name)
    places: dict[str, set[str]] = {}
    for row in rows:
        if row[variables.index("place")]:
            places.setdefault(row[variables.index(thing)], set()).add(row[variables.index("place")])
    assert places
    pairs = " ".join(f"(<{a}> <{b}>)" for found in places.values() for a in found for b in found if a != b)
    within = "<https://w3id.org/linli/ontology/isWithin>"
    assert not engine.query(f"ASK {{ VALUES (?near ?far) {{ {pairs} }} ?near {within} ?far }}").boolean


@each
def test_every_column_says_something(question: Path):
    variables, rows = read(question.stem)
    assert [name for at, name in enumerate(variables) if not any(row[at] for row in rows)] == []


def test_all_that_the_data_can_do_is_asked_for():
    texts = [path.read_text(encoding="utf-8") for path in QUESTIONS]
    for need, fewest in {
        r"GROUP BY": 10,  # aggregation
        r"\w[+*]|/": 10,  # paths
        r"geof:distance\(": 2,  # geography
        r"GRAPH \?": 8,  # provenance
        r"linli:(Subdistrict|Community|Identifier|succeeds)": 6,  # the gazetteer
        r"NOT EXISTS|MINUS": 3,
        r"former-jianggan|江干区": 1,
    }.items():
        assert sum(bool(re.search(need, text)) for text in texts) >= fewest, need


@pytest.mark.parametrize(
    ("by", "name", "column"),
    [
        ("means", "means-families", "projects"),
        ("purpose", "cases-by-purpose", "project"),
        ("kind of condition", "problems-before", "cases"),
        ("kind of facility", "cases-by-kind-of-facility", "project"),
        ("body", "actors-by-case", "project"),
    ],
)
def test_at_least_ten_cases_are_compared(by: str, name: str, column: str):
    """The column names the cases, or has their number: then one row alone holds as many."""
    variables, rows = read(name)
    values = {row[variables.index(column)] for row in rows}
    numbers = [int(value) for value in values if value.isdecimal()]
    assert max(numbers, default=len(values)) >= 10, by
