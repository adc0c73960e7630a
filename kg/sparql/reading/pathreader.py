"""Reading tokens one ahead, and property paths (SPARQL 1.1 §19.8, rules 88 to 96)."""

from __future__ import annotations

from kg.sparql.reading.lexer import NAMES, Lexer, Token
from kg.sparql.reading.syntax import Alternative, Inverse, Link, Negated, Path, Repeated, Sequence


class Unreadable(Exception):
    """The text is not built as the grammar says, as far as we follow it."""


class PathReader:
    """The token at hand, and the paths that may begin with it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lexer = Lexer(text)
        self.last_end = 0
        self.token: Token | None = self.lexer.take(compares=False)

    def advance(self, *, compares: bool = False) -> None:
        """Go on to the next token. ``compares``: behind an operand of an expression."""
        self.need()
        self.last_end = self.lexer.at
        self.token = self.lexer.take(compares=compares)

    def need(self) -> Token:
        """Return the token at hand. Raises Unreadable at the end."""
        if self.token is None:
            raise Unreadable("the end")
        return self.token

    def here(self) -> int:
        """Return where the token at hand starts."""
        return self.need().start

    def source(self, start: int) -> str:
        """Return the text from a place to the end of the last token."""
        return self.text[start : self.last_end]

    def word(self) -> str | None:
        """Return the word at hand, in upper case, or None."""
        return self.token.text.upper() if self.token is not None and self.token.kind == "word" else None

    def text_is(self, *texts: str) -> bool:
        """Whether the sign at hand is one of these."""
        return self.token is not None and self.token.kind == "op" and self.token.text in texts

    def skip(self, text: str) -> bool:
        """Pass over a sign if it is at hand."""
        if self.text_is(text):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass over a sign that must be at hand. Raises Unreadable."""
        if not self.skip(text):
            raise Unreadable(f"{self.need().text} in place of {text}")

    @staticmethod
    def link(text: str) -> Link:
        """Return a property."""
        return Link(text)

    # Paths

    def path(self) -> Path:
        """Read ``sequence | sequence ...``."""
        paths = [self._sequence()]
        while self.skip("|"):
            paths.append(self._sequence())
        return paths[0] if len(paths) == 1 else Alternative(tuple(paths))

    def _sequence(self) -> Path:
        paths = [self._element()]
        while self.skip("/"):
            paths.append(self._element())
        return paths[0] if len(paths) == 1 else Sequence(tuple(paths))

    def _element(self) -> Path:
        if self.skip("^"):
            return Inverse(self._repeated())
        return self._repeated()

    def _repeated(self) -> Path:
        path = self._primary()
        while self.text_is("*", "+", "?") and not self._signs_number():
            path = Repeated(path, self.need().text)
            self.advance()
        return path

    def _signs_number(self) -> bool:
        """Whether the + at hand belongs to a number, as in ``:p +1``: the longest token counts (§19.8)."""
        return self.text[self.lexer.at - 1] == "+" and self.text[self.lexer.at : self.lexer.at + 1].isdigit()

    def _primary(self) -> Path:
        if self.skip("("):
            path = self.path()
            self.expect(")")
            return path
        if self.skip("!"):
            return self._negated()
        return Link(self._property())

    def _property(self) -> str:
        token = self.need()
        if token.kind not in NAMES and token.text != "a":
            raise Unreadable(token.text)
        self.advance()
        return token.text

    def _negated(self) -> Path:
        forwards: list[str] = []
        backwards: list[str] = []
        many = self.skip("(")
        while not self.text_is(")"):
            inverse = self.skip("^")
            (backwards if inverse else forwards).append(self._property())
            if not many:
                return Negated(tuple(forwards), tuple(backwards))
            self.skip("|")
        self.expect(")")
        return Negated(tuple(forwards), tuple(backwards))
