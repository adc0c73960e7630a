"""Names in an answer of somebody's own query, as the reader calls the same things; asked for in one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.explore.ask import ask, batches, number
from kg.explore.model import Text
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of
from kg.explore.questions.files import ColumnName
from kg.explore.questions.translate import parts_of, retold
from kg.languages import ORIGINAL


@dataclass(slots=True)
class _Called:
    """What the things of one name are called: by language, how many have names, and which if it is one."""

    things: dict[str, int] = field(default_factory=dict)
    name: dict[str, str | None] = field(default_factory=dict)

    def best(self, called: ox.Literal, chain: Iterable[str]) -> Text | None:
        """Return the name in the first language of a chain in which all these things are called alike."""
        every = self.things.get(called.language or "", 0)
        for tag in chain:
            if tag == called.language:
                return None
            if tag in self.name:
                only = self.name[tag]
                return Text.printed(only, tag) if only is not None and self.things[tag] == every else None
        return None


def in_words(
    reader: Reader, literals: Iterable[ox.Literal], known: Mapping[str, ColumnName]
) -> dict[ox.Literal, Text]:
    """Return what the reader calls the things that literals name, of those of which that is sure.

    Only names in the original language are put in the reader's, and texts without a language that join such
    names: who asks for names in another language wants those. ``known`` has the words that queries write.
    Raises QueryError.
    """
    if reader.chain[0] == ORIGINAL:
        return {}
    given = [one for one in dict.fromkeys(literals) if not one.language or one.language == ORIGINAL]
    wanted = dict.fromkeys(part for one in given for part in parts_of(one) if part.language == ORIGINAL)
    found: dict[ox.Literal, _Called] = {}
    for batch in batches(list(wanted)):
        for row in ask(reader.names.engine, "kg/explore/questions/words", called=batch):
            if isinstance(called := row.get("called"), ox.Literal):
                one = found.setdefault(called, _Called())
                one.things[str_of(row["tag"])] = number(row["things"])
                one.name[str_of(row["tag"])] = str_of(row["first"]) if number(row["names"]) == 1 else None

    def named(word: str) -> Text | None:
        called = ox.Literal(word, language=ORIGINAL)
        return found[called].best(called, reader.chain) if called in found else None

    put = ((one, retold(one, reader, known, named)) for one in given)
    return {one: text for one, text in put if text is not None}
