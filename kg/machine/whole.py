"""Writing files that appear only when complete, with the mode and owner of what they replace."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kg.machine.room import writing
from kg.machine.system import give


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Yield a stream whose bytes become the file at the end of the context; after an error nothing changes.

    The file has the mode and owner of the one that it replaces; a new file may be read by everybody, and has
    the owner of its folder. Raises StorageError when it can't be written; the old file then stays.
    """
    with writing(f"{path} can't be written"):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            take_after(beside, path)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text as UTF-8 into a file, by `whole`."""
    with whole(path) as stream:
        stream.write(text.encode())


def take_after(fresh: Path, old: Path) -> None:
    """Give a new file the mode and the owner of an old one, or of the folder where there is none."""
    there = old.exists()
    model = (old if there else old.parent).stat()
    fresh.chmod(model.st_mode & 0o777 if there else 0o644)
    give(fresh, model)
