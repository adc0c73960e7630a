"""The lexer and the guard: nothing that an engine would carry out may pass unseen."""

import contextlib
import json
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.errors import QueryError, QueryRefused, UsageError
from kg.sparql.checking.analysis import analyse
from kg.sparql.checking.guard import Limits, check
from kg.sparql.checking.plain import glance
from kg.sparql.reading.lexer import Lexer, decode_escapes, position
from kg_web.protocol.message import pairs

OPEN = Limits(known=lambda iri: iri == "http://example.org/g")


def tokens(text: str) -> list[tuple[str, str]]:
    lexer, found = Lexer(text), []
    while (token := lexer.take(compares=False)) is not None:
        found.append((token.kind, token.text))
    return found


def refusal(query: str, limits: Limits = OPEN) -> str | None:
    try:
        check(query, limits)
    except QueryRefused as error:
        return error.limit
    return None


VECTORS = json.loads((Path(__file__).parent / "vectors" / "tokens.json").read_text(encoding="utf-8"))
"""Texts and their tokens, the same as the editor's lexer is tested with."""
CALLED = {"op": "punct", "bnode": "blank"}
"""Kinds that have another name in the editor."""


@pytest.mark.parametrize(("text", "wanted"), [(text, wanted) for text, *wanted in VECTORS])
def test_the_editor_sees_the_same_tokens(text: str, wanted: list[str]):
    until = next((at for at, one in enumerate(wanted) if one.startswith("error ")), len(wanted))
    assert [f"{CALLED.get(kind, kind)} {one}" for kind, one in tokens(text)] == wanted[:until]


def test_tokens():
    text = (
        """SELECT ?a $b { <http://a#b> a:b\\#c "x\\"y"@en-us , '''a'b"''' ; :p 1.5e-3 . _:n.m . } # SERVICE"""
    )
    assert tokens(text) == [
        ("word", "SELECT"),
        ("var", "?a"),
        ("var", "$b"),
        ("op", "{"),
        ("iri", "<http://a#b>"),
        ("pname", "a:b\\#c"),
        ("string", '"x\\"y"'),
        ("lang", "@en-us"),
        ("op", ","),
        ("string", "'''a'b\"'''"),
        ("op", ";"),
        ("pname", ":p"),
        ("number", "1.5e-3"),
        ("op", "."),
        ("bnode", "_:n.m"),
        ("op", "."),
        ("op", "}"),
    ]


def test_a_string_hides_what_is_in_it():
    for quoted in (
        '"SERVICE <x> {}"',
        "'SERVICE'",
        '"""a " "" SERVICE"""',
        "'''\n'' SERVICE'''",
        '"\\" SERVICE"',
    ):
        assert refusal(f"SELECT * {{ ?s ?p {quoted} }}") is None


def test_a_comment_hides_to_the_end_of_its_line_and_no_further():
    assert refusal("SELECT * { ?s ?p ?o # SERVICE <http://x/> {}\n }") is None
    assert refusal("SELECT * { ?s ?p ?o # }\n SERVICE <http://x/> {} }") == "KG_SERVICE_ALLOW"
    assert refusal("SELECT * { ?s ?p ?o # }\r SERVICE <http://x/> {} }") == "KG_SERVICE_ALLOW"
    assert refusal("SELECT * { ?s <http://a/#b> ?o SERVICE <http://x/> {} }") == "KG_SERVICE_ALLOW"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1/> {} }",
        "SELECT * { SERVICE?x{} }",
        "SELECT * { SERVICE:x{} }",
        "PREFIX SERVICE: <http://x/> SELECT * { SERVICE:x{} }",
        "SELECT * { SERVICESILENT<http://127.0.0.1/>{} }",
        "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1/>{} }",
        "SELECT * { ?s ?p 1SERVICE<http://127.0.0.1/>{} }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1/> {} }",
        "SELECT * { \\U00000053ERVICE <http://127.0.0.1/> {} }",
        "SELECT * { ?s ?p ?o FILTER(?o<?s)SERVICE#>\n<http://127.0.0.1/> {} }",
        "SELECT * { FILTER EXISTS { SERVICE <http://127.0.0.1/> {} } }",
        "SELECT (EXISTS { SERVICE <http://127.0.0.1/> {} } AS ?x) {}",
        'SELECT * { FILTER(?x = "\\u0022") SERVICE <http://127.0.0.1/> {} } #"""',
        "CONSTRUCT { ?s ?p ?o } { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { GRAPH ?g { SERVICE <http://127.0.0.1/> {} } }",
        "SELECT * { ?s ?p :a.b.SERVICE<http://127.0.0.1/>{} }",
    ],
)
def test_service_is_seen(query: str):
    assert refusal(query) == "KG_SERVICE_ALLOW"


