"""Tags of languages as HTML and readers know them."""

from __future__ import annotations

import re
from functools import lru_cache

from kg.explore import Text
from kg.explore.model import Datum
from kg.languages import name_for
from kg.terms import DCTERMS
from kg_web.rendering.i18n import language

_SCRIPT = re.compile("[a-zA-Z]{4}")  # RFC 5646 §2.2.3


TONGUES = frozenset(
    {DCTERMS + "language", "http://purl.org/dc/elements/1.1/language", "https://schema.org/inLanguage"}
)
"""Properties whose values are tags of languages (BCP 47)."""


@lru_cache(maxsize=1_024)
def html_language(tag: str) -> str:
    """Return a language tag as HTML readers expect it, its script with a capital."""
    first, *rest = tag.split("-")
    return "-".join([first, *(part.title() if _SCRIPT.fullmatch(part) else part for part in rest)])


def other_language(text: Text | Datum) -> str:
    """Return the tag for a lang attribute, empty where the text is in the page's language."""
    tag = html_language(text.language) if text.language else ""
    return "" if tag == language() else tag


def tongue(value: Datum, of: str) -> str:
    """Return the name of a language that a property (``of``) tells by its tag; nothing where none does."""
    return language_name(value.value) if of in TONGUES else ""


def language_name(tag: str) -> str:
    """Return what a reader calls the language of a tag (BCP 47); nothing where nobody knows it."""
    named = name_for(tag, language())
    return "" if named == tag else named
