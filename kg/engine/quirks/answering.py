"""What the embedded engine answers wrongly: the one table.

Each quirk has examples: queries that the engine alone answers wrongly, with the right answers. Tests run them
all: the engine must be wrong, and the same query through the door (`kg.engine.door`) must be answered rightly
or refused. A version of the engine that isn't named is taken to have no quirk; the tests fail if it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kg.engine.quirks.fault import Fault

_0513 = frozenset({"0.5.13"})

DATA = """
<http://e/a> <http://e/p> <http://e/b> .
<http://e/a> <http://e/q> <http://e/b> .
<http://e/b> <http://e/p> <http://e/c> .
<http://e/a> <http://e/label> "x"@qaa-hans .
<http://e/a> <http://e/p> <http://e/b> <http://e/g1> .
<http://e/g1> <http://e/p> <http://e/g1> <http://e/g1> .
<http://e/b> <http://e/p> <http://e/a> <http://e/g2> .
<http://e/c> <http://e/p> <http://e/a> <http://e/g2> .
<http://e/e> <http://e/r> <http://e/e> <http://e/g2> .
<http://e/e> <http://e/r> <http://e/f> <http://e/g2> .
"""
"""The data that the examples ask, as N-Quads; ``:`` is ``http://e/`` in their queries."""


@dataclass(frozen=True)
class Example:
    """A query over `DATA` and its right rows: values sorted by the variables' names, "" where unbound."""

    query: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Quirk(Fault):
    """One fault in what the engine answers.

    ``refused``: a query with it is refused, otherwise it is rewritten; ``raises``: the engine gives an error
    instead of a wrong answer.
    """

    examples: tuple[Example, ...]
    refused: bool = False
    raises: bool = False

    @property
    def done(self) -> str:
        """Whether such a query is written anew, or refused."""
        return "refused, with what to write instead" if self.refused else "written anew"

    @property
    def shown(self) -> tuple[str, str]:
        """The first example, and its right rows."""
        first = self.examples[0]
        rows = "; ".join(" ".join(value or "(empty)" for value in row) for row in first.rows)
        return first.query, rows or "no rows"


