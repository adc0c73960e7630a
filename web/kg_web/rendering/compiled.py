"""Compiled templates, kept between starts: compiling them takes a fifth of a server's starting time."""

from __future__ import annotations

import contextlib
import os
import pickle
from importlib.metadata import version
from pathlib import Path

from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from kg.settings import user_cache


def compiled_templates(folder: Path | None = None) -> BytecodeCache | None:
    """Return where compiled templates are kept: in the user's own cache; None where there can't be any.

    As they are code, a folder that others may write to isn't used. Each is named by its template's name and
    text, and by the versions of Python and Jinja.
    """
    folder = folder or user_cache() / "templates" / f"jinja2-{version('jinja2')}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        state = folder.stat()
    except (OSError, RuntimeError):  # there is no home folder, or it can't be written to
        return None
    if os.name != "nt" and (state.st_uid != os.geteuid() or state.st_mode & 0o022):
        return None
    return _Kept(str(folder))


class _Kept(FileSystemBytecodeCache):
    """Templates in files; one that can't be written, or read, is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)
