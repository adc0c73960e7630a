"""What is wrong with the data is said with file, line, entity, property, and what would mend it."""

from __future__ import annotations

import re

import pytest

from kg.errors import DataError, Fault
from kg.make import check
from tests.conftest import Project

P04 = "data/almanac-1931/p04.trig"
BASE = "https://example.org/orchard/"
HEAD = """@base <https://example.org/orchard/> .
@prefix o: <https://example.org/orchard/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix kg: <https://w3id.org/linli/kg#> .
"""


def only(faults: tuple[Fault, ...]) -> Fault:
    assert len(faults) == 1, "\n".join(map(str, faults))
    return faults[0]


def one_like(faults: tuple[Fault, ...], pattern: str) -> Fault:
    return only(tuple(fault for fault in faults if re.search(pattern, fault.message)))


def test_the_little_graph_is_right(orchard: Project):
    report = check(orchard.ontology, orchard.data)
    assert report.warnings == ()
    assert report.statements > 500


def test_a_syntax_error_has_file_line_and_column(orchard: Project):
    path = orchard.change(P04, 'rdfs:label "北坡"@zh-hant ;', 'rdfs:label "北坡@zh-hant ;')
    fault = only(orchard.faults())
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "北坡" in text)
    assert (fault.file, fault.line) == (path, line)
    assert fault.column is not None
    assert f"{path}:{line}:{fault.column}" in str(fault)


def test_every_file_with_a_syntax_error_is_named(orchard: Project):
    first = orchard.write("data/tree-list/a.ttl", "<http://example.org/a> <http://example.org/b> .")
    second = orchard.write("data/tree-list/b.ttl", "nonsense")
    assert {fault.file for fault in orchard.faults()} == {first, second}


def test_a_broken_file_of_groups_is_named(orchard: Project):
    broken = orchard.write("ontology/questions/groups.ttl", "nonsense")
    assert only(orchard.faults()).file == broken


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ('"北坡"@zh-hant ;', '"北坡@zh-hant ;', "no closing", "where the text ends"),
        ('"北坡"@zh-hant ;', '"北坡"@zh-hant ；', "the sign ； is a full-width one", "write ; with"),
        ('"北坡"@zh-hant', "“北坡”@zh-hant", "the sign “ is a full-width one", 'write " with'),
        ("}\n", "\n", "", "}"),
        ('"北坡"@zh-hant ;', '"北坡"@zh-hant', "is expected", "write ; before the next property"),
        ('"北坡"@zh-hant ;', '"北坡" 坡 ;', "not a valid", "between properties stands ;"),
    ],
)
def test_a_slip_of_the_pen_is_told_so_that_no_programmer_is_needed(
    orchard: Project, old: str, new: str, message: str, hint: str
):
    orchard.change(P04, old, new)
    fault = only(orchard.faults())
    assert message in fault.message
    assert fault.hint is not None and hint in fault.hint


@pytest.mark.parametrize(
    ("prefix", "hint"),
    [
        ("skos", "add: @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."),
        ("id", f"add: @prefix id: <{BASE}id/> ."),
        ("dctrms", "is dcterms: meant?"),
        ("zzzqqq", "declare it with @prefix at the top of the file"),
    ],
)
def test_an_unknown_prefix_is_named_with_what_to_add(orchard: Project, prefix: str, hint: str):
    path = orchard.write("data/tree-list/x.ttl", f"{HEAD}\n{prefix}:thing o:number 1 .")
    fault = only(orchard.faults())
    assert (fault.message, fault.hint) == (f"the prefix {prefix}: is unknown", hint)
    assert (fault.file, fault.line, fault.column) == (path, 7, 1)


def test_a_shape_that_is_violated_names_entity_property_file_line_and_mend(orchard: Project):
    # A figure without a unit.
    path = orchard.change(P04, "o:number 3.5 ; o:hasUnit <vocabulary/unit/hectare> .", "o:number 3.5 .")
    fault = only(orchard.faults())
    assert fault.message == "0 values where there must be at least 1"
    assert fault.focus == f"{BASE}id/figure/long-ridge/area-3.5"
    assert fault.path == "o:hasUnit"
    assert fault.hint == "state it, or leave the thing out"
    text = path.read_text("utf-8").splitlines()
    assert fault.file == path
    assert fault.line is not None
    assert "a o:Figure" in text[fault.line - 1]
    assert "area-3.5" in text[fault.line - 1]


