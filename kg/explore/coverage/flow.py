"""How documents were found, where the log of the searches is data: searched, read, taken, left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.explore.ask import ask, number
from kg.explore.model import Ref, Text
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of
from kg.terms import DCTERMS, RDF

_WHOLE = RDF + "type"
CUTS = (DCTERMS + "subject", DCTERMS + "spatial")
"""The properties of a search by which the flow is told apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """What searches gave. ``on`` is what they have in common: a thing or a text."""

    on: Ref | Text
    searches: int
    found: int
    read: int
    taken: int


@dataclass(frozen=True, slots=True)
class Count:
    """A number of documents or of entries of the log, and of what."""

    on: Ref | Text
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow as a whole, by properties of the searches, by the documents' years, and what was left out."""

    whole: Step
    cuts: tuple[tuple[Ref, tuple[Step, ...]], ...]
    years: tuple[Count, ...]
    left: tuple[Count, ...]


def flow(engine: Engine, reader: Reader) -> Flow | None:
    """Return the flow, or None where no search is data. Raises QueryError."""
    whole = _steps(engine, reader, _WHOLE)
    if not whole:
        return None
    cuts = ((reader.term(by), _steps(engine, reader, by)) for by in CUTS)
    return Flow(
        whole[0],
        tuple((ref, steps) for ref, steps in cuts if steps),
        _counts(engine, reader, "kg/explore/coverage/flow-years"),
        _counts(engine, reader, "kg/explore/coverage/flow-left"),
    )


def _steps(engine: Engine, reader: Reader, by: str) -> tuple[Step, ...]:
    prop = ox.NamedNode(by)
    rows = list(ask(engine, "kg/explore/coverage/flow", by=prop))
    taken = {
        row["on"]: number(row["taken"]) for row in ask(engine, "kg/explore/coverage/flow-taken", by=prop)
    }
    _fetch(reader, rows)
    return tuple(
        Step(
            _on(row["on"], reader),
            number(row["searches"]),
            number(row["found"]),
            number(row["read"]),
            taken.get(row["on"], 0),
        )
        for row in rows
    )


def _counts(engine: Engine, reader: Reader, query: str) -> tuple[Count, ...]:
    rows = list(ask(engine, query))
    _fetch(reader, rows)
    return tuple(Count(_on(row["on"], reader), number(row["taken"])) for row in rows)


def _fetch(reader: Reader, rows: list[Mapping[str, Term]]) -> None:
    reader.names.fetch(row["on"].value for row in rows if isinstance(row["on"], ox.NamedNode))


def _on(term: Term, reader: Reader) -> Ref | Text:
    if isinstance(term, ox.NamedNode):
        return reader.ref(term.value)
    return Text(str_of(term), (term.language or "") if isinstance(term, ox.Literal) else "")
