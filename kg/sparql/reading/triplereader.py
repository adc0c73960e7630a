"""Reading triple patterns (SPARQL 1.1 §19.8, rules 75 to 109, with the triple terms of 1.2)."""

from __future__ import annotations

from kg.sparql.reading.lexer import LITERALS, NAMES, Token
from kg.sparql.reading.pathreader import PathReader
from kg.sparql.reading.syntax import End, Path, Triple, Triples
from kg.terms import RDF

_OPEN, _CLOSE = frozenset("({[") | {"<<", "<<(", "{|"}, frozenset(")}]") | {">>", ")>>", "|}"}
BOOLEANS = frozenset({"TRUE", "FALSE"})


class TripleReader(PathReader):
    """Reads triple patterns."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.fresh = 0

    def triples(self) -> Triples:
        """Read triple patterns up to what is none."""
        block = Triples(self.here())
        while self.starts_term():
            lone = self.text_is("[", "(", "<<")
            subject = self.end(block)
            if not ((lone and self.text_is(".", "}")) or (lone and not self.starts_verb())):
                self.properties(block, subject)
            if not self.skip("."):
                break
        block.end = self.last_end
        return block

    def properties(self, block: Triples, subject: End) -> None:
        """Read ``verb objects ; verb objects ...``."""
        while True:
            if self.starts_verb():
                verb = self.verb(block)
                self.objects(block, subject, verb)
            if not self.skip(";"):
                return

    def objects(self, block: Triples, subject: End, verb: Path | End) -> None:
        """Read ``object , object ...`` with their annotations."""
        while True:
            target = self.end(block)
            block.triples.append(Triple(subject, verb, target))
            while self.text_is("~", "{|"):
                block.opaque = True
                if self.skip("~"):
                    if self.starts_term() and not self.text_is("[", "("):
                        self.end(block)
                else:
                    self.balanced(block)
            if not self.skip(","):
                return

    def verb(self, block: Triples) -> Path | End:
        """Read a property: a variable or a path."""
        token = self.need()
        if token.kind == "var":
            block.names.add(token.text[1:])
            self.advance()
            return End("var", token.text)
        return self.path()

    def starts_verb(self) -> bool:
        """Whether a property begins here."""
        token = self.token
        return token is not None and (
            token.kind in NAMES or token.kind == "var" or token.text in ("a", "^", "!", "(")
        )

    def starts_term(self) -> bool:
        """Whether a subject or an object begins here."""
        token = self.token
        if token is None:
            return False
        if token.kind == "word":
            return token.text.upper() in BOOLEANS
        return token.kind in NAMES | LITERALS | {"var", "bnode"} or token.text in (
            "[", "(", "<<", "<<(", "+", "-",
        )  # fmt: skip

    def end(self, block: Triples) -> End:
        """Read a subject or an object; what is said of a nameless node in it goes to the block."""
        token = self.need()
        if token.text in ("[", "("):
            return self.nameless(block) if token.text == "[" else self.collection(block)
        if token.text in ("<<", "<<("):
            block.opaque = block.opaque or token.text == "<<"  # a reifier is a triple more
            self.balanced(block)
            return End("triple", self.source(token.start))
        self.advance()
        if token.kind == "var":
            block.names.add(token.text[1:])
        kind = {"var": "var", "iri": "iri", "pname": "iri", "bnode": "bnode"}.get(token.kind)
        return End(kind, token.text) if kind else self._literal(token)

    def _literal(self, token: Token) -> End:
        """Read the rest of a literal: a sign's number, a string's language or datatype."""
        tagged = token.kind == "string" and self.token is not None and self.token.kind == "lang"
        if token.text in ("+", "-") or tagged or (token.kind == "string" and self.skip("^^")):
            self.advance()
        return End("literal", self.source(token.start))

    def nameless(self, block: Triples) -> End:
        """Read ``[ ... ]``."""
        self.advance()
        self.fresh += 1
        node = End("fresh", str(self.fresh))
        if not self.text_is("]"):
            self.properties(block, node)
        self.expect("]")
        return node

    def collection(self, block: Triples) -> End:
        """Read ``( ... )``, a list of RDF."""
        self.advance()
        items = []
        while not self.text_is(")"):
            items.append(self.end(block))
        self.expect(")")
        tail = End("iri", f"<{RDF}nil>")
        for item in reversed(items):
            self.fresh += 1
            node = End("fresh", str(self.fresh))
            block.triples.append(Triple(node, self.link(f"<{RDF}first>"), item))
            block.triples.append(Triple(node, self.link(f"<{RDF}rest>"), tail))
            tail = node
        return tail

    def balanced(self, block: Triples) -> None:
        """Pass over a bracket and what is in it, taking note of the variables."""
        depth = 0
        while True:
            token = self.need()
            if token.kind == "var":
                block.names.add(token.text[1:])
            depth += token.text in _OPEN and token.kind == "op"
            depth -= token.text in _CLOSE and token.kind == "op"
            self.advance()
            if depth == 0:
                return