def test_a_shape_says_it_in_its_own_words_where_it_has_some(orchard: Project):
    orchard.change(
        "data/tree-list/trees.ttl",
        "    o:standsIn <https://example.org/orchard/id/plot/long-ridge-south> ;\n",
        "",
    )
    faults = orchard.faults()
    assert {fault.message for fault in faults if fault.path == "o:standsIn"} == {
        "a tree stands in exactly one plot"
    }


def test_a_wrong_value_is_shown_at_its_line(orchard: Project):
    path = orchard.change(P04, "o:hasUnit <vocabulary/unit/kilogram>", "o:hasUnit <id/orchard/long-ridge>")
    fault = only(orchard.faults())
    assert "is not a skos:Concept" in fault.message
    lines = path.read_text("utf-8").splitlines()
    assert fault.line is not None
    assert "o:hasUnit <id/orchard/long-ridge>" in lines[fault.line - 1]


def test_a_fault_that_has_no_hint_of_its_own_leads_to_the_shape(orchard: Project):
    orchard.change(P04, "o:number 3.5", 'o:number "many"')
    fault = one_like(orchard.faults(), "meets none of the alternatives")
    assert (fault.path, fault.hint) == ("o:number", "see what the shapes ask of this property")


def test_two_files_that_give_one_thing_conflicting_types(orchard: Project):
    orchard.write(
        "data/almanac-1931/p11.trig",
        HEAD
        + "GRAPH <graph/almanac-1931/p09> { <id/variety/snow-pear> a o:Tree ; "
        + "o:standsIn <id/plot/long-ridge-north> }",
    )
    fault = one_like(orchard.faults(), "classes that exclude each other")
    assert fault.focus == f"{BASE}id/variety/snow-pear"
    assert fault.message.endswith("o:Tree, o:Variety")
    assert fault.hint is not None
    assert all(name in fault.hint for name in ("p09.trig", "p11.trig", "an IRI each"))
    assert fault.file is not None
    assert fault.file.name in {"p09.trig", "p11.trig"}


def test_conflicting_types_by_a_class_above(orchard: Project):
    orchard.write("data/tree-list/x.ttl", HEAD + "<id/tree/01> a o:Plot .")
    assert one_like(orchard.faults(), "classes that exclude each other").focus == f"{BASE}id/tree/01"


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("01", '"01"^^xsd:integer is not canonical', "write 1"),
        ("+5", '"+5"^^xsd:integer is not canonical', "write 5"),
        ("1.50", '"1.50"^^xsd:decimal is not canonical', "write 1.5"),
        ("5.0", '"5.0"^^xsd:decimal is not canonical', 'write "5"^^xsd:decimal'),
        ('"1"^^xsd:boolean', '"1"^^xsd:boolean is not canonical', "write true"),
        ('"7"^^xsd:int', "xsd:int is not kept by every engine", "write 7"),
        ('"7"^^xsd:nonNegativeInteger', "xsd:nonNegativeInteger is not kept by every engine", "write 7"),
        ("6.0E3", "xsd:double is not used: it rounds", "write it as an xsd:integer or xsd:decimal"),
        ('"many"^^xsd:integer', "'many' is not an xsd:integer", "write digits alone, such as 1200"),
        (
            '"2021-02-30"^^xsd:date',
            "'2021-02-30' is not an xsd:date",
            "write a day that there is, as 2024-05-20; where only the month or the year is known, "
            "use xsd:gYearMonth or xsd:gYear",
        ),
        (
            '"2021-13"^^xsd:gYearMonth',
            "'2021-13' is not an xsd:gYearMonth",
            "write year and month, such as 2024-05",
        ),
    ],
)
def test_a_literal_that_is_not_canonical_is_refused_with_the_right_form(
    orchard: Project, written: str, message: str, hint: str
):
    path = orchard.write("data/tree-list/x.ttl", f"{HEAD}\n<id/tree/01>\n    o:number {written} .\n")
    fault = one_like(orchard.faults(), re.escape(message))
    assert fault.hint == hint
    assert (fault.file, fault.line) == (path, 8)
    assert (fault.focus, fault.path) == (f"{BASE}id/tree/01", "o:number")


def test_of_two_like_literals_each_is_found_at_its_own_line(orchard: Project):
    orchard.write("data/tree-list/x.ttl", f"{HEAD}<id/tree/01> o:number 01 .\n<id/tree/02> o:number 01 .\n")
    assert [(fault.focus, fault.line) for fault in orchard.faults()] == [
        (f"{BASE}id/tree/01", 6),
        (f"{BASE}id/tree/02", 7),
    ]


