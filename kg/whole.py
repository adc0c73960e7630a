"""Files that appear under their name only when they are whole, with the rights of what they replace."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kg.room import writing
from kg.system import give


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a stream; what is written becomes the file of that name at the end, or nothing does.

    It has the mode and the owner of the file that it replaces; else everybody may read it, and it belongs to
    whom its folder belongs to. Raises StorageError when it can't be written; the old file stays then.
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
    """Write a text, as UTF-8, as `whole` does."""
    with whole(path) as stream:
        stream.write(text.encode())


def take_after(fresh: Path, old: Path) -> None:
    """Give a new file the mode and the owner of an old one, or of the folder where there is none."""
    there = old.exists()
    model = (old if there else old.parent).stat()
    fresh.chmod(model.st_mode & 0o777 if there else 0o644)
    give(fresh, model)
