"""The conditions of GROUP BY, taken apart (SPARQL 1.1 §19.8, rules 19 and 20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kg.sparql.reading.lexer import Token
from kg.sparql.reading.syntax import Expression, Select


@dataclass(frozen=True)
class Key:
    """One condition: a variable, or an expression with a name; ``named``: the query itself gives the name."""

    name: str
    expression: str | None = None
    named: bool = True


def keys_of(text: str, select: Select, fresh: Callable[[], str]) -> list[Key]:
    """Return what a SELECT groups by, in its order; none where all rows are one group."""
    if select.group_end < 0:
        return []
    conditions = next(
        part for part in select.children if isinstance(part, Expression) and part.end == select.group_end
    )
    keys: list[Key] = []
    tokens = conditions.tokens
    at = 0
    while at < len(tokens):
        if tokens[at].kind == "var":
            keys.append(Key(tokens[at].text[1:]))
            at += 1
            continue
        end = _condition_end(tokens, at)
        keys.append(_key(text, tokens[at:end], fresh))
        at = end
    return keys


def _condition_end(tokens: list[Token], at: int) -> int:
    """Return where a condition in brackets, or a call, ends."""
    depth = 0
    while at < len(tokens):
        depth += tokens[at].text == "("
        depth -= tokens[at].text == ")"
        closed = tokens[at].text == ")" and depth == 0
        at += 1
        if closed:
            break
    return at


def _key(text: str, tokens: list[Token], fresh: Callable[[], str]) -> Key:
    last = tokens[-1]
    whole = text[tokens[0].start : last.start + len(last.text)]
    if tokens[0].text != "(":
        return Key(fresh(), whole, named=False)
    named = len(tokens) > 4 and tokens[-3].text.upper() == "AS" and tokens[-2].kind == "var"
    if not named:
        return Key(fresh(), whole, named=False)
    return Key(tokens[-2].text[1:], text[tokens[1].start : tokens[-3].start].strip())
