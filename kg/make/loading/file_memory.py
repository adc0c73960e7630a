"""Read files of statements into a store; the form of those that were right before isn't looked at again.

What a file states always comes from the file: kept is only that nothing was wrong with it, and what it told
beside its statements (`kg.make.loading.checker.Told`), by the digest of its bytes and of those beside it.
Statements come into the store in the same order either way, so that whatever depends on their order is the
same too.
"""

from __future__ import annotations

import hashlib
import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import Fault
from kg.machine.handing import Handed
from kg.machine.memory import Memory, key_of
from kg.machine.progress import Tick
from kg.make.incremental.last_time import LastTime
from kg.make.loading.bulk import Filling
from kg.make.loading.checker import Met, Told, statements
from kg.make.loading.config import Config
from kg.make.loading.files import SourceFile
from kg.make.loading.glance import Lines, Readable, lines_of, right_lines
from kg.reading.names import BY_ENDING, split

_NAME = "right"
_LARGE = 64 * 2**20
"""Files that lie together and are larger than this (bytes) are looked at each time, and not held whole."""
_GLANCED = 16 * 2**20
"""A file larger than this (bytes) is looked at statement by statement: its lines would fill the memory."""
_PLAIN = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES)
"""What the engine can read by itself as the build would."""


@dataclass(frozen=True)
class _Folder:
    """Files that lie together, their bytes and the key of these; without a key nothing is kept of them."""

    name: str
    files: Sequence[SourceFile]
    texts: Sequence[bytes]
    key: str


class Reader:
    """Reads files into a store; ``told`` and ``faults`` grow with what they tell and what is wrong.

    ``handed`` gets what files state, as lines of N-Quads, where they aren't known from before.
    """

    def __init__(
        self, filling: Filling, config: Config, told: Told, memory: Memory, handed: Handed | None = None
    ) -> None:
        self.store = filling.store
        self.config = config
        self.told = told
        self.faults: list[Fault] = []
        self.merged = True
        """Whether all that was read is in the merge already."""
        self._filling = filling
        self._memory = memory
        self._written = handed.give if handed else None
        self._folders: list[_Folder] = []
        self._right: dict[str, Any] = {}

    def read(self, files: Iterable[SourceFile], tick: Tick) -> None:
        """Read all files, in their order; what they state is in the merge then, and soon in its graphs."""
        before = self._right = self._recalled()
        folders = self._folders = list(self._read(files))
        self._right = {}
        for folder in folders:
            known = bool(folder.key) and folder.key == _kept_key(before, folder)
            found = self._recalled_lines(folder, before[folder.name]) if known else self._glanced(folder)
            if found is not None:
                self._filling.add(*found)
                tick(sum(map(len, folder.texts)))
            else:
                self._filling.settle()
                self.merged = False
                self.store.bulk_extend(self._looked_at(folder, tick))
        self._filling.settle_merge()
        if self._right != before:
            self._memory.keep(_NAME, "", json.dumps(self._right).encode())

    def compare(self, last: LastTime) -> LastTime:
        """Tell what is stated now and wasn't the last time."""
        for folder in self._folders:
            if folder.key and folder.key == _kept_key(self._right, folder):
                last.folder(folder.name, folder.key, _packed(folder), self._parsed)
            else:
                last.unsure()
        last.no_more_folders(self._parsed)
        return last

    def _parsed(self, packed: bytes) -> Iterator[ox.Quad]:
        """Yield the statements of packed files that are right."""
        place = packed.index(b"\n") + 1
        for name, graph, size in json.loads(packed[:place]):
            text = packed[place : place + size].removeprefix(BOM_UTF8)
            for quad in ox.parse(input=text, format=BY_ENDING[split(name)[1]].parser):
                s, p, o, own = quad
                yield ox.Quad(s, p, o, ox.NamedNode(self.config.graph(graph)) if graph else own)
            place += size

    def _read(self, files: Iterable[SourceFile]) -> Iterator[_Folder]:
        """Yield files that lie together and come one after the other: a folder within one comes between."""
        met = Counter[str]()
        for name, run in groupby(files, lambda file: str(file.path.parent)):
            met[name] += 1
            yield self._folder(f"{name}\0{met[name]}", run)

    def _recalled(self) -> dict[str, Any]:
        found = self._memory.recall(_NAME, "")
        return dict(json.loads(found)) if found else {}

    def _folder(self, name: str, files: Iterator[SourceFile]) -> _Folder:
        own = list(files)
        if any(_format(file) is None for file in own) or sum(f.path.stat().st_size for f in own) > _LARGE:
            return _Folder(name, own, (), "")
        texts = [file.path.read_bytes() for file in own]
        return _Folder(name, own, texts, self._key(own, texts))

    def _key(self, files: Sequence[SourceFile], texts: Sequence[bytes]) -> str:
        """Return the key of all that decides on what files tell."""
        if not self._memory:
            return ""
        digests = [hashlib.sha256(text).hexdigest() for text in texts]
        return key_of(self.config.base, self.config.ours, [(str(f.path), f.graph) for f in files], digests)

    def _glanced(self, folder: _Folder) -> tuple[Lines, Collection[str]] | None:
        """Return the lines of files in which a first look finds nothing wrong, and the graphs that they fill.

        What the files tell is noted.
        """
        if not folder.texts or any(len(text) > _GLANCED for text in folder.texts):
            return None
        told = Told()
        lines = right_lines(_readable(folder), self.config, told, self._written)
        if lines is None:
            return None
        self._take(told)
        if folder.key:
            self._right[folder.name] = _noted(folder, told)
        return lines, told.files

    def _looked_at(self, folder: _Folder, tick: Tick) -> Iterator[ox.Quad]:
        """Yield the statements of files, and note what they tell if nothing is wrong with them."""
        told, faults = Told(), list[Fault]()
        yield from statements(folder.files, self.config, told, Met(), faults=faults, tick=tick)
        self._take(told)
        self.faults += faults
        # A file that was written meanwhile has other bytes than those that were looked at.
        if folder.key and not faults and self._folder(folder.name, iter(folder.files)).key == folder.key:
            self._right[folder.name] = _noted(folder, told)

    def _recalled_lines(self, folder: _Folder, noted: Mapping[str, Any]) -> tuple[Lines, Collection[str]]:
        """Return the lines of files that are right, and their graphs; take over what was noted of them."""
        self._right[folder.name] = noted
        paths = [file.path for file in folder.files]
        self._take(
            Told(
                {graph: [paths[number] for number in numbers] for graph, numbers in noted["files"].items()},
                set(noted["tabulated"]),
                set(noted["mentioned"]),
            )
        )
        return lines_of(_readable(folder), self.config), noted["files"]

    def _take(self, told: Told) -> None:
        for graph, paths in told.files.items():
            self.told.files.setdefault(graph, []).extend(paths)
        self.told.tabulated.update(told.tabulated)
        self.told.mentioned.update(told.mentioned)


