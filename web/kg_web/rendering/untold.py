"""Why sources aren't told, in the reader's language."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from kg.tracing.planning import reasons


def retold(text: str) -> str:
    """Return a reason or a hint of tracing in the reader's language; any other text as it is."""
    return reasons.retold(text, gettext)


def strings() -> dict[str, str]:
    """Return for the editor the texts that are translated into the reader's language, by the English text."""
    told = {text: str(gettext(text)) for text in reasons.TEXTS}
    return {f"untold.{text}": words for text, words in told.items() if words != text}


def init_app(app: Flask) -> None:
    """Give templates the filter, and the editor its words."""
    app.jinja_env.filters.update(retold=retold)
    app.jinja_env.globals.update(untold_strings=strings)
