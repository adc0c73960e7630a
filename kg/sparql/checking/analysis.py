"""What we must know of a query before an engine sees it: its form, its size, what it reaches out to. Pure.

`analyse` follows the brackets of a query, not its whole grammar: a text that is not SPARQL may pass, since
the engine refuses it anyway. But it must overlook nothing in a text that an engine accepts. Where a parser
might read the text in another way (see `Lexer.ambiguous`), `Analysis.ambiguous` says so and the guard
decides.
"""

from __future__ import annotations

from kg.sparql.checking.findings import FORMS, UPDATES, Analysis, Frame
from kg.sparql.checking.patterns import Patterns
from kg.sparql.reading.lexer import NAMES, Lexer, Token

__all__ = ["FORMS", "UPDATES", "Analysis", "analyse"]

_CHANGING = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
_OPERANDS = frozenset({"TRUE", "FALSE", "UNDEF"})
_CLOSING = {"}": "{", ")": "(", "]": "["}

_EXPECT = {
    "GRAPH": "graph",
    "VALUES": "values",
    **dict.fromkeys(("FILTER", "BIND", "HAVING"), "expression"),
    **dict.fromkeys(("OPTIONAL", "MINUS", "UNION", "EXISTS", "WHERE"), ""),
}
"""What follows each of these words; each ends the triple pattern before it."""

DEEPEST = 500
"""How deep a query is followed, unless told otherwise."""


def analyse(text: str, deepest: int = DEEPEST) -> Analysis:
    """Read a query's text, until it nests deeper than ``deepest``.

    Never raises: what can't be read is marked ``ambiguous``.
    """
    return _Reader(text).read(deepest)


