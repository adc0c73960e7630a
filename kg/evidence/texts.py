"""The texts of documents as whoever read them has them: a paragraph a line, with its locator in front.

    # Title: ...                  lines that begin with # are about the text
    [p05] The paragraph's text    the locator is the last part of the passage's IRI

A file is called after the source's folder in data/, ``<source>.txt`` or ``<source>.<language>.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_PARAGRAPH = re.compile(r"\[([^\]\s]+)\] ?(.*)")


def find_texts(folder: Path, data: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name of each source that has a text in the folder, and the text's file."""
    for path in sorted(folder.glob("*.txt")):
        name = path.name.partition(".")[0]
        if (data / name).is_dir():
            yield name, path


def read_text(path: Path) -> dict[str, str]:
    """Return the paragraphs of a text by their locators."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    found = (_PARAGRAPH.fullmatch(line) for line in lines if not line.startswith("#"))
    return {match[1]: match[2] for match in found if match}
