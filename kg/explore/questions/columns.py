"""The columns of an answer: what each holds, what it is called, and which fold away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Row, Term
from kg.explore.model import Text, Value
from kg.explore.naming.names import Reader
from kg.explore.questions.files import ColumnName
from kg.explore.questions.translate import Translation
from kg.explore.statements.figures import decimal
from kg.terms import XSD

NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_DATES = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
_YEAR = re.compile(r"\d{4}(-\d\d){0,2}\Z")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``kind`` is number, date, thing or text; ``part`` the part it plays beside a number.

    ``folded`` columns aren't shown: they repeat another's names, or are for programs. One whose value never
    changes has it as ``constant`` and is told once.
    """

    name: str
    label: Text
    kind: str
    part: str = ""
    folded: bool = False
    constant: Value | None = None

    @property
    def shown(self) -> bool:
        """Whether the table has the column."""
        return not self.folded and self.constant is None


def layout(
    variables: Sequence[str],
    rows: Sequence[Row],
    known: Mapping[str, ColumnName],
    reader: Reader,
    translation: Translation,
) -> tuple[Column, ...]:
    """Return the columns of an answer."""
    values = [[row[place] for row in rows] for place in range(len(variables))]
    things = [place for place, own in enumerate(values) if kind_of(own) == "thing"]
    columns = []
    for name, own in zip(variables, values, strict=True):
        group = known.get(name, ColumnName())
        kind = kind_of(own)
        folded = group.part == "hidden" or (kind == "thing" and _is_machine(own, reader))
        if kind == "text" and not folded:
            folded = any(_names(own, values[other], reader) for other in things)
        same = len(rows) > 2 and len(set(own)) == 1 and own[0] is not None and len(variables) > 2
        constant = own[0] if same and kind in {"thing", "text"} and not folded else None
        shown = translation.of(constant) if isinstance(constant, ox.Literal) else constant
        columns.append(
            Column(
                name,
                heading(name, known, reader),
                kind,
                group.part if group.part != "hidden" else "",
                folded or not any(term is not None for term in own),
                None if constant is None else reader.value(shown),
            )
        )
    return tuple(columns)


def heading(name: str, known: Mapping[str, ColumnName], reader: Reader) -> Text:
    """Return what a variable is called."""
    return reader.text(known.get(name, ColumnName()).labels) or Text(_WORD.sub(" ", name).lower())


def kind_of(values: Sequence[Term | None]) -> str:
    """Return what a column holds."""
    given = [term for term in values if term is not None]
    if given and all(isinstance(term, ox.NamedNode) for term in given):
        return "thing"
    literals = [term for term in given if isinstance(term, ox.Literal)]
    if not literals or len(literals) < len(given):
        return "text"
    if all(one.datatype.value in _DATES or _YEAR.match(one.value) for one in literals):
        return "date"
    if all(one.datatype.value in NUMBERS and decimal(one) is not None for one in literals):
        return "number"
    return "text"


def _is_machine(values: Sequence[Term | None], reader: Reader) -> bool:
    """Say whether a column's things are nodes that nobody reads: dependent ones, or such without names."""
    iris = {term.value for term in values if isinstance(term, ox.NamedNode)}
    schema, names = reader.names.schema, reader.names
    return bool(iris) and all(
        schema.is_dependent(names.of(iri).classes) or not reader.ref(iri).named for iri in iris
    )


def _names(texts: Sequence[Term | None], things: Sequence[Term | None], reader: Reader) -> bool:
    """Say whether a column only names the things of another."""
    pairs = [(text, thing) for text, thing in zip(texts, things, strict=True) if text is not None]
    return bool(pairs) and all(
        isinstance(thing, ox.NamedNode)
        and isinstance(text, ox.Literal)
        and _called(text, thing.value, reader)
        for text, thing in pairs
    )


def _called(text: ox.Literal, iri: str, reader: Reader) -> bool:
    return text.value in {label.value for label in reader.names.label_literals(iri)}