def test_service_may_reach_what_is_on_the_list():
    listed = Limits(services=("http://peer.example/sparql",))
    assert refusal("SELECT * { SERVICE <http://peer.example/sparql> { ?s ?p ?o } }", listed) is None
    assert refusal("PREFIX p: <http://peer.example/> SELECT * { SERVICE p:sparql {} }", listed) is None
    assert refusal("SELECT * { SERVICE <http://peer.example/other> {} }", listed) == "KG_SERVICE_ALLOW"
    assert refusal("SELECT * { SERVICE ?where {} }", listed) == "KG_SERVICE_ALLOW"


def test_from_may_name_graphs_of_the_dataset_alone():
    assert refusal("SELECT * FROM <http://example.org/g> {}") is None
    assert refusal("BASE <http://example.org/> SELECT * FROM NAMED <g> {}") is None
    for query in (
        "SELECT * FROM <file:///etc/passwd> {}",
        "SELECT * FROM <http://169.254.169.254/> {}",
        "ASKFROM<http://x/>{}",
        "SELECT*FROM:x{}",
        "SELECT ((?a<?b)AS?c)FROM#>\n<http://x/>{}",
        "SELECT * FROM NAMED <http://x/> {}",
    ):
        assert refusal(query) == "KG_FROM_ALLOW", query


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA {}",
        "DELETE WHERE { ?s ?p ?o }",
        "PREFIX a: <b> LOAD <http://x/>",
        "CLEAR ALL",
        "DROP DEFAULT",
        "CREATE GRAPH <x>",
        "ADD <a> TO <b>",
        "MOVE <a> TO <b>",
        "COPY <a> TO <b>",
        "WITH <a> DELETE {} WHERE {}",
        "# a comment\nBASE <http://x/>\ninsert { } where { }",
    ],
)
def test_an_update_is_refused_as_such(update: str):
    assert refusal(update) == "update"


def test_limits_are_exact():
    def nest(n: int) -> str:
        return "SELECT * " + "{" * n + "}" * n

    assert refusal(nest(50)) is None
    assert refusal(nest(51)) == "KG_QUERY_DEPTH"
    assert refusal("SELECT * { FILTER(" + "!" * 60 + "true) }") == "KG_QUERY_DEPTH"
    assert refusal("SELECT * { ?s " + "(" * 51 + "<p>" + ")*" * 51 + " ?o }") == "KG_QUERY_DEPTH"
    assert refusal("SELECT * { ?s " + "^(" * 26 + "<p>" + ")" * 26 + " ?o }") == "KG_QUERY_DEPTH"
    star = "SELECT * {{ ?s {} }}"
    assert refusal(star.format(" ; ".join(f"<p{i}> ?o{i}" for i in range(100)))) is None
    assert refusal(star.format(" ; ".join(f"<p{i}> ?o{i}" for i in range(101)))) == "KG_QUERY_PATTERNS"
    assert refusal("SELECT * { ?s " + "/".join(["<p>"] * 102) + " ?o }") == "KG_QUERY_PATTERNS"
    assert refusal("SELECT * {}" + " " * (64 * 1024 - 11)) is None
    assert refusal("SELECT * {}" + " " * (64 * 1024 - 10)) == "KG_QUERY_SIZE"
    assert refusal("SELECT * {}" + "里" * (64 * 1024 // 3)) == "KG_QUERY_SIZE"


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("?s ?p ?o", 1),
        ("?s a ?a , ?b ; ?q ?c .", 3),
        ("?s <p>/<q>|<r> ?o", 3),
        ("?s ?p [ ?q ?r ; <s> 1 ]", 3),
        ("?s ?p (1 2)", 5),
        ("?s ?p 'x'@en, 'y'^^<d> . ?t ?u 1.5 .", 3),
        ("VALUES ?x { 1 2 3 } ?s ?p ?x", 1),
        ("VALUES (?x ?y) { (1 2) (3 UNDEF) } ?s ?p ?x", 1),
        ("FILTER(?a IN (1, 2, 3)) ?s ?p ?o", 1),
        ("FILTER regex(?a, 'x', 'i') ?s ?p ?o . FILTER NOT EXISTS { ?o ?q ?r }", 2),
        ("BIND(1+2 AS ?z) ?s ?p ?z", 1),
        ("{ ?s ?p ?o } UNION { ?s ?p ?o }", 2),
        ("GRAPH ?g { ?s ?p ?o } ?a ?b ?c", 2),
        (
            "{ SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING(?n > 1) ORDER BY ?n } ?s ?q ?r",
            2,
        ),
    ],
)
def test_triple_patterns_are_counted(pattern: str, count: int):
    assert analyse(f"SELECT * {{ {pattern} }}").triples == count


