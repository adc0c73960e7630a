"""The files of questions: a query each, and in its first comment lines what the program needs of it.

``# title@<language>: ...`` says what it answers, ``# about@<language>: ...`` what else a reader should know,
``# answer@<language>: ...`` the answer as a sentence (`kg.explore.naming.messages`), ``# group: trees`` its
group, ``# view: bars ?name ?trees`` how the answer is best seen, ``# choose: ?kind`` which VALUES block a
reader may fill anew, ``# lead: 1`` its place on the home page, ``# count: ?trees ?bearing`` that ``?trees``
in the first row is how many the dataset holds, and ``?bearing`` how many of these, for the page of
coverage. What a group is called is said by a SKOS concept of that name in a ``.ttl`` file beside the
queries; what a column is called in ``columns.csv``: the variable's name, its words by language, and its
part, where it holds the unit or the qualifier of the number beside it, or is hidden, for programs alone. A
name that begins with ``=`` is a word that queries write themselves (``BIND("known" AS ?end)``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import pyoxigraph as ox

from kg.explore.ontology.schema import str_of
from kg.languages import in_languages
from kg.terms import SKOS, local_name

COLUMNS = "columns.csv"

_HEADER = re.compile(
    r"#\s*(id|group|title|about|answer|view|choose|lead|count)(?:@([a-z]{2}(?:-[a-z]+)*))?\s*:\s*(.+)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Group:
    """What a group of questions is called, what it is about, and its place among the others."""

    labels: tuple[ox.Literal, ...] = ()
    definitions: tuple[ox.Literal, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class ColumnName:
    """What a column is called, and its part: ``unit``, ``qualifier``, ``hidden``, or none."""

    labels: tuple[ox.Literal, ...] = ()
    part: str = ""


@dataclass(frozen=True)
class QuestionFile:
    """A file as it is read: what its header says by name, and the query without it."""

    key: str
    said: Mapping[str, tuple[ox.Literal, ...]]
    sparql: str

    def one(self, name: str) -> str:
        """Return what the header says of something that has no language, empty when nothing."""
        return next((literal.value for literal in self.said.get(name, ())), "")


def read_folder(folder: Path | None) -> list[QuestionFile]:
    """Return the questions of a folder, by name; none when there is no folder."""
    if folder is None or not folder.is_dir():
        return []
    return [read(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq"))]


def general() -> Iterator[QuestionFile]:
    """Yield the questions that suit any graph."""
    folder = resources.files("kg.explore.questions").joinpath("for-any-graph")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".rq"):
            found = read(entry.name.removesuffix(".rq"), entry.read_text(encoding="utf-8"))
            said = {
                name: tuple(one for literal in literals for one in in_languages(literal))
                for name, literals in found.said.items()
            }
            yield replace(found, said=said)


def read(key: str, text: str) -> QuestionFile:
    """Return what a file says."""
    lines = text.splitlines()
    said: dict[str, list[ox.Literal]] = {}
    while lines and (match := _HEADER.match(lines[0])):
        lines.pop(0)
        name, language, words = match[1].lower(), match[2], match[3].strip()
        literal = ox.Literal(words, language=language.lower()) if language else ox.Literal(words)
        said.setdefault(name, []).append(literal)
    body = "\n".join(lines).lstrip("\n") + "\n"
    return QuestionFile(key, {name: tuple(texts) for name, texts in said.items()}, body)


def groups(folder: Path | None) -> Mapping[str, Group]:
    """Return what the concepts beside the queries say of groups, by their names."""
    labels: dict[str, list[ox.Literal]] = {}
    definitions: dict[str, list[ox.Literal]] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.ttl")) if folder is not None else ():
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            name = local_name(str_of(quad.subject))
            if quad.predicate.value == SKOS + "prefLabel" and isinstance(quad.object, ox.Literal):
                labels.setdefault(name, []).append(quad.object)
            elif quad.predicate.value == SKOS + "definition" and isinstance(quad.object, ox.Literal):
                definitions.setdefault(name, []).append(quad.object)
            elif quad.predicate.value == SKOS + "notation":
                places[name] = _DIGITS.sub(lambda number: number[0].zfill(9), str_of(quad.object))
    return {
        name: Group(tuple(texts), tuple(definitions.get(name, ())), places.get(name, ""))
        for name, texts in labels.items()
    }


def columns(folder: Path | None) -> Mapping[str, ColumnName]:
    """Return what columns are called and which part they play, by the names of their variables."""
    path = folder / COLUMNS if folder is not None else None
    if path is None or not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {
        row["name"]: ColumnName(
            tuple(
                ox.Literal(text, language=tag)
                for tag, text in row.items()
                if tag not in {"name", "part"} and tag and text
            ),
            row.get("part") or "",
        )
        for row in rows
    }
