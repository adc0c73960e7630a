"""Writing a query in the editor, in a real browser against a real server."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.browser.axe import serious
from tests.browser.desk import COUNT, Opened, serving
from tests.browser.expecting import expect
from tests.servers import slowness

pytestmark = pytest.mark.browser


WORDS = {
    "en": ("facility", "serves group", "old people", "is within", "district", "name"),
    "zh-CN": ("sheshi", "服务人群", "老年人", "范围内", "qux", "名称"),
    "zh-TW": ("設施", "服務人群", "老年人", "範圍內", "區縣", "名稱"),
}


@pytest.mark.parametrize("locale", WORDS)
def test_a_query_is_written_by_completion_alone(server: str, desk: Opened, locale: str) -> None:
    facility, serves, old, within, district, name = WORDS[locale]
    one = desk(f"{server}/query", locale)
    one.page.locator(".add").click()
    one.page.keyboard.press("Control+a")
    one.take("sel", "SELECT")
    one.type("* ")
    one.take("wh", "WHERE")
    one.type("?facility ")
    one.take("a", "linli:Facility|is a|是|属于|屬於|a")
    one.take(facility, "linli:Facility")
    one.type("; ")
    one.take(serves, "linli:servesGroup")
    one.take(old, "elderly")
    one.type("; ")
    one.take(within, "linli:isWithin")
    one.take("", r"\?within")
    one.type(" . ?within ")
    one.take("a", "a")
    one.take(district, "linli:District")
    one.type("; ")
    one.take(name, "rdfs:label")
    one.type("?d")
    one.page.keyboard.press("Escape")
    one.run()
    one.ran()
    assert "PREFIX linli:" in one.text
    assert "PREFIX rdfs:" in one.text
    expect(one.rows.first).to_be_visible()
    took = one.page.evaluate("performance.getEntriesByName('completion').map((e) => e.duration)")
    assert statistics.quantiles(took, n=20)[-1] < 250 * slowness(), took
    assert not one.faults


@pytest.mark.parametrize(("locale", "typed"), [("en", "jiedao"), ("zh-CN", "街道"), ("zh-TW", "jd")])
def test_a_class_is_found_by_its_name_in_any_language(
    server: str, desk: Opened, locale: str, typed: str
) -> None:
    one = desk(f"{server}/query", locale)
    one.write("SELECT * WHERE { ?x a ")
    one.type(typed, offered="linli:Subdistrict")


ERRORS = [
    ("SELECT * WHERE { ?s ?p ?o ", "{", "never closed"),
    ("SELCET * WHERE { ?s ?p ?o }", "SELCET", "SELECT"),
    ('SELECT * WHERE { ?s ?p "open }', '"open }', "quotation"),
    ("SELECT * WHERE {\n  ?s a nope:Thing }", "nope:Thing", "nope:"),
    ("SELECT ?s (COUNT(?o) AS ?n) WHERE { ?s ?p ?o }", "?s", "grouped"),
    ("SELECT * WHERE { ?s ?p . }", ".", "can't stand here"),
]
SAID = {
    "zh-CN": ("没有闭合", "SELECT", "引号", "nope:", "分组", "不能"),
    "zh-TW": ("沒有閉合", "SELECT", "引號", "nope:", "分組", "不能"),
}


def test_errors_are_underlined_where_they_are_and_say_why(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    for text, marked, message in ERRORS:
        one.write(text)
        range_ = one.page.locator(".cm-lintRange-error", has_text=marked)
        expect(range_.first).to_be_visible()
        assert "".join(one.page.locator(".cm-lintRange-error").all_inner_texts()) == marked
        range_.first.hover()
        expect(one.page.locator(".cm-tooltip-lint")).to_contain_text(message)
        one.page.mouse.move(0, 0)


@pytest.mark.parametrize("locale", SAID)
def test_errors_are_told_in_the_reader_s_language(server: str, desk: Opened, locale: str) -> None:
    one = desk(f"{server}/query", locale)
    for (text, marked, _), message in zip(ERRORS, SAID[locale], strict=True):
        one.write(text)
        expect(one.page.locator(".cm-lintRange-error", has_text=marked).first).to_be_visible()
        expect(one.page.locator(".faults")).to_contain_text(message)


def test_faults_are_listed_with_line_and_column_and_mended_by_keys(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write('SELECT ？x WHERE {\n  ?x rdfs:label "全，角"@zh-hans 。 }')
    listed = one.page.locator(".faults li")
    expect(listed).to_have_count(2)
    # Two lines of prefixes were added above.
    expect(listed.first).to_contain_text("Line 3, column 8")
    expect(listed.nth(1)).to_contain_text("Line 4, column")
    listed.first.get_by_role("button", name="Replace all 2").press("Enter")
    expect(listed).to_have_count(0)
    assert one.text.endswith('SELECT ?x WHERE {\n  ?x rdfs:label "全，角"@zh-hans . }')


def test_prefixes_are_added_as_one_types_and_taken_back_together(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.page.locator(".add").click()
    one.page.keyboard.press("Control+a")
    one.type("ASK { ?x linli:")
    assert one.text.startswith("PREFIX linli: <https://w3id.org/linli/ontology/>\n")
    one.page.keyboard.press("Escape")
    one.type("isWithin rdfs:")
    assert "\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n" in one.text
    one.page.keyboard.press("Control+z")
    one.page.keyboard.press("Control+z")
    assert "PREFIX" not in one.text or "rdfs:" not in one.text


def test_texts_are_completed_by_the_words_in_them(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("ASK { ?x a linli:District ; rdfs:label ")
    one.take('"上城', '"上城区"@zh-hans')
    assert one.text.rstrip().endswith('rdfs:label "上城区"@zh-hans')


def test_a_term_is_explained_by_pointer_and_by_key(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "zh-TW")
    one.write("SELECT * WHERE { ?x a linli:Facility . }")
    one.page.keyboard.press("Escape")
    one.page.locator(".cm-line span", has_text="linli:Facility").hover()
    card = one.page.locator(".term-card")
    expect(card.locator(".name")).to_have_text("設施")
    expect(card.locator(".names")).to_contain_text("facility")
    expect(card.locator(".about")).not_to_be_empty()
    expect(card.locator(".example bdi")).not_to_contain_text("http")
    one.page.mouse.move(0, 0)
    expect(card).to_have_count(0)
    for _ in range(5):
        one.page.keyboard.press("ArrowLeft")
    one.page.keyboard.press("Control+i")
    expect(card.locator(".name")).to_have_text("設施")


def test_one_key_lays_the_query_out(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("select ?x where{?x a linli:District;rdfs:label ?n.filter(lang(?n)='en')} limit 5 # few")
    one.page.keyboard.press("Shift+Alt+F")
    expect(one.page.locator(".cm-line", has_text=re.compile(r"^\s+\?x a linli:District ;$"))).to_be_visible()
    assert one.text.rstrip().splitlines()[-1] == "LIMIT 5 # few"
    one.run()
    one.ran()


def test_what_cannot_match_is_warned_of(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write('SELECT * WHERE { ?s rdfs:label "x"@zh-Hans }')
    one.run()
    mark = one.page.locator(".cm-lintRange-warning", has_text="@zh-Hans")
    expect(mark).to_be_visible()
    mark.hover()
    one.page.locator(".cm-diagnosticAction").click()
    expect(one.page.locator(".cm-content")).to_contain_text("@zh-hans")


def test_an_error_of_the_endpoint_leads_to_its_place(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query", "zh-CN")
    one.write("SELECT * WHERE {\n  ?s ?p ?o ?q ?r\n}")
    one.run()
    problem = one.page.locator(".problem")
    expect(problem).to_contain_text("SPARQL")
    problem.locator("button.link").click()
    expect(one.page.locator(".cm-activeLine")).to_contain_text("?s ?p ?o")


def test_the_keyboard_alone_suffices(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    for _ in range(40):
        one.page.keyboard.press("Tab")
        if one.page.evaluate("document.activeElement.classList.contains('cm-content')"):
            break
    one.page.keyboard.press("Control+a")
    one.page.keyboard.insert_text("SELECT * WHERE { ?x a linli:District ; rdfs:label ?n }")
    one.run()
    one.ran()
    one.page.keyboard.press("Escape")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.textContent") == "Run"
    for _ in range(30):
        one.page.keyboard.press("Tab")
        if one.page.evaluate("document.activeElement.className") == "why":
            break
    one.page.keyboard.press("Enter")
    dialog = one.page.get_by_role("dialog")
    expect(dialog.locator(".made li").first).to_be_visible()
    expect(dialog.locator(".made a[href*='/page/source/']").first).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(server: str, desk: Opened, scheme: str) -> None:
    one = desk(f"{server}/query", color_scheme=scheme)
    one.write(
        "SELECT ?x ?n ?g ?p (STRLEN(?n) AS ?l) WHERE {"
        " VALUES ?q { quantity:lifts quantity:residents } OPTIONAL { ?m linli:hasQuantity ?q }"
        ' OPTIONAL { ?s rdfs:label "without a tag" }'
        " ?x a linli:AdministrativeDivision ; rdfs:label ?n ; geo:hasDefaultGeometry ?g ."
        " ?g geo:asWKT ?p } LIMIT 30"
    )
    one.run()
    one.ran()
    expect(one.page.locator(".parameter")).to_be_visible()
    expect(one.page.locator(".faults")).to_contain_text("language tag")
    for view in ("Table", "Chart", "Map", "Graph", "Raw", "Code"):
        one.page.get_by_role("button", name=view, exact=True).click()
        assert serious(one.page, "main") == {}, view
    one.page.get_by_role("button", name="Table", exact=True).click()
    one.page.locator("button.why").first.click()
    expect(one.page.get_by_role("dialog").locator(".made li").first).to_be_visible()
    assert serious(one.page, "main") == {}, "the dialog"
    one.page.keyboard.press("Escape")
    one.write("SELECT * WHERE { ?x a linli:District ; linli:servesGroup ?group }")
    one.run()
    expect(one.page.locator(".notice.empty .mend").first).to_be_visible()
    assert serious(one.page, "main") == {}, "no rows"


def test_the_script_is_small(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("SELECT * WHERE { ?x a linli:District ; rdfs:label ?n }")
    one.run()
    one.ran()
    one.write("SELECT * WHERE { ?s ?p . }")
    expect(one.page.locator(".cm-lintRange-error").first).to_be_visible()
    sent = one.page.evaluate(
        """performance.getEntriesByType("resource")
            .filter((e) => /\\.js(\\?|$)/.test(e.name)).map((e) => [e.name, e.encodedBodySize])"""
    )
    names = " ".join(name for name, _ in sent)
    assert "editor" in names
    assert "_parser" in names, "the grammar, which is loaded when first needed, counts too"
    assert 100_000 < sum(size for _, size in sent) < 400_000, sent


def test_a_graph_has_its_own_completions_examples_and_hints(orchard_server: str, desk: Opened) -> None:
    one = desk(f"{orchard_server}/query")
    expect(one.page.locator(".example-list")).to_contain_text("Plots")
    expect(one.page.locator(".example-list")).to_contain_text("How many trees stand in each plot?")
    one.write("SELECT * WHERE { ?x a ")
    options = one.type("tre", offered="o:Tree")
    assert "linli" not in " ".join(options.all_inner_texts())
    one.write("SELECT * WHERE { ?x a o:Tree ; o:isOfVariety ")
    one.type("snow", offered="snow-pear")
    one.page.keyboard.press("Escape")
    one.write("SELECT * WHERE { ?x a o:Plot ; o:planted ?year }")
    one.run()
    empty = one.page.locator(".notice.empty")
    expect(empty).to_contain_text("o:planted never occurs on o:Plot")
    empty.locator(".mend", has_text="o:Tree").click()
    one.ran()
    expect(one.rows.first).to_be_visible()


def test_without_a_release_the_editor_says_so_and_works(server: str, desk: Opened, tmp_path: Path) -> None:
    with serving(tmp_path, "--endpoint", f"{server}/sparql") as served:
        one = desk(f"{served.address}/query", ready=False)
        expect(one.page.locator(".controls [role=status]")).to_contain_text("no release")
        one.write(COUNT)
        one.run()
        one.ran()


def test_the_plain_form_works_without_scripts(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query?query={quote(COUNT)}", ready=False, java_script_enabled=False)
    expect(one.page.locator("textarea")).to_have_value(COUNT)
    expect(one.page.locator("form.query")).to_be_visible()
