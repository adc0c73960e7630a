"""Finding what can be read in files and folders, and what isn't read, with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import DataError, Fault, UsageError
from kg.opening.digests import Digests
from kg.reading import Document, Syntax, documents, reason_unread
from kg.reading.names import MOST_FILES, metadata_of


@dataclass(frozen=True)
class Inputs:
    """The documents to read, in order; and what isn't read, each with its reason."""

    documents: tuple[Document, ...]
    unread: tuple[tuple[Path, str], ...]

    @property
    def size(self) -> int:
        """Bytes on the disk, packed as they are."""
        return sum(path.stat().st_size for path in self.files)

    @property
    def files(self) -> list[Path]:
        """The files, each once, with the metadata of tables."""
        beside = (metadata_of(d.path) for d in self.documents if d.syntax.name == "csv")
        return sorted({*(d.path for d in self.documents), *(path for path in beside if path)})

    def marks(self) -> frozenset[tuple[Path, int, int]]:
        """Return each file with its size and time, by which one sees that it changed."""
        states = ((path, path.stat()) for path in self.files)
        return frozenset((path, state.st_size, state.st_mtime_ns) for path, state in states)

    def digest(self, digests: Digests) -> str:
        """Return the sha256 (hex) over the documents' names and the files' bytes. Raises OSError."""
        found = hashlib.sha256()
        for one in self.documents:
            found.update(f"{one.name}\0{one.syntax.name}\0".encode())
        for path in self.files:
            found.update(digests.of(path))
        return found.hexdigest()


def look(paths: Sequence[Path], syntax: Syntax | None = None) -> Inputs:
    """Find the documents: files that are named, and those of a known syntax in folders that are named.

    Raises UsageError when a path isn't there, or is a file of no known syntax; DataError when nothing is to
    be read.
    """
    found: dict[str, Document] = {}
    unread: list[tuple[Path, str]] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} doesn't exist")
        root = path if path.is_dir() else path.parent
        for document in _in_folder(path, unread) if path.is_dir() else documents(path, root, syntax=syntax):
            found[_free(document.name, found)] = document
    if not found:
        faults = tuple(Fault(reason, path) for path, reason in unread[:20])
        raise DataError("nothing here can be read", faults, hint="name a file of RDF, or a folder with some")
    return Inputs(tuple(_named(name, one) for name, one in found.items()), tuple(unread))


def _named(name: str, one: Document) -> Document:
    return one if name == one.name else Document(one.path, name, one.syntax, one.packing, one.member)


def _free(name: str, taken: Iterable[str]) -> str:
    """Return a name that no other file has, when two folders have files of one name."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{number}/{name}"
    return free


def _in_folder(folder: Path, unread: list[tuple[Path, str]]) -> Iterator[Document]:
    for path in _walk(folder):
        reason = reason_unread(path)
        if reason is None:
            yield from documents(path, folder)
        elif not _belongs_to_another(path):
            unread.append((path, reason))


def _belongs_to_another(path: Path) -> bool:
    return path.name.endswith("-metadata.json")


def _walk(folder: Path) -> list[Path]:
    """Return the files below a folder, sorted by name, without those that start with a dot.

    Raises UsageError when there are too many.
    """
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        for path in place.iterdir():
            if path.name.startswith("."):
                continue
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
            elif path.is_file():
                found.append(path)
            if len(found) + len(waiting) > MOST_FILES:
                raise UsageError(
                    f"{folder} has more than {MOST_FILES:,} files",
                    hint="name a folder further down, or join the files into one",
                )
    return sorted(found)
