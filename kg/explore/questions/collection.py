"""Questions that a dataset answers: what each asks, how its answer is best seen, what a reader may choose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.explore.model import Text
from kg.explore.naming.names import Reader
from kg.explore.questions.examples import group_label, place, question, told
from kg.explore.questions.files import ColumnName, Group, QuestionFile, columns, groups, read_folder
from kg.sparql.bind import bind

VIEWS = ("table", "number", "bars", "years", "map", "matrix")
"""How an answer can be seen, beside the table that every page has."""

_PREFIX = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_TERM = re.compile(r"<([^>\s]+)>|([\w-]*):([\w.-]+)")


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is seen: ``kind`` is one of `VIEWS`, ``columns`` the variables in the order it takes.

    Bars take a label, a number, and what tells bars of one label apart; years a date, a number, and the same;
    a map a thing and a number; a matrix a row, a column and a number.
    """

    kind: str = "table"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question in the reader's language.

    ``pattern`` is its answer as a sentence (`kg.explore.naming.messages`); ``told`` the query as the
    editor has it; ``lead`` its place among those that the home page leads with, 0 for none; ``choose`` the
    variables whose VALUES a reader may choose; ``count`` those whose value in the first row says how many of
    something there are, the parts after the whole (`kg.explore.questions.tallies`).
    """

    key: str
    title: Text
    about: Text | None
    group: Text
    group_key: str
    pattern: Text | None
    view: View
    choose: tuple[str, ...]
    lead: int
    count: tuple[str, ...]
    sparql: str
    told: str


@dataclass(frozen=True)
class Section:
    """The questions of one group."""

    key: str
    title: Text
    about: Text | None
    questions: tuple[Question, ...]


class Questions:
    """The questions of a release, read once."""

    def __init__(self, folder: Path | None) -> None:
        self._groups: Mapping[str, Group] = groups(folder)
        self.columns: Mapping[str, ColumnName] = columns(folder)
        files = sorted(read_folder(folder), key=lambda one: (*place(one, self._groups), one.key))
        self._files: Mapping[str, QuestionFile] = {one.key: one for one in files}

    def __len__(self) -> int:
        return len(self._files)

    def one(self, key: str, reader: Reader) -> Question | None:
        """Return a question by its file's name, or None when there is none."""
        found = self._files.get(key)
        return self._question(found, reader) if found else None

    def every(self, reader: Reader) -> tuple[Question, ...]:
        """Return all questions, group by group."""
        return tuple(self._question(one, reader) for one in self._files.values())

    def leading(self, reader: Reader, most: int) -> tuple[Question, ...]:
        """Return those that the home page leads with; the first of each group where none says so."""
        every = self.every(reader)
        led = sorted((one for one in every if one.lead), key=lambda one: one.lead)
        firsts = {one.group_key: one for one in reversed(every)}
        return tuple(led or reversed(firsts.values()))[:most]

    def sections(self, reader: Reader) -> tuple[Section, ...]:
        """Return the questions by group."""
        found: dict[str, list[Question]] = {}
        for one in self.every(reader):
            found.setdefault(one.group_key, []).append(one)
        return tuple(
            Section(
                key,
                ones[0].group,
                reader.text(self._groups.get(key, Group()).definitions),
                tuple(ones),
            )
            for key, ones in found.items()
        )

    def _question(self, one: QuestionFile, reader: Reader) -> Question:
        return Question(
            key=one.key,
            title=question(reader, one),
            about=reader.text(one.said.get("about", ())),
            group=group_label(reader, one, self._groups),
            group_key=one.one("group"),
            pattern=reader.text(one.said.get("answer", ())),
            view=view_of(one.one("view")),
            choose=_variables(one, "choose"),
            lead=int(one.one("lead")) if one.one("lead").isdigit() else 0,
            count=_variables(one, "count"),
            sparql=one.sparql,
            told=told(reader, one),
        )


def _variables(one: QuestionFile, name: str) -> tuple[str, ...]:
    """Return the variables that a line of the header names."""
    return tuple(word.lstrip("?$") for word in one.one(name).split())


def view_of(text: str) -> View:
    """Return the view that a header names; a table where it names none that there is."""
    kind, *names = text.split() or ["table"]
    return View(kind, tuple(name.lstrip("?$") for name in names)) if kind in VIEWS else View()


def constants(sparql: str) -> frozenset[str]:
    """Return the IRIs that a query names, its short ones written out."""
    prefixes = dict(_PREFIX.findall(sparql))
    body = _PREFIX.sub("", sparql)
    found = set()
    for whole, prefix, local in _TERM.findall(re.sub(r"(?m)^\s*#.*$|\s#\s.*$|\"[^\"\n]*\"", "", body)):
        if whole:
            found.add(whole)
        elif prefix in prefixes:
            found.add(prefixes[prefix] + local.rstrip("."))
    return frozenset(found)


def _block(name: str) -> re.Pattern[str]:
    return re.compile(r"VALUES\s+[?$]" + re.escape(name) + r"\s*\{([^}]*)\}")


def values_of(sparql: str, name: str) -> tuple[str, ...]:
    """Return the IRIs of a variable's VALUES block, none where the query has no such block."""
    found = _block(name).search(sparql)
    if not found:
        return ()
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in _PREFIX.findall(sparql))
    return tuple(sorted(constants(head + found[1])))


def with_values(sparql: str, name: str, terms: Sequence[ox.NamedNode]) -> str:
    """Return a query with the VALUES block of a variable filled anew. Raises UsageError without one."""
    filled: dict[str, Any] = {name: list(terms)}
    return bind(_block(name).sub(f"VALUES ?{name} {{ UNDEF }}", sparql, count=1), **filled)
