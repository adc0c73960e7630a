"""Example queries: those that came with the release, and a few that suit any graph.

An example is a ``.rq`` file whose first comment lines may name it: ``# title@en: ...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pyoxigraph as ox

from kg.explore.model import Text
from kg.explore.names import Reader

_TITLE = re.compile(r"#\s*title@([a-z]{2}(?:-[a-z]+)*)\s*:\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Example:
    """A query and the question that it answers."""

    key: str
    question: Text
    sparql: str


def examples(reader: Reader, folder: Path | None = None) -> tuple[Example, ...]:
    """Return the examples of a folder (a release's questions), then those for any graph."""
    return tuple(_read(reader, [*_files(folder), *_general()]))


def _files(folder: Path | None) -> list[tuple[str, str]]:
    if folder is None or not folder.is_dir():
        return []
    return [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq"))]


def _general() -> Iterator[tuple[str, str]]:
    folder = resources.files("kg.queries").joinpath("examples")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".rq"):
            yield entry.name.removesuffix(".rq"), entry.read_text(encoding="utf-8")


def _read(reader: Reader, found: Iterable[tuple[str, str]]) -> Iterator[Example]:
    for key, text in found:
        titles = []
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            match = _TITLE.match(line)
            if match:
                titles.append(ox.Literal(match[2].strip(), language=match[1].lower()))
        yield Example(key, reader.text(titles) or Text(key.replace("-", " ")), text)