def test_a_template_is_not_counted():
    assert analyse("CONSTRUCT { ?s ?p ?o . ?o ?q ?s } WHERE { ?s ?p ?o }").triples == 1
    assert analyse("CONSTRUCT WHERE { ?s ?p ?o . ?o ?q ?s }").triples == 2


def test_what_changes_is_known():
    for call in ("NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "now ()"):
        assert analyse(f"SELECT ({call} AS ?x) {{}}").changing, call
    assert analyse("CONSTRUCT { ?s ?p [] } { ?s ?p ?o }").changing
    assert not analyse("SELECT ?now { ?now a <NOW> }").changing


def test_spaces_and_comments_don_t_matter_to_the_normal_form():
    one = analyse("SELECT ?a  # who\n{ ?a\t<p> 'x  y' }").normal
    assert one == analyse(" SELECT ?a { ?a <p>\r\n'x  y' }").normal
    assert one != analyse("SELECT ?a { ?a <p> 'x y'}").normal


def test_positions_and_escapes():
    assert position("a\nbc", 3) == (2, 2)
    assert decode_escapes("\\u4e2d\\U0001F600\\uD800\\u12") == "中😀\\uD800\\u12"


# Fuzzing: texts put together from pieces that matter, checked against the engine's own parser.

PIECES = st.sampled_from(
    [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "<=",
        "<?b",
        "#",
        "#>\n",
        "\n",
        " ",
        " ",
        '"',
        "'",
        '"""',
        "\\",
        "\\u0022",
        "?a",
        "?b",
        "?s ?p ?o",
        "?s ?p 1",
        ".",
        ";",
        ",",
        "<http://e/#x>",
        "<a>",
        "e:a",
        ":",
        "_:b",
        "@en",
        "^^",
        "true",
        "1",
        "1.",
        "&&",
        "||",
        "!",
        "=",
        "/",
        "*",
        "+",
        "|",
        "^",
        "FILTER",
        "FILTER(",
        "FILTER(?a<?b)",
        "BIND(",
        "AS",
        "OPTIONAL{",
        "UNION",
        "MINUS{",
        "GRAPH ?g{",
        "EXISTS{",
        "NOT",
        "SELECT",
        "SELECT*{",
        "VALUES ?x{",
        "UNDEF",
        "a",
        "1.1.",
        ":a1.1.",
        "IN(",
        "STR(",
        "COALESCE(",
        "<<(",
        ")>>",
        "LATERAL{",
    ]
)
CALLS = st.sampled_from(
    [
        "SERVICE<http://127.0.0.1:1/>{}",
        "SERVICE <http://127.0.0.1:1/> {}",
        "SERVICE#\n<http://127.0.0.1:1/>{}",
        "service\t<http://127.0.0.1:1/>{}",
        "SERVICE:x{}",
        "SERVICE#>\n<http://127.0.0.1:1/>{}",
        "SERVICE?s{}",
    ]
)
HEADS = st.sampled_from(
    [
        "PREFIX e:<http://e/> PREFIX :<http://127.0.0.1:1/> SELECT*{",
        "PREFIX :<http://127.0.0.1:1/> ASK{",
        "PREFIX :<http://127.0.0.1:1/> SELECT(1 AS ?z){",
        "PREFIX :<http://127.0.0.1:1/> CONSTRUCT{}WHERE{",
    ]
)


def parses(query: str) -> bool:
    try:
        ox.Store().query(query, base_iri="http://base.example/")
    except SyntaxError:
        return False
    except Exception:
        return True
    return True


def with_call(query: str, call: str) -> bool:
    """Whether the engine's parser takes the call as a call: with another word in its place it is no query."""
    other = call.replace("SERVICE", "SERVIXE").replace("service", "servixe")
    return parses(query) and not parses(query.replace(call, other))


@settings(max_examples=400, deadline=None)
@given(HEADS, st.lists(PIECES, max_size=8), CALLS, st.lists(PIECES, max_size=4))
@example(
    "PREFIX :<http://127.0.0.1:1/> SELECT*{",
    ["?s ?p ?o", "FILTER(?a<?b)"],
    "SERVICE#>\n<http://127.0.0.1:1/>{}",
    [],
)
@example("PREFIX :<http://127.0.0.1:1/> ASK{", ["?s ?p ", "true"], "SERVICE:x{}", [])
def test_no_service_that_the_engine_would_call_passes(
    head: str, before: list[str], call: str, after: list[str]
):
    query = head + "".join(before) + call + "".join(after) + "}"
    if with_call(query, call):
        assert refusal(query) is not None, query


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="SERVICEselct{}()<>?#\"'\\ \n:.a*u0053", max_size=60))
def test_any_text_is_read_without_error(text: str):
    with contextlib.suppress(QueryError):
        check(text, OPEN)


