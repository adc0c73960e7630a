"""What a search gives: `Hits`, each `Hit` with the names that it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as Choice
from typing import TypeAlias

Match: TypeAlias = Choice["exact", "start", "part", "close"]
"""How a thing was found: a name or code is what was typed, starts so (spelt out or not), has it, is close."""


@dataclass(frozen=True)
class Name:
    """A name as the data has it, such that `kg.terms.pick` can choose among several."""

    value: str
    language: str | None = None
    is_alias: bool = False


@dataclass(frozen=True)
class Thing:
    """What the index keeps of a thing: enough to show it in a list."""

    iri: str
    names: tuple[Name, ...]
    classes: tuple[str, ...]
    codes: tuple[str, ...]
    written: int
    parent: str | None

    @property
    def labels(self) -> tuple[Name, ...]:
        """Its names without the aliases; the aliases where it has nothing else."""
        return tuple(name for name in self.names if not name.is_alias) or self.names


@dataclass(frozen=True)
class Hit:
    """One thing found.

    ``place`` is the chain of wholes that contain it, the outermost first; ``matched`` is the name or code
    that contains what was typed, None where only a spelling of a name does.
    """

    thing: Thing
    match: Match
    matched: Name | None
    place: tuple[Thing, ...]


@dataclass(frozen=True)
class Hits:
    """What was found for a text.

    ``total`` counts all that match, of which ``hits`` are a page, best first; ``close`` are things whose
    names are only close to what was typed, looked for when nothing matches. ``classes`` counts the matches by
    class, most first. ``cut`` says that the text was too long and only its beginning was looked for.
    """

    text: str
    total: int
    hits: tuple[Hit, ...]
    close: tuple[Hit, ...]
    classes: Mapping[str, int]
    cut: bool = False
