"""Calls of functions in an expression: their names, their arguments, their places. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.sparql.reading.lexer import NAMES, Token, decode_escapes
from kg.sparql.reading.syntax import Expression, Node

_ESCAPE = re.compile(r"\\([tbnrf\"'\\])")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_OPEN, _CLOSE = ("(", "[", "<<("), (")", "]", ")>>")


@dataclass(frozen=True)
class Call:
    """``name(arguments)``; `first` and `last` are indexes of the name's and the bracket's tokens."""

    name: Token
    arguments: tuple[tuple[Token, ...], ...]
    first: int
    last: int

    @property
    def word(self) -> str:
        """The name in upper case."""
        return self.name.text.upper()


def calls(tokens: list[Token]) -> Iterator[Call]:
    """Yield the calls among the tokens of an expression, outer ones first."""
    for index, token in enumerate(tokens[:-1]):
        named = token.kind == "word" or token.kind in NAMES
        if (
            named
            and tokens[index + 1].text == "("
            and token.text.upper() not in ("IN", "NOT", "FILTER", "BY")
        ):
            found = _call(tokens, index)
            if found is not None:
                yield found


def _call(tokens: list[Token], index: int) -> Call | None:
    arguments: list[list[Token]] = [[]]
    depth = 0
    for at in range(index + 1, len(tokens)):
        token = tokens[at]
        sign = token.kind == "op"
        if sign and token.text in _CLOSE:
            depth -= 1
            if depth == 0:
                return Call(tokens[index], tuple(map(tuple, arguments)), index, at)
        if sign and token.text == "," and depth == 1:
            arguments.append([])
        elif depth > 0:
            arguments[-1].append(token)
        if sign and token.text in _OPEN:
            depth += 1
    return None


def expressions(node: Node) -> Iterator[Expression]:
    """Yield all expressions of a query, those inside of EXISTS too."""
    if isinstance(node, Expression):
        yield node
    for child in node.children:
        yield from expressions(child)


def constant(argument: tuple[Token, ...]) -> str | None:
    """Return the text that an argument is, or None where it isn't a plain string."""
    if len(argument) != 1 or argument[0].kind != "string":
        return None
    return unquoted(argument[0].text)


def unquoted(text: str) -> str:
    """Return what a string's token says."""
    width = 3 if text[:3] in ('"""', "'''") and len(text) >= 6 else 1
    inner = decode_escapes(text[width:-width])
    return _ESCAPE.sub(lambda match: _PLAIN.get(match[1], match[1]), inner)


def quoted(text: str) -> str:
    """Return a text as a string's token."""
    return str(ox.Literal(text))


def end_of(token: Token) -> int:
    """Return where a token ends."""
    return token.start + len(token.text)
