"""The documents of `docs/`, which tests hold against the program, in the checkout or beside the wheel."""

from __future__ import annotations

from pathlib import Path

_DOCS = Path(__file__).resolve().parent.parent / "docs"


def document_text(name: str) -> str:
    """Return the text of one document, such as ``settings.md``."""
    return (_DOCS / name).read_text(encoding="utf-8")
