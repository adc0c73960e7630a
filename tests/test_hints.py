"""The table of hints, walked: each kind has a query that gets it and a like one that gets none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from kg.engine.local import LocalEngine
from kg.hints import Known, find_now
from kg.notebook import declared
from kg.release import Release
from kg.release.store import ensure_store
from kg.sparql.explaining.hints import KINDS, hint
from kg_web.rendering.i18n import LANGUAGES, translated
from tests.commands import kg
from tests.servers import ROOT, Served, ask, fetch

LABEL = "?s rdfs:label ?l"
PLANTED = "?t o:planted ?y"
CASES = {
    "tag-case": (
        f'SELECT ?s {{ {LABEL} FILTER(LANG(?l) = "zh-Hans") }}',
        '"zh-Hans" was read as "zh-hans"',
        f'SELECT ?s {{ {LABEL} FILTER(LANG(?l) = "zh-hans") }}',
    ),
    "graph-name": (
        "SELECT ?s { GRAPH ?g { ?s a o:Tree FILTER(BOUND(?g)) } }",
        "put the FILTER behind",
        "SELECT ?s { GRAPH ?g { ?s a o:Tree } FILTER(BOUND(?g)) }",
    ),
    "no-tag": (
        f'SELECT ?s ?l {{ ?s a o:Orchard OPTIONAL {{ {LABEL} FILTER(LANG(?l) = "zh") }} }}',
        'no text here has the tag "zh"; there are "en", "zh-hans", "zh-hant"',
        f'SELECT ?s ?l {{ ?s a o:Orchard OPTIONAL {{ {LABEL} FILTER(LANGMATCHES(LANG(?l), "zh")) }} }}',
    ),
    "untagged": (
        'SELECT ?s { ?s rdfs:label "雪梨" }',
        'write "雪梨"@zh-hans',
        'SELECT ?s { ?s rdfs:label "雪梨"@zh-hans }',
    ),
    "having-alias": (
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING(?n > 1)",
        "write COUNT(*) there instead of ?n",
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING(COUNT(*) > 1000000)",
    ),
    "group-concat": (
        f"SELECT (GROUP_CONCAT(DISTINCT ?y; SEPARATOR=', ') AS ?all) {{ {PLANTED} }}",
        "write GROUP_CONCAT(STR(?y))",
        f"SELECT (GROUP_CONCAT(STR(?y)) AS ?all) {{ {PLANTED} }}",
    ),
    "unlike-types": (
        f'SELECT ?t {{ {PLANTED} FILTER(?y > "1900"^^xsd:date) }}',
        '(xsd:gYear), which "1900"^^xsd:date (xsd:date) can\'t be compared with',
        f'SELECT ?t {{ {PLANTED} FILTER(?y > "2900"^^xsd:gYear) }}',
    ),
    "unlike-object": (
        'SELECT ?f { ?f o:number "800" }',
        'and "800" is xsd:string',
        "SELECT ?f { ?f o:number 800000000 }",
    ),
    "filter-error": (
        f"SELECT ?s {{ {LABEL} FILTER(?l + 1 > 2) }}",
        "FILTER(?l + 1 > 2) is an error where ?l = ",
        f"SELECT ?s {{ {LABEL} FILTER(STRLEN(?l) > 2000) }}",
    ),
    "no-value": ("SELECT ?s ?zz { ?s a o:Tree }", "nothing gives ?zz a value", "SELECT ?s { ?s a o:Tree }"),
    "misspelt-variable": (
        "SELECT ?nmae { ?s rdfs:label ?name }",
        "did you mean ?name?",
        "SELECT ?name { ?s rdfs:label ?name }",
    ),
    "no-term": (
        "SELECT ?s { ?s o:zzzz ?v }",
        "o:zzzz is no class or property",
        "SELECT ?s { ?s o:number 7 }",
    ),
    "misspelt-term": (
        "SELECT ?s { ?s a o:Orchad }",
        "did you mean o:Orchard",
        "SELECT ?s { ?s a o:Orchard ; o:number 7 }",
    ),
    "no-thing": (
        "SELECT ?v { <https://example.org/orchard/id/castle/x> ?p ?v }",
        "nothing is said of",
        "SELECT ?v { <http://elsewhere.example/x> ?p ?v }",
    ),
    "misspelt-thing": (
        "SELECT ?v { <https://example.org/orchard/id/orchard/long-rigde> ?p ?v }",
        "did you mean <https://example.org/orchard/id/orchard/long-ridge>?",
        "SELECT ?v { <https://example.org/orchard/id/orchard/long-ridge> o:number ?v }",
    ),
}
"""For each kind a query that gets it, words of what is said, and a query that gets no hint at all."""
MORE = [
    ('SELECT ?s { ?s rdfs:label "雪梨"@de }', 'no text here has the tag "de"'),
    (f'SELECT ?s {{ {LABEL} FILTER(LANG(?l) IN ("de", "fr")) }}', '"de", "fr"'),
    (f'SELECT ?s {{ {LABEL} FILTER(?l = "雪梨") }}', 'write STR(?l) = "雪梨"'),
    (f'SELECT ?s {{ {LABEL} FILTER(?l IN ("雪梨", "x")) }}', 'write STR(?l) = "雪梨"'),
    ('SELECT ?s { ?s ?p "雪梨" }', 'write "雪梨"@zh-hans'),
    ('ASK { ?s rdfs:label "雪梨" }', 'write "雪梨"@zh-hans'),
    ('CONSTRUCT { ?s a o:Found } { ?s rdfs:label "雪梨" }', 'write "雪梨"@zh-hans'),
    ("SELECT (GROUP_CONCAT(?t) AS ?all) { ?t a o:Tree }", "(IRI), so there is no value"),
    ('SELECT ?t { ?t a o:Tree FILTER(?t = "tree-01") }', '(IRI), which "tree-01" (xsd:string)'),
    ("SELECT ?t { ?t o:planted ?year FILTER(?yaer > 1) }", "did you mean ?year?"),
    ("SELECT ?s { ?s rdfs:lable ?l }", "did you mean rdfs:label?"),
    ("SELECT ?s { ?s o:plantd ?y FILTER(?y > 1) }", "did you mean o:planted"),
    (f"SELECT ?t {{ {{ SELECT * {{ {PLANTED} }} }} FILTER(?y > 1) }}", "(xsd:integer) can't be compared"),
]
NONE = [
    "SELECT ?s { ?s a o:Orchard MINUS { ?s rdfs:label ?l } }",
    'SELECT ?s { ?s rdfs:label ?l FILTER(LANG(?l) != "de" && ?l = "nobody"@en) }',
    'SELECT ?s { ?s rdfs:label ?l FILTER(LANG(?l) IN ("de", "en") && CONTAINS(?l, "qqq")) }',
    "SELECT ?s { ?s a o:Orchard FILTER NOT EXISTS { ?s a ?c } }",
    "SELECT ?t { ?t o:planted ?y BIND(YEAR(NOW()) AS ?z) FILTER(false && ?z > 1) }",
    "SELECT (SUM(?x) AS ?n) { ?s o:number ?x } GROUP BY (?s AS ?of) HAVING(SUM(?x) > 1e9 && BOUND(?of))",
    'SELECT (xsd:integer("1") AS ?n) { FILTER(false) }',
]


@pytest.fixture(scope="module")
def engine(small_release: Release) -> Iterator[LocalEngine]:
    with LocalEngine.open(ensure_store(small_release)) as opened:
        yield opened


def hints_of(engine: LocalEngine, release: Release, query: str) -> list[tuple[str, str]]:
    whole = declared(query, release.prefixes)
    known = Known(release.prefixes, release.base)
    return [(one.id, str(one)) for one in find_now(whole, engine.query(whole), known, engine)]


def test_the_table_is_walked_whole():
    assert list(CASES) == [kind.id for kind in KINDS]
    assert all(kind.looked_for for kind in KINDS)


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_found_where_it_is_and_only_there(
    engine: LocalEngine, small_release: Release, kind: str
):
    query, words, other = CASES[kind]
    ((found, said),) = hints_of(engine, small_release, query)
    assert found == kind
    assert words in said
    assert hints_of(engine, small_release, other) == []


@pytest.mark.parametrize(("query", "words"), MORE)
def test_more_that_is_told(engine: LocalEngine, small_release: Release, query: str, words: str):
    ((_, said),) = hints_of(engine, small_release, query)
    assert words in said


@pytest.mark.parametrize("query", NONE)
def test_what_needs_no_hint_gets_none(engine: LocalEngine, small_release: Release, query: str):
    assert hints_of(engine, small_release, query) == []


@pytest.mark.parametrize("id", [kind.id for kind in KINDS])
def test_what_is_said_is_said_in_three_languages(id: str):
    kind = next(one for one in KINDS if one.id == id)
    places = dict.fromkeys(re.findall(r"{(\w+)}", kind.says), "?x")
    said = {tag: hint(id, **places).text(lambda m, tag=tag: translated(m, tag)) for tag in LANGUAGES}
    assert said["en"] not in (said["zh-Hans"], said["zh-Hant"]), said
    assert all(text.count("?x") == said["en"].count("?x") for text in said.values())


# Where they are seen


@pytest.fixture(scope="module")
def served(orchard_served: Served) -> Served:
    return orchard_served


def header(served: Served, query: str, release: Release, accept: str = "text/csv", language: str = "") -> str:
    whole = declared(query, release.prefixes)
    reply = fetch(
        f"{served.url}/sparql",
        whole.encode(),
        {"Content-Type": "application/sparql-query", "Accept": accept, "Accept-Language": language},
    )
    assert reply.status == 200, reply.body
    return unquote(reply.headers.get("Query-Hint") or "")


@pytest.mark.parametrize("kind", CASES)
def test_the_endpoint_tells_it(served: Served, small_release: Release, kind: str):
    query, words, other = CASES[kind]
    for accept in ("application/sparql-results+json", "application/sparql-results+xml", "text/csv",
                   "text/tab-separated-values"):  # fmt: skip
        told = header(served, query, small_release, accept)
        assert words in told, accept
        assert told.endswith(f';kinds="{kind}"')
        assert header(served, other, small_release, accept) == ""


def test_it_is_told_in_the_reader_s_language(served: Served, small_release: Release):
    query, _, _ = CASES["misspelt-variable"]
    told = [header(served, query, small_release, language=one) for one in ("en", "zh-CN,zh;q=0.9", "zh-TW")]
    assert "did you mean ?name?" in told[0]
    assert len(set(told)) == 3
    assert all("?name" in one for one in told)


def test_a_kept_answer_keeps_its_hints(served: Served, small_release: Release):
    """One that took long enough to be kept."""
    many = (
        "SELECT (COUNT(*) AS ?n) { ?a ?p ?o . ?b ?q ?o . VALUES ?z { 1 2 3 4 } FILTER(REGEX(STR(?o), 'e')) }"
    )
    query = f"SELECT ?nope ?n {{ {{ {many} }} }}"
    whole = declared(query, small_release.prefixes)
    replies = [ask(served.url, whole) for _ in range(2)]
    assert [one.status for one in replies] == [200, 200], replies[1].body
    assert replies[1].headers["Server-Timing"] == "cache"
    assert "nothing gives ?nope a value" in unquote(replies[1].headers["Query-Hint"])
    assert replies[0].headers["Query-Hint"] == replies[1].headers["Query-Hint"]


def test_the_command_tells_it(small_release: Release, tmp_path: Path):
    for query, words, other in (CASES["untagged"], CASES["tag-case"]):
        file = tmp_path / "query.rq"
        file.write_text(query, encoding="utf-8")
        done = kg("query", str(file), "--release", str(small_release.path))
        assert done.returncode == 0
        assert "hint: " in done.stderr
        assert words in done.stderr
        file.write_text(other, encoding="utf-8")
        assert kg("query", str(file), "--release", str(small_release.path)).stderr == ""


def test_the_document_lists_every_kind():
    text = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
    assert [kind.id for kind in KINDS if f"`{kind.id}`" not in text] == []
