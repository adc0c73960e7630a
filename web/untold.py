"""Why sources aren't told, in the reader's language."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from kg.tracing import reasons
from web.i18n import language


def retold(text: str) -> str:
    """Return a reason or a hint of tracing as this reader reads it; what is none stays as it is."""
    return reasons.retold(text, gettext) if text and language() != "en" else text


def strings() -> dict[str, str]:
    """Return all of them for the editor, by what they are in English; nothing for an English reader."""
    if language() == "en":
        return {}
    return {f"untold.{text}": str(gettext(text)) for text in reasons.TEXTS}


def init_app(app: Flask) -> None:
    """Give templates the filter, and the editor its words."""
    app.jinja_env.filters.update(retold=retold)
    app.jinja_env.globals.update(untold_strings=strings)
