"""What the embedded engine writes wrongly, though it answers rightly: the one table.

Each entry has examples: queries whose answers the engine alone writes in a way that readers misread or can't
read, with the right bytes, or None where the format has no way to say it, so that the answer is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.engine.quirks.fault import Fault

_0513 = frozenset({"0.5.13"})
_CSV = "kg/engine/answers/csv_rows.py"
_XML = "kg/engine/answers/wellformed.py"


@dataclass(frozen=True)
class Document:
    """A query over no data, a format of its answer, and a piece that is right in it; None: it is refused."""

    query: str
    format: str
    right: bytes | None = None


@dataclass(frozen=True)
class WritingFault(Fault):
    """A fault in how answers are written."""

    examples: tuple[Document, ...]

    @property
    def done(self) -> str:
        """Whether such an answer is written by ourselves, or refused."""
        if self.examples[0].right is None:
            return "refused, with formats that can say it"
        return "written by ourselves"

    @property
    def shown(self) -> tuple[str, str]:
        """The first example, and the bytes that are right."""
        first = self.examples[0]
        right = "no document" if first.right is None else f"`{first.right.decode()}`"
        return f"{first.query}` as `{first.format}", right.replace("\r\n", "␍␊")


WRITING = (
    WritingFault(
        "csv-quotes",
        "A cell with a comma, a quote or a line end is quoted (SPARQL 1.1 CSV §3, RFC 4180 §2); the "
        "engine quotes literals alone, so that an IRI with a comma becomes two cells.",
        _CSV,
        _0513,
        (
            Document("SELECT ?x { VALUES ?x { <http://e/a,b> } }", "csv", b'"http://e/a,b"\r\n'),
            Document(
                "SELECT ?x ?y { VALUES (?x ?y) { (<http://e/a,b> 1) } }", "csv", b'"http://e/a,b",1\r\n'
            ),
        ),
    ),
    WritingFault(
        "csv-triple-term",
        "A triple term is one value; the engine writes its three parts with spaces between, as no syntax"
        " has it.",
        _CSV,
        _0513,
        (
            Document(
                'SELECT ?x ?y { BIND(TRIPLE(:a, :p, "b") AS ?x) BIND(1 AS ?y) }',
                "csv",
                b'"<<( <http://e/a> <http://e/p> ""b"" )>>",1\r\n',
            ),
        ),
    ),
    WritingFault(
        "csv-empty-row",
        "A row whose only cell is unbound is a row; the engine writes an empty line, which readers skip.",
        _CSV,
        _0513,
        (Document("SELECT ?x { VALUES ?x { UNDEF 1 } }", "csv", b'x\r\n""\r\n1\r\n'),),
    ),
    WritingFault(
        "xml-carriage-return",
        "A carriage return is written as a reference, as readers take a bare one for a line feed (XML "
        "1.0 §2.11); the engine writes it bare.",
        _XML,
        _0513,
        (
            Document(r'SELECT ?x { VALUES ?x { "a\rb" } }', "xml", b"a&#xD;b"),
            Document(r'CONSTRUCT { :a :p "a\rb" } {}', "rdf", b"a&#xD;b"),
        ),
    ),
    WritingFault(
        "xml-character",
        "XML has no way to write most control characters (XML 1.0 §2.2); the engine writes them all the "
        "same, and no reader takes the document.",
        _XML,
        _0513,
        (
            Document(r'SELECT ?x { VALUES ?x { "\u0001" } }', "xml"),
            Document(r'CONSTRUCT { :a :p "\u0001" } {}', "rdf"),
        ),
    ),
    WritingFault(
        "xml-no-local-name",
        "A property is an element, whose name is the end of its IRI (RDF/XML §2.2); where no name is "
        "there, the engine writes an element without one.",
        _XML,
        _0513,
        (
            Document("CONSTRUCT { :a <http://e/1> 1 } {}", "rdf"),
            Document("CONSTRUCT { :a <http://e/> 1 } {}", "rdf"),
        ),
    ),
    WritingFault(
        "xml-newer-name",
        "The 5th edition of XML 1.0 has names that readers in use don't take; the engine writes them.",
        _XML,
        _0513,
        (
            Document(r"CONSTRUCT { :a <http://e/\u0132> 1 } {}", "rdf"),
            Document(r"CONSTRUCT { :a <http://e/\u3400> 1 } {}", "rdf"),
        ),
    ),
)
