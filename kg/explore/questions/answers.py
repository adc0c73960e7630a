"""What a question's query gives, laid out for a reader: columns, rows, their sources, and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Engine, Result, Term
from kg.errors import QueryError
from kg.explore.ask import ask, nodes
from kg.explore.model import Datum, Evidence, Ref, Text, Value
from kg.explore.naming.messages import PatternError, say
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import Schema, str_of
from kg.explore.questions.collection import Question, Questions, constants, values_of, with_values
from kg.explore.questions.columns import Column, heading, layout
from kg.explore.questions.translate import Translation
from kg.explore.questions.witnesses import Witnesses
from kg.explore.statements.evidence import Library, Notes, describe
from kg.explore.statements.figures import decimal
from kg.languages import ORIGINAL

MOST = 2_000
"""How many rows of an answer are laid out."""
KEPT = 300
"""How many answers are kept as the engine gave them."""
OFFERED = 300
"""How many values a reader may choose from."""
LISTED = 4
"""How many names a sentence lists."""

Format: TypeAlias = Callable[[Value], str]
"""Puts a value into words."""
Join: TypeAlias = Callable[[Sequence[str]], str]
"""Joins names as a language does."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A row: its values in the order of the columns, and the marks of its sources."""

    values: tuple[Value | None, ...]
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a reader may choose for a variable, and whether it stands in the query now."""

    ref: Ref
    chosen: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """On what an answer rests: documents, rows with a source that is known, rows with several documents."""

    documents: int = 0
    sourced: int = 0
    shared: int = 0
    first: Ref | None = None
    first_rows: int = 0


@dataclass(frozen=True)
class Answer:
    """An answer. ``problem`` is why there is none; ``whole`` is False when there were more rows than fit."""

    sparql: str
    columns: tuple[Column, ...] = ()
    rows: tuple[AnswerRow, ...] = ()
    count: int = 0
    evidence: Mapping[int, Evidence] = field(default_factory=dict)
    spread: Spread = field(default_factory=Spread)
    offered: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    problem: QueryError | None = None
    called: Mapping[str, Text] = field(default_factory=dict)
    """What the variables are called that a reader may choose."""

    @property
    def shown(self) -> tuple[tuple[int, Column], ...]:
        """The table's columns with their places: numbers after the first one, so that they are in sight."""
        every = [(at, one) for at, one in enumerate(self.columns) if one.shown and not one.part]
        rest = sorted(every[1:], key=lambda pair: pair[1].kind != "number")
        return (*every[:1], *rest)

    @property
    def whole(self) -> bool:
        """Whether all rows are here."""
        return self.count == len(self.rows)

    def at(self, name: str) -> int | None:
        """Return a column's place by its variable, None where there is none."""
        return next((place for place, column in enumerate(self.columns) if column.name == name), None)

    def sentence(self, pattern: Text | None, form: Format, join: Join) -> Text | None:
        """Return the answer in a sentence; None where the pattern has no place for what there is."""
        if pattern is None or not self.rows:
            return None
        words = _Words(self, form, join)
        try:
            said = say(pattern.value, words.text, words.number, pattern.language or ORIGINAL)
        except PatternError:
            return None
        return replace(pattern, value=" ".join(said.split())) if said else None


@dataclass(frozen=True, slots=True)
class _Words:
    """What the places of a sentence hold: of the first row, of one by its number, or of all."""

    answer: Answer
    form: Format
    join: Join

    def text(self, name: str) -> str | None:
        if name == "rows":
            return self.form(_number(self.answer.count))
        way, _, column = name.rpartition(".")
        values = self._values(column)
        if way == "list":
            names = list(dict.fromkeys(self.form(value) for value in values if value is not None))
            return self.join(names[:LISTED]) if names else None
        value = self._one(way, values)
        return None if value is None else self.form(value)

    def number(self, name: str) -> str | None:
        if name == "rows":
            return str(self.answer.count)
        way, _, column = name.rpartition(".")
        value = self._one(way, self._values(column))
        return value.value if isinstance(value, Datum) else None

    def _values(self, column: str) -> list[Value | None]:
        at = self.answer.at(column)
        return [] if at is None else [row.values[at] for row in self.answer.rows]

    def _one(self, way: str, values: list[Value | None]) -> Value | None:
        if way in {"sum", "min", "max"}:
            numbers = [n for v in values if isinstance(v, Datum) and (n := decimal_of(v)) is not None]
            fold = {"sum": sum, "min": min, "max": max}[way]
            return _number(fold(numbers)) if numbers else None  # type: ignore[operator] # of Decimals
        if way == "distinct":
            return _number(len({str(value) for value in values if value is not None}))
        if way == "last":
            return values[-1] if values else None
        place = int(way) - 1 if way.isdigit() else 0
        return values[place] if place < len(values) else None


def decimal_of(value: Datum) -> object:
    """Return a datum's number, or None."""
    return decimal(ox.Literal(value.value))


def _number(number: object) -> Datum:
    return Datum(f"{number:f}" if not isinstance(number, int) else str(number), "", _INTEGER)


