"""Example queries: those that came with the release, and a few that suit any graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.explore.model import Text
from kg.explore.naming.names import Reader
from kg.explore.questions.files import Group, QuestionFile, general, groups, read_folder


@dataclass(frozen=True, slots=True)
class Example:
    """A query and the question that it answers, in the reader's language.

    ``group`` is empty where none is named; ``sparql`` is the query under its question, without the lines that
    are for the program. ``view`` is the kind of view that its header names, empty where it names none.
    """

    key: str
    question: Text
    group: Text
    sparql: str
    view: str = ""


def examples(reader: Reader, folder: Path | None = None) -> tuple[Example, ...]:
    """Return the examples of a folder (a release's questions) group by group, then those for any graph."""
    named = groups(folder)
    own = sorted(read_folder(folder), key=lambda one: place(one, named))
    return tuple(
        _example(reader, one, table) for found, table in ((own, named), (general(), {})) for one in found
    )


def place(one: QuestionFile, named: Mapping[str, Group]) -> tuple[bool, str, str]:
    """Return what puts a question in order: by its group; no group comes last."""
    name = one.one("group")
    return (name == "", named.get(name, Group()).place or "~", name)


def question(reader: Reader, one: QuestionFile) -> Text:
    """Return what a query answers, its name where nothing says so."""
    return reader.text(one.said.get("title", ())) or Text(one.key.replace("-", " "))


def group_label(reader: Reader, one: QuestionFile, named: Mapping[str, Group]) -> Text:
    """Return what a question's group is called, empty where it has none."""
    name = one.one("group")
    return reader.text(named.get(name, Group()).labels) or Text(name.replace("-", " "))


def told(reader: Reader, one: QuestionFile) -> str:
    """Return a query under its question and notes, as the editor shows it."""
    notes = (question(reader, one), reader.text(one.said.get("about", ())))
    return "".join(f"# {note.value}\n" for note in notes if note is not None) + one.sparql


def _example(reader: Reader, one: QuestionFile, named: Mapping[str, Group]) -> Example:
    return Example(
        one.key, question(reader, one), group_label(reader, one, named), told(reader, one), _view(one)
    )


def _view(one: QuestionFile) -> str:
    return next(iter(one.one("view").split()), "")
