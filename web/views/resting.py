"""What the rows of an answer rest on, for pages: passages, how each row stands, numbered documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.engine import Row
from kg.errors import QueryError
from kg.explore.model import Ref
from kg.tracing.told import shortened
from web.context import publication
from web.i18n import language
from web.views.traced import answered


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, and the number of its document in the answer's list, from 1."""

    number: int
    ref: Ref


@dataclass(frozen=True, slots=True)
class RestingRow:
    """What one row rests on.

    ``left`` counts passages that aren't shown; ``independent`` is the number of texts that state it;
    ``confidence`` is how surely it was read, where it had to be; ``disputed`` are things that it is about,
    each with another that disagrees; ``lacking``: not all is traced.
    """

    passages: tuple[Passage, ...]
    left: int
    independent: int
    confidence: Ref | None
    disputed: tuple[tuple[Ref, Ref], ...]
    lacking: bool


@dataclass(frozen=True, slots=True)
class Resting:
    """What an answer rests on; ``reason`` says why that isn't told.

    ``rows`` are those that a page shows, ``documents`` what the answer rests on, in the order of their
    numbers, the first of ``all``; ``most`` is the document behind most rows, ``behind`` how many those are,
    of ``count``.
    """

    reason: str = ""
    rows: tuple[RestingRow, ...] = ()
    documents: tuple[Ref, ...] = ()
    all: int = 0
    most: Ref | None = None
    behind: int = 0
    count: int = 0


def resting(sparql: str, rows: Sequence[Row]) -> Resting:
    """Return what some rows of a query's answer rest on. Raises QueryError for the look-up of names."""
    try:
        result, told = answered(sparql)
    except QueryError as error:
        return Resting(error.message)
    if not told["traced"]:
        return Resting(told["reason"])
    places: dict[Row, list[int]] = {}
    for at, row in enumerate(result.rows):
        places.setdefault(row, []).append(at)
    try:
        order = [places[row].pop(0) for row in rows]
    except (KeyError, IndexError):
        return Resting("the answer came out otherwise when it was traced")
    return laid_out(shortened(told, order))


def laid_out(short: Mapping[str, Any]) -> Resting:
    """Return for a page what `shortened` gave, with the names of its things. Raises QueryError."""
    if "reason" in short:
        return Resting(short["reason"])
    rows, documents, most = short["rows"], short["documents"], short["most"]
    wanted = dict.fromkeys(documents)
    for row in rows:
        wanted |= dict.fromkeys(passage for passage, _ in row["passages"])
        wanted |= dict.fromkeys(iri for pair in row.get("contradicted", ()) for iri in pair)
        wanted |= dict.fromkeys([row["confidence"]] if "confidence" in row else [])
    named = {ref.iri: ref for ref in publication().explorer.refs(wanted, language())}
    behind = most is not None and most["document"] < len(documents)
    return Resting(
        rows=tuple(_row(row, named) for row in rows),
        documents=tuple(named[one] for one in documents),
        all=short["all"],
        most=named[documents[most["document"]]] if behind else None,
        behind=most["rows"] if behind else 0,
        count=short["count"],
    )


def _row(row: Mapping[str, Any], named: Mapping[str, Ref]) -> RestingRow:
    return RestingRow(
        passages=tuple(Passage(document + 1, named[passage]) for passage, document in row["passages"]),
        left=row["left"],
        independent=row["independent"],
        confidence=named.get(row.get("confidence", "")),
        disputed=tuple((named[one], named[other]) for one, other in row.get("contradicted", ())),
        lacking=row["lacking"],
    )
