"""Example queries: those that came with the release, and a few that suit any graph.

An example is a ``.rq`` file whose first comment lines may say what it answers (``# title@en: ...``), what
else a reader should know (``# about@en: ...``) and its group (``# group: trees``). What a group is called is
said by a SKOS concept of that name in a ``.ttl`` file beside the queries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pyoxigraph as ox

from kg.explore.model import Text
from kg.explore.names import Reader
from kg.explore.schema import str_of
from kg.terms import SKOS, local_name

_HEADER = re.compile(r"#\s*(id|group|title|about)(?:@([a-z]{2}(?:-[a-z]+)*))?\s*:\s*(.+)", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Example:
    """A query and the question that it answers, in the reader's language.

    ``group`` is empty where none is named; ``sparql`` is the query under its question, without the lines that
    are for the program.
    """

    key: str
    question: Text
    group: Text
    sparql: str


@dataclass(frozen=True, slots=True)
class _Group:
    """What a group is called, and its place among the others."""

    labels: tuple[ox.Literal, ...] = ()
    place: str = ""


def examples(reader: Reader, folder: Path | None = None) -> tuple[Example, ...]:
    """Return the examples of a folder (a release's questions) group by group, then those for any graph."""
    groups = _groups(folder)
    own = [_read(reader, key, text, groups) for key, text in _files(folder)]
    own.sort(key=lambda one: one[0])
    general = [_read(reader, key, text, {}) for key, text in _general()]
    return tuple(example for _, example in (*own, *general))


def _files(folder: Path | None) -> list[tuple[str, str]]:
    if folder is None or not folder.is_dir():
        return []
    return [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq"))]


def _general() -> Iterator[tuple[str, str]]:
    folder = resources.files("kg.queries").joinpath("examples")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".rq"):
            yield entry.name.removesuffix(".rq"), entry.read_text(encoding="utf-8")


def _groups(folder: Path | None) -> Mapping[str, _Group]:
    """Return what the concepts beside the queries say of groups, by their names."""
    labels: dict[str, list[ox.Literal]] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.ttl")) if folder is not None else ():
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            name = local_name(str_of(quad.subject))
            if quad.predicate.value == SKOS + "prefLabel" and isinstance(quad.object, ox.Literal):
                labels.setdefault(name, []).append(quad.object)
            elif quad.predicate.value == SKOS + "notation":
                places[name] = _DIGITS.sub(lambda number: number[0].zfill(9), str_of(quad.object))
    return {name: _Group(tuple(texts), places.get(name, "")) for name, texts in labels.items()}


def _read(
    reader: Reader, key: str, text: str, groups: Mapping[str, _Group]
) -> tuple[tuple[bool, str, str], Example]:
    """Return an example, and what puts it in order: no group comes last."""
    lines = text.splitlines()
    said: dict[str, list[ox.Literal]] = {}
    while lines and (match := _HEADER.match(lines[0])):
        lines.pop(0)
        name, language, words = match[1].lower(), match[2], match[3].strip()
        literal = ox.Literal(words, language=language.lower()) if language else ox.Literal(words)
        said.setdefault(name, []).append(literal)
    question = reader.text(said.get("title", ())) or Text(key.replace("-", " "))
    notes = (question, reader.text(said.get("about", ())))
    group_name = said["group"][0].value if "group" in said else ""
    group = groups.get(group_name, _Group())
    label = reader.text(group.labels) or Text(group_name.replace("-", " "))
    head = "".join(f"# {note.value}\n" for note in notes if note is not None)
    body = "\n".join(lines).lstrip("\n") + "\n"
    return (group_name == "", group.place or "~", group_name), Example(key, question, label, head + body)
