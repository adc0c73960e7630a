"""Why sources aren't told, in the reader's language."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from kg.tracing import reasons


def retold(text: str) -> str:
    """Return a reason or a hint of tracing as this reader reads it; what is none stays as it is."""
    return reasons.retold(text, gettext)


def strings() -> dict[str, str]:
    """Return for the editor those that have other words in the reader's language, by what they are."""
    told = {text: str(gettext(text)) for text in reasons.TEXTS}
    return {f"untold.{text}": words for text, words in told.items() if words != text}


def init_app(app: Flask) -> None:
    """Give templates the filter, and the editor its words."""
    app.jinja_env.filters.update(retold=retold)
    app.jinja_env.globals.update(untold_strings=strings)
