"""Writing Turtle from more statements than memory holds: sorted, grouped, without repetition, in one move.

Statements are sorted in runs that spill to disk and are merged, so memory stays bounded whatever the size,
and the same statements in any order give the same bytes.
"""

from __future__ import annotations

import filecmp
import heapq
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO

from kg.errors import SourceError
from kg.machine.whole import take_after
from kg.writers.turtle_layout import paragraph, prologue

Statement = tuple[str, str, str]
"""A statement's three terms as Turtle writes them."""

RUN = 500_000
"""Statements in a sorted run: some 100 MB."""


class StatementSorter:
    """Takes statements, terms already in Turtle, in any order; gives them sorted, each once.

    Terms hold no raw tab or newline (Turtle escapes them), so a statement is a line of three fields. Use it
    as a context manager: it keeps its runs in a temporary folder.
    """

    def __init__(self, run: int = RUN) -> None:
        self._run = run
        self._lines: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="kg-sources-")
        self._spilled: list[Path] = []

    def __enter__(self) -> StatementSorter:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def add(self, subject: str, predicate: str, obj: str) -> None:
        """Take one statement."""
        self._lines.append(f"{subject}\t{predicate}\t{obj}\n")
        if len(self._lines) >= self._run:
            self._spill()

    def __iter__(self) -> Iterator[Statement]:
        self._lines.sort()
        files: list[IO[str]] = [path.open(encoding="utf-8", newline="\n") for path in self._spilled]
        try:
            last = ""
            for line in heapq.merge(self._lines, *files):
                if line != last:
                    subject, predicate, obj = line[:-1].split("\t")
                    yield subject, predicate, obj
                    last = line
        finally:
            for file in files:
                file.close()

    def _spill(self) -> None:
        self._lines.sort()
        path = Path(self._folder.name) / f"{len(self._spilled):05}"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(self._lines)
        self._spilled.append(path)
        self._lines = []


def write_turtle(
    path: Path, statements: Iterable[Statement], prefixes: Mapping[str, str], comments: Iterable[str]
) -> int:
    """Write sorted statements as Turtle, a block for each subject; return how many there were.

    The file is written beside and renamed into place, and left alone when it has these bytes already. Raises
    SourceError when the folder can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name with a leading dot is not data, should a killed run leave it behind.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            written = Path(file.name)
            try:
                count = _write(file, statements, prefixes, comments)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                written.unlink()
                raise
        if path.is_file() and filecmp.cmp(path, written, shallow=False):
            written.unlink()
        else:
            take_after(written, path)
            written.replace(path)
    except OSError as error:
        raise SourceError(f"{path} can't be written: {error}") from error
    return count


def _write(
    file: IO[str], statements: Iterable[Statement], prefixes: Mapping[str, str], comments: Iterable[str]
) -> int:
    file.write(prologue(prefixes, header="\n".join(comments)))
    count = 0
    for subject, group in groupby(statements, key=itemgetter(0)):
        verbs = [(verb, [o for _, _, o in of]) for verb, of in groupby(group, key=itemgetter(1))]
        count += sum(len(values) for _, values in verbs)
        file.write("\n" + paragraph(subject, verbs))
    return count