class _Reader(Patterns):
    """The state of one reading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lexer = Lexer(text)
        self.previous: Token | None = None
        self.before: Token | None = None
        self.words: list[str] = []
        self.end = 0
        self.signs = 0
        self.level = 0
        # What the next bracket will be, set by FILTER, VALUES, GRAPH and the like.
        self.expecting = ""
        self.prologue_open = True

    def read(self, deepest: int) -> Analysis:
        """Read to the end, or to where it nests too deep."""
        while (
            self.found.depth <= deepest
            and (token := self.lexer.take(compares=self._after_operand())) is not None
        ):
            if token.start > self.end:
                self.words.append(" ")
            self.words.append(token.text)
            self.end = self.lexer.at
            if token.kind == "op":
                self._operator(token)
            else:
                self.signs = 0
                if token.kind == "word":
                    self._word(token)
                else:
                    self._term(token)
            self.before, self.previous = self.previous, token
        if len(self.frames) > 1 and not self.lexer.ambiguous:
            self.fault(self.top.at, f"the {self.lexer.text[self.top.at]} that opens here is not closed")
        self.found.ambiguous = self.lexer.ambiguous or len(self.frames) > 1
        self.found.normal = "".join(self.words).strip(" ")
        return self.found

    def _after_operand(self) -> bool:
        """Whether an expression is being read and has just had an operand, so that ``<`` must compare."""
        token = self.previous
        if token is None or self.top.kind != "expression":
            return False
        if token.kind == "word":
            return token.text.upper() in _OPERANDS
        return token.kind != "op" or token.text in (")", "]")

    # Words

    def _word(self, token: Token) -> None:
        word = token.text.upper()
        if self.prologue_open and word not in ("PREFIX", "BASE", "VERSION"):
            self._form(token, word)
        if "SERVICE" in word:
            self.found.calls += 1
            self.found.changing = True  # another server may answer differently each time
            self.expecting = "service"
        elif self.top.kind == "query" and "FROM" in word:
            self.expecting = "from"
        elif word == "SELECT" and self.top.kind == "group" and self.top.state == "S":
            self.top.head = True
        elif word in _EXPECT:
            self.end_pattern()
            self.expecting = _EXPECT[word]
        elif word == "A" or word in _OPERANDS:
            self.place(token)
        self.found.changing = self.found.changing or word in _CHANGING

    def _form(self, token: Token, word: str) -> None:
        """The first word after the prologue says what the query is; parsers let it touch the next word."""
        self.prologue_open = False
        self.found.prologue = self.lexer.text[: token.start]
        self.found.form_at = token.start
        self.found.form = next((f for f in (*FORMS, *UPDATES) if word.startswith(f)), "")
        if self.found.form == "CONSTRUCT" and "WHERE" not in word:
            self.expecting = "template"

    # Terms

    def _term(self, token: Token) -> None:
        if self._declares(token):
            return
        if token.kind in NAMES:
            self.found.names.append(token)
        elif token.kind == "bnode" and self.found.form == "CONSTRUCT":
            self.found.changing = True
        if self.expecting == "service":
            self.found.services.append(token)
            self.expecting = "group"
        elif self.expecting == "from":
            self.found.from_graphs.append(token)
            if self.previous is not None and self.previous.text.upper() == "NAMED":
                self.found.from_named.append(token.start)
        elif self.expecting == "graph":
            self.expecting = "group"
        elif token.kind == "pname" and self._keyword_in_prefix(token):
            return
        elif self._typed() or token.kind == "lang":
            pass
        else:
            self.place(token)

    def _declares(self, token: Token) -> bool:
        """Record ``PREFIX p: <iri>`` and ``BASE <iri>``; return whether the token is part of one."""
        if not self.prologue_open:
            return False
        last = self.previous.text.upper() if self.previous else ""
        if token.kind == "pname" and last == "PREFIX":
            return True
        if token.kind == "iri" and last == "BASE":
            self.found.base = token.text[1:-1]
            return True
        if token.kind == "iri" and self.previous is not None and self.previous.kind == "pname":
            self.found.prefixes[self.previous.text[:-1]] = token.text[1:-1]
            return True
        if token.kind == "pname":  # as in DESCRIBE:x, which parsers take
            self._form(token, token.text.partition(":")[0].upper())
        return token.kind == "string"  # VERSION "1.2"

    def _keyword_in_prefix(self, token: Token) -> bool:
        """A parser may read ``SERVICE:x {`` as the keyword and a name with the empty prefix."""
        prefix = token.text.partition(":")[0].upper()
        if "SERVICE" in prefix:
            ahead = Lexer(self.lexer.text)
            ahead.at = self.lexer.at
            following = ahead.take(compares=False)
            if following is not None and following.text == "{":
                self.found.calls += 1
                self.found.services.append(token)
                self.expecting = "group"
                return True
        if "FROM" in prefix and self.top.kind == "query":
            self.found.from_graphs.append(token)
        return False

    def _typed(self) -> bool:
        """Whether this is the datatype of the literal before it."""
        return self.previous is not None and self.previous.text == "^^"

    # Operators

    def _operator(self, token: Token) -> None:
        text = token.text
        if text in ("!", "-", "+", "^"):
            self.signs += 1
            self._depth(token)
        if text in ("{", "(", "[", "{|", "<<", "<<("):
            self._open(token)
        elif text in ("}", ")", "]", "|}", ">>", ")>>"):
            self._close(token)
        elif self.top.kind in ("group", "template", "bnode") and not self.top.head:
            self.separator(token)
        elif self.top.kind == "path":
            self.step(token)
        if text not in ("!", "-", "+", "^"):
            self.signs = 0

    def _depth(self, token: Token) -> None:
        depth = self.level + self.signs
        if depth > self.found.depth:
            self.found.depth, self.found.deepest_at = depth, token.start

    def _open(self, token: Token) -> None:
        frame = Frame(self._kind(token.text), at=token.start)
        if frame.kind == "bnode":
            frame.state = "V"
        if frame.kind in ("bnode", "list") and self.found.form == "CONSTRUCT":
            self.found.changing = True  # its blank nodes are new each time
        if frame.kind in ("group", "data", "expression", "template"):
            self._end_pattern_for(frame.kind, token.text)
        if frame.kind == "path":
            self.step(token)
        frame.levels += self.signs
        self.level += frame.levels
        self.signs = 0
        self.frames.append(frame)
        self.top = frame
        self._depth(token)

    def _end_pattern_for(self, kind: str, bracket: str) -> None:
        if kind == "group":
            self.end_pattern()
        if self.expecting != "values" or bracket == "{":  # VALUES (?a ?b) { ... }
            self.expecting = ""

    def _kind(self, text: str) -> str:
        """Tell what an opening bracket opens."""
        if text in ("<<", "<<("):
            return "triple"
        if text in ("[", "{|"):
            return "bnode"
        if text == "{":
            return {"values": "data", "template": "template"}.get(self.expecting, "group")
        return self._parenthesis(self.top)

    def _parenthesis(self, top: Frame) -> str:
        """Tell what an opening parenthesis opens."""
        if self.expecting == "values" or top.kind == "data":
            return "data"
        if self.expecting == "expression" or top.head or top.kind == "expression":
            return "expression"
        if top.kind == "path" or top.state in ("V", "W"):
            return "path"
        return "list"

    def _close(self, token: Token) -> None:
        if len(self.frames) == 1:
            self.lexer.ambiguous = True
            self.fault(token.start, f"the {token.text} closes nothing")
            return
        opened = self.lexer.text[self.top.at]
        if _CLOSING.get(token.text, opened) != opened:
            self.fault(token.start, f"the {token.text} does not close the {opened} before it")
        self.complete(token)
        closed = self.frames.pop()
        self.top = self.frames[-1]
        self.level -= closed.levels
        if closed.kind == "group":
            if self.top.kind == "group":
                self.top.state = "S"
        elif closed.kind == "path":
            if self.top.kind != "path":
                self.top.state = "O"
        elif closed.kind in ("bnode", "list", "triple"):
            self.place(Token("bnode", "[]", self.lexer.at))
