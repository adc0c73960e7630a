"""A thing in a sentence, made of what its page says: for what nobody has described."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.explore.model import Cell, Entity, Ref, Statement, Table, TableRow, Text
from kg.explore.ontology.schema import Schema

CLAUSES = 4
"""How many figures and relations a sentence holds at most."""
FIGURES = 3
"""How many of them are figures."""
NEAR = 2
"""How many of the things that contain it are named."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What a sentence says of a quantity or property: a figure (in a phase), a thing, or how many things."""

    about: Text
    figure: Cell | None = None
    phase: Ref | None = None
    value: Ref | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Gist:
    """The parts of the sentence: what it is, within what (the nearest first), clauses, and from how much."""

    kinds: tuple[Ref, ...]
    within: tuple[Ref, ...]
    clauses: tuple[Clause, ...]
    documents: int


def gist(entity: Entity, schema: Schema) -> Gist | None:
    """Return the sentence for a thing; None for one that is described, or whose kind isn't known."""
    if entity.summary or not entity.kinds:
        return None
    statements = [one for section in entity.sections for one in section.statements]
    figures = [clause for one in statements if one.table for clause in _figures(one.table, schema)][:FIGURES]
    relations = [clause for one in statements if (clause := _relation(one, entity)) is not None]
    return Gist(
        kinds=entity.kinds,
        within=near(entity.trail),
        clauses=tuple([*figures, *relations][:CLAUSES]),
        documents=len(documents(entity)),
    )


def near(trail: Sequence[Ref]) -> tuple[Ref, ...]:
    """Return the nearest of what contains a thing, nearest first, that a name said already doesn't hold.

    "Hill Road, Hill" says one thing twice.
    """
    found: list[Ref] = []
    for step in reversed(trail):
        name = step.label.value.casefold()
        if len(found) < NEAR and not any(name in said.label.value.casefold() for said in found):
            found.append(step)
    return tuple(found)


def documents(entity: Entity) -> frozenset[str]:
    """Return the documents that a page's statements come from."""
    return frozenset(
        (origin.trail[0] if origin.trail else origin.ref).iri
        for evidence in entity.evidence.values()
        for origin in evidence.origins
    )


def _figures(table: Table, schema: Schema) -> Iterator[Clause]:
    """Yield a table's figures, one of each quantity, those that most sources give first."""
    phases = [n for n, column in enumerate(table.columns) if column.iri in schema.playing("Phase")]
    for one in sorted(table.standing, key=lambda standing: -len(standing.row.sources)):
        yield Clause(one.quantity.label, one.figure, _ref(one.row, phases))


def _ref(row: TableRow, places: list[int]) -> Ref | None:
    values = (fact.value for place in places for fact in row.cells[place].facts)
    return next((value for value in values if isinstance(value, Ref)), None)


def _relation(statement: Statement, entity: Entity) -> Clause | None:
    """Return a clause for what a thing is linked with, but for what the breadcrumb and rules say already."""
    linked = [fact.value for fact in statement.facts if isinstance(fact.value, Ref) and fact.value.named]
    above = {step.iri for step in entity.trail}
    if not linked or statement.inferred or statement.contested or above.issuperset(one.iri for one in linked):
        return None
    about = statement.property.label
    if len(linked) == 1:
        return Clause(about, value=linked[0])
    return Clause(about, count=len(linked) + statement.more)
