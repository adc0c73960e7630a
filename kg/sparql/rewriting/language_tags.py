"""Rewriting comparisons of language tags, which have no case (RDF 1.1 §3.3): the store keeps lower case."""

from __future__ import annotations

import re

from kg.sparql.reading.calls import calls, end_of, expressions, quoted, unquoted
from kg.sparql.reading.lexer import Token
from kg.sparql.reading.syntax import Bind, Expression, Node, Select
from kg.sparql.rewriting.edits import Edit, Writing

_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_OPEN, _CLOSE = ("(", "["), (")", "]")
_LIKE = ("STRSTARTS", "STRENDS", "CONTAINS", "SAMETERM")


def edit(writing: Writing, query: Node) -> list[str]:
    """Note the edits that put in lower case the constants and variables that LANG is compared with.

    Return the constants, as the query has them.
    """
    found: list[str] = []
    for expression in expressions(query):
        _Tags(writing, expression.tokens, _named(query), found).edit()
    return found


def _named(query: Node) -> frozenset[str]:
    """Return the variables that hold a tag: those that LANG(...) is bound to."""
    names: set[str] = set()

    def look(node: Node) -> None:
        if isinstance(node, Bind) and _is_lang(node.children[0]):
            names.add(f"?{node.name}")
        if isinstance(node, Select):
            names.update(f"?{name}" for name, e in node.items if e is not None and _is_lang(e))
        for child in node.children:
            look(child)

    look(query)
    return frozenset(names)


def _is_lang(node: Node) -> bool:
    tokens = node.tokens if isinstance(node, Expression) else []
    return len(tokens) > 3 and tokens[0].text.upper() == "LANG" and _closing(tokens, 1) == len(tokens) - 1


def _closing(tokens: list[Token], at: int) -> int:
    """Return the index of the bracket that closes the one at an index, or -1."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].text in _OPEN and tokens[index].kind == "op"
        depth -= tokens[index].text in _CLOSE and tokens[index].kind == "op"
        if depth == 0:
            return index
    return -1


class _Tags:
    """The comparisons of one expression."""

    def __init__(
        self, writing: Writing, tokens: list[Token], names: frozenset[str], found: list[str]
    ) -> None:
        self.writing, self.tokens, self.names, self.found = writing, tokens, names, found

    def edit(self) -> None:
        """Look at each tag and at what stands beside it."""
        tokens = self.tokens
        for index in range(len(tokens)):
            last = self._end_of_tag(index)
            if last is None:
                continue
            after = tokens[last + 1].text.upper() if last + 1 < len(tokens) else ""
            if after in ("=", "!="):
                self._operand(last + 2)
            elif after in ("IN", "NOT"):
                start = last + (2 if after == "IN" else 3)
                self._list(start)
            if index > 1 and tokens[index - 1].text in ("=", "!="):
                self._operand_before(index - 2)
        for call in calls(tokens):
            if call.word in _LIKE and len(call.arguments) == 2:
                for one, other in (call.arguments, call.arguments[::-1]):
                    if self._is_tag(list(one)) and len(other) == 1:
                        self._lower(other[0])

    def _is_tag(self, tokens: list[Token]) -> bool:
        return _is_lang(Expression(0, tokens=tokens)) or (
            len(tokens) == 1 and self._variable(tokens[0]) in self.names
        )

    @staticmethod
    def _variable(token: Token) -> str:
        return f"?{token.text[1:]}" if token.kind == "var" else ""

    def _end_of_tag(self, index: int) -> int | None:
        """Return where a tag ends that begins at an index, or None."""
        token = self.tokens[index]
        if token.kind == "word" and token.text.upper() == "LANG" and index + 1 < len(self.tokens):
            end = _closing(self.tokens, index + 1)
            return end if end > 0 else None
        return index if self._variable(token) in self.names else None

    def _operand(self, index: int) -> None:
        following = self.tokens[index + 1].text if index + 1 < len(self.tokens) else ""
        if index < len(self.tokens) and following not in ("^^", "(", "+", "-", "*", "/"):
            self._lower(self.tokens[index])

    def _operand_before(self, index: int) -> None:
        if index == 0 or self.tokens[index - 1].text in ("(", "&&", "||", ",", "!"):
            self._lower(self.tokens[index])

    def _list(self, start: int) -> None:
        if start >= len(self.tokens) or self.tokens[start].text != "(":
            return
        for token in self.tokens[start + 1 : _closing(self.tokens, start)]:
            self._lower(token)

    def _lower(self, token: Token) -> None:
        place = (token.start, end_of(token))
        if any((edit.start, edit.end) == place for edit in self.writing.edits):
            return
        if token.kind == "string":
            text = unquoted(token.text)
            if text != text.lower() and _TAG.fullmatch(text) and self.writing.meet("language-tag"):
                self.found.append(text)
                self.writing.edits.append(Edit(*place, quoted(text.lower())))
        elif token.kind == "var" and self._variable(token) not in self.names:
            self.writing.met.add("language-tag")
            self.writing.edits.append(Edit(*place, f"LCASE({token.text})"))


def compared(query: Node) -> list[frozenset[str]]:
    """Return, for each expression that asks for languages, the tags that it takes, in lower case.

    A range (of LANGMATCHES) ends with ``-*``. What it leaves out (``!=``, NOT IN) is not among them.
    """
    found = []
    for expression in expressions(query):
        wanted = _Wanted(Writing("", frozenset()), expression.tokens, _named(query), [])
        wanted.edit()
        if wanted.found:
            found.append(frozenset(wanted.found))
    return found


class _Wanted(_Tags):
    """Collects the tags instead of changing them."""

    def edit(self) -> None:
        super().edit()
        for call in calls(self.tokens):
            if call.word == "LANGMATCHES" and len(call.arguments) == 2 and len(call.arguments[1]) == 1:
                token = call.arguments[1][0]
                if token.kind == "string" and _TAG.fullmatch(tag := unquoted(token.text)):
                    self.found.append(f"{tag.lower()}-*")

    def _operand(self, index: int) -> None:
        if self.tokens[index - 1].text == "=":
            super()._operand(index)

    def _operand_before(self, index: int) -> None:
        if self.tokens[index + 1].text == "=":
            super()._operand_before(index)

    def _list(self, start: int) -> None:
        if self.tokens[start - 2].text.upper() != "NOT":
            super()._list(start)

    def _lower(self, token: Token) -> None:
        if token.kind == "string" and _TAG.fullmatch(tag := unquoted(token.text)):
            self.found.append(tag.lower())