def _kept_key(known: Mapping[str, Any], folder: _Folder) -> str:
    return str(known[folder.name]["key"]) if folder.name in known else ""


def _packed(folder: _Folder) -> bytes:
    """Return files as one: a line of JSON, and their bytes one after the other."""
    told = [(f.path.name, f.graph, len(text)) for f, text in zip(folder.files, folder.texts, strict=True)]
    return b"".join([json.dumps(told).encode(), b"\n", *folder.texts])


def _noted(folder: _Folder, told: Told) -> dict[str, Any]:
    places: dict[Path, int] = {file.path: number for number, file in enumerate(folder.files)}
    return {
        "key": folder.key,
        "files": {graph: [places[path] for path in paths] for graph, paths in told.files.items()},
        "tabulated": sorted(told.tabulated),
        "mentioned": sorted(told.mentioned),
    }


def _readable(folder: _Folder) -> Iterator[Readable]:
    """Yield files with their bytes, without a mark of their order, and how the engine reads them."""
    for file, text in zip(folder.files, folder.texts, strict=True):
        syntax = _format(file)
        if syntax is not None:
            yield file, text.removeprefix(BOM_UTF8), syntax


def _format(file: SourceFile) -> ox.RdfFormat | None:
    """Return how the engine reads a file as it is; None for one that it can't, or that names other graphs."""
    _, ending, packing = split(file.path.name)
    known = BY_ENDING.get(ending)
    if known is None or packing or file.mixed or known.parser not in _PLAIN:
        return None
    if known.graphs and file.graph is not None:
        return None
    return known.parser
