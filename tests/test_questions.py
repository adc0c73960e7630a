"""Pages of questions: the answer in words, its picture, its sources; and what goes wrong."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask_babel import gettext

from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.explore.model import Datum, Ref, Text
from kg.explore.naming.messages import places
from kg.explore.questions import answers
from kg.explore.questions.answers import Answer, AnswerRow
from kg.explore.questions.collection import VIEWS, Questions, View, constants, values_of, view_of, with_values
from kg.explore.questions.columns import Column
from kg.explore.questions.files import ColumnName, read, read_folder
from kg.explore.questions.marks import Axes
from kg.explore.questions.plots import Bars, Matrix, plot
from kg.explore.questions.translate import Translation
from kg.explore.questions.years import Years, steps, when
from kg.release import Release
from kg.settings import Settings
from kg_web import create_app

ONTOLOGY = Path(__file__).parents[1] / "ontology"
B = "https://example.org/orchard/"


@pytest.fixture(scope="module")
def explorer(small_release: Release) -> Explorer:
    return Explorer(LocalEngine.open(small_release.store), small_release)


@pytest.fixture(scope="module")
def client(small_release: Release):
    app = create_app(LocalEngine.open(small_release.store), Settings(), small_release)
    return app.test_client()


def answered(explorer: Explorer, key: str, language: str = "en", **chosen: str):
    reader = explorer.reader(language)
    question = explorer.questions.one(key, reader)
    assert question is not None
    return question, explorer.answerer.answer(question, reader, explorer.engine, chosen)


def test_a_number_has_its_sources(explorer: Explorer):
    _, answer = answered(explorer, "harvest")
    row = answer.rows[0]
    assert [answer.evidence[n].graph.iri for n in row.sources] == [B + "graph/almanac-1931/p04"]
    assert answer.spread.documents == 2, "two pages, of a book that no shape makes their whole"
    assert answer.spread.sourced == len(answer.rows)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Long Ridge Orchard gave 12,400 kilograms."), ("zh-Hans", "长岭果园收得 12,400 公斤。")],
)
def test_the_answer_is_a_sentence(client, language: str, sentence: str):
    assert sentence in client.get(f"/questions/harvest?lang={language}").text
    assert sentence in client.get(f"/?lang={language}").text


def test_a_name_in_another_language_is_the_readers(explorer: Explorer):
    # The query asks for the English name: its column only repeats the plot, and folds away.
    _, answer = answered(explorer, "trees-by-plot", "zh-Hans")
    assert [c.name for c in answer.columns if c.shown] == ["plot", "trees"]
    assert {row.values[1].value for row in answer.rows} == {"北坡", "南坡"}


def test_a_reader_chooses_a_value(explorer: Explorer, client):
    _, answer = answered(explorer, "trees-of-kinds")
    assert answer.rows
    given = {choice.ref.iri for choice in answer.offered["variety"] if choice.chosen}
    assert given == {B + "id/variety/snow-pear"}
    _, other = answered(explorer, "trees-of-kinds", variety="https://elsewhere.example/> } #")
    assert other.sparql == answer.sparql, "what isn't offered is passed over"
    assert client.get("/questions/trees-of-kinds?variety=%3E%20%7D").status_code == 200


def test_what_stands_in_the_query_is_offered_of_however_long_a_list(explorer: Explorer, client, monkeypatch):
    """Else the page would show the first of the list as chosen, above the answer to another."""
    monkeypatch.setattr(answers, "OFFERED", 1)
    _, answer = answered(explorer, "trees-of-kinds")
    assert [choice.chosen for choice in answer.offered["variety"]] == [True]
    assert answer.called["variety"].value == "variety"


def test_no_rows_and_no_question(client):
    assert "The data has no answer to this." in client.get("/questions/no-bananas?lang=en").text
    assert client.get("/questions/nothing").status_code == 404
    assert client.get("/questions/no-bananas.svg").status_code == 404


MATRIX = """# title@en: Filled?
# view: matrix ?place ?year ?trees
SELECT ?place ?year ?trees {
  VALUES (?place ?year ?trees) {
    ("north" "2001" 3) ("north" "2002" UNDEF) ("south" "2001" UNDEF) ("south" "2002" 5)
  }
}
"""


def test_a_cell_that_nothing_fills_is_no_row_beside_the_picture(client):
    questions = client.application.extensions["publication"].explorer.questions
    questions._files["filled"] = read("filled", MATRIX)
    try:
        page = client.get("/questions/filled?lang=en").text
    finally:
        del questions._files["filled"]
    _, _, table = page.partition('class="scroll answer-rows"')
    body = table.partition("<tbody>")[2].partition("</tbody>")[0]
    assert body.count("<tr>") == 2
    assert "2 rows without a number are left out here" in table


def test_a_query_that_fails_says_so(client, small_release: Release):
    questions = client.application.extensions["publication"].explorer.questions
    questions._files["broken"] = read("broken", "# title@en: Broken?\nSELECT ?x { ?x")
    try:
        page = client.get("/questions/broken?lang=en")
        assert page.status_code == 200
        assert "This can't be answered now." in page.text
    finally:
        del questions._files["broken"]


def test_the_picture_stands_alone(client):
    answer = client.get("/questions/harvest.svg?lang=en")
    assert answer.mimetype == "image/svg+xml"
    assert "How much was harvested, and who says so?" in answer.text
    assert "The old orchards" in answer.text  # the source line
    assert "style=" not in answer.text
    assert "<script" not in answer.text


def test_it_may_stand_in_another_page(client):
    inner = client.get("/questions/harvest/embed?lang=en")
    assert "frame-ancestors *" in inner.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get("/questions/harvest").headers["Content-Security-Policy"]


def test_every_view_is_one_that_there_is():
    assert view_of("bars ?a ?b").columns == ("a", "b")
    assert view_of("pie ?a").kind == "table"
    assert view_of("").kind == "table"
    for one in read_folder(ONTOLOGY / "questions"):
        kind, *names = one.one("view").split()
        assert kind in VIEWS, one.key
        selected = one.sparql[: one.sparql.index("WHERE")]
        assert [name for name in names if name not in selected] == [], one.key


LANGUAGES = {"en", "zh-hans", "zh-hant"}


def test_every_question_has_a_sentence_in_each_language():
    for one in read_folder(ONTOLOGY / "questions"):
        patterns = {literal.language: literal.value for literal in one.said.get("answer", ())}
        assert set(patterns) == LANGUAGES, one.key
        selected = set(re.findall(r"\?(\w+)", one.sparql[: one.sparql.index("WHERE")])) | {"rows"}
        for pattern in patterns.values():
            assert {name.rpartition(".")[2] for name in places(pattern)} <= selected, (one.key, pattern)


def test_every_question_says_what_its_answer_means_and_where_it_ends():
    for one in read_folder(ONTOLOGY / "questions"):
        assert {literal.language for literal in one.said.get("about", ())} == LANGUAGES, one.key
        # a sentence that counts rows would count what is left
        assert not re.search(r"\bLIMIT\b", one.sparql), one.key


def test_every_column_is_named_in_each_language():
    named = Questions(ONTOLOGY / "questions").columns
    for one in read_folder(ONTOLOGY / "questions"):
        head = one.sparql[: one.sparql.index("WHERE")]
        shown = set(re.findall(r"\?(\w+)(?=\s|\)|$)", re.sub(r"\((?:.|\n)*? AS (\?\w+)\)", r"\1", head)))
        missing = {name for name in shown if {x.language for x in named[name].labels} != LANGUAGES}
        assert missing == set(), one.key


def test_words_that_a_query_writes_are_the_readers(explorer: Explorer):
    labels = (ox.Literal("known", language="en"), ox.Literal("已知", language="zh-hans"))
    translation = Translation.read(explorer.reader("zh-Hans"), [], {"=known": ColumnName(labels)})
    assert translation.of(ox.Literal("known")) == ox.Literal("已知")
    for other in (ox.Literal("unknown"), ox.Literal("known", language="en"), ox.Literal("=known")):
        assert translation.of(other) == other
    columns = Questions(ONTOLOGY / "questions").columns
    for one in read_folder(ONTOLOGY / "questions"):
        blocks = re.findall(r"BIND\((?!IF\(CONTAINS).*|VALUES \([^{]*\{[^}]*\}", one.sparql)
        written = {word for block in blocks for word in re.findall(r'"([^"]*)"', block)}
        for word in written:
            assert {label.language for label in columns["=" + word].labels} == LANGUAGES, (one.key, word)


def test_names_are_joined_as_the_language_does(explorer: Explorer):
    north, south = "North slope", "South slope"
    cell = ox.Literal(f"{north}; {south}")
    for language, said in (("zh-Hans", "北坡；南坡"), ("en", f"{north}; {south}")):
        translation = Translation.read(explorer.reader(language), [cell], {})
        assert translation.of(cell).value == said


def test_what_a_query_names():
    query = (
        "PREFIX a: <https://a.example/>\n# a:not\n"
        "SELECT ?x { VALUES ?v { a:b <https://c.example/d> } ?x a:p 'a:q' }"
    )
    assert {"https://a.example/b", "https://c.example/d", "https://a.example/p"} <= constants(query)
    assert "https://a.example/not" not in constants(query)
    assert values_of(query, "v") == ("https://a.example/b", "https://c.example/d")
    assert values_of(query, "x") == ()
    filled = with_values(query, "v", [ox.NamedNode("https://e.example/f")])
    assert "VALUES ?v { <https://e.example/f> }" in filled


def test_ticks_are_round():
    assert steps(0, 5338, 5) == [0, 2000, 4000, 6000]
    assert steps(-3, 3, 6)[0] <= -3
    assert when("2020") == pytest.approx(2021, abs=0.01)
    assert when("2020-03-01") < when("2020-03")
    assert when("never") is None


def test_a_chart_has_all_numbers(explorer: Explorer):
    question, answer = answered(explorer, "trees-by-plot")
    chart = plot(answer, question.view)
    assert chart is not None
    assert chart.kind == "bars"
    assert [len(marks) for _, _, marks in chart.groups] == [1] * len(answer.rows)
    longest = max(mark.length for _, _, marks in chart.groups for mark in marks)
    assert longest == 68


LABELS = {"y": "Year", "n": "Lifts built", "s": "Phase", "u": "Unit"}


def an_answer(*rows: tuple[str, str, str | None], unit: Ref | None = None) -> Answer:
    """An answer with years, numbers, perhaps series, and a unit."""
    parts = {"y": "date", "n": "number", "s": "text", "u": "thing"}
    columns = tuple(
        Column(name, Text(LABELS[name]), kind, "unit" if name == "u" else "") for name, kind in parts.items()
    )
    cells = [
        (Datum(year), Datum(number), Datum(series) if series else None, unit) for year, number, series in rows
    ]
    return Answer("", columns, tuple(AnswerRow(values) for values in cells))


def test_charts_name_their_axes():
    people = Ref("http://e/person", Text("person"))
    rows = (("2020", "3", None), ("2021", "5", None))
    for kind in ("bars", "years"):
        chart = plot(an_answer(*rows, unit=people), View(kind, ("y", "n")))
        assert isinstance(chart, (Bars, Years))
        assert chart.axes == Axes(Datum("Year"), Datum("Lifts built"), people)
    several_series = (("2020", "3", "before"), ("2021", "5", "after"))
    chart = plot(an_answer(*several_series), View("years", ("y", "n", "s")))
    assert isinstance(chart, Years)
    assert chart.axes.of == Datum("Lifts built")
    one_series = (("2020", "3", "after"), ("2021", "5", "after"))
    chart = plot(an_answer(*one_series), View("bars", ("y", "n", "s")))
    assert isinstance(chart, Bars)
    assert chart.axes == Axes(Datum("Year"), Datum("after"), None)
    matrix = plot(an_answer(*several_series), View("matrix", ("s", "y", "n")))
    assert isinstance(matrix, Matrix)
    assert (matrix.axes.along, matrix.across, matrix.axes.of) == (
        Datum("Phase"),
        Datum("Year"),
        Datum("Lifts built"),
    )


def test_names_of_axes_have_room_on_a_phone(monkeypatch: pytest.MonkeyPatch):
    rows = (("2020", "3", None), ("2021", "5", None))
    short = plot(an_answer(*rows), View("bars", ("y", "n")))
    assert isinstance(short, Bars)
    monkeypatch.setitem(LABELS, "n", "Households that a lift which was added has served")
    long = plot(an_answer(*rows), View("bars", ("y", "n")))
    assert isinstance(long, Bars)
    assert not short.axes.is_apart
    assert long.axes.is_apart
    assert min(y for _, y, _ in long.groups) >= 40
    assert 20 <= min(y for _, y, _ in short.groups) < 40


def test_pictures_to_take_away_name_their_axes(small_release: Release):
    client = create_app(LocalEngine.open(small_release.store), Settings(), small_release).test_client()
    for language, names in (("en", ("Plot", "Trees →")), ("zh-Hans", ("地块", "果树数 →"))):
        headers = {"Accept-Language": language}
        page = client.get("/questions/trees-by-plot", headers={**headers, "Accept": "text/html"}).text
        picture = client.get("/questions/trees-by-plot.svg", headers=headers).text
        for text in (page, picture):
            axes = re.findall(r'<text class="ink-2 axis"[^>]*>([^<]*)</text>', text)
            assert tuple(axes) == names


@pytest.mark.parametrize("key", ["trees-by-plot", "harvest", "no-bananas"])
def test_what_is_embedded_says_its_source_once(client, key: str):
    page = client.get(f"/questions/{key}/embed?lang=en").text
    assert page.count("Source: The old orchards") == 1


def test_the_unit_of_an_axis_stands_in_the_brackets_of_the_language(client):
    people = Ref("http://e/person", Text("人", "zh-hans"))
    axes = Axes(Datum("年份"), Datum("居民"), people)
    for language, said in (("zh-Hans", "居民（人）"), ("en", "居民 (人)")):
        with client.application.test_request_context("/", headers={"Accept-Language": language}):
            module = client.application.jinja_env.get_template("parts/plot.html").make_module({"_": gettext})
            assert str(module.measure(axes)).strip() == said
