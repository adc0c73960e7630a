"""Sentences with places for values, in the words of the ontology and its questions.

A pattern is a part of ICU MessageFormat: ``{name}`` is a value, ``{n, plural, one {# lift} other {# lifts}}``
chooses by the plural rules of the language (CLDR; ``=0`` names a number itself), where ``#`` is the number.
Beyond ICU, what stands in ``[...]`` is said only when all its places have values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TypeAlias

from babel import Locale

from kg.languages import locale_of

Lookup: TypeAlias = Callable[[str], str | None]
"""Returns the text of a place, or None when there is nothing to say."""

_MARK = re.compile(r"[{}\[\]]")
_NAME = re.compile(r"\s*([\w.-]+)\s*(,\s*plural\s*,)?")
_KEYWORD = re.compile(r"\s*(=\d+|zero|one|two|few|many|other)\s*\{")
_DEEPEST = 8


class PatternError(ValueError):
    """A pattern that can't be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value's place in a pattern; with ``choices`` (keyword and parts) it chooses by the number."""

    name: str
    choices: tuple[tuple[str, tuple[Part, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Maybe:
    """A piece that is said only when every place in it has a value."""

    parts: tuple[Part, ...]


Part: TypeAlias = str | Place | Maybe


@lru_cache(maxsize=4_096)
def parse(pattern: str) -> tuple[Part, ...]:
    """Return the parts of a pattern. Raises PatternError."""
    parts, end = _parts(pattern, 0, "", 0)
    if end != len(pattern):
        raise PatternError(f"{pattern[end]!r} closes nothing at {end}: {pattern}")
    return parts


def _parts(text: str, at: int, closing: str, depth: int) -> tuple[tuple[Part, ...], int]:
    """Return parts up to a closing mark, and where that stands."""
    if depth > _DEEPEST:
        raise PatternError(f"too deep at {at}: {text}")
    found: list[Part] = []
    while at < len(text):
        mark = _MARK.search(text, at)
        end = mark.start() if mark else len(text)
        if end > at:
            found.append(text[at:end])
        if mark is None or mark[0] in "}]":
            at = end
            break
        if mark[0] == "[":
            inner, at = _parts(text, end + 1, "]", depth + 1)
            found.append(Maybe(inner))
            at += 1
        else:
            place, at = _place(text, end + 1, depth)
            found.append(place)
    if closing and text[at : at + 1] != closing:
        raise PatternError(f"{closing!r} is missing at {at}: {text}")
    return tuple(found), at


def _place(text: str, at: int, depth: int) -> tuple[Place, int]:
    match = _NAME.match(text, at)
    if not match:
        raise PatternError(f"no name at {at}: {text}")
    at = match.end()
    choices: list[tuple[str, tuple[Part, ...]]] = []
    while match[2] and (keyword := _KEYWORD.match(text, at)):
        parts, end = _parts(text, keyword.end(), "}", depth + 1)
        choices.append((keyword[1], parts))
        at = end + 1
    if match[2] and "other" not in dict(choices):
        raise PatternError(f"a plural has no 'other' at {at}: {text}")
    at += len(text[at:]) - len(text[at:].lstrip())
    if text[at : at + 1] != "}":
        raise PatternError(f"'}}' is missing at {at}: {text}")
    return Place(match[1], tuple(choices)), at + 1


def places(pattern: str) -> frozenset[str]:
    """Return the names of a pattern's places. Raises PatternError."""
    return frozenset(_names(parse(pattern)))


def _names(parts: Sequence[Part]) -> set[str]:
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Place):
            found |= {part.name}.union(*(_names(own) for _, own in part.choices))
        elif isinstance(part, Maybe):
            found |= _names(part.parts)
    return found


def say(pattern: str, lookup: Lookup, number: Lookup, language: str) -> str | None:
    """Return a pattern with its values, or None when one that must be there is missing.

    ``lookup`` gives a place's text as it is read, ``number`` its number as data writes it. Raises
    PatternError.
    """
    return _say(parse(pattern), lookup, number, language, "")


def _say(parts: Sequence[Part], lookup: Lookup, number: Lookup, language: str, hash_: str) -> str | None:
    said = []
    for part in parts:
        if isinstance(part, str):
            said.append(part.replace("#", hash_) if hash_ else part)
            continue
        if isinstance(part, Maybe):
            said.append(_say(part.parts, lookup, number, language, hash_) or "")
            continue
        shown = lookup(part.name)
        if shown is None:
            return None
        if part.choices:
            chosen = _chosen(dict(part.choices), number(part.name), language)
            shown = _say(chosen, lookup, number, language, shown)
            if shown is None:
                return None
        said.append(shown)
    return "".join(said)


def _chosen(choices: dict[str, tuple[Part, ...]], number: str | None, language: str) -> tuple[Part, ...]:
    try:
        amount = Decimal(number or "")
    except InvalidOperation:
        return choices["other"]
    if f"={amount.normalize():f}" in choices:
        return choices[f"={amount.normalize():f}"]
    rule = Locale.parse(locale_of(language)).plural_form(amount)
    return choices.get(rule, choices["other"])