def test_a_language_tag_with_capitals_is_refused(orchard: Project):
    path = orchard.change(P04, '"南坡"@zh-hant', '"南坡"@zh-Hant')
    fault = only(orchard.faults())
    assert fault.message == "the language tag @zh-Hant is not canonical"
    assert fault.hint == "write @zh-hant"
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "@zh-Hant" in text)
    assert (fault.file, fault.line) == (path, line)


def test_what_looks_like_a_tag_inside_a_text_is_none(orchard: Project):
    orchard.write(
        "data/tree-list/x.ttl", HEAD + "<id/tree/01> rdfs:comment \"see 'Notes'@Home # not a comment\"@en ."
    )
    check(orchard.ontology, orchard.data)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("[] o:number 1 .", "a blank node: nobody could cite it"),
        ("<id/tree/01> o:isOfVariety _:some .", "a blank node: nobody could cite it"),
        ("<javascript:alert(1)> o:number 1 .", r"<javascript:alert\(1\)> is not an http\(s\) IRI"),
        (
            "<id/tree/01> o:isOfVariety <file:///etc/passwd> .",
            r"<file:///etc/passwd> is not an http\(s\) IRI",
        ),
        ("<id/tree/01> <urn:x> 1 .", r"<urn:x> is not an http\(s\) IRI"),
        ("<id/tree/01> o:isOfVariety <<( <id/tree/01> o:number 1 )>> .", "a triple term"),
    ],
)
def test_terms_that_nobody_could_look_up_are_refused(orchard: Project, statement: str, message: str):
    path = orchard.write("data/tree-list/x.ttl", HEAD + "\n" + statement)
    fault = one_like(orchard.faults(), message)
    assert fault.file == path
    assert fault.hint


def test_a_relative_iri_without_a_base_is_refused(orchard: Project):
    path = orchard.write("data/tree-list/x.ttl", "<id/tree/01> <http://example.org/p> 1 .")
    fault = only(orchard.faults())
    assert (fault.message, fault.file, fault.line) == ("a relative IRI without a base", path, 1)
    assert "@base" in (fault.hint or "")


def test_a_statement_outside_a_graph_block_is_refused(orchard: Project):
    path = orchard.write("data/almanac-1931/p10.trig", HEAD + "\n<id/tree/01> o:number 1 .")
    fault = only(orchard.faults())
    assert fault.message == "a statement stands outside a GRAPH block"
    assert (fault.file, fault.line) == (path, 7)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ("https://elsewhere.org/graph/x", "doesn't lie under"),
        ("graph/inferred/mine", "is the build's own"),
        ("graph/ontology", "is the build's own"),
    ],
)
def test_a_graph_that_is_not_the_curators_is_refused(orchard: Project, graph: str, message: str):
    orchard.write("data/almanac-1931/p10.trig", HEAD + f"GRAPH <{graph}> {{ <id/tree/01> o:number 1 }}")
    assert message in only(orchard.faults()).message


def test_a_mistyped_iri_is_found_and_the_right_one_offered(orchard: Project):
    path = orchard.change(P04, "o:isPartOf <id/orchard/long-ridge> .", "o:isPartOf <id/orchard/long-rigde> .")
    fault = one_like(orchard.faults(), "nothing describes it")
    assert f"<{BASE}id/orchard/long-rigde>" in fault.message
    assert fault.hint == f"is <{BASE}id/orchard/long-ridge> meant?"
    assert fault.file == path
    assert fault.path == "o:isPartOf"


def test_what_nothing_describes_is_told_once_and_not_what_it_lacks(orchard: Project):
    orchard.change(P04, "o:hasUnit <vocabulary/unit/kilogram>", "o:hasUnit <vocabulary/unit/kilogramme>")
    fault = only(orchard.faults())
    assert fault.message == f"<{BASE}vocabulary/unit/kilogramme> is used, but nothing describes it"
    assert fault.hint == f"is <{BASE}vocabulary/unit/kilogram> meant?"


def test_a_property_that_the_ontology_lacks_is_found(orchard: Project):
    orchard.write("data/tree-list/x.ttl", HEAD + '<id/tree/01> o:plantedd "1999"^^xsd:gYear .')
    fault = only(orchard.faults())
    assert f"<{BASE}ontology/plantedd> is used, but nothing describes it" in fault.message
    assert fault.hint == f"is <{BASE}ontology/planted> meant?"