@pytest.mark.parametrize(
    "hostile",
    [
        "a." * 32000,
        '"' * 64000,
        "'''" + '"' * 60000,
        "<" * 64000,
        "<a" * 32000,
        "\\u0022" * 10000,
        "{" * 64000,
        "?" * 64000,
        "a:" * 32000,
        ":a.." * 16000,
        "#" * 64000,
        '"\\' * 32000,
        "1." * 32000,
        "[" * 30000 + "]" * 30000,
        "SELECT * { ?s ?p " + "(" * 20000 + "}",
        "@" * 64000,
        "_:a" * 20000,
        "\u0300" * 20000,
    ],
)
def test_no_text_takes_long_to_read(hostile: str):
    started = time.process_time()
    refusal(hostile, Limits(depth=10**9, triples=10**9))
    assert time.process_time() - started < 1.5


# The glance that most queries are let through by.


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { <http://example.org/a#b> ?p ?o }",
        "PREFIX a: <http://example.org/> SELECT ?s (COUNT(*) AS ?n) { ?s a a:B ; a:c ?d . } GROUP BY ?s",
        "ASK { ?s ?p 5 FILTER(?s < 3) }",
        "SELECT ?a { ?a ?b \"a  'b'  #里\"@zh-hans . FILTER(?a != 'SERVICE' && ?b <= 5) }",
        "SELECT ?s { ?s <http://example.org/isWithin> ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . ?o <http://example.org/b> 'x' }",
        "PREFIX a: <http://example.org/>\nCONSTRUCT WHERE { ?s a:b ?o }",
    ],
)
def test_plain_queries_are_known_at_a_glance(query: str):
    assert glance(query, 50, 100) is not None


PLAIN_HEADS = ["SELECT*{", "SELECT ?a {", "CONSTRUCT{?a ?b ?c}{", "CONSTRUCT WHERE {", "CONSTRUCT { ?a ?b "]


@settings(max_examples=500, deadline=None)
@given(HEADS | st.sampled_from(PLAIN_HEADS), st.lists(PIECES | CALLS, max_size=8))
@example("CONSTRUCT { ?s ?p (1 2) } {", ["?s ?p ?o", "}"])
@example("CONSTRUCT { ?s ?p ?o {| ?q ?r |} } {", ["?s ?p ?o", "}"])
@example("SELECT ?a {", ["?s ?p ?o", "FILTER(?a<http://e/x>)", "}"])
@example("SELECT ?a {", ["?a ?b <http://a'> SERVICE <http://127.0.0.1:1/'> {}", "}"])
@example("SELECT ?a {", ['?a ?b """ " """ SERVICE <http://127.0.0.1:1/> {} . ?a ?b " "', "}"])
@example("SELECT ?a {", ["# don't\n SERVICE <http://127.0.0.1:1/> {} # '\n", "}"])
@example("SELECT ?a {", ["?a ?b 'x\\' SERVICE <http://127.0.0.1:1/> {} #'", "}"])
def test_what_passes_at_a_glance_passes_the_guard(head: str, pieces: list[str]):
    query = head + " ".join(pieces) + "}"
    plain = glance(query, 50, 100)
    if plain is None:
        return
    found = analyse(query)
    assert (plain.form, plain.normal) == (found.form, found.normal)
    assert not (found.services or found.from_graphs or found.changing or found.calls)
    assert found.depth <= 50
    assert found.triples <= 100


@pytest.mark.parametrize("word", ["\u017fERVICE", "\u017felect", "\u212aeyword"])
def test_keywords_are_ascii(word: str):
    """Letters that only become ASCII in capitals begin no keyword, for the engine as for us."""
    assert not parses(f"SELECT * {{ {word} <http://127.0.0.1:1/> {{}} }}")


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=4))
def test_parameters_are_decoded_as_the_standard_library_does(given_pairs: list[tuple[str, str]]):
    text = urlencode([pair for pair in given_pairs if pair[0] or pair[1]], errors="replace")
    assert pairs(text) == parse_qsl(text, keep_blank_values=True)


@given(st.text(alphabet="%aF20+=&;\xe9\n", max_size=20))
def test_any_parameters_are_decoded_or_refused(text: str):
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        expected = None
    try:
        found = pairs(text)
    except UsageError:
        found = None
    assert found == expected