_INTEGER = "http://www.w3.org/2001/XMLSchema#decimal"


class Answerer:
    """Answers questions; what the engine gave is kept, as a release never changes."""

    def __init__(self, engine: Engine, schema: Schema, library: Library, questions: Questions) -> None:
        self.engine = engine
        self.schema = schema
        self.library = library
        self.questions = questions
        self._kept: dict[str, Result] = {}

    def answer(
        self,
        question: Question,
        reader: Reader,
        engine: Engine,
        chosen: Mapping[str, str] | None = None,
        *,
        cited: bool = True,
    ) -> Answer:
        """Return a question's answer; ``engine`` answers the query, under whatever limits it has.

        ``chosen`` are the IRIs that a reader chose, by variable; what isn't offered is passed over. Unless
        ``cited``, no sources are looked up. Raises QueryError for the look-ups, not for the query itself.
        """
        sparql, offered = self._chosen(question, reader, chosen or {})
        called = {name: heading(name, self.questions.columns, reader) for name in offered}
        try:
            result = self.result(sparql, engine)
        except QueryError as problem:
            return Answer(sparql, offered=offered, problem=problem, called=called)
        rows = result.rows[:MOST]
        literals = [term for row in rows for term in row if isinstance(term, ox.Literal)]
        reader.names.fetch(term.value for row in rows for term in row if isinstance(term, ox.NamedNode))
        translation = Translation.read(reader, literals, self.questions.columns)
        columns = layout(result.variables, rows, self.questions.columns, reader, translation)
        notes = Notes()
        marks: list[tuple[int, ...]] = [()] * len(rows)
        if cited:
            behind = Witnesses(self.engine, self.schema, reader.names).behind(sparql, rows)
            reader.names.fetch(self.library.fetch_graphs(sorted({g for graphs in behind for g in graphs})))
            marks = [notes.mark(graphs) for graphs in behind]
        evidence = describe(self.library, reader, notes)
        return Answer(
            sparql=sparql,
            columns=columns,
            rows=tuple(
                AnswerRow(tuple(_value(term, reader, translation) for term in row), own)
                for row, own in zip(rows, marks, strict=True)
            ),
            count=len(result.rows),
            evidence=evidence,
            spread=_spread(marks, evidence),
            offered=offered,
            called=called,
        )

    def result(self, sparql: str, engine: Engine) -> Result:
        """Return a query's answer as the engine gave it. Raises QueryError."""
        if sparql not in self._kept:
            result = engine.query(sparql)
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[sparql] = result
        return self._kept[sparql]

    def _chosen(
        self, question: Question, reader: Reader, chosen: Mapping[str, str]
    ) -> tuple[str, dict[str, tuple[Choice, ...]]]:
        """Return the query with what the reader chose, and what else could be."""
        sparql, offered = question.sparql, {}
        for name in question.choose:
            given = values_of(sparql, name)
            if not given:
                continue
            found = self._siblings(sparql, given)
            reader.names.fetch(found | set(given))
            # What stands in the query is offered, however many come before it.
            cut = set(sorted(found - set(given), key=reader.sort_key)[: max(0, OFFERED - len(given))])
            every = sorted(cut | set(given), key=reader.sort_key)
            wanted = chosen.get(name, "")
            if wanted in every:
                sparql = with_values(sparql, name, nodes([wanted]))
                given = (wanted,)
            offered[name] = tuple(Choice(reader.ref(iri), iri in given) for iri in every)
        return sparql, offered

    def _siblings(self, sparql: str, given: Sequence[str]) -> set[str]:
        """Return what could stand in a query instead: of long lists much would be answered by nothing."""
        linked, every = "kg/explore/questions/linked-siblings", "kg/explore/questions/siblings"
        named = nodes(constants(sparql))
        rows = list(ask(self.engine, linked, given=nodes(given), property=named)) if named else []
        return {str_of(row["other"]) for row in rows or ask(self.engine, every, given=nodes(given))}


def _value(term: Term | None, reader: Reader, translation: Translation) -> Value | None:
    if term is None:
        return None
    return reader.value(translation.of(term) if isinstance(term, ox.Literal) else term)


def _spread(marks: Sequence[tuple[int, ...]], evidence: Mapping[int, Evidence]) -> Spread:
    """Return how the rows of an answer spread over documents."""
    of = {number: _document(one) for number, one in evidence.items()}
    by_row = [{ref for number in own if (ref := of[number]) is not None} for own in marks]
    rows_of: dict[Ref, int] = {}
    for refs in by_row:
        for ref in refs:
            rows_of[ref] = rows_of.get(ref, 0) + 1
    first = max(rows_of, key=lambda ref: (rows_of[ref], ref.iri), default=None)
    return Spread(
        documents=len(rows_of),
        sourced=sum(bool(own) for own in marks),
        shared=sum(len(refs) > 1 for refs in by_row),
        first=first,
        first_rows=rows_of[first] if first else 0,
    )


def _document(evidence: Evidence) -> Ref | None:
    origin = evidence.origins[0] if evidence.origins else None
    if origin is None:
        return None
    return origin.trail[0] if origin.trail else origin.ref
