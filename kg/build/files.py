"""Which files there are, and to which graph each goes (``docs/conventions.md``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import resources
from kg.errors import DataError

FORMATS = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".trig": ox.RdfFormat.TRIG}
RECORD = "source.ttl"


@dataclass(frozen=True)
class SourceFile:
    """A file of statements. ``graph`` is the graph its triples go to; None for TriG, which says so itself."""

    path: Path
    graph: str | None

    @property
    def format(self) -> ox.RdfFormat:
        """The syntax, by the file's ending."""
        return FORMATS[self.path.suffix]


def _walk(folder: Path) -> Iterator[Path]:
    """Yield files below a folder by name, in code-point order, but none that starts with ``_`` or ``.``."""
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.startswith(("_", ".")):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def require_folder(folder: Path, what: str) -> None:
    """Raise DataError when a folder of input is missing; ``what`` is the name of its option."""
    if not folder.is_dir():
        raise DataError(f"the {what} folder {folder} doesn't exist", hint=f"name it with --{what}")


def ontology_files(folder: Path) -> list[SourceFile]:
    """Return the vocabulary's files, the program's own first. Raises DataError when the folder is missing."""
    require_folder(folder, "ontology")
    found = [path for path in _walk(folder) if path.suffix in {".ttl", ".nt"}]
    others = {folder / "shapes", folder / "templates"}
    return [
        SourceFile(path, "ontology")
        for path in [resources.VOCABULARY, *found]
        if others.isdisjoint(path.parents)
    ]


def shape_files(folder: Path) -> list[Path]:
    """Return the files of shapes."""
    shapes = folder / "shapes"
    return [path for path in _walk(shapes) if path.suffix == ".ttl"] if shapes.is_dir() else []


def query_files(folder: Path, kind: str) -> list[Path]:
    """Return the ``.rq`` files of ``rules``, ``checks`` or ``questions``, by name."""
    place = folder / kind
    return [path for path in _walk(place) if path.suffix == ".rq"] if place.is_dir() else []


def question_files(folder: Path) -> list[Path]:
    """Return the competency questions, the ``.ttl`` of their groups and the ``.csv`` of their columns."""
    place = folder / "questions"
    return [path for path in _walk(place) if path.suffix in (".rq", ".ttl", ".csv")] if place.is_dir() else []


def data_files(folder: Path) -> list[SourceFile]:
    """Return the files of statements, a folder per source. Raises DataError when the folder is missing."""
    require_folder(folder, "data")
    found = []
    for source in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(("_", "."))):
        found += [
            SourceFile(path, None if path.suffix == ".trig" else source.name)
            for path in _walk(source)
            if path.suffix in FORMATS
        ]
    return found
