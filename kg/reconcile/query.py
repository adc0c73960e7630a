"""A reconciliation query, its hints, and the candidates that it is answered with (the API's words)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Choice
from typing import TypeAlias

from kg.search import Thing

Strictness: TypeAlias = Choice["any", "all", "should"]
"""How several classes are meant (API 0.2, ``type_strict``): one of them, all of them, rather than others."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What else a row says: a property (IRI) and its values, each a name, a number, a date or an IRI."""

    property: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a name, of which classes (IRIs; any where empty), with which hints, how many.

    Where the name is empty, by the hints alone.
    """

    name: str
    classes: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    limit: int = 5
    strict: Strictness = "any"

    @property
    def only(self) -> tuple[str, ...]:
        """The classes to which what is found must belong."""
        return () if self.strict == "should" else self.classes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant: its score from 0 to 100, and whether it is sure enough to be taken."""

    thing: Thing
    place: tuple[Thing, ...]
    score: float
    by_name: float
    match: bool = False