def test_a_graph_whose_passage_is_not_described(orchard: Project):
    orchard.write(
        "data/almanac-1931/p77.trig", HEAD + "GRAPH <graph/almanac-1931/p77> { <id/tree/01> o:number 1 }"
    )
    fault = one_like(orchard.faults(), "its source is not described")
    assert fault.focus == f"{BASE}graph/almanac-1931/p77"
    assert f"{BASE}source/almanac-1931/p77" in fault.message


def test_a_reading_gives_its_reason_and_confidence(orchard: Project):
    orchard.change(P04, "kg:confidence kg:Medium ;", "")
    fault = only(orchard.faults())
    assert fault.message == "a reading gives its reason and its confidence"
    assert (fault.focus, fault.path) == (f"{BASE}graph/almanac-1931/p04/reading", "kg:confidence")
    assert fault.file is not None
    assert fault.file.name == "p04.trig"


def test_a_reason_for_a_graph_that_is_not_there(orchard: Project):
    orchard.write(
        "data/almanac-1931/x.trig",
        HEAD + 'GRAPH <graph/meta> { <graph/almanac-1931/p4> kg:reason "why"@en . }',
    )
    assert one_like(orchard.faults(), "no graph has this IRI").focus == f"{BASE}graph/almanac-1931/p4"


def test_a_check_of_the_ontology_finds_what_it_looks_for(orchard: Project):
    orchard.write(
        "data/tree-list/x.ttl",
        HEAD + "<id/orchard/long-ridge> o:isPartOf <id/plot/long-ridge-north> .",
    )
    circles = [fault for fault in orchard.faults() if fault.message == "it is part of itself"]
    assert f"{BASE}id/orchard/long-ridge" in {fault.focus for fault in circles}
    assert {fault.path for fault in circles} == {"o:isPartOf"}
    assert {fault.hint for fault in circles} == {"see no-circles.rq"}


def test_a_check_that_is_not_sparql_is_a_fault_with_its_place(orchard: Project):
    path = orchard.write("ontology/checks/broken.rq", "SELECT ?focus ?message\nWHERE { oops }")
    fault = only(orchard.faults())
    assert (fault.file, fault.line) == (path, 2)


def test_a_rule_that_is_no_construct_is_a_fault(orchard: Project):
    path = orchard.write("ontology/rules/99.rq", "SELECT * { ?s ?p ?o }")
    assert only(orchard.faults()).file == path


def test_a_shape_that_is_not_understood_is_a_fault(orchard: Project):
    orchard.write(
        "ontology/shapes/more.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix o: <https://example.org/orchard/ontology/> .\n"
        "<https://example.org/orchard/shape/More> a sh:NodeShape ; sh:targetClass o:Tree ;\n"
        "  sh:sparql [ sh:select 'x' ] .",
    )
    assert only(orchard.faults()).message == "sh:sparql is not supported"


def test_a_warning_doesnt_fail(orchard: Project):
    orchard.write(
        "ontology/shapes/more.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix o: <https://example.org/orchard/ontology/> .\n"
        "<https://example.org/orchard/shape/More> a sh:NodeShape ; sh:targetClass o:Orchard ;\n"
        "  sh:property [ sh:path o:point ; sh:minCount 1 ;\n"
        "    sh:severity sh:Warning ; sh:message 'no point'@en ] .",
    )
    (warning,) = check(orchard.ontology, orchard.data).warnings
    assert (warning.message, warning.severity) == ("no point", "warning")
    assert warning.focus == f"{BASE}id/orchard/stone-bridge"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('dcat:version "2.3.0" ;', "", "0 values where there must be one"),
        ('dcat:version "2.3.0" ;', 'dcat:version "two" ;', "the version 'two' is not of the form 1.2.3"),
        (
            'void:uriSpace "https://example.org/orchard/"',
            'void:uriSpace "https://example.org/orchard"',
            "doesn't end in /",
        ),
        ('"1999-06-30"^^xsd:date', '"soon"', "the reference date 'soon' is not a day"),
        ('dcterms:title "The old orchards"@en, "老果园"@zh-hans ;', "", "no title with a language"),
    ],
)
def test_a_description_of_the_dataset_that_lacks_something(
    orchard: Project, old: str, new: str, message: str
):
    path = orchard.change("data/dataset.ttl", old, new)
    fault = one_like(orchard.faults(), message)
    assert fault.file == path
    assert fault.hint


