"""How many a dataset holds of what its own questions count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.engine import Engine
from kg.explore.model import Datum, Text
from kg.explore.naming.names import Reader
from kg.explore.questions.answers import Answer, Answerer
from kg.explore.questions.collection import Question


@dataclass(frozen=True, slots=True)
class Tally:
    """What a question counts: each number with what it is called, those after the first being parts of it.

    ``figures`` is empty where the question couldn't be answered.
    """

    question: Question
    figures: tuple[tuple[Text, Datum], ...]


def tallies(answerer: Answerer, reader: Reader, engine: Engine) -> tuple[Tally, ...]:
    """Return the tallies of the questions whose headers name what they count (``# count:``), in their order.

    ``engine`` answers them, under whatever limits it has; the answers are those of the questions' pages. A
    question without rows, or whose columns have other names, has no tally. Raises QueryError for the look-ups
    of names, not for the queries themselves.
    """
    return tuple(_counted(answerer, reader, engine))


def _counted(answerer: Answerer, reader: Reader, engine: Engine) -> Iterator[Tally]:
    for question in answerer.questions.every(reader):
        if question.count:
            answer = answerer.answer(question, reader, engine, cited=False)
            figures = _figures(question, answer)
            if figures or answer.problem:
                yield Tally(question, figures)


def _figures(question: Question, answer: Answer) -> tuple[tuple[Text, Datum], ...]:
    if not answer.rows:
        return ()
    first, places = answer.rows[0].values, [answer.at(name) for name in question.count]
    return tuple(
        (answer.columns[at].label, value)
        for at in places
        if at is not None and isinstance(value := first[at], Datum)
    )
