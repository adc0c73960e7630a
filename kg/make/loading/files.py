"""Which files there are, and to which graph each goes (``docs/conventions.md``)."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kg import resources
from kg.errors import DataError
from kg.reading.names import BY_ENDING, reason_unread, split

RECORD = "source.ttl"
LARGE = 400
"""Files of statements that take longer to read than a second process to start."""
_MAPPING = "mapping."
_APART = ("shapes", "templates")
"""Folders of an ontology whose files are no statements."""
_FOR_PEOPLE = ("README", "LICENSE", "LICENCE", "NOTICE")
"""How the names of files begin that are for people to read."""
_ENDINGS = {"shapes": (".ttl",), "rules": (".rq",), "checks": (".rq",), "questions": (".rq", ".ttl", ".csv")}


@dataclass(frozen=True)
class SourceFile:
    """A file of statements. ``graph`` is where its triples go; None for TriG, which says so itself.

    ``mixed``: the syntax can name graphs too, and what it says outside of any goes to ``graph``.
    """

    path: Path
    graph: str | None
    mixed: bool = False


def _walk(folder: Path) -> Iterator[Path]:
    """Yield files below a folder by name, in code-point order, but none that starts with ``_`` or ``.``."""
    with os.scandir(folder) as found:  # which tells a folder from a file without a look at each
        entries = sorted(found, key=lambda one: one.name)
    for entry in entries:
        if entry.name.startswith(("_", ".")):
            continue
        if entry.is_dir():
            yield from _walk(folder / entry.name)
        elif entry.is_file():
            yield folder / entry.name


def require_folder(folder: Path, what: str) -> None:
    """Raise DataError when a folder of input is missing; ``what`` is the name of its option."""
    if not folder.is_dir():
        raise DataError(f"the {what} folder {folder} doesn't exist", hint=f"name it with --{what}")


def ontology_files(folder: Path) -> list[SourceFile]:
    """Return the vocabulary's files, the program's own first. Raises DataError when the folder is missing."""
    require_folder(folder, "ontology")
    others = {folder / name for name in _APART}
    found = [path for path in _walk(folder) if others.isdisjoint(path.parents) and _reason(path) is None]
    return [SourceFile(path, "ontology") for path in [resources.VOCABULARY, *found]]


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
            _source_file(path, source.name)
            for path in _walk(source)
            if not path.name.startswith(_MAPPING) and _reason(path) is None
        ]
    return found


def is_large(folder: Path) -> bool:
    """Say whether there is so much data that a second process is worth its start."""
    return sum(1 for _ in islice(folder.glob("*/*.trig"), LARGE)) == LARGE


def _reason(path: Path) -> str | None:
    """Return why a file is no file of statements; None for one that is."""
    _, ending, _ = split(path.name)
    if ending in (".csv", ".tsv"):
        return "a table becomes statements by a mapping (kg source), or as CSV on the Web by kg serve"
    return reason_unread(path)


def _source_file(path: Path, source: str) -> SourceFile:
    ending = split(path.name)[1]
    mixed = ending in BY_ENDING and BY_ENDING[ending].graphs
    return SourceFile(path, None) if ending == ".trig" else SourceFile(path, source, mixed)


def unread_files(ontology: Path, data: Path, used: Container[Path] = ()) -> Iterator[tuple[Path, str]]:
    """Yield each file that no stage reads, with the reason; ``used`` are files that dataset.ttl names."""
    for path in _walk(ontology):
        within = path.relative_to(ontology).parts[0]
        endings = _ENDINGS.get(within)
        if within == "templates" or (endings and path.suffix in endings):
            continue
        if endings:
            yield path, f"in {within}/ only {' and '.join(endings)} are read"
        elif reason := _reason(path):
            yield path, reason
    for path in _walk(data):
        if path.parent == data:
            if path.name != "dataset.ttl" and path not in used:
                yield path, "statements lie in the folder of a source: data/<source>/"
        elif path.name.startswith((_MAPPING, *_FOR_PEOPLE)) or _is_mapped(path):
            continue
        elif reason := _reason(path):
            yield path, reason


def _is_mapped(path: Path) -> bool:
    """Say whether a mapping beside a file names it: then it is read when the source is made anew."""
    if path.suffix in {".trig", ".ttl"}:
        return False
    mappings = path.parent.glob(f"{_MAPPING}*")
    return any(f'"{path.name}"' in one.read_text(encoding="utf-8", errors="replace") for one in mappings)