def test_folders_that_are_missing(orchard: Project):
    with pytest.raises(DataError, match=r"the ontology folder .* doesn't exist"):
        check(orchard.root / "nowhere", orchard.data)
    with pytest.raises(DataError, match=r"the data folder .* doesn't exist"):
        check(orchard.ontology, orchard.root / "nowhere")
    (orchard.data / "dataset.ttl").unlink()
    with pytest.raises(DataError, match=r"dataset\.ttl is missing"):
        check(orchard.ontology, orchard.data)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kg:procedure "opencc-t2s"', 'kg:procedure "magic"', "unknown procedure 'magic'"),
        ('kg:fromLanguage "zh-hant"', 'kg:fromLanguage "zh-latn-pinyin"', "in a circle"),
        ('kg:overrides "pinyin.csv"', 'kg:overrides "nowhere.csv"', "the table of overrides is missing"),
    ],
)
def test_a_transliteration_that_cant_be(orchard: Project, old: str, new: str, message: str):
    orchard.change("data/dataset.ttl", old, new)
    with pytest.raises(DataError, match=message):
        check(orchard.ontology, orchard.data)


def test_a_row_of_overrides_that_is_half(orchard: Project):
    path = orchard.write("data/pinyin.csv", "# notes\n果园,Guǒyuán\n长岭\n")
    fault = only(orchard.faults())
    assert (fault.file, fault.line) == (path, 3)


def test_many_faults_are_counted_and_the_first_shown(orchard: Project):
    rows = "".join(f"<id/tree/{n}> o:number {n}.50 .\n" for n in range(300))
    orchard.write("data/tree-list/x.ttl", f"{HEAD}{rows}")
    with pytest.raises(DataError, match="the first 100 shown") as raised:
        check(orchard.ontology, orchard.data)
    assert len(raised.value.faults) == 100


def test_the_last_release_stays_when_a_build_fails(orchard: Project):
    good = orchard.build()
    orchard.change(P04, "a o:Orchard", "a o:Orchrd")
    with pytest.raises(DataError):
        orchard.build()
    assert (orchard.out / "active").resolve() == good.path
    good.verify()
    assert [p.name for p in orchard.out.iterdir() if p.name.startswith(".building")] == []


@pytest.mark.parametrize(
    "where",
    [
        '?focus rdfs:label ?label FILTER(LANG(?label) = "zh-Hant")',
        '?focus rdfs:label ?label FILTER(REGEX(?label, "(.)果") && REGEX("西西", "(.)\\\\1"))',
    ],
)
def test_a_check_is_asked_through_the_door(orchard: Project, where: str):
    """The engine as it is would find nothing, and the check would be wrong in silence."""
    orchard.write(
        "ontology/checks/seen.rq", f"SELECT ?focus ?message WHERE {{ {where} BIND('seen' AS ?message) }}"
    )
    assert f"{BASE}id/orchard/long-ridge" in {one.focus for one in orchard.faults()}


def test_a_rule_is_asked_through_the_door(orchard: Project):
    orchard.write(
        "ontology/rules/40-named.rq",
        'CONSTRUCT { ?s rdfs:comment ?text } WHERE { ?s rdfs:label ?l FILTER(LANG(?l) = "zh-Hant") '
        'BIND(STRLANG(STR(?l), "en") AS ?text) }',
    )
    release = orchard.build()
    assert f"{BASE}graph/inferred/40-named" in release.file("dataset.nq").read_text("utf-8")


def test_a_check_that_can_t_be_answered_rightly_is_refused(orchard: Project):
    text = "SELECT ?focus ?message WHERE { ?focus a o:Orchard BIND(STR(BNODE('k')) AS ?message) }"
    path = orchard.write("ontology/checks/nodes.rq", text)
    fault = only(orchard.faults())
    assert fault.file == path
    assert "BNODE" in fault.message
    assert fault.hint


@pytest.mark.parametrize("lines", [0, 1])
def test_the_place_of_a_slip_in_a_check_is_that_in_its_file(orchard: Project, lines: int):
    path = orchard.write(
        "ontology/checks/slip.rq", "\n" * lines + "SELECT ?focus WHERE { ?focus a o:Orchard ; }} "
    )
    fault = only(orchard.faults())
    assert (fault.file, fault.line, fault.column) == (path, lines + 1, 47)