QUIRKS = (
    Quirk(
        "alternative",
        "An alternative path is a union of bags (SPARQL 1.1 §18.4); the engine drops duplicates. A "
        "negated set with both directions is one too.",
        "kg/sparql/rewriting/blocks.py",
        _0513,
        (
            Example("SELECT ?o { :a :p|:q ?o }", (("b",), ("b",))),
            Example("SELECT ?o { :a (:p|:q)/:p ?o }", (("c",), ("c",))),
            Example("SELECT ?x { :b ^(:p|:q) ?x }", (("a",), ("a",))),
            Example("SELECT (COUNT(*) AS ?n) { ?s !(:label|^:label) ?o FILTER(?s IN (:a, :b)) }", (("5",),)),
        ),
    ),
    Quirk(
        "graph-variable",
        "GRAPH ?g joins the graph's name to what stands in it (§18.6); the engine writes ?g into each "
        "pattern, so that it leaks into MINUS, OPTIONAL, FILTER and sub-queries, and is lost where "
        "there is no pattern.",
        "kg/sparql/rewriting/graphs.py",
        _0513,
        (
            Example("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a :p ?x MINUS { ?b :r ?y } } }", (("4",),)),
            Example("SELECT ?g { GRAPH ?g { ?s :p ?o OPTIONAL { ?s :p ?g } } }", (("g1",),)),
            Example("SELECT ?g ?x { GRAPH ?g { GRAPH ?h { :a :p ?x } } }", (("g1", "b"), ("g2", "b"))),
            Example("SELECT ?g { GRAPH ?g { ?s :p :a FILTER(BOUND(?g)) } }", ()),
            Example("SELECT ?g ?x { GRAPH ?g { VALUES ?x { 1 } } }", (("g1", "1"), ("g2", "1"))),
            Example("SELECT ?g ?x { GRAPH ?g { SELECT DISTINCT ?x { ?x :r ?y } } }", (("g2", "e"),)),
        ),
    ),
    Quirk(
        "aggregate-in-graph",
        "A sub-query in GRAPH ?g that counts all rows together answers once for each graph; the "
        "engine answers once for all.",
        "kg/sparql/rewriting/graphs.py",
        _0513,
        (
            Example(
                "SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?x :r ?y } } }",
                (("g1", "0"), ("g2", "2")),
            ),
        ),
    ),
    Quirk(
        "path-in-graph",
        "A path with * or + gives each pair once (§18.4: ALP visits a node once); inside of GRAPH ?g "
        "the engine gives a pair once for each way.",
        "kg/sparql/rewriting/blocks.py",
        _0513,
        (
            Example("SELECT ?x { GRAPH ?g { :e :r+ :f } VALUES ?x { 1 } }", (("1",),)),
            Example("SELECT ?x { VALUES (?x ?y) { (:e :f) } GRAPH ?g { ?x :r+ ?y } }", (("e",),)),
        ),
    ),
    Quirk(
        "zero-length",
        "A path of length zero from a constant gives the constant, also where the graph doesn't hold "
        "it (§18.4); the engine gives nothing.",
        "kg/sparql/rewriting/blocks.py",
        _0513,
        (
            Example("SELECT ?x { :absent :p* ?x }", (("absent",),)),
            Example("SELECT ?x { ?x :p? 7 }", (("7",),)),
            Example("SELECT ?g ?x { GRAPH ?g { :c :q* ?x } }", (("g1", "c"), ("g2", "c"))),
        ),
    ),
    Quirk(
        "absent-graph",
        "A graph that isn't there has no solutions (§18.6); where GRAPH holds no triple pattern the "
        "engine gives some.",
        "kg/sparql/rewriting/graphs.py",
        _0513,
        (Example("SELECT ?x { GRAPH :none { VALUES ?x { 1 } } }", ()),),
    ),
    Quirk(
        "regular-expression",
        "Regular expressions are XPath's (§17.4.3.14); the engine's are Rust's, which have no "
        "references, blocks or subtraction, and other replacements.",
        "kg/sparql/rewriting/regexes.py",
        _0513,
        (
            Example(r'SELECT (REGEX("西西", "(.)\\1") AS ?x) {}', (("true",),)),
            Example(r'SELECT (REGEX("山水", "\\p{IsCJKUnifiedIdeographs}") AS ?x) {}', (("true",),)),
            Example(
                r'SELECT (REGEX("a_", "\\w_\\w") AS ?x) (REGEX("_", "^\\i\\c*$") AS ?y) {}',
                (("false", "true"),),
            ),
            Example(r'SELECT (REGEX("a", "[a-z-[aeiou]]") AS ?x) {}', (("false",),)),
            Example(
                r'SELECT (REGEX("a\rb", "a.b") AS ?x) (REGEX("a b", "a\\sb#", "x") AS ?y) {}',
                (("false", "false"),),
            ),
            Example(
                r'SELECT (REPLACE("abc", "(b)", "$1x") AS ?x) (REPLACE("a", "a", "\\$") AS ?y) {}',
                (("abxc", "$"),),
            ),
            Example(r'SELECT (REGEX("aa", ?p) AS ?x) { VALUES ?p { "(.)\\1" } }', (("true",),)),
        ),
    ),
    Quirk(
        "language-tag",
        "Tags are the same whatever their case (RDF 1.1 §3.3). The engine keeps them in lower case "
        "and compares texts, so the constant is written as it keeps it.",
        "kg/sparql/rewriting/language_tags.py",
        _0513,
        (
            Example('SELECT ?s { ?s :label ?l FILTER(LANG(?l) = "qaa-Hans") }', (("a",),)),
            Example('SELECT ?s { ?s :label ?l FILTER(LANG(?l) IN ("qab", "qaa-Hans")) }', (("a",),)),
            Example('SELECT ?s { ?s :label ?l VALUES ?t { "QAA-Hans" } FILTER(?t = LANG(?l)) }', (("a",),)),
            Example('SELECT ?s { ?s :label ?l BIND(LANG(?l) AS ?t) FILTER(?t != "qaa-Hans") }', ()),
            Example('SELECT ?s { ?s :label ?l FILTER(STRSTARTS(LANG(?l), "qaa-H")) }', (("a",),)),
        ),
    ),
    Quirk(
        "group-concat",
        "GROUP_CONCAT gives a text without a language (§18.5.1.7); the engine keeps one that all "
        "texts share.",
        "kg/sparql/rewriting/group_concat.py",
        _0513,
        (Example('SELECT (LANG(GROUP_CONCAT(?x)) AS ?l) { VALUES ?x { "1"@qab "2"@qab } }', (("",),)),),
    ),
    Quirk(
        "spelling",
        "Names may hold dots and booleans any case (§19.8, W3C: case-insensitive-booleans); the "
        "engine's parser ends a name at its second dot and knows true and false alone.",
        "kg/engine/door.py",
        _0513,
        (
            Example("ASK { FILTER(TRUE && !False) }", (("true",),)),
            Example("SELECT (:1.1.1.353 AS ?x) {}", (("1.1.1.353",),)),
        ),
        raises=True,
    ),
    Quirk(
        "bnode-label",
        "BNODE with an argument gives other nodes in other solutions (§17.4.2.9); the engine gives the same.",
        "kg/sparql/rewriting/bnode.py",
        _0513,
        (
            Example(
                'SELECT (COUNT(DISTINCT ?b) AS ?n) { VALUES ?x { 1 2 } BIND(BNODE("k") AS ?b) }', (("2",),)
            ),
        ),
        refused=True,
    ),
)


@cache
def of(version: str = ox.__version__) -> frozenset[str]:
    """Return the quirks of a version of pyoxigraph, by their ids."""
    return frozenset(quirk.id for quirk in QUIRKS if version in quirk.versions)
