"""Hints on languages: tags that no text has, and texts that lack theirs."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pyoxigraph as ox

from kg.engine import Result
from kg.hints.known import Known, Probe
from kg.hints.query import Asked
from kg.sparql.explaining.hints import Hint, hint
from kg.sparql.reading.lexer import Lexer
from kg.sparql.rewriting.language_tags import compared

_MOST = 12


def tags(asked: Asked, known: Known) -> Generator[Probe, Result | None, list[Hint]]:
    """Return a hint on the first tag that the query asks for and that no text has."""
    wanted = [*({tag} for tag in _written(asked)), *compared(asked.query)]
    if not wanted:
        return []
    there = yield from known.tags()
    for one in wanted if there else ():
        if not any(_has(there, tag) for tag in one):
            return [
                hint("no-tag", tag=_listed(sorted(x.removesuffix("-*") for x in one)), tags=_listed(there))
            ]
    return []


def _has(there: list[str], tag: str) -> bool:
    """Whether a tag, or one that a range takes in (RFC 4647 §3.3.1), is there."""
    plain = tag.removesuffix("-*")
    return plain in there or (plain != tag and any(one.startswith(f"{plain}-") for one in there))


def _listed(names: list[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:_MOST])
    return f"{shown}, …" if len(names) > _MOST else shown


def _written(asked: Asked) -> Iterator[str]:
    """Yield the tags of the literals in the query's patterns, in lower case."""
    lexer = Lexer(asked.text)
    while (token := lexer.take(compares=False)) is not None:
        if token.kind == "lang" and token.start > asked.query.head_end:
            yield token.text[1:].lower().partition("--")[0]


def tagged_alike(
    text: ox.Literal, predicate: str, asked: Asked, known: Known
) -> Generator[Probe, Result | None, str | None]:
    """Return a text as the data has it with a tag, or None where it has it with none."""
    there = yield from known.tags()
    if not there:
        return None
    literals = " ".join(str(ox.Literal(text.value, language=tag)) for tag in there)
    pattern = f"VALUES ?found {{ {literals} }} ?subject {predicate} ?found"
    result = yield Probe(asked.alone("?found", pattern))
    return str(result.rows[0][0]) if result and result.rows else None
