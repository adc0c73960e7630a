"""A query as hints need it: its tree, its names, and variants of it to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.sparql.bind import load
from kg.sparql.checking.analysis import Analysis, analyse
from kg.sparql.checking.guard import resolve
from kg.sparql.reading import tree
from kg.sparql.reading.lexer import Token
from kg.sparql.reading.syntax import (
    Expression,
    Filter,
    Graph,
    Group,
    Minus,
    Node,
    Optional,
    Select,
    Service,
    Values,
)
from kg.sparql.rewriting.edits import Edit
from kg.sparql.rewriting.spelling import apply

_PATTERN = "{ ?subject ?property ?found }"
"""What stands in hint-sample.rq for the patterns."""
_SIGNS = ("=", "!=", "<", ">", "<=", ">=")
_BEFORE, _BEHIND = ("(", "&&", "||", ",", "!"), (")", "&&", "||", ",")


@dataclass(frozen=True)
class Comparison:
    """``one sign other`` in an expression; each side is a variable or a constant, as written."""

    one: str
    sign: str
    other: str


@dataclass(frozen=True)
class Asked:
    """A query's text, its tree and what was found in it."""

    text: str
    query: Select
    found: Analysis
    base_iri: str | None = None

    @classmethod
    def read(cls, text: str, base_iri: str | None = None) -> Asked | None:
        """Read a query that an engine has answered; None where we can't follow it."""
        found = analyse(text, 100)
        try:
            return cls(text, tree.read(text), found, base_iri) if found.depth <= 100 else None
        except (tree.Unreadable, RecursionError):
            return None

    def source(self, node: Node) -> str:
        """Return a part as it is written."""
        return self.text[node.start : node.end]

    def term(self, text: str) -> ox.NamedNode | ox.Literal | None:
        """Return the constant that a text stands for; None for a variable and what can't be told."""
        if text[:1] in "?$" or text[:2] == "_:":
            return None
        return resolve(text, self.found, self.base_iri)

    def instead(self, head: str, edits: Sequence[Edit] = (), limit: int = 1) -> str:
        """Return ``SELECT head`` with the query's own patterns, after some edits of these."""
        where = self.query.where
        if where is None:
            raise ValueError("a query without patterns")
        body = apply(self.text[: where.end], sorted(edits, key=lambda edit: edit.start))
        # All edits lie in the patterns, so offsets before them still hold.
        clauses = body[self.query.head_end :]
        values = [self.source(part) for part in self.query.children if isinstance(part, Values)]
        return self._sample(head, clauses, limit) + " ".join(values)

    def alone(self, head: str, pattern: str, limit: int = 1) -> str:
        """Return ``SELECT head`` of a pattern by itself, with the query's prefixes."""
        return self._sample(head, f"{{ {pattern} }}", limit)

    def _sample(self, head: str, clauses: str, limit: int) -> str:
        before, after = load("kg/hints/sample").split(_PATTERN)
        before, after = before.replace("?found", head), after.replace("30", str(limit))
        return f"{self.text[: self.query.start]}{before}{clauses}{after}"

    def needed(self) -> Iterator[Node]:
        """Yield the parts that every solution must match and whose variables the whole query sees."""
        yield from _needed(self.query.where) if self.query.where is not None else ()


def _needed(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Group | Graph):
        for child in node.children:
            if not isinstance(child, Optional | Minus | Service | Select | Expression):
                yield from _needed(child)


def condition(part: Filter) -> Expression | None:
    """Return the tokens of a FILTER's expression; nothing for EXISTS, which is never an error."""
    found = part.children[0]
    return found if isinstance(found, Expression) and not found.children else None


def variables(expression: Expression) -> list[str]:
    """Return the variables of an expression, with their signs, each once."""
    return list(dict.fromkeys(f"?{t.text[1:]}" for t in expression.tokens if t.kind == "var"))


def comparisons(expression: Expression) -> Iterator[Comparison]:
    """Yield the comparisons of variables and constants, those of IN as ``=``."""
    tokens = expression.tokens
    for at, token in enumerate(tokens):
        if token.kind == "op" and token.text in _SIGNS:
            one, other = _before(tokens, at), _behind(tokens, at + 1, _BEHIND)
            if one and other and "?" in (one[0] + other[0]).replace("$", "?"):
                yield Comparison(one, token.text, other)
        elif token.kind == "var" and len(tokens) > at + 2 and tokens[at + 1].text.upper() == "IN":
            yield from _members(tokens, at)


def _members(tokens: list[Token], at: int) -> Iterator[Comparison]:
    place = at + 3
    while (found := _behind(tokens, place, (",", ")"))) is not None:
        yield Comparison(tokens[at].text, "=", found)
        while tokens[place].text not in (",", ")"):
            place += 1
        if tokens[place].text == ")":
            return
        place += 1


def _behind(tokens: list[Token], at: int, ends: Sequence[str]) -> str | None:
    """Return the operand at an index, if it is followed directly by one of ``ends``."""
    pieces = []
    for token in tokens[at : at + 4]:
        if token.kind == "op" and token.text in ends:
            break
        pieces.append(token)
    else:
        if len(tokens) > at + len(pieces):
            return None
    return _operand(pieces)


def _before(tokens: list[Token], at: int) -> str | None:
    start = at
    while start > 0 and at - start < 4 and tokens[start - 1].text not in _BEFORE:
        start -= 1
    # A bracket of a call holds its argument, not an operand.
    return _operand(tokens[start:at])


def _operand(pieces: list[Token]) -> str | None:
    """Return a variable or a constant as written; None for anything else."""
    kinds = [token.kind for token in pieces]
    text = "".join(token.text for token in pieces)
    if kinds in (["var"], ["string"], ["number"], ["iri"], ["pname"], ["string", "lang"]):
        return text
    if kinds[:1] == ["string"] and len(pieces) == 3 and pieces[1].text == "^^":
        return text
    if kinds == ["op", "number"] and pieces[0].text in "+-":
        return text
    return text.lower() if kinds == ["word"] and text.lower() in ("true", "false") else None
